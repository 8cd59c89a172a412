"""A finished run under judgement: what a test receives and asserts on.

    run.whenever(run["LEVEL"] > 90).then(~run["P-101.RUN"], within="2 s")

Each assertion evaluates at once and raises :class:`hil.errors.OracleViolation` when it does not hold.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from emulators.errors import did_you_mean
from emulators.timebase import Duration, parse_duration
from hil.errors import UnknownNameError
from hil.oracle.algebra import FULL_RANGE
from hil.oracle.bounds import TimeBound
from hil.oracle.evaluation import Evaluation
from hil.oracle.judgement import Judgement, Verdict, judge, worst_verdict
from hil.oracle.temporal import always, eventually, until
from hil.oracle.terms import Signal
from hil.oracle.tree import Formula, as_formula, signal_names
from hil.trace.meta import ColumnDescription
from hil.trace.trace import Trace

__all__ = ["Run", "Whenever"]

Window = Duration | tuple[Duration, Duration] | TimeBound


class Run:
    """One run of a scenario.

    Args:
        trace: what was recorded.
        catalogue: every name a formula may use with its description; default: the columns of the trace.
        record: returns a trace of the same run with at least the columns named. It is called when a formula uses a
            name of the catalogue that was not recorded, so that a search records only what its properties watch.
        tolerance: slack of time bounds on this target.
    """

    def __init__(
        self,
        trace: Trace,
        *,
        catalogue: Mapping[str, ColumnDescription] | None = None,
        record: Callable[[tuple[str, ...]], Trace] | None = None,
        tolerance: Duration = 0,
    ) -> None:
        self._catalogue = catalogue
        self._record = record
        self._tolerance_ns = parse_duration(tolerance)
        self._evaluation = Evaluation(trace, tolerance_ns=self._tolerance_ns)
        self._watched: dict[str, None] = {}
        self._judgements: list[Judgement] = []

    @property
    def trace(self) -> Trace:
        return self._evaluation.trace

    @property
    def watched(self) -> tuple[str, ...]:
        """Names that formulas have used so far, in the order of use."""
        return tuple(self._watched)

    @property
    def judgements(self) -> tuple[Judgement, ...]:
        """What was asserted so far, the failed one last."""
        return tuple(self._judgements)

    @property
    def verdict(self) -> Verdict:
        """Strongest verdict so far."""
        return worst_verdict(*(judgement.verdict for judgement in self._judgements))

    @property
    def robustness(self) -> float:
        """Least robustness so far in percent of range; 100 before the first assertion."""
        return min((judgement.robustness for judgement in self._judgements), default=FULL_RANGE)

    def __getitem__(self, name: str) -> Signal:
        """Return a signal for use in formulas.

        Raises:
            UnknownNameError: neither the catalogue nor the trace has the name; says which one is close.
        """
        __tracebackhide__ = True
        known: Mapping[str, object] = self._catalogue if self._catalogue is not None else self.trace.columns
        if name not in known and name not in self.trace:
            hint = did_you_mean(name, known) or "`run.names` lists them all"
            raise UnknownNameError(f"no signal '{name}' in this run; {hint}")
        self._watched[name] = None
        if name in self.trace:
            return Signal(name, self.trace.kind(name), self.trace.description(name).unit)
        assert self._catalogue is not None
        description = self._catalogue[name]
        return Signal(name, description.kind, description.unit)

    @property
    def names(self) -> tuple[str, ...]:
        """Every name a formula may use."""
        known = self._catalogue if self._catalogue is not None else {}
        return tuple(dict.fromkeys([*known, *self.trace.names]))

    def judge(self, formula: Formula) -> Judgement:
        """Return the judgement of a formula without asserting it; ``always(f)`` is judged on every row."""
        formula = as_formula(formula)
        names = signal_names(formula)
        self._watched.update(dict.fromkeys(names))
        missing = [name for name in names if name not in self.trace]
        if missing:
            self._record_again(missing)
        return judge(formula, self._evaluation)

    def _record_again(self, missing: list[str]) -> None:
        for name in missing:
            _ = self[name]  # an unknown name is refused here with its closest one
        if self._record is None:
            raise UnknownNameError(f"{', '.join(missing)} not recorded in this run; record it, or all columns")
        self._evaluation = Evaluation(self._record(self.watched), tolerance_ns=self._tolerance_ns)

    def check(self, formula: Formula) -> Judgement:
        """Assert a formula: ``always(f)`` on every row, a conjunction part by part, any other on the first row.

        Raises:
            OracleViolation: it does not hold.
        """
        judgement = self.judge(formula)
        self._judgements.append(judgement)
        if judgement.verdict is Verdict.FAIL:
            raise judgement.error()
        return judgement

    def always(
        self,
        formula: Formula,
        *,
        after: Duration = 0,
        lasting: Window | None = None,
        until: Formula | None = None,
    ) -> Judgement:
        """Assert that a formula holds on every row: of the whole run, from ``after`` on, during the first
        ``lasting`` of the run, or from the start ``until`` another formula comes."""
        if until is not None:
            return self.check(_held_until(formula, until))
        if lasting is not None:
            return self.check(always(formula, lasting))
        return self.check(always(formula, TimeBound(parse_duration(after), None)))

    def never(self, formula: Formula, *, after: Duration = 0) -> Judgement:
        """Assert that a formula holds on no row of the run (from ``after`` on)."""
        return self.always(~as_formula(formula), after=after)

    def eventually(self, formula: Formula, *, within: Window | None = None) -> Judgement:
        """Assert that a formula holds on some row: of the run, or within a time from its start."""
        return self.check(eventually(formula, within))

    def whenever(self, trigger: Formula) -> Whenever:
        """Begin an assertion about every row on which ``trigger`` holds; use ``rose(x)`` for the moment it comes."""
        return Whenever(self, as_formula(trigger))


class Whenever:
    """Second half of ``run.whenever(trigger)``; the trigger that never comes gives the verdict NONE."""

    def __init__(self, run: Run, trigger: Formula) -> None:
        self._run = run
        self._trigger = trigger

    def then(self, response: Formula, *, within: Window | None = None) -> Judgement:
        """Assert that ``response`` holds on some row within a time of each trigger, without ``within`` at once."""
        after = as_formula(response) if within is None else eventually(response, within)
        return self._run.check(always(self._trigger >> after))

    def always(self, response: Formula, *, lasting: Window | None = None, until: Formula | None = None) -> Judgement:
        """Assert that ``response`` holds on every row from each trigger on: for the time ``lasting``, ``until``
        another formula comes, or (with neither) to the end of the run."""
        held = _held_until(response, until) if until is not None else always(response, lasting)
        return self._run.check(always(self._trigger >> held))

    def never(self, response: Formula, *, lasting: Window | None = None, until: Formula | None = None) -> Judgement:
        """Assert that ``response`` holds on no row of such a stretch."""
        return self.always(~as_formula(response), lasting=lasting, until=until)


def _held_until(formula: Formula, goal: Formula) -> Formula:
    """Hold until the goal comes, or to the end of the run if it does not come."""
    return until(formula, goal) | always(formula)
