"""The loop with its plant in plain Python, for debugging a component and for judging the compiler.

Control programs stay native. The order of phases is that of ``runtime/loop.c``, to the letter.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from emulators.cell.blueprint import Blueprint
from emulators.cell.recording import ColumnTable
from emulators.cell.slots import Slot, Stage, decode
from emulators.native import FaultSite, NativeProgram
from emulators.native.ir import Scalar
from emulators.plant import PythonPlant
from emulators.timebase import NS_PER_S

__all__ = ["PythonLoop"]

_CONTROLLER_PHASES = ("cell_latch", "cell_execute", "cell_flush", "cell_command")


class PythonLoop:
    """Executor whose plant can be stepped through with pdb: set a breakpoint in the component."""

    name = "python"

    def __init__(self, blueprint: Blueprint, program: NativeProgram) -> None:
        self._blueprint = blueprint
        self._program = program
        self._context = program.new_context()
        self._plant = PythonPlant(blueprint.plant)
        self._plant_offset = blueprint.layout.entry("plant").offset
        self._step_s = blueprint.step_ns / NS_PER_S
        self._phases = [program.function(name) for name in _CONTROLLER_PHASES]
        self._publish_phase = program.function("cell_publish")
        self._tick = blueprint.headers["tick"].offset
        self._time = blueprint.headers["time_ns"].offset
        self._seed = blueprint.headers["seed"]

    @property
    def sites(self) -> Sequence[FaultSite]:
        return self._program.sites

    def start(self, block: NDArray[np.uint8]) -> None:
        self._plant.seed = int(decode(self._seed, block))
        self._plant.start(self._step_s)
        self._plant.store(block, self._plant_offset)
        self._program.function("cell_start_controllers").call(block, context=self._context)

    def publish(self, block: NDArray[np.uint8]) -> None:
        self._publish_phase.call(block, context=self._context)

    def run(
        self,
        block: NDArray[np.uint8],
        n_steps: int,
        tape: NDArray[np.void],
        columns: ColumnTable,
        *,
        first_row: int = 0,
    ) -> int:
        cursor = 0
        for row in range(first_row, first_row + n_steps):
            tick = _advance(block, self._tick, 1)
            time_ns = _advance(block, self._time, self._blueprint.step_ns)
            cursor = _play(block, tape, cursor, tick, Stage.PLANT)
            self._plant.load(block, self._plant_offset)
            self._plant.advance(self._step_s)
            self._plant.sense(self._step_s)
            self._plant.store(block, self._plant_offset)
            self._publish_phase.call(block, context=self._context)
            cursor = _play(block, tape, cursor, tick, Stage.CONTROLLER)
            for phase in self._phases:
                phase.call(block, context=self._context)
            self._plant.load(block, self._plant_offset)
            self._plant.actuate(self._step_s)
            self._plant.store(block, self._plant_offset)
            _record(block, columns, row)
            columns.time_ns[row] = time_ns
        return n_steps

    def coverage(self) -> NDArray[np.uint64] | None:
        return None

    def fork(self) -> PythonLoop:
        return PythonLoop(self._blueprint, self._program)


def _advance(block: NDArray[np.uint8], offset: int, by: int) -> int:
    field = block[offset : offset + 8].view(np.int64)
    field[0] += by
    return int(field[0])


def _play(block: NDArray[np.uint8], tape: NDArray[np.void], cursor: int, tick: int, stage: Stage) -> int:
    while cursor < len(tape):
        entry = tape[cursor]
        if (int(entry["tick"]), int(entry["stage"])) > (tick, int(stage)):
            break
        offset, size, mask = int(entry["offset"]), int(entry["size"]), int(entry["mask"])
        old = int.from_bytes(block[offset : offset + size].tobytes(), "little")
        new = (old & ~mask | int(entry["value"]) & mask) & (1 << 8 * size) - 1
        block[offset : offset + size] = np.frombuffer(new.to_bytes(size, "little"), np.uint8)
        cursor += 1
    return cursor


def _record(block: NDArray[np.uint8], columns: ColumnTable, row: int) -> None:
    for slot, array in zip(columns.slots, columns.arrays, strict=True):
        array[row] = _canonical(slot, block)


def _canonical(slot: Slot, block: NDArray[np.uint8]) -> bool | int | float:
    number = decode(slot, block)
    return float("nan") if slot.scalar in (Scalar.F32, Scalar.F64) and number != number else number
