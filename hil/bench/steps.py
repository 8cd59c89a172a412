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
from dataclasses import dataclass

import numpy as np

from emulators.cell.catalogue import TargetDescription
from emulators.cell.tape import Operation, TapeEvent, TapeValue
from emulators.errors import did_you_mean
from emulators.timebase import Duration, format_duration, parse_duration
from hil.bench.protocol import Capability, MissingCapability, column_descriptions, needed_capabilities
from hil.errors import OracleViolation, UnknownNameError
from hil.oracle.evaluation import Evaluation
from hil.oracle.explain import explain
from hil.oracle.run import Run
from hil.oracle.terms import Signal
from hil.oracle.tree import Formula, as_formula, signal_names
from hil.trace.meta import ColumnDescription, ColumnKind, TraceMeta
from hil.trace.trace import Trace

__all__ = ["BenchSignal", "StepByStep"]

_FIRST_LEAP = 16
_LONGEST_LEAP = 4096


class StepByStep(ABC):
    """Base of benches that can advance on demand; they bring the abstract methods."""

    _columns: dict[str, ColumnDescription] | None = None

    def __init__(self) -> None:
        self.acted: list[TapeEvent] = []
        """What has been done step by step since the last reset."""

    @property
    @abstractmethod
    def step_ns(self) -> int: ...

    @property
    @abstractmethod
    def time_ns(self) -> int:
        """Plant time since the last reset."""

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
    def advance_steps(self, n_steps: int) -> None:
        """Run communication steps and record them."""

    @abstractmethod
    def apply(self, events: Iterable[TapeEvent]) -> None:
        """Put events on the tape; those of now or earlier act in the next step.

        Raises:
            EmulatorError: an event that the target would not play; those before it stay on the tape.
        """

    @abstractmethod
    def read(self, name: str) -> TapeValue:
        """Return the value of ``name`` after the last step."""

    @abstractmethod
    def recorded(self) -> Trace:
        """Return everything recorded since the last reset."""

    def __getitem__(self, name: str) -> BenchSignal:
        """Return a name of the rig: to act on, to read, and to use in formulas.

        Raises:
            UnknownNameError: the rig has no such name; says which one is close.
        """
        __tracebackhide__ = True
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
        """Advance to the first step on which the formula holds, and return how long that took, as text.

        Raises:
            OracleViolation: it does not hold within the time.
        """
        __tracebackhide__ = True  # a failure shows the line of the test, not this one
        self._require(Capability.ADVANCE)
        formula = as_formula(formula)
        start_ns = self.time_ns
        end_ns = start_ns + parse_duration(within)
        evaluation = self._advance_to(formula, end_ns)
        if evaluation is not None:
            raise self._never_came(formula, evaluation, start_ns)
        return format_duration(self.time_ns - start_ns)

    def _advance_to(self, formula: Formula, end_ns: int) -> Evaluation | None:
        """Advance to the first step that satisfies the formula; None if there is one, else how it reads at the end."""
        names = signal_names(formula)
        now = [self.read(name) for name in names]
        evaluation = Evaluation(self._last_rows(names, now, now))
        is_reached = bool(evaluation.truth(formula)[-1])
        count = _FIRST_LEAP
        while not is_reached:
            left = -((self.time_ns - end_ns) // self.step_ns)
            if left <= 0:
                return evaluation
            is_reached, evaluation = self._leap(formula, names, min(count, left)) or self._one_step(formula, names)
            count = min(count * 2, _LONGEST_LEAP)
        return None

    def _one_step(self, formula: Formula, names: tuple[str, ...]) -> tuple[bool, Evaluation]:
        before = [self.read(name) for name in names]
        self.advance_steps(1)
        evaluation = Evaluation(self._last_rows(names, before, [self.read(name) for name in names]))
        return bool(evaluation.truth(formula)[-1]), evaluation

    def _leap(self, formula: Formula, names: tuple[str, ...], count: int) -> tuple[bool, Evaluation] | None:
        """Advance many steps at once, but not past the first that satisfies the formula; None if that cannot be."""
        mark = self.mark()
        if mark is None:
            return None
        start_ns, now = self.time_ns, [self.read(name) for name in names]
        self.advance_steps(count)
        trace = self.recorded()
        if any(name not in trace for name in names):
            self.rewind(mark)
            return None
        rows = trace.select(names).window(start_ns + 1, self.time_ns)
        columns = {
            name: np.concatenate([np.array([value], dtype=rows[name].dtype), rows[name]])
            for name, value in zip(names, now, strict=True)
        }
        evaluation = Evaluation(Trace(columns, np.concatenate([np.array([start_ns]), rows.time_ns]), trace.meta))
        holds = evaluation.truth(formula)[1:]
        if holds.any():
            self.rewind(mark)
            self.advance_steps(int(np.argmax(holds)) + 1)
            return True, evaluation
        return False, evaluation

    def mark(self) -> object | None:
        """Return the present state to come back to, or None where the target cannot go back."""
        return None

    def rewind(self, mark: object) -> None:
        """Return to a marked state: time, record and what is still on the tape are as they were."""
        raise MissingCapability(Capability.SNAPSHOT, self.target_name)

    def _last_rows(self, names: tuple[str, ...], before: list[TapeValue], now: list[TapeValue]) -> Trace:
        columns = {
            name: np.array(pair, dtype=np.uint8 if self.catalogue[name].is_bool else np.float64)
            for name, *pair in zip(names, before, now, strict=True)
        }
        known = self._all_columns()
        meta = TraceMeta(step_ns=self.step_ns, columns={name: known[name] for name in names})
        return Trace(columns, np.array([self.time_ns - self.step_ns, self.time_ns]), meta)

    def _never_came(self, formula: Formula, evaluation: Evaluation, start_ns: int) -> OracleViolation:
        waited = format_duration(self.time_ns - start_ns)
        return OracleViolation(
            f"{explain(evaluation, formula, evaluation.rows - 1)}, after {waited}",
            formula=f"{formula} within {waited}",
            robustness=float(evaluation.robustness(formula).upper[-1]),
            trigger_ns=start_ns,
            start_ns=start_ns,
            end_ns=self.time_ns,
            columns=signal_names(formula),
        )

    def run_so_far(self) -> Run:
        """Return what was recorded since the last reset, to be judged as a whole."""
        return Run(self.recorded(), catalogue=self._all_columns())

    def _all_columns(self) -> dict[str, ColumnDescription]:
        if self._columns is None:
            self._columns = column_descriptions(self.catalogue)
        return self._columns

    def act(self, operation: Operation, target: str, value: TapeValue, *, after_ns: int = 0) -> None:
        """Put one event on the tape, in the next step or ``after_ns`` later.

        Raises:
            MissingCapability: this target cannot do that.
            EmulatorError: it does not take that operation or value.
        """
        event = TapeEvent(self.time_ns + self.step_ns + after_ns, len(self.acted) + 1, operation, target, value)
        for capability in needed_capabilities([event], self.catalogue):
            self._require(capability)
        self.apply([event])
        self.acted.append(event)

    def _require(self, capability: Capability) -> None:
        if capability not in self.capabilities:
            raise MissingCapability(capability, self.target_name)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class BenchSignal(Signal):
    """A name of a bench: a signal in formulas, and something to act on."""

    bench: StepByStep | None = None

    @property
    def value(self) -> TapeValue:
        """Value after the last communication step."""
        return self._owner.read(self.name)

    def press(self, hold: Duration = "500 ms") -> None:
        """Write TRUE now and FALSE after ``hold``, as a push button does."""
        self._owner.act(Operation.WRITE, self.name, True)
        self._owner.act(Operation.WRITE, self.name, False, after_ns=parse_duration(hold))

    def write(self, value: TapeValue) -> None:
        """Write a value once."""
        self._owner.act(Operation.WRITE, self.name, value)

    def force(self, value: TapeValue) -> None:
        """Hold a variable of a controller at its task boundaries until ``release``."""
        self._owner.act(Operation.FORCE, self.name, value)

    def release(self) -> None:
        """End a force."""
        self._owner.act(Operation.RELEASE, self.name, None)

    def inject(self, fault: str, value: TapeValue = True) -> None:
        """Start a fault of this component: ``bench["LT-101"].inject("stuck", 61.2)``.

        Raises:
            UnknownNameError: the component has no such fault; says which one is close.
        """
        offered = [described.name for described in self._owner.catalogue[self.name].faults]
        if fault not in offered:
            from emulators.cell.wires import fault_hint  # loads Modbus, which few tests need

            raise UnknownNameError(f"{self.name} has no fault '{fault}'; {fault_hint(fault, offered)}")
        self._owner.act(Operation.FAULT, f"{self.name}.{fault}", value)

    def clear(self, fault: str) -> None:
        """End a fault."""
        self.inject(fault, None)

    def restart(self, kind: str = "warm") -> None:
        """Restart this controller: ``warm`` keeps retained values, ``cold`` does not."""
        self._owner.act(Operation.RESTART, self.name, kind)

    def power_off(self) -> None:
        """Take the power from this controller until ``power_on``."""
        self._owner.act(Operation.RESTART, self.name, "power_off")

    def power_on(self) -> None:
        """Give this controller its power back."""
        self._owner.act(Operation.RESTART, self.name, "power_on")

    @property
    def _owner(self) -> StepByStep:
        if self.bench is None:
            raise UnknownNameError(f"{self.name} belongs to no bench; get it as bench['{self.name}']")
        return self.bench
