"""What can be named in a cell: tags, plant signals, controller variables, components with their faults.

Plain data: the cell fills it, scenarios draw from it, formulas and displays look names and units up in it.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from emulators.cell.tape import TapeValue

__all__ = ["DOWN", "FaultDescription", "TargetDescription", "TargetKind"]

DOWN = "down"
"""Fault of every connection and wire: it is cut. The operation LINK does the same."""

_FLOAT_TYPES = frozenset({"real", "lreal", "f32", "f64", "float"})


class TargetKind(enum.Enum):
    """What stands behind a name."""

    TAG = "tag"  # of the rig's tag list: what operators and instruments see
    PLANT = "plant"  # signal of a component: plant truth
    VARIABLE = "variable"  # of a control program
    COMPONENT = "component"  # plant part or instrument: has faults, no value of its own
    CONTROLLER = "controller"  # can be restarted
    LINK = "link"  # connection or endpoint: can go down


@dataclass(frozen=True, slots=True)
class FaultDescription:
    """A fault parameter of a component; ``type`` is bool, int or float, ``neutral`` its value without the fault."""

    name: str
    type: str = "bool"
    low: float | None = None
    high: float | None = None
    unit: str = ""
    neutral: TapeValue = None
    description: str = ""


@dataclass(frozen=True, slots=True)
class TargetDescription:
    """One name of a cell. ``type`` is an IEC type (``BOOL``, ``REAL``) or machine type (``f64``), empty without value.

    ``enumerators`` names the values of an enumeration. ``source`` is where a control program declares it, such as
    ``control.st:88``. An instrument whose tag and component share a name (``LT-101``) is one target with a value and
    faults.
    """

    name: str
    type: str = ""
    unit: str = ""
    eu_range: tuple[float, float] | None = None
    kind: TargetKind = TargetKind.TAG
    writable: bool = False
    faults: tuple[FaultDescription, ...] = ()
    is_plant_truth: bool = False
    description: str = ""
    source: str = ""
    enumerators: tuple[tuple[int, str], ...] = ()

    @property
    def is_bool(self) -> bool:
        return self.type.casefold() == "bool"

    @property
    def is_float(self) -> bool:
        return self.type.casefold() in _FLOAT_TYPES

    @property
    def has_value(self) -> bool:
        return bool(self.type)

    def fault(self, name: str) -> FaultDescription | None:
        """Return the fault parameter called ``name``, or None."""
        return next((fault for fault in self.faults if fault.name == name), None)
