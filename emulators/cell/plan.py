"""What a cell is before it has code: programs compiled, plant and wires resolved, every name with its place.

A rig with mistakes is planned too: what is wrong is reported and left out, and the rest is judged in the same round.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from emulators.cell.directory import Directory, TargetError
from emulators.cell.naming import NamedPlc, build_directory
from emulators.cell.program import cell_struct
from emulators.cell.programs import ControlProgram, compile_controllers
from emulators.cell.slots import Slot
from emulators.cell.wiring import Wiring, plan_wiring
from emulators.description import RigDescription
from emulators.description.source import Findings
from emulators.native import Layout, struct_layout
from emulators.native.c_names import c_identifier
from emulators.native.ir import Struct
from emulators.plant import Plant
from emulators.plant.schedule import make_schedule
from emulators.plant.wiring import WiredPlant, wire_plant
from emulators.plc import SoftPlc, planned_tasks
from emulators.timebase import greatest_common_step

if TYPE_CHECKING:
    from emulators.cell.link_plan import LinkPlan

__all__ = ["CellPlan", "plan_cell"]


@dataclass(frozen=True, eq=False)
class CellPlan:
    """The sound part of a rig with the layout of its state block.

    ``plant`` is None where it has findings, or a program has, which may decide the communication step.
    """

    rig: RigDescription
    step_ns: int
    plant: Plant | None
    plcs: Mapping[str, NamedPlc]
    programs: Mapping[str, ControlProgram]
    wiring: Wiring
    struct: Struct
    layout: Layout
    directory: Directory
    published: Mapping[str, Slot]
    links: tuple[LinkPlan, ...]

    def published_slot(self, tag: str) -> Slot:
        """Return where phase 3 puts the value of a tag.

        Raises:
            TargetError: the rig has no such tag.
        """
        if tag not in self.published:
            raise TargetError(f"rig {self.rig.name} has no tag '{tag}'")
        return self.published[tag]


def plan_cell(rig: RigDescription, findings: Findings, *, overrides: Mapping[Path, str] | None = None) -> CellPlan:
    """Return the plan of what fits together in a rig; everything else is reported.

    ``overrides`` maps paths of program sources to texts that stand in for the files.
    """
    texts = {Path(path).resolve(): text for path, text in (overrides or {}).items()}
    programs = compile_controllers(rig, findings, texts)
    wiring = plan_wiring(rig, programs, findings)
    step_ns = _base_step(rig, programs)
    is_complete = rig.left_out.is_wiring_complete and len(programs) == len(rig.controllers)
    wired, plant = _plant(wiring, step_ns, findings, is_complete=is_complete)
    rig = _without_owners(rig, wired, programs)
    plcs = _soft_plcs(programs, wiring, step_ns)
    parts = [(named.path, named.plc) for named in plcs.values()]
    bare = struct_layout(cell_struct(wired.struct, parts, ()))
    directory = build_directory(rig, bare, wired, plcs, wiring, findings)
    rig = _without_tags(rig, directory)
    sources = {entry.tag.name: directory.slot(entry.tag.name) for entry in rig.tags}
    struct = cell_struct(wired.struct, parts, [slot.scalar for slot in sources.values()])
    layout = struct_layout(struct)
    published = {
        tag: Slot(f"published.tag_{index}", layout.entry(f"published.tag_{index}").offset, slot.scalar)
        for index, (tag, slot) in enumerate(sources.items())
    }
    links = _links(rig, plcs, wiring, directory, findings, step_ns)
    return CellPlan(rig, step_ns, plant, plcs, programs, wiring, struct, layout, directory, published, links)


def _base_step(rig: RigDescription, programs: Mapping[str, ControlProgram]) -> int:
    """Return the greatest common divisor of the rig's step, all task intervals and all offsets."""
    durations = [rig.step_ns]
    for program in programs.values():
        for task in planned_tasks(program.soft_plc((), ()), program.program):
            durations += [task.interval_ns, task.offset_ns]
    return greatest_common_step([duration for duration in durations if duration])


def _plant(wiring: Wiring, step_ns: int, findings: Findings, *, is_complete: bool) -> tuple[WiredPlant, Plant | None]:
    """Return the sound part of the plant, and the whole plant where ``is_complete`` and nothing is wrong with it."""
    of_plant = Findings()
    wired = wire_plant(wiring.plant, of_plant)
    if is_complete and not of_plant.diagnostics:
        plant = Plant.of_wired(wired, step_ns, of_plant)
    else:
        plant = None
        make_schedule(wired, of_plant)  # algebraic loops need no whole plant
    findings.extend(of_plant.diagnostics)
    return wired, plant


def _links(
    rig: RigDescription,
    plcs: Mapping[str, NamedPlc],
    wiring: Wiring,
    directory: Directory,
    findings: Findings,
    step_ns: int,
) -> tuple[LinkPlan, ...]:
    if not wiring.scans:
        return ()
    from emulators.cell.link_plan import plan_links  # loads Modbus, which few cells need

    sound = [
        scan
        for scan in wiring.scans.values()
        if scan.entry.controller.value in plcs and scan.entry.name not in rig.left_out.owners
    ]
    return plan_links(sound, directory, rig.left_out, findings, step_ns=step_ns)


def _without_owners(rig: RigDescription, wired: WiredPlant, programs: Mapping[str, ControlProgram]) -> RigDescription:
    """Return the rig with the names of components and controllers that turned out to be wrong among the left out."""
    kept = {*programs, *(instance.name for instance in wired.instances)}
    names = [entry.name for entry in rig.plant] + [entry.name for entry in rig.controllers]
    names += [entry.name for entry in rig.links] + [entry.name for entry in rig.lines]
    wrong = set(names) - kept
    return replace(rig, left_out=replace(rig.left_out, owners=rig.left_out.owners | wrong))


def _without_tags(rig: RigDescription, directory: Directory) -> RigDescription:
    """Return the rig without the tags that turned out to be wrong."""
    tags = tuple(entry for entry in rig.tags if entry.tag.name in directory.aliases)
    wrong = {entry.tag.name for entry in rig.tags} - directory.aliases.keys()
    return replace(rig, tags=tags, left_out=replace(rig.left_out, tags=rig.left_out.tags | wrong))


def _soft_plcs(programs: Mapping[str, ControlProgram], wiring: Wiring, step_ns: int) -> dict[str, NamedPlc]:
    plcs = {}
    for name, program in programs.items():
        inputs = tuple(wire.variable.path for wire in wiring.inputs if wire.controller == name)
        outputs = tuple(variable.path for variable in wiring.outputs_of(name))
        plc = SoftPlc.build(program.soft_plc(inputs, outputs), program.program, step_ns=step_ns)
        plcs[name] = NamedPlc(name, plc, f"plc_{c_identifier(name)}")
    return plcs
