"""How a Python component declares its ports, states, parameters and faults.

The annotations are ``Annotated`` aliases, so that a type checker sees plain ``float``, ``int``, ``bool``; the default
of each member is a :class:`Declaration` that carries unit, range and description.
"""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass
from typing import Annotated, Any, TypeAlias, TypeVar

__all__ = [
    "Bools",
    "Declaration",
    "Fault",
    "Floats",
    "Input",
    "Ints",
    "Output",
    "Param",
    "Phase",
    "Role",
    "State",
    "array",
    "fault",
    "param",
    "port",
    "state",
]


class Phase(enum.Enum):
    """When a component acts in the communication step."""

    PROCESS = "advance"
    SENSOR = "sense"
    ACTUATOR = "actuate"


class Role(enum.Enum):
    """What a member of a component is for."""

    PARAM = "parameter"
    FAULT = "fault"
    INPUT = "input"
    STATE = "state"
    OUTPUT = "output"


T = TypeVar("T")

Input: TypeAlias = Annotated[T, Role.INPUT]
Output: TypeAlias = Annotated[T, Role.OUTPUT]
State: TypeAlias = Annotated[T, Role.STATE]
Param: TypeAlias = Annotated[T, Role.PARAM]
Fault: TypeAlias = Annotated[T, Role.FAULT]

Floats: TypeAlias = list[float]
Ints: TypeAlias = list[int]
Bools: TypeAlias = list[bool]


@dataclass(frozen=True, slots=True)
class Declaration:
    """Default, unit, range and description of a member; ``length`` of an array, 0 for a single value."""

    default: float | int | bool | None
    unit: str
    low: float
    high: float
    description: str
    length: int = 0


def port(
    default: float | int | bool | None = None,
    *,
    unit: str = "",
    low: float = -math.inf,
    high: float = math.inf,
    description: str = "",
) -> Any:
    """Declare an input or an output; ``default`` is what an input holds while nothing is wired to it."""
    return Declaration(default, unit, low, high, description)


def state(
    default: float | int | bool | None = None,
    *,
    unit: str = "",
    low: float = -math.inf,
    high: float = math.inf,
    description: str = "",
) -> Any:
    """Declare a state with its initial value; continuous when ``derivatives()`` sets ``self.der.<name>``."""
    return Declaration(default, unit, low, high, description)


def param(
    default: float | int | bool | None = None,
    *,
    unit: str = "",
    low: float = -math.inf,
    high: float = math.inf,
    description: str = "",
) -> Any:
    """Declare a parameter: set by the plant description, constant while the plant runs."""
    return Declaration(default, unit, low, high, description)


def fault(
    default: float | int | bool | None = None,
    *,
    unit: str = "",
    low: float = -math.inf,
    high: float = math.inf,
    description: str = "",
) -> Any:
    """Declare a fault parameter: its default is the healthy value, scenarios change it while the plant runs."""
    return Declaration(default, unit, low, high, description)


def array(
    length: int,
    fill: float | int | bool | None = None,
    *,
    unit: str = "",
    low: float = -math.inf,
    high: float = math.inf,
    description: str = "",
) -> Any:
    """Declare a state of ``length`` equal elements: ``State[Floats]``, ``State[Ints]`` or ``State[Bools]``."""
    if length < 1:
        raise ValueError(f"an array needs at least one element, got {length}")
    return Declaration(fill, unit, low, high, description, length)
