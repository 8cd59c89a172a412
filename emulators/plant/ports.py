"""What components offer, as rows of a table for people."""

from __future__ import annotations

import inspect
import math
from dataclasses import dataclass

from emulators.component import Component, Phase, Role, members_of
from emulators.native.ir import Scalar

__all__ = ["ComponentDescription", "PortDescription", "describe_component"]

_TYPES = {Scalar.F64: "float", Scalar.I64: "int", Scalar.BOOL: "bool"}


@dataclass(frozen=True, slots=True)
class PortDescription:
    """One member of a component class."""

    name: str
    role: Role
    type: str
    unit: str
    default: float | int | bool
    low: float | None
    high: float | None
    description: str


@dataclass(frozen=True, slots=True)
class ComponentDescription:
    """A component class: its docstring, when it acts, its members in the order of declaration."""

    class_name: str
    summary: str
    text: str
    phase: Phase
    ports: tuple[PortDescription, ...]


def describe_component(cls: type[Component]) -> ComponentDescription:
    """Return what a component class offers."""
    text = inspect.cleandoc(cls.__doc__ or "")
    ports = tuple(
        PortDescription(
            member.name,
            member.role,
            f"{_TYPES[member.scalar]}[{member.length}]" if member.length else _TYPES[member.scalar],
            member.unit,
            member.initial,
            None if math.isinf(member.low) else member.low,
            None if math.isinf(member.high) else member.high,
            member.description,
        )
        for member in members_of(cls).values()
    )
    return ComponentDescription(cls.__name__, text.partition("\n")[0], text, cls.PHASE, ports)
