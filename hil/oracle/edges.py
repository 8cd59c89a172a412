"""Moments: rows on which a formula becomes true or false, or a number changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hil.oracle.algebra import FULL_RANGE
from hil.oracle.logic import Not
from hil.oracle.terms import Signal, previous
from hil.oracle.tree import Formula, Precedence, Term, as_formula

if TYPE_CHECKING:
    from hil.oracle.algebra import Algebra, Bounds
    from hil.oracle.evaluation import Evaluation
    from hil.trace.trace import Array

__all__ = ["Changed", "Rose", "changed", "fell", "rose"]


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


def rose(item: Formula) -> Formula:
    """Return the rows on which a formula or digital signal becomes true."""
    return Rose(as_formula(item))


def fell(item: Formula) -> Formula:
    """Return the rows on which a formula or digital signal becomes false."""
    return Rose(~as_formula(item))


def changed(item: Formula | Term) -> Formula:
    """Return the rows on which a signal, term or formula differs from the row before."""
    return Changed(item) if isinstance(item, Term) else rose(item) | fell(item)
