"""From a rig and a target to a bench."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from emulators.description import RigDescription
from emulators.errors import DescriptionError, Diagnostic
from emulators.modbus.own_values import own_entries
from emulators.serving.emulated_cell import EmulatedCell
from hil.assembly.cells import cell_hashes, make_blueprint, make_cell
from hil.assembly.serving import make_endpoint
from hil.bench.emulated import EmulatedBench
from hil.bench.serving import ServingBench

__all__ = ["make_bench"]


def make_bench(
    rig: str | Path,
    target: str = "emulated",
    *,
    folder: Path | None = None,
    overrides: Mapping[Path, str] | None = None,
    executor: str = "auto",
    coverage: bool = False,
    endpoints: bool = False,
) -> EmulatedBench:
    """Return a bench for a rig on a target, with ``endpoints`` one that serves them; close it then.

    Raises:
        DescriptionError: the rig has mistakes.
        ValueError: there is no such target in this release.
        LinkError: an endpoint cannot listen.
    """
    if target != "emulated":
        raise ValueError(f"target '{target}' is not available: this release runs rigs emulated only")
    blueprint = make_blueprint(rig, folder=folder, overrides=overrides)
    cell = make_cell(blueprint, executor=executor, coverage=coverage)
    hashes = cell_hashes(blueprint)
    if not endpoints:
        return EmulatedBench(cell, hashes=hashes)
    _refuse_own_values(blueprint.rig)
    stepped = EmulatedCell(cell)
    served = [make_endpoint(entry, blueprint, stepped, blueprint.seed) for entry in blueprint.rig.endpoints]
    return ServingBench(cell, stepped, served, hashes=hashes)


def _refuse_own_values(rig: RigDescription) -> None:
    """Values that belong to a device move outside the loop, so a bench could not replay them."""
    maps = [each for endpoint in rig.endpoints for each in endpoint.register_maps]
    hint = "use 'hil run', or a component of the plant and a tag of the rig"
    findings = [
        Diagnostic(entry.tag_span, "", f"a bench with endpoints cannot move '{entry.tag}', a value of the device", hint)
        for entry in own_entries(maps)
    ]
    if findings:
        raise DescriptionError(findings)
