"""From the plan of a cell to its code: one native module, identified by a digest.

A blueprint is immutable and shared by all cells, forks and executors made from it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from emulators.cell.directory import TargetError
from emulators.cell.naming import NamedPlc
from emulators.cell.plan import CellPlan, plan_cell
from emulators.cell.program import InputWire, OutputWire, PublishedSignal, WiredPlc, cell_module
from emulators.cell.slots import Slot
from emulators.description import RigDescription
from emulators.description.source import Findings
from emulators.native import emit_c
from emulators.native.ir import Module, Scalar
from emulators.plant import Plant

__all__ = ["Blueprint", "build_blueprint", "draw_blueprint"]


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

    def header(self, name: str) -> Slot:
        """Return a field of the cell's header."""
        return self._slot(f"header.{name}")

    def initial_values(self, seed: int) -> Iterator[tuple[Slot, int]]:
        """Yield what stands in the block before ``cell_start``: seeds, execution times, watchdogs."""
        yield self._slot("plant.seed"), seed
        for named in self.plcs.values():
            yield self._slot(f"{named.path}.seed"), seed
            for index, task in enumerate(named.plc.tasks):
                timing = named.plc.description.task_timing(task.name)
                row = f"{named.path}.tasks[{index}]"
                yield self._slot(f"{row}.execution_ns"), timing.execution_ns
                yield self._slot(f"{row}.jitter_ns"), timing.jitter_ns
                yield self._slot(f"{row}.watchdog_ns"), timing.watchdog_ns

    def plc_slots(self, controller: str) -> Mapping[str, Slot]:
        """Return the status fields of a controller by name.

        Raises:
            TargetError: the rig has no such controller.
        """
        named = self.plcs.get(controller)
        if named is None:
            raise TargetError(f"rig {self.rig.name} has no controller '{controller}'; it has {', '.join(self.plcs)}")
        names = ["mode", "fault_code", "fault_site", "fault_time_ns", "scan_count"]
        names += [f"fault_values[{index}]" for index in range(3)]
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
    sources = [plan.directory.slot(tag) for tag in plan.published]
    published = [PublishedSignal(index, slot.path, slot.scalar, slot.bit) for index, slot in enumerate(sources)]
    wired = [_wired(named, plan) for named in plan.plcs.values()]
    module = cell_module(plan.struct, plant, wired, published, step_ns=plan.step_ns)
    return Blueprint(
        plan.rig,
        plan.step_ns,
        plant,
        plan.plcs,
        plan.programs,
        plan.wiring,
        plan.struct,
        plan.layout,
        plan.directory,
        plan.published,
        plan.links,
        module,
        hashlib.sha256(emit_c(module).encode()).hexdigest(),
    )


def _wired(named: NamedPlc, plan: CellPlan) -> WiredPlc:
    inputs: list[InputWire] = []
    for wire in plan.wiring.inputs:
        if wire.controller != named.name:
            continue
        if wire.source_controller is None or wire.source_variable is None:
            slot = plan.directory.slot(wire.signal)
            inputs.append(InputWire(len(inputs), slot.path, slot.scalar, slot.bit))
        else:
            source, taken = plan.plcs[wire.source_controller], wire.source_variable
            index = [variable.path for variable in source.plc.wired_outputs].index(taken.path)
            inputs.append(InputWire(len(inputs), f"{source.path}.{source.plc.output_path(index)}", taken.native))
    outputs: list[OutputWire] = []
    for drive in plan.wiring.drives:
        if drive.controller == named.name:
            slot = plan.directory.slot(drive.signal)
            outputs.append(OutputWire(len(outputs), slot.path, slot.scalar))
    return WiredPlc(named.plc, named.path, tuple(inputs), tuple(outputs))
