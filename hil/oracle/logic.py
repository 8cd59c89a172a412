"""Connectives of formulas: not, and, or, implies, exactly when; true and false; formulas with a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hil.oracle.comparisons import NamedValue
from hil.oracle.terms import Signal
from hil.oracle.tree import Formula, Precedence, Term, as_formula

if TYPE_CHECKING:
    from hil.oracle.algebra import Algebra, Bounds
    from hil.oracle.evaluation import Evaluation

__all__ = ["And", "Equivalent", "Implies", "Literal", "Not", "Or", "Stated", "all_of", "any_of"]


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
