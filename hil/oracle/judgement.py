"""From a formula and a trace to a verdict, and to the place where it went wrong."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from hil.errors import OracleViolation
from hil.oracle.algebra import FULL_RANGE, ROBUSTNESS, TRUTH
from hil.oracle.bounds import TimeBound
from hil.oracle.comparisons import Comparison
from hil.oracle.evaluation import Evaluation
from hil.oracle.logic import And, Implies, Stated
from hil.oracle.temporal import Always, Eventually, Until
from hil.oracle.terms import Constant, Signal
from hil.oracle.tree import Formula, Term, signal_names, walk

if TYPE_CHECKING:
    from hil.trace.trace import Array, Trace

__all__ = ["Judgement", "Verdict", "Violation", "judge", "worst_verdict"]


class Verdict(enum.Enum):
    """Result of a judgement, from the weakest to the strongest; the strongest of several counts."""

    NONE = "none"
    PASS = "pass"
    INCONCLUSIVE = "inconclusive"
    FAIL = "fail"
    ERROR = "error"


_STRENGTH = {verdict: strength for strength, verdict in enumerate(Verdict)}


def worst_verdict(*verdicts: Verdict) -> Verdict:
    """Return the strongest verdict; NONE when there is none."""
    return max(verdicts, key=_STRENGTH.__getitem__, default=Verdict.NONE)


@dataclass(frozen=True, slots=True)
class Violation:
    """Where a formula does not hold.

    ``trigger_ns`` is the row that is explained, ``start_ns`` to ``end_ns`` the stretch to shade around it.
    """

    explanation: str
    trigger_ns: int
    start_ns: int
    end_ns: int


class Judgement:
    """Verdict of one formula on one trace; robustness and violation are computed when asked for.

    NONE: a trigger never came, so nothing was tested. INCONCLUSIVE: the trace ends before the formula is decided.
    """

    def __init__(
        self,
        formula: Formula,
        evaluation: Evaluation,
        verdict: Verdict,
        rows: _JudgedRows,
        *,
        parts: tuple[Judgement, ...] = (),
    ) -> None:
        self.formula = formula
        self.verdict = verdict
        self._evaluation = evaluation
        self._rows = rows
        self._parts = parts

    def __repr__(self) -> str:
        return f"<Judgement {self.verdict.value}: {self.formula}>"

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the signals the formula reads."""
        return signal_names(self.formula)

    @property
    def triggers(self) -> int:
        """How often the trigger came (as stretches of rows); 1 for a formula without a trigger."""
        if not isinstance(self._rows.body, Implies):
            return 1
        truth = self._rows.of(self._evaluation.read(self._rows.body.trigger, TRUTH).lower)
        return int(np.count_nonzero(truth[1:] & ~truth[:-1])) + int(bool(truth[:1].any()))

    @cached_property
    def robustness(self) -> float:
        """Worst margin in percent of range: what the rest of the run, had it been recorded, could not make better.

        With the verdict NONE, how far the trigger was from coming.
        """
        if self._parts:
            return min(part.robustness for part in self._parts)
        body = self._rows.body
        if self.verdict is Verdict.NONE and isinstance(body, Implies):
            body = ~body.trigger
        upper = self._rows.of(self._evaluation.read(body, ROBUSTNESS).upper)
        return float(upper.min()) if len(upper) else FULL_RANGE

    @cached_property
    def violation(self) -> Violation | None:
        """First stretch of rows on which the formula does not hold; None unless FAIL.

        The row explained is the worst of the stretch, for a formula with time bounds the worst within that time
        of its beginning.
        """
        return _violation(self._evaluation, self._rows) if self.verdict is Verdict.FAIL else None

    def error(self) -> OracleViolation:
        """Return the violation as the error of a failed test.

        Raises:
            ValueError: the verdict is not FAIL.
        """
        violation = self.violation
        if violation is None:
            raise ValueError(f"verdict is {self.verdict.value}, so there is no violation")
        return OracleViolation(
            violation.explanation,
            formula=str(self.formula),
            robustness=self.robustness,
            trigger_ns=violation.trigger_ns,
            start_ns=violation.start_ns,
            end_ns=violation.end_ns,
            columns=self.columns,
            limits=_limits(self.formula),
        )


