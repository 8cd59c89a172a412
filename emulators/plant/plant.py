"""A plant ready to run: its IR module, its structure, its catalogue of signals."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from emulators.component import Role
from emulators.description.source import Findings
from emulators.errors import did_you_mean
from emulators.native import ir
from emulators.native.ir import Scalar
from emulators.plant.description import PlantDescription
from emulators.plant.native_plant import plant_module
from emulators.plant.schedule import Schedule, make_schedule
from emulators.plant.wiring import Instance, WiredPlant, wire_plant
from emulators.timebase import NS_PER_S

__all__ = ["Plant", "SignalDescription"]


@dataclass(frozen=True, slots=True)
class SignalDescription:
    """One member of one instance, as tags, tapes and traces name it.

    ``low`` and ``high`` are None where the component states no limit. ``path`` is relative to the plant structure.
    ``is_wired``: an input that the plant itself computes.
    """

    name: str
    instance: str
    member: str
    scalar: Scalar
    unit: str
    role: Role
    low: float | None
    high: float | None
    initial: float | int | bool
    description: str
    path: str
    is_wired: bool

    @property
    def is_fault(self) -> bool:
        return self.role is Role.FAULT


@dataclass(frozen=True, slots=True, eq=False)
class Plant:
    """Compiled plant.

    ``module`` has the structure ``plant`` and ``plant_start``, ``plant_advance``, ``plant_sense``, ``plant_actuate``,
    each taking the plant by reference and the communication step in s. The cell writes the field ``seed``
    before it calls ``plant_start``.
    """

    wired: WiredPlant
    schedule: Schedule
    substeps: int
    module: ir.Module
    signals: Mapping[str, SignalDescription]
    step_s: float

    @classmethod
    def build(cls, description: PlantDescription, step_ns: int) -> Plant:
        """Return the plant compiled for a communication step of ``step_ns``.

        Raises:
            DescriptionError: names, units, types, algebraic loops, a plant too stiff for its step.
        """
        findings = Findings()
        wired = wire_plant(description, findings)
        plant = cls.of_wired(wired, step_ns, findings)
        findings.raise_if_any()
        assert plant is not None, "a plant that cannot be built has findings"
        return plant

    @classmethod
    def of_wired(cls, wired: WiredPlant, step_ns: int, findings: Findings) -> Plant | None:
        """Return the plant whose names are resolved; None after reporting algebraic loops or a plant too stiff."""
        from emulators.plant.python_plant import PythonPlant  # it reads plants, this builds one
        from emulators.plant.stiffness import substeps_of

        schedule = make_schedule(wired, findings)
        if schedule is None:
            return None
        step_s = step_ns / NS_PER_S
        signals = MappingProxyType({signal.name: signal for signal in _signals(wired)})
        draft = cls(wired, schedule, 1, ir.Module(), signals, step_s)
        substeps = substeps_of(draft, PythonPlant(draft), step_s, findings)
        if substeps is None:
            return None
        return replace(draft, substeps=substeps, module=plant_module(wired, schedule, substeps))

    @property
    def struct(self) -> ir.Struct:
        """Structure of the plant in the state block."""
        return self.wired.struct

    def path(self, instance: str, member: str) -> str:
        """Return the layout path of a member relative to the plant structure, such as ``T_101.level_m``.

        ``member`` may name an element of an array: ``part_height_mm[3]``.

        Raises:
            KeyError: no such instance or member.
        """
        found = next((item for item in self.wired.instances if item.name == instance), None)
        if found is None:
            known = [item.name for item in self.wired.instances]
            raise KeyError(f"there is no plant component '{instance}'; {did_you_mean(instance, known)}")
        name = member.partition("[")[0]
        if name not in found.unit.members:
            raise KeyError(f"'{instance}' has no member '{member}'; {did_you_mean(name, found.unit.members)}")
        return f"{found.field}.{member}"


def _signals(wired: WiredPlant) -> list[SignalDescription]:
    targets = {str(connection.target) for connection in wired.connections}
    return [signal for instance in wired.instances for signal in _signals_of(instance, targets)]


def _signals_of(instance: Instance, targets: set[str]) -> list[SignalDescription]:
    return [
        SignalDescription(
            f"{instance.name}.{member.name}",
            instance.name,
            member.name,
            member.scalar,
            member.unit,
            member.role,
            None if math.isinf(member.low) else member.low,
            None if math.isinf(member.high) else member.high,
            instance.values.get(member.name, member.initial),
            member.description,
            f"{instance.field}.{member.name}",
            f"{instance.name}.{member.name}" in targets,
        )
        for member in instance.unit.members.values()
        if not member.length
    ]
