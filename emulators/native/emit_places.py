"""C for places: what can be read, written and pointed to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.native.c_names import c_field
from emulators.native.emit_types import declare_pointer, is_bit_table, literal, scalar_name
from emulators.native.emit_writer import Code
from emulators.native.ir import (
    Argument,
    Bit,
    Element,
    FaultCode,
    Local,
    Member,
    Overlay,
    Place,
    Scalar,
    Table,
)
from emulators.native.promotion import field_key
from emulators.native.ranges import interval, is_inside

if TYPE_CHECKING:
    from emulators.native.emit_expressions import ExpressionEmitter

__all__ = ["emit_address", "emit_load", "emit_place", "emit_store"]

_UNALIGNED = {scalar: scalar_name(scalar) + ("" if scalar.size == 1 else "_any") for scalar in Scalar}


def emit_place(emitter: ExpressionEmitter, place: Place) -> str:
    """Return the lvalue of a place; guards of its indices are written at once."""
    match place:
        case Local(name):
            return emitter.name(name)
        case Argument(name):
            return f"(*{emitter.name(name)})"
        case Member() if emitter.promoted and field_key(place) in emitter.promoted:
            return emitter.promoted[field_key(place) or ()]
        case Member(Argument(name), member):
            return f"{emitter.name(name)}->{c_field(member)}"
        case Member(base, member):
            return f"{emit_place(emitter, base)}.{c_field(member)}"
        case Element():
            return _element(emitter, place)
        case Table(name):
            emitter.collection.add_table(place)
            return name
        case Overlay(base, offset, type):
            return f"(*({_UNALIGNED[type]} *)&{emit_place(emitter, base)}[{offset}])"
        case Bit():
            raise TypeError("one bit has no address")


def _element(emitter: ExpressionEmitter, place: Element) -> str:
    if emitter.writes(place.index) and not isinstance(place.base, Table):
        base = f"(*{emit_address(emitter, place.base, is_fixed=True)})"
    else:
        base = emit_place(emitter, place.base)
    index = emitter.emit(place.index)
    length = _length(place)
    bounds = interval(place.index, emitter.counters)
    if place.checked and not is_inside(bounds, (0, length - 1)):
        index = emitter.repeatable(index, place.index.type) if index.const is None else index
        unsigned = "u64" if place.index.type.size == 8 else "u32"
        lower = literal(place.lower, Scalar.I64)
        upper = literal(place.lower + length - 1, Scalar.I64)
        first = f"(i64){index.text} + {lower}" if place.lower else index.text
        emitter.guard(
            f"({unsigned}){index.text} >= {length}u", FaultCode.INDEX_OUT_OF_BOUNDS, place.span, (first, lower, upper)
        )
    if index.const is not None and not 0 <= int(index.const.value) < length:
        return f"{base}[0]"  # behind a guard that always fires
    return f"{base}[{index.text}]"


def _length(place: Element) -> int:
    of = place.base.type
    return of.length  # type: ignore[union-attr]  # the verifier has refused elements of anything else


def emit_load(emitter: ExpressionEmitter, place: Place) -> Code:
    """Return the value of a scalar place."""
    match place:
        case Local(name):
            return Code(emitter.name(name), 0, is_simple=True)
        case Member() if emitter.promoted and field_key(place) in emitter.promoted:
            return Code(emit_place(emitter, place), 0, is_simple=True)
        case Bit(base, bit):
            return Code(f"(b8)(({emit_place(emitter, base)} >> {bit}) & 1)", 2)
        case Overlay(_, _, type):
            text = emit_place(emitter, place)
            if type.is_float:
                return Code(f"hil_canonical_{type.label}({text})", 2)
            return Code(f"({text} != 0)" if type is Scalar.BOOL else text, 1)
        case Element(Table() as table, _, type) if isinstance(type, Scalar) and is_bit_table(table):
            return Code(f"hil_{type.label}_from_bits({emit_place(emitter, place)})", 2)
        case _:
            return Code(emit_place(emitter, place), 1)


def emit_store(emitter: ExpressionEmitter, place: Place, code: Code) -> None:
    """Write the assignment of an evaluated expression to a place."""
    if isinstance(place, Bit):
        _store_bit(emitter, place, code)
        return
    emitter.line(f"{emit_place(emitter, place)} = {code.text};")


def _store_bit(emitter: ExpressionEmitter, place: Bit, code: Code) -> None:
    of = place.base.type
    assert isinstance(of, Scalar)
    target = emit_place(emitter, place.base)
    mask = 1 << place.bit
    everything = (1 << of.size * 8) - 1
    unsigned = Scalar[f"U{of.size * 8}"]
    kept = f"(({scalar_name(unsigned)}){target} & {literal(everything & ~mask, unsigned)})"
    if code.const is not None:
        new = f"({kept} | {literal(mask, unsigned)})" if code.const.value else kept
    else:
        new = f"({kept} | (({scalar_name(unsigned)}){code.text} << {place.bit}))"
    emitter.line(f"{target} = ({scalar_name(of)}){new};")


def emit_address(emitter: ExpressionEmitter, place: Place, *, is_fixed: bool) -> str:
    """Return a pointer to a place; ``is_fixed``: evaluate indices now, as later arguments may change them."""
    if isinstance(place, Argument):
        return emitter.name(place.name)
    text = emit_place(emitter, place)
    if is_fixed and "[" in text:
        name = emitter.label()
        emitter.line(f"{declare_pointer(place.type, name)} = &{text};")
        return name
    if isinstance(place, Overlay):
        return f"({scalar_name(place.type)} *)&{text}"
    return f"&{text}"
