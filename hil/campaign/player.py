"""Play timelines on a bench and judge them, recording only the columns that the property watches."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hil.bench.protocol import Bench, MissingCapability, PlantFault, column_descriptions, needed_capabilities
from hil.errors import OracleViolation
from hil.oracle.algebra import FULL_RANGE
from hil.oracle.judgement import Verdict
from hil.oracle.run import Run
from hil.scenario.timeline import Timeline
from hil.trace.memory import keep_freed_columns
from hil.trace.trace import Trace

__all__ = ["Check", "Played", "Player"]

Check = Callable[[Run], object]


@dataclass(frozen=True, slots=True)
class Played:
    """One run and its judgement. ``symptom`` tells failures of different kinds apart.

    A run that the plant stopped has the verdict ERROR, and the fault as its violation.
    """

    trace: Trace
    verdict: Verdict
    robustness: float
    violation: AssertionError | PlantFault | None = None

    @property
    def symptom(self) -> str:
        """Formula that does not hold, place of a plain ``assert`` or in a component; empty if nothing failed."""
        if self.violation is None:
            return ""
        if isinstance(self.violation, OracleViolation):
            return self.violation.formula
        if isinstance(self.violation, PlantFault):
            return self.violation.place
        frames = traceback.extract_tb(self.violation.__traceback__)
        return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else type(self.violation).__name__

    @property
    def failed_at_ns(self) -> int | None:
        """Plant time by which the failure is complete; None where it is not known."""
        match self.violation:
            case OracleViolation(end_ns=end_ns):
                return end_ns or None
            case PlantFault(time_ns=time_ns):
                return time_ns
        return None


class Player:
    """One property on one bench.

    Args:
        bench: the loop under test.
        check: asserts on a run; an AssertionError is a failure, anything else ends the campaign as an error.
        columns: what to record; None learns it from the first runs.
        target: name of the target, for messages.
    """

    def __init__(
        self, bench: Bench, check: Check, *, columns: Sequence[str] | None = None, target: str = "emulated"
    ) -> None:
        self._bench = bench
        self._check = check
        self._columns = tuple(columns or ())
        self._described = column_descriptions(bench.catalogue)
        self._target = target
        keep_freed_columns()

    def play(self, timeline: Timeline, *, everything: bool = False) -> Played:
        """Run and judge a timeline; ``everything`` records all columns.

        Raises:
            MissingCapability: the target cannot do what the timeline asks for.
            LinkError: the far end of a wire did not answer.
            SafetyRefusal: the gate refused a write.
        """
        self._require(timeline)
        try:
            return self._judge(timeline, None if everything else self._columns)
        except PlantFault as fault:
            return Played(fault.trace, Verdict.ERROR, FULL_RANGE, fault)

    def _judge(self, timeline: Timeline, columns: tuple[str, ...] | None) -> Played:
        trace = self._bench.run(timeline, columns=columns)
        run = Run(trace, catalogue=self._described, record=lambda names: self._record_again(timeline, names))
        violation = None
        try:
            self._check(run)
        except AssertionError as error:
            violation = error
        verdict = Verdict.FAIL if violation is not None else run.verdict
        return Played(run.trace, verdict, _robustness(run, violation), violation)

    def _record_again(self, timeline: Timeline, names: tuple[str, ...]) -> Trace:
        self._columns = tuple(dict.fromkeys([*self._columns, *names]))
        return self._bench.run(timeline, columns=self._columns)

    def _require(self, timeline: Timeline) -> None:
        for capability, targets in needed_capabilities(timeline.events, self._bench.catalogue).items():
            if capability not in self._bench.capabilities:
                raise MissingCapability(capability, self._target, f"the scenario uses it on {', '.join(targets)}")


def _robustness(run: Run, violation: AssertionError | None) -> float:
    if isinstance(violation, OracleViolation):
        return min(run.robustness, violation.robustness)
    return run.robustness
