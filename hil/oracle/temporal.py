"""Formulas over the time to come: always, eventually, until; ``hil.oracle.past`` has their mirrors.

A window holds the rows from ``start`` to ``end`` after the row it is judged on, both included. Where a
bounded window reaches past the last row, the reading is undecided unless the recorded rows already decide it.
Without an end an operator looks to the last row: the run is all there is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from emulators.timebase import Duration
from hil.oracle.algebra import Bounds
from hil.oracle.bounds import TimeBound, as_bound, duration_text
from hil.oracle.logic import Implies, Not
from hil.oracle.tree import Formula, Precedence, Term, as_formula
from hil.oracle.windows import RowWindows, suffix_join, window_join

if TYPE_CHECKING:
    from hil.oracle.algebra import Algebra
    from hil.oracle.evaluation import Evaluation
    from hil.trace.trace import Array

__all__ = ["Always", "Bound", "Eventually", "Until", "WindowOperator", "always", "eventually", "until", "up_to_goal"]

Bound = Duration | tuple[Duration, Duration] | TimeBound | None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class WindowOperator(Formula):
    """An operator with one operand and a window."""

    operand: Formula
    bound: TimeBound

    precedence = Precedence.UNARY

    def operands(self) -> tuple[Formula | Term, ...]:
        return (self.operand,)


class Always(WindowOperator):
    """The operand holds on every row of the window."""

    __slots__ = ()

    def text(self) -> str:
        operand, bound = self.operand, self.bound
        if bound.is_unbounded:
            start = f"from {duration_text(bound.start_ns)} on " if bound.start_ns else ""
            if isinstance(operand, Implies):
                return f"{start}whenever {operand.trigger.text()}, {operand.response.text()}"
            if isinstance(operand, Not):
                return f"{start}never {operand.operand.bracketed(Precedence.UNARY)}"
            return f"{start}always {operand.bracketed(Precedence.UNARY)}"
        if bound.start_ns:
            return f"{operand.bracketed(Precedence.ATOM)} throughout {_interval(bound)} later"
        return f"{operand.bracketed(Precedence.ATOM)} for {bound}"

    def read(self, evaluation: Evaluation, algebra: Algebra, *, positive: bool) -> Bounds:
        operand = evaluation.read(self.operand, algebra, positive=positive)
        window = evaluation.window(self.bound, is_widened=not positive)
        return _future(operand, window, evaluation, algebra, is_some=False)


class Eventually(WindowOperator):
    """The operand holds on some row of the window."""

    __slots__ = ()

    def text(self) -> str:
        operand, bound = self.operand, self.bound
        if bound.is_unbounded:
            start = f"from {duration_text(bound.start_ns)} on " if bound.start_ns else ""
            return f"{start}eventually {operand.bracketed(Precedence.UNARY)}"
        if bound.start_ns:
            return f"{operand.bracketed(Precedence.ATOM)} some time between {_interval(bound)} later"
        return f"{operand.bracketed(Precedence.ATOM)} within {bound}"

    def read(self, evaluation: Evaluation, algebra: Algebra, *, positive: bool) -> Bounds:
        operand = evaluation.read(self.operand, algebra, positive=positive)
        window = evaluation.window(self.bound, is_widened=positive)
        return _future(operand, window, evaluation, algebra, is_some=True)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Until(Formula):
    """``goal`` holds on some row of the window, and ``holding`` on every row from the judged one to before that one."""

    holding: Formula
    goal: Formula
    bound: TimeBound

    precedence = Precedence.IMPLIES

    def operands(self) -> tuple[Formula | Term, ...]:
        return (self.holding, self.goal)

    def text(self) -> str:
        words = f"{self.holding.bracketed(Precedence.OR)} until {self.goal.bracketed(Precedence.OR)}"
        if self.bound.is_unbounded:
            return words
        return (
            f"{words}, {'within ' + str(self.bound) if not self.bound.start_ns else _interval(self.bound) + ' later'}"
        )

    def read(self, evaluation: Evaluation, algebra: Algebra, *, positive: bool) -> Bounds:
        """A goal in the window, and from its start on the operand holds up to some goal, and before it throughout."""
        start_ns, end_ns = evaluation.window(self.bound, is_widened=positive)
        holding = evaluation.read(self.holding, algebra, positive=positive)
        goal = evaluation.read(self.goal, algebra, positive=positive)
        reached = _future(goal, (start_ns, end_ns), evaluation, algebra, is_some=True)
        lower = up_to_goal(holding.lower, goal.lower, algebra, is_hopeful=False)
        upper = up_to_goal(holding.upper, goal.upper, algebra, is_hopeful=end_ns is not None)
        if start_ns:
            before = _RowsBefore(evaluation.trace.time_ns, start_ns, end_ns)
            lower = before.held(lower, holding.lower, algebra, unknown=algebra.bottom)
            best = algebra.bottom if end_ns is None else algebra.top
            upper = before.held(upper, holding.upper, algebra, unknown=best)
        return algebra.combine(algebra.meet, reached, Bounds(lower, upper))


def up_to_goal(holding: Array, goal: Array, algebra: Algebra, *, is_hopeful: bool) -> Array:
    """Return ``holding until goal`` on each row; after the last row the goal comes if ``is_hopeful``.

    One row is the map x → goal or (holding and x) of the rows after it; two such maps in a row are one of that form
    again, described by its values at worst and at best x, so all rows to the end are composed in log2(rows) passes.
    """
    at_worst, at_best = goal.copy(), algebra.join(goal, holding)
    shift = 1
    while shift < len(goal):
        worst, best = at_worst[:-shift], at_best[:-shift]
        at_worst[:-shift] = algebra.join(worst, algebra.meet(best, at_worst[shift:]))
        at_best[:-shift] = algebra.join(worst, algebra.meet(best, at_best[shift:]))
        shift *= 2
    result: Array = at_best if is_hopeful else at_worst
    return result


class _RowsBefore:
    """Rows between each row and the start of its window."""

    def __init__(self, time_ns: Array, start_ns: int, end_ns: int | None) -> None:
        self._first = np.searchsorted(time_ns, time_ns + start_ns, side="left")
        self._is_seen = self._first < len(time_ns)
        if end_ns is not None:
            self._is_seen &= self._first < np.searchsorted(time_ns, time_ns + end_ns, side="right")

    def held(self, later: Array, holding: Array, algebra: Algebra, *, unknown: bool | float) -> Array:
        """Return ``later`` of the first row of the window, and ``holding`` on every row before; ``unknown`` stands
        for a window without rows."""
        moved = np.full(len(later), unknown, dtype=later.dtype)
        moved[self._is_seen] = later[self._first[self._is_seen]]
        before = RowWindows(None, np.arange(len(later)), self._first, slice(0, 0))
        result: Array = algebra.meet(moved, window_join(holding, before, algebra.meet, algebra.top))
        return result


def _future(
    operand: Bounds, window: tuple[int, int | None], evaluation: Evaluation, algebra: Algebra, *, is_some: bool
) -> Bounds:
    """Join (``is_some``) or meet the rows of each window; rows that were not recorded are the worst in the lower and
    the best in the upper reading."""
    operator, neutral = (algebra.join, algebra.bottom) if is_some else (algebra.meet, algebra.top)
    start_ns, end_ns = window
    if end_ns is None:
        return algebra.map(operand, lambda array: _rest(array, start_ns, evaluation, operator, neutral))
    windows = evaluation.future(start_ns, end_ns)
    lower = window_join(operand.lower, windows, operator, neutral)
    if operand.is_exact and windows.is_decided:
        return algebra.exact(lower)
    upper = lower.copy() if operand.is_exact else window_join(operand.upper, windows, operator, neutral)
    if is_some:
        upper[windows.undecided] = algebra.top
    else:
        lower[windows.undecided] = algebra.bottom
    return Bounds(lower, upper)


def _rest(array: Array, start_ns: int, evaluation: Evaluation, operator: np.ufunc, neutral: bool | float) -> Array:
    joined = suffix_join(array, operator)
    if not start_ns:
        return joined
    time_ns = evaluation.trace.time_ns
    first = np.searchsorted(time_ns, time_ns + start_ns, side="left")
    return np.append(joined, np.array([neutral], dtype=joined.dtype))[first]


def _interval(bound: TimeBound) -> str:
    assert bound.end_ns is not None
    return f"{duration_text(bound.start_ns)} and {duration_text(bound.end_ns)}"


def always(operand: Formula, lasting: Bound = None) -> Formula:
    """Return: the operand holds on every row of the window (default: to the end of the trace)."""
    return Always(as_formula(operand), as_bound(lasting))


def eventually(operand: Formula, within: Bound = None) -> Formula:
    """Return: the operand holds on some row of the window (default: to the end of the trace)."""
    return Eventually(as_formula(operand), as_bound(within))


def until(holding: Formula, goal: Formula, within: Bound = None) -> Formula:
    """Return: ``goal`` comes within the window, and ``holding`` is true on every row before it."""
    return Until(as_formula(holding), as_formula(goal), as_bound(within))
