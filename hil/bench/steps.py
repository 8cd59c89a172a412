"""Step-by-step tests on any bench: press, wait, advance, read, in the order of the test.

    bench["START"].press()
    bench.wait_for(bench["P-101.RUN"], within="2 s")
    bench.advance("10 s")
    assert bench["LT-101"].value > 20

What is written acts in the next communication step; time moves only in ``advance`` and ``wait_for``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from emulators.cell.catalogue import TargetDescription
from emulators.cell.tape import Operation, TapeEvent, TapeValue
from emulators.errors import did_you_mean
from emulators.timebase import format_duration, parse_duration
from hil.bench.protocol import Capability, MissingCapability, column_descriptions
from hil.errors import OracleViolation, UnknownNameError
from hil.oracle.judgement import Verdict, judge
from hil.oracle.run import Run
from hil.oracle.terms import Signal
from hil.oracle.tree import Formula, as_formula, signal_names
from hil.trace.meta import ColumnDescription, ColumnKind, TraceMeta
from hil.trace.trace import Trace

if TYPE_CHECKING:
    from hil.oracle.judgement import Judgement

__all__ = ["BenchSignal", "StepByStep"]

Duration = str | int | float


class StepByStep(ABC):
    """Mixin for benches that can advance on demand: see ``SteppingBench`` for what they bring."""

    _next_order = 0
    _columns: dict[str, ColumnDescription] | None = None

    @property
    @abstractmethod
    def step_ns(self) -> int: ...

    @property
    @abstractmethod
    def time_ns(self) -> int: ...

    @property
    @abstractmethod
    def catalogue(self) -> Mapping[str, TargetDescription]: ...

    @property
    @abstractmethod
    def capabilities(self) -> frozenset[Capability]: ...

    @property
    @abstractmethod
    def target_name(self) -> str:
        """Where the bench runs, for messages: emulated, hybrid or physical."""

    @abstractmethod
    def advance_steps(self, n_steps: int) -> None: ...

    @abstractmethod
    def apply(self, events: Iterable[TapeEvent]) -> None: ...

    @abstractmethod
    def read(self, name: str) -> TapeValue: ...

    @abstractmethod
    def recorded(self) -> Trace: ...

    def __getitem__(self, name: str) -> BenchSignal:
        """Return a name of the rig: to act on, to read, and to use in formulas.

        Raises:
            UnknownNameError: the rig has no such name; says which one is close.
        """
        target = self.catalogue.get(name)
        if target is None:
            hint = did_you_mean(name, self.catalogue) or "`bench.catalogue` lists them all"
            raise UnknownNameError(f"no '{name}' on this bench; {hint}")
        kind = ColumnKind.DIGITAL if target.is_bool else ColumnKind.ANALOG
        return BenchSignal(name, kind, target.unit, self)

    def advance(self, duration: Duration) -> None:
        """Let plant time pass; rounded up to whole communication steps."""
        self._require(Capability.ADVANCE)
        self.advance_steps(-(-parse_duration(duration) // self.step_ns))

    def wait_for(self, formula: Formula, *, within: Duration) -> str:
        """Advance step by step until the formula holds, and return how long that took, as text.

        The formula is judged on the last two rows, so ``rose(x)`` works and a formula about longer times does not.

        Raises:
            OracleViolation: it does not hold within the time.
        """
        self._require(Capability.ADVANCE)
        formula = as_formula(formula)
        names = signal_names(formula)
        limit_ns = parse_duration(within)
        start_ns = self.time_ns
        previous = current = [self.read(name) for name in names]
        while True:
            judgement = judge(formula, self._two_rows(names, previous, current))
            if judgement.verdict is not Verdict.FAIL:
                return format_duration(self.time_ns - start_ns)
            if self.time_ns - start_ns >= limit_ns:
                raise self._never_came(judgement, start_ns, limit_ns)
            self.advance_steps(1)
            previous, current = current, [self.read(name) for name in names]

    def _two_rows(self, names: tuple[str, ...], previous: list[TapeValue], current: list[TapeValue]) -> Trace:
        columns = {
            name: np.array([before, now], dtype=np.uint8 if self.catalogue[name].is_bool else np.float64)
            for name, before, now in zip(names, previous, current, strict=True)
        }
        rows_ns = np.array([self.time_ns - self.step_ns, self.time_ns])
        trace = Trace(columns, rows_ns, TraceMeta(step_ns=self.step_ns, columns=self._described(names)))
        return trace if len(set(map(str, [previous, current]))) > 1 else trace

    def _never_came(self, judgement: Judgement, start_ns: int, limit_ns: int) -> OracleViolation:
        violation = judgement.violation
        seen = violation.explanation if violation is not None else str(judgement.formula)
        return OracleViolation(
            f"{seen} after {format_duration(limit_ns)}",
            formula=f"{judgement.formula} within {format_duration(limit_ns)}",
            robustness=judgement.robustness,
            trigger_ns=self.time_ns,
            start_ns=start_ns,
            end_ns=self.time_ns,
            columns=judgement.columns,
        )

    def run_so_far(self) -> Run:
        """Return what was recorded since the last reset, to be judged as a whole."""
        return Run(self.recorded(), catalogue=self._all_columns())

    def _described(self, names: Iterable[str]) -> dict[str, ColumnDescription]:
        columns = self._all_columns()
        return {name: columns[name] for name in names if name in columns}

    def _all_columns(self) -> dict[str, ColumnDescription]:
        if self._columns is None:
            self._columns = column_descriptions(self.catalogue)
        return self._columns

    def _require(self, capability: Capability) -> None:
        if capability not in self.capabilities:
            raise MissingCapability(capability, self.target_name)

    def _act(self, operation: Operation, target: str, value: TapeValue, *, after_ns: int = 0) -> None:
        self._next_order += 1
        self.apply([TapeEvent(self.time_ns + after_ns, self._next_order, operation, target, value)])
