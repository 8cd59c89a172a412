"""Formulas of one row: comparisons, connectives, edges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from emulators.errors import did_you_mean
from hil.oracle.algebra import FULL_RANGE
from hil.oracle.terms import Signal, previous
from hil.oracle.tree import Formula, Precedence, Term, as_formula, as_term

if TYPE_CHECKING:
    from hil.oracle.algebra import Algebra, Bounds
    from hil.oracle.evaluation import Evaluation
    from hil.trace.trace import Array

__all__ = [
    "And",
    "Changed",
    "Comparison",
    "Equivalent",
    "Implies",
    "Literal",
    "NamedValue",
    "Not",
    "Or",
    "Rose",
    "Stated",
    "all_of",
    "any_of",
    "changed",
    "compare",
    "fell",
    "near",
    "rose",
]

_COMPARE: dict[str, np.ufunc] = {
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "==": np.equal,
    "!=": np.not_equal,
}


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Literal(Formula):
    """True or false on all rows."""

    truth: bool

    def operands(self) -> tuple[Formula | Term, ...]:
        return ()

    def text(self) -> str:
        return "true" if self.truth else "false"

    def read(self, evaluation: Evaluation, algebra: Algebra, *, positive: bool) -> Bounds:
        return algebra.exact(algebra.from_truth(np.full(evaluation.rows, self.truth, dtype=np.bool_)))


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


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Not(Formula):
    """Negation."""

    operand: Formula

    @property
    def precedence(self) -> int:  # type: ignore[override]  # "not X" needs no brackets, "not (a or b)" does
        return Precedence.ATOM if isinstance(self.operand, Signal) else Precedence.UNARY

    def operands(self) -> tuple[Formula | Term, ...]:
        return (self.operand,)

    def text(self) -> str:
        if isinstance(self.operand, NamedValue):
            return f"{self.operand.signal.name} is not {self.operand.value_name}"
        return f"not {self.operand.bracketed(Precedence.ATOM)}"

    def read(self, evaluation: Evaluation, algebra: Algebra, *, positive: bool) -> Bounds:
        return algebra.complement(evaluation.read(self.operand, algebra, positive=not positive))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class And(Formula):
    """Conjunction."""

    left: Formula
    right: Formula

    precedence = Precedence.AND

    def operands(self) -> tuple[Formula | Term, ...]:
        return (self.left, self.right)

    def text(self) -> str:
        return f"{self.left.bracketed(Precedence.AND)} and {self.right.bracketed(Precedence.AND)}"

    def read(self, evaluation: Evaluation, algebra: Algebra, *, positive: bool) -> Bounds:
        left, right = (evaluation.read(item, algebra, positive=positive) for item in (self.left, self.right))
        return algebra.combine(algebra.meet, left, right)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Or(Formula):
    """Disjunction."""

    left: Formula
    right: Formula

    precedence = Precedence.OR

    def operands(self) -> tuple[Formula | Term, ...]:
        return (self.left, self.right)

    def text(self) -> str:
        return f"{self.left.bracketed(Precedence.OR)} or {self.right.bracketed(Precedence.OR)}"

    def read(self, evaluation: Evaluation, algebra: Algebra, *, positive: bool) -> Bounds:
        left, right = (evaluation.read(item, algebra, positive=positive) for item in (self.left, self.right))
        return algebra.combine(algebra.join, left, right)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Implies(Formula):
    """Where ``trigger`` is true, ``response`` is true too."""

    trigger: Formula
    response: Formula

    precedence = Precedence.IMPLIES

    def operands(self) -> tuple[Formula | Term, ...]:
        return (self.trigger, self.response)

    def text(self) -> str:
        return f"if {self.trigger.bracketed(Precedence.OR)} then {self.response.bracketed(Precedence.OR)}"

    def read(self, evaluation: Evaluation, algebra: Algebra, *, positive: bool) -> Bounds:
        trigger = algebra.complement(evaluation.read(self.trigger, algebra, positive=not positive))
        return algebra.combine(algebra.join, trigger, evaluation.read(self.response, algebra, positive=positive))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Equivalent(Formula):
    """Both true or both false."""

    left: Formula
    right: Formula

    precedence = Precedence.IMPLIES

    def operands(self) -> tuple[Formula | Term, ...]:
        return (self.left, self.right)

    def text(self) -> str:
        return f"{self.left.bracketed(Precedence.OR)} exactly when {self.right.bracketed(Precedence.OR)}"

    def read(self, evaluation: Evaluation, algebra: Algebra, *, positive: bool) -> Bounds:
        return evaluation.read((self.left >> self.right) & (self.right >> self.left), algebra, positive=positive)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Rose(Formula):
    """True on the row on which the operand becomes true; never on the first row."""

    operand: Formula

    precedence = Precedence.UNARY

    def operands(self) -> tuple[Formula | Term, ...]:
        return (self.operand,)

    def text(self) -> str:
        if isinstance(self.operand, Not) and isinstance(self.operand.operand, Signal):
            return f"{self.operand.operand.name} falls"
        return f"{self.operand.name} rises" if isinstance(self.operand, Signal) else f"({self.operand}) becomes true"

    def read(self, evaluation: Evaluation, algebra: Algebra, *, positive: bool) -> Bounds:
        both = evaluation.read(self.operand & ~previous(self.operand), algebra, positive=positive)
        return _never_first(both, algebra)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Changed(Formula):
    """True on the rows on which a number differs from the row before; never on the first row."""

    operand: Term

    precedence = Precedence.UNARY

    def operands(self) -> tuple[Formula | Term, ...]:
        return (self.operand,)

    def text(self) -> str:
        return f"{self.operand.bracketed(Precedence.ATOM)} changes"

    def read(self, evaluation: Evaluation, algebra: Algebra, *, positive: bool) -> Bounds:
        values = np.broadcast_to(np.asarray(self.operand.values(evaluation)), (evaluation.rows,))
        truth = np.zeros(evaluation.rows, dtype=np.bool_)
        np.not_equal(values[1:], values[:-1], out=truth[1:])
        if values.dtype.kind == "f":
            truth[1:] &= ~(np.isnan(values[1:]) & np.isnan(values[:-1]))
        return algebra.exact(algebra.from_truth(truth))


def _never_first(reading: Bounds, algebra: Algebra) -> Bounds:
    worst = False if algebra.is_truth else -FULL_RANGE

    def clear(array: Array) -> Array:
        array[:1] = worst
        return array

    return algebra.map(reading, clear)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Stated(Formula):
    """A formula with a sentence of its own, as a requirement pattern has."""

    sentence: str
    formula: Formula

    precedence = Precedence.IMPLIES

    def operands(self) -> tuple[Formula | Term, ...]:
        return (self.formula,)

    def text(self) -> str:
        return self.sentence

    def read(self, evaluation: Evaluation, algebra: Algebra, *, positive: bool) -> Bounds:
        return evaluation.read(self.formula, algebra, positive=positive)


def rose(item: Formula) -> Formula:
    """Return the rows on which a formula or digital signal becomes true."""
    return Rose(as_formula(item))


def fell(item: Formula) -> Formula:
    """Return the rows on which a formula or digital signal becomes false."""
    return Rose(~as_formula(item))


def changed(item: Formula | Term) -> Formula:
    """Return the rows on which a signal, term or formula differs from the row before."""
    return Changed(item) if isinstance(item, Term) else rose(item) | fell(item)


def near(term: Term | float, target: Term | float, tolerance: float) -> Formula:
    """Return whether a term lies within ``tolerance`` of a target, both included: the equality of measured values."""
    return abs(as_term(term) - as_term(target)) <= tolerance


def all_of(*items: Formula) -> Formula:
    """Return the conjunction of several formulas."""
    result = as_formula(items[0]) if items else Literal(True)
    for item in items[1:]:
        result = result & item
    return result


def any_of(*items: Formula) -> Formula:
    """Return the disjunction of several formulas."""
    result = as_formula(items[0]) if items else Literal(False)
    for item in items[1:]:
        result = result | item
    return result
