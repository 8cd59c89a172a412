"""Runs a plant in every executor and compares whole state blocks."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from emulators.native import available_executors, build, struct_layout
from emulators.plant import Plant, PythonPlant

STEP_S = 0.01


class PlantRun:
    """The same plant in plain Python and in each native executor, stepped side by side."""

    def __init__(self, plant: Plant, *, seed: int = 0) -> None:
        self.plant = plant
        self.layout = struct_layout(plant.struct)
        self.programs = {executor: build(plant.module, executor=executor) for executor in available_executors()}
        self.blocks = {executor: np.zeros(self.layout.size, np.uint8) for executor in self.programs}
        self.python = PythonPlant(plant)
        self.python.seed = seed
        for block in self.blocks.values():
            block[:8] = np.frombuffer(seed.to_bytes(8, "little"), np.uint8)
        self.python.start(STEP_S)
        self.call("plant_start")

    def call(self, name: str) -> None:
        for executor, program in self.programs.items():
            program.function(name).call(self.blocks[executor], STEP_S)

    def step(self) -> None:
        for phase in ("advance", "sense", "actuate"):
            getattr(self.python, phase)(STEP_S)
            self.call(f"plant_{phase}")

    def write(self, instance: str, member: str, value: float | int | bool) -> None:
        """Set a member in every executor."""
        setattr(self.python[instance], member, value)
        entry = self.layout.entry(self.plant.path(instance, member))
        kind = {"f64": np.float64, "i64": np.int64, "bool": np.uint8}[entry.type.label]
        image = np.array([value], kind).view(np.uint8)
        for block in self.blocks.values():
            block[entry.offset : entry.offset + len(image)] = image

    def python_block(self) -> NDArray[np.uint8]:
        block = np.zeros(self.layout.size, np.uint8)
        self.python.store(block)
        return block

    def differences(self) -> Sequence[str]:
        """Return the paths whose bytes are not the same everywhere."""
        expected = self.python_block()
        return [
            f"{executor.value}: {entry.path}"
            for executor, block in self.blocks.items()
            for entry in self.layout.entries()
            if bytes(expected[entry.offset : entry.offset + entry.type.size])
            != bytes(block[entry.offset : entry.offset + entry.type.size])
        ]


@pytest.fixture
def run_everywhere() -> Callable[..., PlantRun]:
    return PlantRun
