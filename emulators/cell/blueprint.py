"""From a rig file to everything a cell needs: programs compiled, plant wired, names resolved, one native module.

A blueprint is immutable and shared by all cells, forks and executors made from it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from emulators.cell.directory import Directory, TargetError
from emulators.cell.naming import NamedPlc, build_directory
from emulators.cell.program import (
    InputWire,
    OutputWire,
    PublishedSignal,
    WiredPlc,
    cell_module,
    cell_struct,
)
from emulators.cell.programs import ControlProgram, compile_controllers
from emulators.cell.slots import Slot
from emulators.cell.tag_names import report_unknown_signals
from emulators.cell.wiring import Wiring, plan_wiring
from emulators.description import RigDescription
from emulators.description.source import Findings
from emulators.errors import DescriptionError
from emulators.native import Layout, emit_c, struct_layout
from emulators.native.ir import Module, Scalar, Struct
from emulators.plant import Plant
from emulators.plc import SoftPlc, identifier, planned_tasks
from emulators.timebase import greatest_common_step

__all__ = ["Blueprint", "build_blueprint"]


@dataclass(frozen=True, eq=False)
class Blueprint:
    """A cell before it has a state. ``digest`` identifies program, plant and layout."""

    rig: RigDescription
    step_ns: int
    plant: Plant
    plcs: Mapping[str, NamedPlc]
    programs: Mapping[str, ControlProgram]
    struct: Struct
    layout: Layout
    module: Module
    directory: Directory
    published: Mapping[str, Slot] = field(default_factory=dict)
    digest: str = ""

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

    def published_slot(self, tag: str) -> Slot:
        """Return where phase 3 puts the value of a tag.

        Raises:
            TargetError: the rig has no such tag.
        """
        if tag not in self.published:
            raise TargetError(f"rig {self.rig.name} has no tag '{tag}'")
        return self.published[tag]

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
    programs = compile_controllers(
        rig, findings, {Path(path).resolve(): text for path, text in (overrides or {}).items()}
    )
    wiring = plan_wiring(rig, programs, findings)
    report_unknown_signals(rig, programs, findings)
    step_ns = _base_step(rig, programs)
    plant: Plant | None = None
    try:
        plant = Plant.build(wiring.plant, step_ns)
    except DescriptionError as error:
        findings.extend(error.diagnostics)
    findings.raise_if_any()
    assert plant is not None
    plcs = _soft_plcs(programs, wiring, step_ns)
    blueprint = _assemble(rig, plant, plcs, programs, wiring, step_ns, findings)
    findings.raise_if_any()
    return blueprint


def _base_step(rig: RigDescription, programs: Mapping[str, ControlProgram]) -> int:
    """Return the greatest common divisor of the rig's step, all task intervals and all offsets."""
    durations = [rig.step_ns]
    for program in programs.values():
        for task in planned_tasks(program.soft_plc((), ()), program.program):
            durations += [task.interval_ns, task.offset_ns]
    return greatest_common_step([duration for duration in durations if duration])


def _soft_plcs(programs: Mapping[str, ControlProgram], wiring: Wiring, step_ns: int) -> dict[str, NamedPlc]:
    plcs = {}
    for name, program in programs.items():
        inputs = tuple(wire.variable.path for wire in wiring.inputs if wire.controller == name)
        outputs = tuple(variable.path for variable in wiring.outputs_of(name))
        plc = SoftPlc.build(program.soft_plc(inputs, outputs), program.program, step_ns=step_ns)
        plcs[name] = NamedPlc(name, plc, f"plc_{identifier(name)}")
    return plcs


def _assemble(
    rig: RigDescription,
    plant: Plant,
    plcs: Mapping[str, NamedPlc],
    programs: Mapping[str, ControlProgram],
    wiring: Wiring,
    step_ns: int,
    findings: Findings,
) -> Blueprint:
    pairs = [(named.path, named.plc) for named in plcs.values()]
    bare = struct_layout(cell_struct(plant, pairs, ()))
    directory = build_directory(rig, bare, plant, plcs, wiring, findings)
    tags = [entry.tag.name for entry in rig.tags if entry.tag.name in directory.aliases]
    sources = [directory.slot(tag) for tag in tags]
    struct = cell_struct(plant, pairs, [slot.scalar for slot in sources])
    layout = struct_layout(struct)
    published = [PublishedSignal(index, slot.path, slot.scalar, slot.bit) for index, slot in enumerate(sources)]
    wired = [_wired(named, plcs, wiring, directory) for named in plcs.values()]
    module = cell_module(struct, plant, wired, published, step_ns=step_ns)
    return Blueprint(
        rig,
        step_ns,
        plant,
        plcs,
        programs,
        struct,
        layout,
        module,
        directory,
        {
            tag: Slot(f"published.tag_{index}", layout.entry(f"published.tag_{index}").offset, slot.scalar)
            for index, (tag, slot) in enumerate(zip(tags, sources, strict=True))
        },
        hashlib.sha256(emit_c(module).encode()).hexdigest(),
    )


def _wired(named: NamedPlc, plcs: Mapping[str, NamedPlc], wiring: Wiring, directory: Directory) -> WiredPlc:
    inputs: list[InputWire] = []
    for wire in wiring.inputs:
        if wire.controller != named.name:
            continue
        if wire.source_controller is None or wire.source_variable is None:
            slot = directory.slot(wire.signal)
            inputs.append(InputWire(len(inputs), slot.path, slot.scalar, slot.bit))
        else:
            source, taken = plcs[wire.source_controller], wire.source_variable
            index = [variable.path for variable in source.plc.wired_outputs].index(taken.path)
            inputs.append(InputWire(len(inputs), f"{source.path}.{source.plc.output_path(index)}", taken.native))
    outputs: list[OutputWire] = []
    for drive in wiring.drives:
        if drive.controller == named.name:
            slot = directory.slot(drive.signal)
            outputs.append(OutputWire(len(outputs), slot.path, slot.scalar))
    return WiredPlc(named.plc, named.path, tuple(inputs), tuple(outputs))
