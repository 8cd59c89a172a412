"""Terms: signals, numbers and what is calculated from them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from emulators.timebase import NS_PER_S
from hil.oracle.tree import Formula, Precedence, Term, as_term
from hil.trace.meta import ColumnKind

if TYPE_CHECKING:
    from hil.oracle.algebra import Algebra, Bounds
    from hil.oracle.evaluation import Evaluation
    from hil.trace.trace import Array

__all__ = [
    "Arithmetic",
    "Constant",
    "Extremum",
    "Magnitude",
    "Previous",
    "Rate",
    "Signal",
    "greatest",
    "least",
    "number_text",
    "previous",
    "rate",
]

Span = tuple[float, float] | None


def number_text(number: float | int) -> str:
    """Return a number as a person writes it: ``90``, ``0.5``, ``27648``."""
    return f"{number:.10g}" if isinstance(number, float) else str(number)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Signal(Formula, Term):
    """A column of the trace, by name: a number, or true and false where it is digital.

    ``kind`` and ``unit`` are known when the signal comes from a run; a free ``Signal("LEVEL")`` learns them
    from the trace it is judged on.
    """

    name: str
    kind: ColumnKind | None = None
    unit_text: str = ""

    def operands(self) -> tuple[Formula | Term, ...]:
        return ()

    def text(self) -> str:
        return self.name

    def unit(self) -> str:
        return self.unit_text

    def values(self, evaluation: Evaluation) -> Array:
        return evaluation.numbers(self.name)

    def span(self, evaluation: Evaluation) -> Span:
        return evaluation.span(self.name)

    def read(self, evaluation: Evaluation, algebra: Algebra, *, positive: bool) -> Bounds:
        return algebra.exact(algebra.from_truth(evaluation.truth(self.name)))

    __eq__ = Term.__eq__
    __ne__ = Term.__ne__
    __hash__ = object.__hash__
    __bool__ = Formula.__bool__


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Constant(Term):
    """One number for all rows."""

    number: float | int

    def __post_init__(self) -> None:
        if math.isnan(self.number):
            raise ValueError("a formula cannot compare with NaN; every comparison with it is false")

    def operands(self) -> tuple[Formula | Term, ...]:
        return ()

    def text(self) -> str:
        return number_text(self.number)

    def values(self, evaluation: Evaluation) -> float | int:
        return self.number

    def span(self, evaluation: Evaluation) -> Span:
        return (float(self.number), float(self.number))


_OPERATORS: dict[str, tuple[np.ufunc, int]] = {
    "+": (np.add, Precedence.AND),
    "-": (np.subtract, Precedence.AND),
    "*": (np.multiply, Precedence.UNARY),
    "/": (np.divide, Precedence.UNARY),
}


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Arithmetic(Term):
    """``+ - * /`` in float64; a division by zero gives an infinity or NaN, which no comparison accepts."""

    operator: str
    left: Term
    right: Term

    @property
    def precedence(self) -> int:  # type: ignore[override]  # differs by operator
        return _OPERATORS[self.operator][1]

    def operands(self) -> tuple[Formula | Term, ...]:
        return (self.left, self.right)

    def text(self) -> str:
        if self.operator == "-" and isinstance(self.left, Constant) and self.left.number == 0:
            return f"-{self.right.bracketed(Precedence.ATOM)}"
        right = self.precedence + 1 if self.operator in "-/" else self.precedence
        return f"{self.left.bracketed(self.precedence)} {self.operator} {self.right.bracketed(right)}"

    def unit(self) -> str:
        return (self.left.unit() or self.right.unit()) if self.operator in "+-" else ""

    def values(self, evaluation: Evaluation) -> Array | float:
        left, right = _as_float(self.left.values(evaluation)), _as_float(self.right.values(evaluation))
        with np.errstate(all="ignore"):
            result: Array = _OPERATORS[self.operator][0](left, right)
        return result

    def span(self, evaluation: Evaluation) -> Span:
        left, right = self.left.span(evaluation), self.right.span(evaluation)
        if left is None or right is None:
            return None
        if self.operator == "+":
            return (left[0] + right[0], left[1] + right[1])
        if self.operator == "-":
            return (left[0] - right[1], left[1] - right[0])
        if self.operator == "/":
            if right[0] <= 0 <= right[1]:
                return None
            right = (1 / right[1], 1 / right[0])
        corners = [x * y for x in left for y in right]
        return (min(corners), max(corners))


def _as_float(values: Array | float | int) -> Any:
    return np.asarray(values, dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Magnitude(Term):
    """Absolute value."""

    operand: Term

    def operands(self) -> tuple[Formula | Term, ...]:
        return (self.operand,)

    def text(self) -> str:
        return f"|{self.operand.text()}|"

    def unit(self) -> str:
        return self.operand.unit()

    def values(self, evaluation: Evaluation) -> Array | float:
        result: Array = np.abs(_as_float(self.operand.values(evaluation)))
        return result

    def span(self, evaluation: Evaluation) -> Span:
        span = self.operand.span(evaluation)
        if span is None:
            return None
        low = 0.0 if span[0] <= 0 <= span[1] else min(abs(span[0]), abs(span[1]))
        return (low, max(abs(span[0]), abs(span[1])))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Extremum(Term):
    """Least or greatest of several terms, row by row."""

    word: str
    items: tuple[Term, ...]

    def operands(self) -> tuple[Formula | Term, ...]:
        return self.items

    def text(self) -> str:
        return f"{self.word}({', '.join(item.text() for item in self.items)})"

    def unit(self) -> str:
        return next((item.unit() for item in self.items if item.unit()), "")

    def values(self, evaluation: Evaluation) -> Array | float:
        operator = np.minimum if self.word == "min" else np.maximum
        result = _as_float(self.items[0].values(evaluation))
        for item in self.items[1:]:
            result = operator(result, _as_float(item.values(evaluation)))
        return result  # type: ignore[no-any-return]  # an array of float64 by construction

    def span(self, evaluation: Evaluation) -> Span:
        spans = [item.span(evaluation) for item in self.items]
        known = [span for span in spans if span is not None]
        if len(known) < len(spans):
            return None
        choose: Callable[..., float] = min if self.word == "min" else max
        return (choose(span[0] for span in known), choose(span[1] for span in known))


def least(*items: Term | float) -> Term:
    """Return the least of signals and numbers, row by row."""
    return Extremum("min", tuple(as_term(item) for item in items))


def greatest(*items: Term | float) -> Term:
    """Return the greatest of signals and numbers, row by row."""
    return Extremum("max", tuple(as_term(item) for item in items))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Previous(Formula, Term):
    """The value one row earlier; the first row has its own value."""

    operand: Formula | Term

    precedence = Precedence.UNARY

    def operands(self) -> tuple[Formula | Term, ...]:
        return (self.operand,)

    def text(self) -> str:
        return f"previous {self.operand.bracketed(Precedence.ATOM)}"

    def unit(self) -> str:
        return self.operand.unit() if isinstance(self.operand, Term) else ""

    def values(self, evaluation: Evaluation) -> Array | float | int:
        if not isinstance(self.operand, Term):
            raise TypeError(f"'{self}' is true or false and cannot be compared with a number; use it as a formula")
        values = self.operand.values(evaluation)
        return _one_row_earlier(values) if isinstance(values, np.ndarray) and values.ndim else values

    def span(self, evaluation: Evaluation) -> Span:
        return self.operand.span(evaluation) if isinstance(self.operand, Term) else None

    def read(self, evaluation: Evaluation, algebra: Algebra, *, positive: bool) -> Bounds:
        if not isinstance(self.operand, Formula):
            raise TypeError(f"'{self}' is a number, not true or false; compare it, for example ({self}) > 0")
        return algebra.map(evaluation.read(self.operand, algebra, positive=positive), _one_row_earlier)

    __eq__ = Term.__eq__
    __ne__ = Term.__ne__
    __hash__ = object.__hash__
    __bool__ = Formula.__bool__


def _one_row_earlier(array: Array) -> Array:
    result = np.empty_like(array)
    result[1:] = array[:-1]
    result[:1] = array[:1]
    return result


def previous(item: Formula | Term) -> Previous:
    """Return the value of a signal, term or formula one row earlier."""
    return Previous(item)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Rate(Term):
    """Change per second since the row before; 0 on the first row."""

    operand: Term

    precedence = Precedence.UNARY

    def operands(self) -> tuple[Formula | Term, ...]:
        return (self.operand,)

    def text(self) -> str:
        return f"rate of {self.operand.bracketed(Precedence.ATOM)}"

    def unit(self) -> str:
        unit = self.operand.unit()
        return f"{unit}/s" if unit else ""

    def values(self, evaluation: Evaluation) -> Array:
        values = np.broadcast_to(_as_float(self.operand.values(evaluation)), (evaluation.rows,))
        result = np.zeros(evaluation.rows)
        with np.errstate(all="ignore"):
            np.divide(np.diff(values), np.diff(evaluation.trace.time_ns) / NS_PER_S, out=result[1:])
        return result

    def span(self, evaluation: Evaluation) -> Span:
        return self.operand.span(evaluation)


def rate(term: Term) -> Term:
    """Return the change of a term per second from row to row; its robustness is in percent of range per second."""
    return Rate(as_term(term))
