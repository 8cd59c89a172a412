"""Strings in memory: literals, copies, comparison; every call of the runtime part ``strings``."""

from __future__ import annotations

from collections.abc import Sequence

from emulators.errors import SourceSpan
from emulators.iec61131 import tree
from emulators.iec61131.lowering.function_builder import FunctionBuilder
from emulators.iec61131.lowering.walk import calls_users_function
from emulators.native import ir
from emulators.native.ir import Comparison, Scalar

__all__ = [
    "assign_text",
    "character_type",
    "compare_places",
    "copied",
    "in_order_places",
    "literal_table",
    "new_text",
    "runtime",
    "sized",
]

Arguments = tuple[ir.Expression | ir.AddressOf, ...]


def character_type(place: ir.Place) -> Scalar:
    """Return U8 of a STRING, U16 of a WSTRING."""
    assert isinstance(place.type, ir.Array)
    assert isinstance(place.type.element, Scalar)
    return place.type.element


def sized(place: ir.Place) -> Arguments:
    """Return a string as the runtime takes it: its address and how many characters fit."""
    assert isinstance(place.type, ir.Array)
    return ir.AddressOf(place), ir.Const(place.type.length - 1, Scalar.I32)


def runtime(
    b: FunctionBuilder,
    name: str,
    arguments: Arguments,
    span: SourceSpan,
    *,
    like: ir.Place,
    target: ir.Place | None = None,
) -> None:
    """Call a function of the runtime part for the kind of string that ``like`` is."""
    is_wide = ir.Const(int(character_type(like) is Scalar.U16), Scalar.I32)
    b.emit(ir.RuntimeCall(f"hil_text_{name}", (*arguments, is_wide), target, span))


def literal_table(b: FunctionBuilder, value: str, *, is_wide: bool) -> ir.Table:
    """Return the constant that holds a string literal; equal literals share it."""
    known = b.module.texts.get((value, is_wide))
    if known is None:
        element = Scalar.U16 if is_wide else Scalar.U8
        codes = (*(ord(character) for character in value), 0)
        name = f"{b.module.prefix}__text_{len(b.module.texts)}"
        known = ir.Table(name, element, codes, ir.Array(element, len(codes)))
        b.module.texts[value, is_wide] = known
    return known


def new_text(b: FunctionBuilder, length: int, like: Scalar) -> ir.Local:
    """Return an empty string on the stack."""
    return b.temporary(ir.Array(like, length + 1), "text")


def assign_text(b: FunctionBuilder, target: ir.Place, source: ir.Place, span: SourceSpan) -> None:
    """Copy a string, cut to the length of the target."""
    runtime(b, "copy", (*sized(target), *sized(source)), span, like=target)


def copied(b: FunctionBuilder, place: ir.Place, span: SourceSpan) -> ir.Place:
    """Return a copy of an aggregate on the stack."""
    local = b.temporary(place.type, "copy")
    b.emit(ir.Copy(local, place, span))
    return local


def in_order_places(b: FunctionBuilder, nodes: Sequence[tree.Expression]) -> list[ir.Place]:
    """Lower aggregate operands from left to right; those that a later operand could change are copied."""
    places: list[ir.Place] = []
    for position, node in enumerate(nodes):
        place = b.text(node)
        is_variable = not isinstance(place, ir.Table)
        if is_variable and any(calls_users_function(later) for later in nodes[position + 1 :]):
            place = copied(b, place, node.span)
        places.append(place)
    return places


def compare_places(b: FunctionBuilder, operator: Comparison, left: ir.Place, right: ir.Place) -> ir.Expression:
    """Compare character by character; a shorter string that is the beginning of the other is less."""
    order = b.temporary(Scalar.I32)
    runtime(b, "compare", (*sized(left), *sized(right)), ir.NO_SPAN, target=order, like=left)
    return ir.Compare(operator, ir.Load(order, Scalar.I32), ir.Const(0, Scalar.I32))
