"""From the plan of a cell to its code: one native module, identified by a digest.

A blueprint is immutable and shared by all cells, forks and executors made from it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path

from emulators.cell.directory import TargetError
from emulators.cell.naming import NamedPlc
from emulators.cell.plan import CellPlan, plan_cell
from emulators.cell.program import CellValue, WiredPlc, cell_module
from emulators.cell.slots import Slot
from emulators.cell.wiring import ControllerWire
from emulators.description import RigDescription
from emulators.description.source import Findings
from emulators.native import emit_c
from emulators.native.ir import FAULT_VALUES, Module, Scalar
from emulators.native.loop import HEADER
from emulators.plant import Plant

__all__ = ["FAULT_VALUE_FIELDS", "Blueprint", "build_blueprint", "draw_blueprint"]

FAULT_VALUE_FIELDS = tuple(f"fault_values[{index}]" for index in range(FAULT_VALUES.length))
"""Fields of a header, and of the status of a controller, that say more of a fault."""


@dataclass(frozen=True, eq=False)
class Blueprint(CellPlan):
    """A cell before it has a state. ``digest`` identifies program, plant and layout."""

    plant: Plant
    module: Module
    digest: str

    @property
    def seed(self) -> int:
        """Seed of noise and jitter that the rig asks for."""
        return self.rig.seed

    @cached_property
    def headers(self) -> Mapping[str, Slot]:
        """Fields of the cell's header by name."""
        names = [field.name for field in HEADER.fields if field.name != "fault_values"]
        names += FAULT_VALUE_FIELDS
        return {name: self._slot(f"header.{name}") for name in names}

    @cached_property
    def seeds(self) -> tuple[Slot, ...]:
        """Where the seed of a run stands in the block before ``cell_start``."""
        parts = ("header", "plant", *(named.path for named in self.plcs.values()))
        return tuple(self._slot(f"{part}.seed") for part in parts)

    @cached_property
    def initial_values(self) -> tuple[tuple[Slot, int], ...]:
        """What else stands in the block before ``cell_start``: step, execution times, watchdogs."""
        values = {"header.step_ns": self.step_ns}
        for named in self.plcs.values():
            for index, task in enumerate(named.plc.tasks):
                timing = named.plc.description.task_timing(task.name)
                row = f"{named.path}.tasks[{index}]"
                values[f"{row}.execution_ns"] = timing.execution_ns
                values[f"{row}.jitter_ns"] = timing.jitter_ns
                values[f"{row}.watchdog_ns"] = timing.watchdog_ns
        return tuple((self._slot(path), value) for path, value in values.items())

    def plc_slots(self, controller: str) -> Mapping[str, Slot]:
        """Return the status fields of a controller by name.

        Raises:
            TargetError: the rig has no such controller.
        """
        named = self.plcs.get(controller)
        if named is None:
            raise TargetError(f"rig {self.rig.name} has no controller '{controller}'; it has {', '.join(self.plcs)}")
        names = ["mode", "fault_code", "fault_site", "fault_time_ns", "scan_count"]
        names += FAULT_VALUE_FIELDS
        names += [f"tasks[{index}].overrun_count" for index in range(len(named.plc.tasks))]
        return {name: self._slot(f"{named.path}.{name}") for name in names}

    def _slot(self, path: str) -> Slot:
        entry = self.layout.entry(path)
        assert isinstance(entry.type, Scalar)
        return Slot(path, entry.offset, entry.type)


def build_blueprint(rig: RigDescription, *, overrides: Mapping[Path, str] | None = None) -> Blueprint:
    """Return the blueprint of a rig.

    ``overrides`` maps paths of program sources to texts that stand in for the files.

    Raises:
        DescriptionError: the rig, its programs or its components do not fit together; all findings at once.
    """
    findings = Findings()
    plan = plan_cell(rig, findings, overrides=overrides)
    findings.raise_if_any()
    return draw_blueprint(plan)


def draw_blueprint(plan: CellPlan) -> Blueprint:
    """Return the blueprint of a plan without findings."""
    plant = plan.plant
    assert plant is not None, "a plan without findings has its whole plant"
    published = [_cell_value(plan.directory.slot(tag)) for tag in plan.published]
    wired = [_wired(named, plan) for named in plan.plcs.values()]
    module = cell_module(plan.struct, plant, wired, published, step_ns=plan.step_ns)
    of_plan = {each.name: getattr(plan, each.name) for each in fields(CellPlan)}
    return Blueprint(**of_plan, module=module, digest=hashlib.sha256(emit_c(module).encode()).hexdigest())


def _cell_value(slot: Slot) -> CellValue:
    return CellValue(slot.path, slot.scalar, slot.bit)


def _wired(named: NamedPlc, plan: CellPlan) -> WiredPlc:
    inputs = [_source(wire, plan) for wire in plan.wiring.inputs if wire.controller == named.name]
    drives = [drive.signal for drive in plan.wiring.drives if drive.controller == named.name]
    outputs = [_cell_value(plan.directory.slot(signal)) for signal in drives]
    return WiredPlc(named.plc, named.path, tuple(inputs), tuple(outputs))


def _source(wire: ControllerWire, plan: CellPlan) -> CellValue:
    if wire.source_controller is None or wire.source_variable is None:
        return _cell_value(plan.directory.slot(wire.signal))
    source, taken = plan.plcs[wire.source_controller], wire.source_variable
    index = [variable.path for variable in source.plc.wired_outputs].index(taken.path)
    return CellValue(f"{source.path}.{source.plc.output_path(index)}", taken.native)
