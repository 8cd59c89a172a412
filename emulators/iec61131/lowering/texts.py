"""Aggregates as values: strings, structures and arrays, each as a place that holds it."""

from __future__ import annotations

from emulators.errors import InternalError, SourceSpan
from emulators.iec61131 import tree
from emulators.iec61131.lowering import text_functions
from emulators.iec61131.lowering.calls import call_aggregate
from emulators.iec61131.lowering.function_builder import FunctionBuilder
from emulators.iec61131.lowering.machine_types import type_of
from emulators.iec61131.lowering.places import stable_place
from emulators.iec61131.lowering.text_places import assign_text, compare_places, copied, in_order_places, literal_table
from emulators.iec61131.lowering.walk import calls_users_function
from emulators.iec61131.types import Elementary, StringType
from emulators.native import ir
from emulators.native.ir import Comparison, Scalar

__all__ = ["assign_aggregate", "compare", "lower_aggregate"]


def lower_aggregate(b: FunctionBuilder, node: tree.Expression) -> ir.Place:
    """Return the place that holds the value of a string, array or structure expression; not a copy."""
    match node:
        case tree.Literal(str() as value, StringType(is_wide=is_wide)):
            return literal_table(b, value, is_wide=is_wide)
        case tree.Convert():
            return _converted(b, node)
        case tree.FunctionCall():
            return call_aggregate(b, node)
        case tree.StandardCall():
            return text_functions.aggregate_result(b, node)
        case (
            tree.Name()
            | tree.Field()
            | tree.Member()
            | tree.Element()
            | tree.CharacterAccess()
            | tree.PartialAccess()
            | tree.AddressAccess()
        ):
            return stable_place(b, node)
    raise InternalError(f"{node.span}: {type(node).__name__} has no aggregate value")


def _converted(b: FunctionBuilder, node: tree.Convert) -> ir.Place:
    """CHAR to STRING, or between strings of different length."""
    source = type_of(node.operand)
    if isinstance(source, StringType):
        return b.text(node.operand)
    assert source in (Elementary.CHAR, Elementary.WCHAR)
    value = b.expression(node.operand)
    target = b.temporary(ir.Array(value.type, 2), "text")
    for position, item in enumerate((value, ir.Const(0, value.type))):
        place = ir.Element(target, ir.Const(position, Scalar.I64), value.type, checked=False)
        b.emit(ir.Assign(place, item, node.span))
    return target


def compare(b: FunctionBuilder, operator: Comparison, left: tree.Expression, right: tree.Expression) -> ir.Expression:
    """Compare two strings."""
    places = in_order_places(b, (left, right))
    return compare_places(b, operator, places[0], places[1])


def assign_aggregate(b: FunctionBuilder, target: tree.Place, value: tree.Expression, span: SourceSpan) -> None:
    """Copy a string (cut to the length of the target), an array or a structure."""
    source = b.text(value)
    if calls_users_function(target):
        source = copied(b, source, span)
    if isinstance(type_of(target), StringType):
        assign_text(b, b.place(target), source, span)
    else:
        b.emit(ir.Copy(b.place(target), source, span))
