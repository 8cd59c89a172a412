"""All that can be wrong with a rig before it runs, in one round: file, programs, components, wires, tags, endpoints.

What is wrong is left out and the rest is judged, so that no finding hides another and none follows from another.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from emulators.cell.plan import CellPlan, plan_cell
from emulators.description import LeftOut, RegisterEntry, RegisterMapDescription, read_rig
from emulators.description.source import Findings
from emulators.errors import DescriptionError
from emulators.modbus.binding import bind_register_map
from emulators.modbus.described_device import described_functions
from emulators.modbus.faults.described import described_endpoint_rules
from emulators.modbus.own_values import OwnValues, own_entries
from emulators.serving.emulated_cell import cell_publication
from emulators.signals.publication import joined_publication

__all__ = ["judge_maps", "judge_rig"]


def judge_rig(path: str | Path, findings: Findings, *, overrides: Mapping[Path, str] | None = None) -> CellPlan:
    """Return the plan of the sound part of a rig file; everything else is reported.

    ``overrides``: path of a program source → text that stands in for it.

    Raises:
        DescriptionError: the file cannot be read or is no TOML.
    """
    plan = plan_cell(read_rig(path, findings), findings, overrides=overrides)
    for endpoint in plan.rig.endpoints:
        try:
            described_endpoint_rules(endpoint)
        except DescriptionError as error:
            findings.extend(error.diagnostics)
    maps = [each for endpoint in plan.rig.endpoints for each in endpoint.register_maps]
    judge_maps(maps, own_entries(maps), findings, plan=plan)
    return plan


def judge_maps(
    maps: Sequence[RegisterMapDescription],
    own: Sequence[RegisterEntry],
    findings: Findings,
    *,
    plan: CellPlan | None = None,
) -> None:
    """Report what does not fit together between register maps, the values ``own`` to a device, and the tags around.

    ``plan`` is that of the cell around the device, None for one that stands alone.
    """
    left_out = plan.rig.left_out if plan is not None else LeftOut()
    followed = {
        str(entry.behaviour.values["of"]) for entry in own if entry.behaviour and "of" in entry.behaviour.values
    }
    if all(each.is_whole for each in maps):
        followed = {name for name in followed if left_out.may_mean(name)}
    others = {*(plan.directory.targets if plan is not None else ()), *followed}
    try:
        values = OwnValues(own, others=others)
    except DescriptionError as error:
        findings.extend(error.diagnostics)
        values = OwnValues([replace(entry, behaviour=None) for entry in own])
    publication = values.publication
    if plan is not None:
        publication = joined_publication(cell_publication(plan), publication)
    for register_map in maps:
        entries = [
            entry for entry in register_map.entries if entry.tag in publication.tags or not left_out.may_mean(entry.tag)
        ]
        with _collected(findings):
            described_functions(register_map)
        with _collected(findings):
            bind_register_map(replace(register_map, entries=tuple(entries)), publication)


@contextmanager
def _collected(findings: Findings) -> Iterator[None]:
    try:
        yield
    except DescriptionError as error:
        findings.extend(error.diagnostics)
