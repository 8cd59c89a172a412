"""Short constructors of IR nodes for code that builds loops by hand: schedules, process images, wiring."""

from __future__ import annotations

import re

from emulators.native.ir import (
    Array,
    Assign,
    Binary,
    BinaryOperator,
    Compare,
    Comparison,
    Const,
    Element,
    Expression,
    Load,
    Member,
    Overlay,
    Place,
    Scalar,
    Struct,
    Type,
)

__all__ = ["add", "assign", "bool_const", "compare", "constant", "member", "place_at", "read", "subtract"]

_STEP = re.compile(r"\.?([A-Za-z_]\w*)|\[(\d+)\]")


def member(base: Place, *names: str) -> Member:
    """Return the nested field ``base.a.b``."""
    place = base
    for name in names:
        structure = place.type
        if not isinstance(structure, Struct):
            raise TypeError(f"{name!r} is asked of a place that is no structure: {structure}")
        place = Member(place, name, structure.field_type(name))
    if not isinstance(place, Member):
        raise ValueError("member() needs at least one name")
    return place


def place_at(root: Place, path: str, scalar: Scalar | None = None) -> Place:
    """Return the place that a layout path such as ``a.b[3].c`` names below ``root``.

    ``scalar``: type to read there; where it is wider than the byte that the path names, it is laid over the bytes.
    """
    place, position = root, 0
    while position < len(path):
        match = _STEP.match(path, position)
        if match is None:
            raise ValueError(f"not a layout path: {path!r}")
        position = match.end()
        place = member(place, match[1]) if match[1] else _element(place, int(match[2]))
    if scalar is not None and place.type is Scalar.U8 and scalar.size > 1 and isinstance(place, Element):
        index = place.index
        assert isinstance(index, Const)
        return Overlay(place.base, int(index.value), scalar)
    return place


def _element(place: Place, index: int) -> Element:
    array = place.type
    if not isinstance(array, Array):
        raise TypeError(f"index {index} is asked of a place that is no array: {array}")
    return Element(place, Const(index, Scalar.I64), _element_type(array), checked=False)


def _element_type(array: Array) -> Type:
    return array.element


def read(place: Place) -> Load:
    """Return the value of a scalar place."""
    if not isinstance(place.type, Scalar):
        raise TypeError(f"only scalars can be read, not {place.type}")
    return Load(place, place.type)


def constant(number: float, scalar: Scalar) -> Const:
    """Return a typed literal."""
    return Const(number, scalar)


def bool_const(flag: bool) -> Const:
    """Return TRUE or FALSE."""
    return Const(flag, Scalar.BOOL)


def assign(place: Place, expression: Expression | float) -> Assign:
    """Return ``place := expression``; a bare number takes the type of the place."""
    if isinstance(expression, int | float):
        if not isinstance(place.type, Scalar):
            raise TypeError(f"only scalars take a number, not {place.type}")
        expression = Const(expression, place.type)
    return Assign(place, expression)


def compare(left: Expression, operator: Comparison, right: Expression | float) -> Compare:
    """Return a comparison; a bare number takes the type of the left side."""
    if isinstance(right, int | float):
        right = Const(right, left.type)
    return Compare(operator, left, right)


def add(left: Expression, right: Expression | float) -> Binary:
    """Return the wrapping sum; a bare number takes the type of the left side."""
    return _binary(BinaryOperator.ADD, left, right)


def subtract(left: Expression, right: Expression | float) -> Binary:
    """Return the wrapping difference; a bare number takes the type of the left side."""
    return _binary(BinaryOperator.SUBTRACT, left, right)


def _binary(operator: BinaryOperator, left: Expression, right: Expression | float) -> Binary:
    if isinstance(right, int | float):
        right = Const(right, left.type)
    return Binary(operator, left, right, left.type)
