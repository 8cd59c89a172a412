"""From a rig and a target to a bench."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from hil.assembly.cells import cell_hashes, make_blueprint, make_cell
from hil.bench.emulated import EmulatedBench

__all__ = ["make_bench"]


def make_bench(
    rig: str | Path,
    target: str = "emulated",
    *,
    folder: Path | None = None,
    overrides: Mapping[Path, str] | None = None,
    executor: str = "auto",
    coverage: bool = False,
) -> EmulatedBench:
    """Return a bench for a rig on a target.

    Raises:
        DescriptionError: the rig has mistakes.
        ValueError: there is no such target in this release.
    """
    if target != "emulated":
        raise ValueError(f"target '{target}' is not available: this release runs rigs emulated only")
    blueprint = make_blueprint(rig, folder=folder, overrides=overrides)
    cell = make_cell(blueprint, executor=executor, coverage=coverage)
    return EmulatedBench(cell, hashes=cell_hashes(blueprint))
