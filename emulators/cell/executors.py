"""What runs the loop: native code of tcc or gcc, or the plant in plain Python around native control programs.

All of them work on the same state block and give the same bits, so a cell may change its executor between two calls.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from emulators.cell.blueprint import Blueprint
from emulators.cell.python_loop import PythonLoop
from emulators.cell.recording import ColumnTable
from emulators.native import Executor, FaultSite, NativeProgram, TieredProgram, build

__all__ = ["EXECUTOR_NAMES", "LoopExecutor", "make_executor"]

EXECUTOR_NAMES = ("auto", "tcc", "gcc", "python")
STEPS_BEFORE_GCC = 400_000
"""A cell that has run this many steps is worth an optimising compiler in the background."""


class LoopExecutor(Protocol):
    """Runs steps on a state block."""

    @property
    def name(self) -> str:
        """python, tcc or gcc."""

    @property
    def sites(self) -> Sequence[FaultSite]:
        """Guards by the site number in the state block."""

    def start(self, block: NDArray[np.uint8]) -> None:
        """Bring a zeroed block with its seeds to time 0."""

    def publish(self, block: NDArray[np.uint8]) -> None:
        """Do phase 3 alone: copy what the block holds now into its snapshot, if that is switched on."""

    def run(
        self,
        block: NDArray[np.uint8],
        n_steps: int,
        tape: NDArray[np.void],
        columns: ColumnTable,
        *,
        first_row: int = 0,
    ) -> int:
        """Run steps and return how many were completed; fewer when a plant fault stands in the header.

        Rows are recorded from ``first_row`` on.
        """

    def coverage(self) -> NDArray[np.uint64] | None:
        """Return hits by coverage point since the executor was made, None if it does not count."""

    def fork(self) -> LoopExecutor:
        """Return an executor for another cell of the same blueprint; machine code is shared."""


def make_executor(blueprint: Blueprint, name: str = "auto", *, coverage: bool = False) -> LoopExecutor:
    """Return the executor called ``name``: auto, tcc, gcc or python.

    ``auto`` starts with tcc at once and changes to gcc, where one is installed, for long runs.

    Raises:
        ValueError: no such executor.
        MissingCompilerError: gcc is asked for and there is none.
    """
    match name:
        case "python":
            return PythonLoop(blueprint, build(blueprint.module, executor=Executor.TCC))
        case "tcc":
            return NativeLoop(build(blueprint.module, executor=Executor.TCC, coverage=coverage), counts=coverage)
        case "gcc":
            return NativeLoop(build(blueprint.module, executor=Executor.GCC, coverage=coverage), counts=coverage)
        case "auto":
            tiers = TieredProgram(blueprint.module, coverage=coverage, is_patient=True)
            return NativeLoop(tiers.current, counts=coverage, promotion=_Promotion(tiers))
    raise ValueError(f"no executor '{name}'; write one of {', '.join(EXECUTOR_NAMES)}")


class _Promotion:
    """Asks for the second tier once enough steps were run; shared by the forks of a cell."""

    def __init__(self, tiers: TieredProgram) -> None:
        self._tiers = tiers
        self._steps = 0

    def best(self, n_steps: int) -> NativeProgram:
        """Count steps that are about to run and return the program to run them with."""
        self._steps += n_steps
        if self._steps >= STEPS_BEFORE_GCC:
            self._tiers.optimise()
        return self._tiers.current


class NativeLoop:
    """The fused loop in machine code; the GIL is released while it runs."""

    def __init__(self, program: NativeProgram, *, counts: bool, promotion: _Promotion | None = None) -> None:
        self._program = program
        self._counts = counts
        self._promotion = promotion
        self._context = program.new_context()

    @property
    def name(self) -> str:
        return self._program.executor.value

    @property
    def sites(self) -> Sequence[FaultSite]:
        return self._program.sites

    def start(self, block: NDArray[np.uint8]) -> None:
        self._program.function("cell_start").call(block, context=self._context)

    def publish(self, block: NDArray[np.uint8]) -> None:
        self._program.function("cell_publish").call(block, context=self._context)

    def run(
        self,
        block: NDArray[np.uint8],
        n_steps: int,
        tape: NDArray[np.void],
        columns: ColumnTable,
        *,
        first_row: int = 0,
    ) -> int:
        if self._promotion is not None:
            self._program = self._promotion.best(n_steps)
        return self._program.run(
            self._context,
            block,
            n_steps,
            tape=tape if len(tape) else None,
            columns=columns.rows if len(columns.rows) else None,
            row_times=columns.time_ns,
            first_row=first_row,
        )

    def coverage(self) -> NDArray[np.uint64] | None:
        return self._context.coverage if self._counts else None

    def fork(self) -> NativeLoop:
        return NativeLoop(self._program, counts=self._counts, promotion=self._promotion)
