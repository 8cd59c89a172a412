"""Formulas over the time before: historically, once, since, and how often something was.

A window holds the rows from ``end`` to ``start`` before the row it is judged on, both included; it stops at the first
row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from emulators.timebase import Duration
from hil.oracle.algebra import TRUTH, Bounds
from hil.oracle.bounds import TimeBound, as_bound, duration_text
from hil.oracle.logic import Literal, Stated
from hil.oracle.temporal import Bound, WindowOperator, up_to_goal
from hil.oracle.tree import Formula, Precedence, Term, as_formula
from hil.oracle.windows import window_join

if TYPE_CHECKING:
    from hil.oracle.algebra import Algebra
    from hil.oracle.evaluation import Evaluation
    from hil.trace.trace import Array

__all__ = ["Historically", "Occurrences", "Once", "Since", "held", "historically", "occurrences", "once", "since"]


class Historically(WindowOperator):
    """The operand held on every row of the window before."""

    __slots__ = ()

    def text(self) -> str:
        operand = self.operand.bracketed(Precedence.ATOM)
        if self.bound.is_unbounded:
            return f"{operand} ever since the start"
        return f"{operand} {'for the last ' + str(self.bound) if not self.bound.start_ns else _ago(self.bound)}"

    def read(self, evaluation: Evaluation, algebra: Algebra, *, positive: bool) -> Bounds:
        operand = evaluation.read(self.operand, algebra, positive=positive)
        window = evaluation.window(self.bound, is_widened=not positive)
        return _past(operand, window, evaluation, algebra, is_some=False)


class Once(WindowOperator):
    """The operand held on some row of the window before."""

    __slots__ = ()

    def text(self) -> str:
        operand = self.operand.bracketed(Precedence.ATOM)
        if self.bound.is_unbounded:
            return f"{operand} at some time before"
        return f"{operand} {'within the last ' + str(self.bound) if not self.bound.start_ns else _ago(self.bound)}"

    def read(self, evaluation: Evaluation, algebra: Algebra, *, positive: bool) -> Bounds:
        operand = evaluation.read(self.operand, algebra, positive=positive)
        window = evaluation.window(self.bound, is_widened=positive)
        return _past(operand, window, evaluation, algebra, is_some=True)


def _past(
    operand: Bounds, window: tuple[int, int | None], evaluation: Evaluation, algebra: Algebra, *, is_some: bool
) -> Bounds:
    """Join (``is_some``) or meet the rows of each window; what lies before the first row is left out."""
    operator, neutral = (algebra.join, algebra.bottom) if is_some else (algebra.meet, algebra.top)
    start_ns, end_ns = window
    if end_ns is None:
        end_ns = max(start_ns, evaluation.trace.end_ns - evaluation.trace.start_ns)
    windows = evaluation.past(start_ns, end_ns)
    joined = algebra.map(operand, lambda array: window_join(array, windows, operator, neutral))
    if windows.is_decided:
        return joined
    upper = joined.upper.copy() if joined.is_exact else joined.upper
    joined.lower[windows.undecided], upper[windows.undecided] = algebra.bottom, algebra.top
    return Bounds(joined.lower, upper)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Since(Formula):
    """``start`` held on this row or an earlier one, and ``holding`` on every row after that one up to this row."""

    holding: Formula
    start: Formula

    precedence = Precedence.IMPLIES

    def operands(self) -> tuple[Formula | Term, ...]:
        return (self.holding, self.start)

    def text(self) -> str:
        return f"{self.holding.bracketed(Precedence.OR)} since {self.start.bracketed(Precedence.OR)}"

    def read(self, evaluation: Evaluation, algebra: Algebra, *, positive: bool) -> Bounds:
        holding = evaluation.read(self.holding, algebra, positive=positive)
        start = evaluation.read(self.start, algebra, positive=positive)
        lower = up_to_goal(holding.lower[::-1], start.lower[::-1], algebra, is_hopeful=False)[::-1]
        if holding.is_exact and start.is_exact:
            return algebra.exact(lower)
        return Bounds(lower, up_to_goal(holding.upper[::-1], start.upper[::-1], algebra, is_hopeful=False)[::-1])


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Occurrences(Term):
    """On how many rows of the window before a formula held, this row included."""

    operand: Formula
    bound: TimeBound

    def operands(self) -> tuple[Formula | Term, ...]:
        return (self.operand,)

    def text(self) -> str:
        window = f" in the last {self.bound}" if not self.bound.is_unbounded else ""
        return f"number of times {self.operand.bracketed(Precedence.UNARY)}{window}"

    def values(self, evaluation: Evaluation) -> Array:
        reading = evaluation.read(self.operand, TRUTH)
        if not reading.is_exact:
            raise TypeError(f"'{self}' counts a formula that looks into the future; count what is known on its row")
        time_ns = evaluation.trace.time_ns
        sums = np.concatenate(([0], np.cumsum(reading.lower)))
        first = np.zeros(len(time_ns), dtype=np.intp)
        if self.bound.end_ns is not None:
            first = np.searchsorted(time_ns, time_ns - self.bound.end_ns, side="left")
        stop = np.searchsorted(time_ns, time_ns - self.bound.start_ns, side="right")
        counts: Array = sums[np.maximum(stop, first)] - sums[first]
        return counts

    def span(self, evaluation: Evaluation) -> tuple[float, float] | None:
        return None


def _ago(bound: TimeBound) -> str:
    assert bound.end_ns is not None
    return f"between {duration_text(bound.end_ns)} and {duration_text(bound.start_ns)} ago"


def historically(operand: Formula, lasting: Bound = None) -> Formula:
    """Return: the operand held on every row of the window before this row, this row included."""
    return Historically(as_formula(operand), as_bound(lasting))


def once(operand: Formula, within: Bound = None) -> Formula:
    """Return: the operand held on some row of the window before this row, this row included."""
    return Once(as_formula(operand), as_bound(within))


def since(holding: Formula, start: Formula) -> Formula:
    """Return: ``start`` came, on this row or before, and ``holding`` is true on every row after it up to this one."""
    return Since(as_formula(holding), as_formula(start))


def held(operand: Formula, lasting: Duration) -> Formula:
    """Return: the run is at least ``lasting`` old and the operand held all that time up to this row.

    Unlike :func:`historically`, it is false while the run is younger.
    """
    bound = as_bound(lasting)
    assert bound.end_ns is not None
    is_old_enough = Once(Literal(True), TimeBound(bound.end_ns, None))
    operand = as_formula(operand)
    return Stated(
        f"{operand.bracketed(Precedence.ATOM)} held for {bound}", is_old_enough & Historically(operand, bound)
    )


def occurrences(operand: Formula, within: Bound = None) -> Term:
    """Return on how many rows of the window before a formula held; count edges with ``rose(x)``."""
    return Occurrences(as_formula(operand), as_bound(within))
