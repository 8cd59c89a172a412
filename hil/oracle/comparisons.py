"""Comparisons of terms, row by row: with numbers, with each other, with names of values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from emulators.errors import did_you_mean
from hil.oracle.algebra import FULL_RANGE
from hil.oracle.terms import Signal
from hil.oracle.tree import Formula, Precedence, Term, as_formula, as_term

if TYPE_CHECKING:
    from hil.oracle.algebra import Algebra, Bounds
    from hil.oracle.evaluation import Evaluation
    from hil.trace.trace import Array

__all__ = ["Comparison", "NamedValue", "compare", "near"]

_COMPARE: dict[str, np.ufunc] = {
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "==": np.equal,
    "!=": np.not_equal,
}


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Comparison(Formula):
    """Two terms compared row by row; false where one of them is NaN (``!=`` is true there)."""

    operator: str
    left: Term
    right: Term

    precedence = Precedence.UNARY

    def operands(self) -> tuple[Formula | Term, ...]:
        return (self.left, self.right)

    def text(self) -> str:
        unit = self.left.unit() or self.right.unit()
        shown = f" {unit}" if unit else ""
        return f"{self.left.bracketed(Precedence.AND)} {self.operator} {self.right.bracketed(Precedence.AND)}{shown}"

    @property
    def has_margin(self) -> bool:
        """Whether there is a distance to the limit: equality has none."""
        return self.operator not in ("==", "!=")

    def truth(self, evaluation: Evaluation) -> Array:
        result = _COMPARE[self.operator](self.left.values(evaluation), self.right.values(evaluation))
        return np.full(evaluation.rows, bool(result)) if np.ndim(result) == 0 else np.asarray(result)

    def read(self, evaluation: Evaluation, algebra: Algebra, *, positive: bool) -> Bounds:
        if algebra.is_truth or not self.has_margin:
            return algebra.exact(algebra.from_truth(self.truth(evaluation)))
        return algebra.exact(self._margin(evaluation))

    def _margin(self, evaluation: Evaluation) -> Array:
        low, high = (self.left, self.right) if self.operator[0] == "<" else (self.right, self.left)
        below = np.asarray(low.values(evaluation), dtype=np.float64)
        above = np.asarray(high.values(evaluation), dtype=np.float64)
        width = max(_width(self.left, evaluation), _width(self.right, evaluation))
        margin = np.empty(evaluation.rows)
        with np.errstate(all="ignore"):
            np.subtract(above, below, out=margin)
            if width > 0:
                margin *= FULL_RANGE / width
        np.clip(margin, -FULL_RANGE, FULL_RANGE, out=margin)
        if len(margin) and np.isnan(margin.min()):
            # equal infinities and NaN have no distance: take what the comparison says
            says = np.where(self.truth(evaluation), FULL_RANGE, -FULL_RANGE)
            np.copyto(margin, says, where=np.isnan(margin))
        return margin


def _width(term: Term, evaluation: Evaluation) -> float:
    span = term.span(evaluation)
    return 0.0 if span is None else span[1] - span[0]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class NamedValue(Formula):
    """A signal equal to a named value of its enumeration."""

    signal: Signal
    value_name: str

    precedence = Precedence.UNARY

    def operands(self) -> tuple[Formula | Term, ...]:
        return (self.signal,)

    def text(self) -> str:
        return f"{self.signal.name} is {self.value_name}"

    def read(self, evaluation: Evaluation, algebra: Algebra, *, positive: bool) -> Bounds:
        names = {name: number for number, name in evaluation.trace.description(self.signal.name).value_names}
        if self.value_name not in names:
            hint = did_you_mean(self.value_name, names) or f"its values are {', '.join(names) or 'numbers'}"
            raise TypeError(f"{self.signal.name} has no value '{self.value_name}'; {hint}")
        truth = self.signal.values(evaluation) == names[self.value_name]
        return algebra.exact(algebra.from_truth(truth))


def compare(operator: str, left: object, right: object) -> Formula:
    """Return the formula of a comparison as written: numbers, signals, True and False, names of enumeration values."""
    from hil.oracle.logic import Equivalent

    if isinstance(right, bool) and operator in ("==", "!=") and isinstance(left, Formula):
        formula = as_formula(left)
        return formula if right is (operator == "==") else ~formula
    if isinstance(right, str) and isinstance(left, Signal):
        if operator not in ("==", "!="):
            raise TypeError(f"names of values have no order: {left.name} {operator} {right!r}; write == or !=")
        named = NamedValue(left, right)
        return named if operator == "==" else ~named
    if isinstance(right, Formula) and not isinstance(right, Term) and operator in ("==", "!="):
        equivalent = Equivalent(as_formula(left), right)
        return equivalent if operator == "==" else ~equivalent
    return Comparison(operator, as_term(left), as_term(right))


def near(term: Term | float, target: Term | float, tolerance: float) -> Formula:
    """Return whether a term lies within ``tolerance`` of a target, both included: the equality of measured values."""
    return abs(as_term(term) - as_term(target)) <= tolerance
