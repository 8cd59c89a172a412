"""From a rig's name or file to a cell, with the hashes that identify what ran."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from emulators.cell import Blueprint, Cell, make_executor
from emulators.cell.blueprint import draw_blueprint
from emulators.description.source import Findings
from hil.assembly.rig_checks import judge_rig
from hil.resources import resolve_rig

__all__ = ["cell_hashes", "make_blueprint", "make_cell"]


def make_blueprint(
    rig: str | Path, *, folder: Path | None = None, overrides: Mapping[Path, str] | None = None
) -> Blueprint:
    """Return the blueprint of a rig, named as a file or as a shipped rig.

    ``overrides``: path of a program source → text that stands in for it.

    Raises:
        DescriptionError: no such rig, or it has mistakes; all of them at once.
    """
    findings = Findings()
    plan = judge_rig(resolve_rig(str(rig), folder), findings, overrides=overrides)
    findings.raise_if_any()
    return draw_blueprint(plan)


def make_cell(blueprint: Blueprint, *, executor: str = "auto", coverage: bool = False, seed: int | None = None) -> Cell:
    """Return a cell at time 0."""
    return Cell(blueprint, make_executor(blueprint, executor, coverage=coverage), seed=seed)


def cell_hashes(blueprint: Blueprint) -> dict[str, str]:
    """Return the hashes of the programs' text, the rig file and the tool's version."""
    program = hashlib.sha256()
    for control in blueprint.programs.values():
        for source in control.sources:
            program.update(source.text.encode())
    return {
        "program": program.hexdigest(),
        "rig": hashlib.sha256(Path(blueprint.rig.file).read_bytes()).hexdigest(),
        "tool": f"plc-hil {version('plc-hil')}",
    }
