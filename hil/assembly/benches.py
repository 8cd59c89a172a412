"""From a rig and a target to a bench."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from emulators.serving.device_cell import with_own_values
from hil.assembly.cells import cell_hashes, make_blueprint, make_cell
from hil.assembly.serving import make_endpoint
from hil.bench.emulated import EmulatedBench
from hil.bench.served_cell import ServedParts
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
    maps = [each for endpoint in blueprint.rig.endpoints for each in endpoint.register_maps]
    served = ServedParts(
        lambda inner, seed: with_own_values(inner, maps, seed=seed),
        lambda stepped: [make_endpoint(entry, blueprint, stepped, blueprint.seed) for entry in blueprint.rig.endpoints],
    )
    return ServingBench(cell, served, hashes=hashes)
