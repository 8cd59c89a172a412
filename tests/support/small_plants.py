"""Builds small plants and steps them in plain Python."""

from __future__ import annotations

from collections.abc import Mapping

from emulators.component import Component
from emulators.plant import InstanceDescription, Plant, PlantDescription, PythonPlant, Wire

STEP_S = 0.01

Part = tuple[str | type[Component], dict[str, float | int | bool]]


def start_plant(
    parts: Mapping[str, Part],
    wires: Mapping[str, str | list[str]] | None = None,
    *,
    seed: int = 0,
    step_s: float = STEP_S,
) -> PythonPlant:
    """Return a started plant of ``{name: (component, values)}`` with wires ``{input: output or list of outputs}``."""
    instances = tuple(InstanceDescription(name, component, values) for name, (component, values) in parts.items())
    wired = tuple(
        Wire((sources,) if isinstance(sources, str) else tuple(sources), target)
        for target, sources in (wires or {}).items()
    )
    python = PythonPlant(Plant.build(PlantDescription(instances, wired), round(step_s * 1e9)))
    python.seed = seed
    python.start(step_s)
    return python


def step_plant(plant: PythonPlant, steps: int = 1, step_s: float = STEP_S) -> None:
    """Run whole communication steps, without a controller between the phases."""
    for _ in range(steps):
        plant.advance(step_s)
        plant.sense(step_s)
        plant.actuate(step_s)
