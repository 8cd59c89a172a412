"""What every formula and every term can do: operators that build larger trees.

A *term* has a number per row, a *formula* is true or false per row. Trees are immutable and are evaluated only by
:mod:`hil.oracle.evaluation`; a formula has no truth value of its own.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from hil.oracle.algebra import Algebra, Bounds
    from hil.oracle.evaluation import Evaluation
    from hil.trace.trace import Array

__all__ = ["Formula", "Precedence", "Term", "as_formula", "as_term", "signal_names", "walk"]


class Precedence:
    """How tightly a text binds, to bracket no more than a reader needs."""

    IMPLIES = 0
    OR = 1
    AND = 2
    UNARY = 3
    ATOM = 4


class _Node(ABC):
    """Shared by formulas and terms."""

    __slots__ = ()
    precedence: int = Precedence.ATOM

    @abstractmethod
    def operands(self) -> tuple[Formula | Term, ...]:
        """Return the direct parts of this node."""

    @abstractmethod
    def text(self) -> str:
        """Return the phrase a person reads."""

    def bracketed(self, above: int) -> str:
        """Return the text, in brackets where it binds less tightly than ``above``."""
        return self.text() if self.precedence >= above else f"({self.text()})"

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.text()}>"

    __hash__ = object.__hash__


class Formula(_Node):
    """True or false on every row; combine with ``&``, ``|``, ``~``, ``>>`` (implies), ``==`` (equivalent)."""

    __slots__ = ()

    @abstractmethod
    def read(self, evaluation: Evaluation, algebra: Algebra, *, positive: bool) -> Bounds:
        """Return the reading per row; ``positive`` is False below an odd number of negations."""

    def __and__(self, other: object) -> Formula:
        from hil.oracle.logic import And

        return And(as_formula(self), as_formula(other))

    def __rand__(self, other: object) -> Formula:
        return as_formula(other) & self

    def __or__(self, other: object) -> Formula:
        from hil.oracle.logic import Or

        return Or(as_formula(self), as_formula(other))

    def __ror__(self, other: object) -> Formula:
        return as_formula(other) | self

    def __invert__(self) -> Formula:
        from hil.oracle.logic import Not

        return Not(as_formula(self))

    def __rshift__(self, other: object) -> Formula:
        from hil.oracle.logic import Implies

        return Implies(as_formula(self), as_formula(other))

    def __rrshift__(self, other: object) -> Formula:
        return as_formula(other) >> self

    def __eq__(self, other: object) -> Formula:  # type: ignore[override]  # builds a formula instead of comparing trees
        from hil.oracle.logic import Equivalent

        return Equivalent(as_formula(self), as_formula(other))

    def __ne__(self, other: object) -> Formula:  # type: ignore[override]  # as above
        return ~(self == other)

    __hash__ = object.__hash__

    def __bool__(self) -> NoReturn:
        __tracebackhide__ = True
        raise TypeError(
            f"'{self}' is a formula over the whole run and has no single truth value; assert it with "
            "run.always(...), run.never(...), run.eventually(...) or run.whenever(...).then(...), or ask a bench for "
            'the present value: bench["NAME"].value; inside a formula '
            "write & | ~ instead of and, or, not, and (0 < x) & (x < 9) instead of 0 < x < 9"
        )


class Term(_Node):
    """A number on every row: arithmetic with + - * / and abs(); a comparison makes a formula."""

    __slots__ = ()

    @abstractmethod
    def values(self, evaluation: Evaluation) -> Array | float | int:
        """Return the numbers per row, or one number for all rows."""

    @abstractmethod
    def span(self, evaluation: Evaluation) -> tuple[float, float] | None:
        """Return the engineering range of the term, None when unknown."""

    def unit(self) -> str:
        """Return the unit as far as the tree knows it."""
        return ""

    def __add__(self, other: object) -> Term:
        return _arithmetic("+", self, other)

    def __radd__(self, other: object) -> Term:
        return _arithmetic("+", other, self)

    def __sub__(self, other: object) -> Term:
        return _arithmetic("-", self, other)

    def __rsub__(self, other: object) -> Term:
        return _arithmetic("-", other, self)

    def __mul__(self, other: object) -> Term:
        return _arithmetic("*", self, other)

    def __rmul__(self, other: object) -> Term:
        return _arithmetic("*", other, self)

    def __truediv__(self, other: object) -> Term:
        return _arithmetic("/", self, other)

    def __rtruediv__(self, other: object) -> Term:
        return _arithmetic("/", other, self)

    def __neg__(self) -> Term:
        return _arithmetic("-", 0, self)

    def __abs__(self) -> Term:
        from hil.oracle.terms import Magnitude

        return Magnitude(self)

    def __lt__(self, other: object) -> Formula:
        return _comparison("<", self, other)

    def __le__(self, other: object) -> Formula:
        return _comparison("<=", self, other)

    def __gt__(self, other: object) -> Formula:
        return _comparison(">", self, other)

    def __ge__(self, other: object) -> Formula:
        return _comparison(">=", self, other)

    def __eq__(self, other: object) -> Formula:  # type: ignore[override]  # builds a formula instead of comparing trees
        return _comparison("==", self, other)

    def __ne__(self, other: object) -> Formula:  # type: ignore[override]  # as above
        return _comparison("!=", self, other)

    __hash__ = object.__hash__

    def __bool__(self) -> NoReturn:
        raise TypeError(
            f"'{self}' is a number on every row of the run and has no single truth value; compare it "
            f"({self} > 0) and assert the formula with run.always(...)"
        )


def _arithmetic(operator: str, left: object, right: object) -> Term:
    from hil.oracle.terms import Arithmetic

    return Arithmetic(operator, as_term(left), as_term(right))


def _comparison(operator: str, left: object, right: object) -> Formula:
    from hil.oracle.comparisons import compare

    return compare(operator, left, right)


def as_term(item: object) -> Term:
    """Return a term, or the constant term of a number.

    Raises:
        TypeError: a formula, a text or something else; says what to write.
    """
    from hil.oracle.terms import Constant

    if isinstance(item, Term):
        return item
    if isinstance(item, Formula):
        raise TypeError(f"'{item}' is true or false and cannot be calculated with; use & | ~ >> on formulas")
    number: Any = item.item() if hasattr(item, "item") else item
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise TypeError(f"expected a signal or a number, got {item!r}")
    return Constant(number)


def as_formula(item: object) -> Formula:
    """Return a formula, or the constant formula of True or False.

    Raises:
        TypeError: a number or a numeric signal; says what to write.
    """
    from hil.oracle.logic import Literal
    from hil.oracle.terms import Signal
    from hil.trace.meta import ColumnKind

    if isinstance(item, Signal) and item.kind is ColumnKind.ANALOG:
        raise TypeError(f"{item.name} is a number, not true or false; compare it, for example {item.name} > 0")
    if isinstance(item, Formula):
        return item
    if isinstance(item, bool):
        return Literal(item)
    if isinstance(item, Term):
        raise TypeError(f"'{item}' is a number, not true or false; compare it, for example ({item}) > 0")
    raise TypeError(
        f"expected a formula, got {item!r}; & | ~ >> bind tighter than comparisons: write (x > 90) & y with brackets"
    )


def walk(root: Formula | Term) -> Iterator[Formula | Term]:
    """Yield a node and everything below it, parents first, left to right."""
    pending = [root]
    while pending:
        node = pending.pop()
        yield node
        pending.extend(reversed(node.operands()))


def signal_names(root: Formula | Term) -> tuple[str, ...]:
    """Return the names of the signals a tree reads, each once, in the order of the text."""
    from hil.oracle.terms import Signal

    return tuple(dict.fromkeys(node.name for node in walk(root) if isinstance(node, Signal)))