@dataclass(frozen=True, slots=True)
class _JudgedRows:
    """Rows on which ``body`` must hold: all from ``first`` on, or only that one."""

    body: Formula
    first: int
    is_every: bool

    def of(self, array: Array) -> Array:
        return array[self.first :] if self.is_every else array[self.first : self.first + 1]


def judge(formula: Formula, trace: Trace | Evaluation, *, tolerance_ns: int = 0) -> Judgement:
    """Judge a formula on a whole run.

    ``always(f)`` without an end demands f on every row; a conjunction demands each part; any other formula is judged
    on the first row. Give an :class:`Evaluation` to share columns and windows between several formulas.
    """
    evaluation = trace if isinstance(trace, Evaluation) else Evaluation(trace, tolerance_ns=tolerance_ns)
    inner = formula
    while isinstance(inner, Stated):
        inner = inner.formula
    if isinstance(inner, And):
        return _judge_parts(formula, inner, evaluation)
    rows = _judged_rows(inner, evaluation)
    return Judgement(formula, evaluation, _verdict(evaluation, rows), rows)


def _judge_parts(formula: Formula, both: And, evaluation: Evaluation) -> Judgement:
    parts = tuple(judge(part, evaluation) for part in (both.left, both.right))
    deciding = max(parts, key=lambda part: _STRENGTH[part.verdict])
    return Judgement(formula, evaluation, deciding.verdict, deciding._rows, parts=parts)


def _judged_rows(formula: Formula, evaluation: Evaluation) -> _JudgedRows:
    if isinstance(formula, Always) and formula.bound.is_unbounded:
        first = 0
        if formula.bound.start_ns:
            trace = evaluation.trace
            first = int(np.searchsorted(trace.time_ns, trace.start_ns + formula.bound.start_ns, side="left"))
        return _JudgedRows(formula.operand, first, is_every=True)
    return _JudgedRows(formula, 0, is_every=False)


def _verdict(evaluation: Evaluation, rows: _JudgedRows) -> Verdict:
    if rows.first >= evaluation.rows:
        return Verdict.NONE
    if isinstance(rows.body, Implies) and not rows.of(evaluation.read(rows.body.trigger, TRUTH).upper).any():
        return Verdict.NONE
    truth = evaluation.read(rows.body, TRUTH)
    if not rows.of(truth.upper).all():
        return Verdict.FAIL
    if not truth.is_exact and not rows.of(truth.lower).all():
        return Verdict.INCONCLUSIVE
    return Verdict.PASS


def _violation(evaluation: Evaluation, rows: _JudgedRows) -> Violation:
    from hil.oracle.explain import explain

    trace = evaluation.trace
    holds = rows.of(evaluation.read(rows.body, TRUTH).upper)
    onset = int(np.argmin(holds))
    after = int(np.argmax(holds[onset:]))
    stop = onset + after if after else len(holds)  # argmax is 0 when the violation lasts to the end
    horizon_ns = _horizon_ns(rows.body)
    last_ns = int(trace.time_ns[rows.first + stop - 1]) + horizon_ns
    if horizon_ns:  # look for the worst row close to where it began
        stop = min(stop, trace.row_at(int(trace.time_ns[rows.first + onset]) + horizon_ns) + 1 - rows.first)
    margins = rows.of(evaluation.read(rows.body, ROBUSTNESS).upper)[onset:stop]
    worst = rows.first + onset + int(np.argmin(margins))
    return Violation(
        explanation=explain(evaluation, rows.body, worst),
        trigger_ns=int(trace.time_ns[worst]),
        start_ns=int(trace.time_ns[rows.first + onset]),
        end_ns=min(last_ns, trace.end_ns),
    )


def _limits(formula: Formula) -> tuple[tuple[str, float], ...]:
    found: dict[tuple[str, float], None] = {}
    for node in walk(formula):
        if isinstance(node, Comparison):
            for signal, limit in ((node.left, node.right), (node.right, node.left)):
                if isinstance(signal, Signal) and isinstance(limit, Constant):
                    found[signal.name, float(limit.number)] = None
    return tuple(found)


def _horizon_ns(formula: Formula | Term) -> int:
    """Return how far past a row the formula looks, at most; windows without an end count from their start."""
    own_ns = _reach_ns(formula.bound) if isinstance(formula, Always | Eventually | Until) else 0
    return own_ns + max(map(_horizon_ns, formula.operands()), default=0)


def _reach_ns(bound: TimeBound) -> int:
    return bound.start_ns if bound.end_ns is None else bound.end_ns
