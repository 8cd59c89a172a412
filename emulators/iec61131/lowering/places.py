"""Places of the typed tree: variables, fields, elements, parts of bit strings, direct addresses."""

from __future__ import annotations

from functools import partial

from emulators.errors import InternalError, SourceSpan
from emulators.iec61131 import tree
from emulators.iec61131.lowering.function_builder import FunctionBuilder
from emulators.iec61131.lowering.machine_types import constant, is_located, scalar_of
from emulators.iec61131.lowering.ranges import interval, wide
from emulators.iec61131.types import ArrayType, Elementary, StringType
from emulators.native import ir
from emulators.native.ir import BinaryOperator, Scalar

__all__ = ["load", "lower_place", "stable_place", "store"]


def lower_place(b: FunctionBuilder, node: tree.Place) -> ir.Place:
    """Return the place; indices are evaluated where it is used, guarded."""
    return _place(b, node, is_stable=False)


def stable_place(b: FunctionBuilder, node: tree.Place) -> ir.Place:
    """Return the place with its indices evaluated and checked here and now, so that it can be used several times."""
    return _place(b, node, is_stable=True)


def _place(b: FunctionBuilder, node: tree.Place, *, is_stable: bool) -> ir.Place:
    match node:
        case tree.Name(variable):
            bound = b.binding(variable)
            if isinstance(bound, ir.Parameter):
                raise InternalError(f"{node.span}: the input {variable.name} is passed by value and has no place")
            return bound
        case tree.Field(base, name, iec_type):
            return ir.Member(_place(b, base, is_stable=is_stable), name, b.module.types.machine_type(iec_type))
        case tree.Member(base, variable, iec_type):
            if is_located(variable):
                return b.module.global_place(variable)
            place = _place(b, base, is_stable=is_stable)
            return ir.Member(place, variable.name, b.module.types.machine_type(iec_type))
        case tree.Element():
            return _element(b, node, is_stable=is_stable)
        case tree.CharacterAccess():
            return _character(b, node)
        case tree.PartialAccess(base, index, Elementary.BOOL):
            return ir.Bit(_place(b, base, is_stable=is_stable), index)
        case tree.AddressAccess(address, iec_type):
            return b.module.image_place(address, iec_type)
    raise InternalError(f"{node.span}: a part of a bit string is not a place of its own")


def _element(b: FunctionBuilder, node: tree.Element, *, is_stable: bool) -> ir.Place:
    assert isinstance(node.base.type, ArrayType)
    base = _place(b, node.base, is_stable=is_stable)
    stored = b.module.types.machine_type(node.base.type)
    indices = b.in_order([partial(wide, b, index) for index in node.indices])
    place = base
    for (low, high), index, expression in zip(node.base.type.bounds, node.indices, indices, strict=True):
        assert isinstance(stored, ir.Array)
        stored = stored.element
        known = interval(b, index)
        is_checked = known is None or known[0] < low or known[1] > high
        if is_checked and is_stable:
            expression = checked_index(b, expression, (low, high), node.span)
            is_checked = False
        elif is_stable:
            expression = b.keep(expression)
        place = ir.Element(place, _minus(expression, low), stored, is_checked, low, node.span)
    return place


def checked_index(b: FunctionBuilder, index: ir.Expression, bounds: tuple[int, int], span: SourceSpan) -> ir.Expression:
    """Evaluate an index now and stop the PLC if it is outside the bounds."""
    kept = b.keep(index, span)
    low, high = (ir.Const(bound, Scalar.I64) for bound in bounds)
    outside = ir.OrElse(ir.Compare(ir.Comparison.LT, kept, low), ir.Compare(ir.Comparison.GT, kept, high))
    b.fault_if(outside, ir.FaultCode.INDEX_OUT_OF_BOUNDS, span, kept, low, high)
    return kept


def _minus(index: ir.Expression, low: int) -> ir.Expression:
    if low == 0:
        return index
    if isinstance(index, ir.Const):
        return ir.Const(int(index.value) - low, Scalar.I64)
    return ir.Binary(BinaryOperator.SUBTRACT, index, ir.Const(low, Scalar.I64), Scalar.I64)


def _character(b: FunctionBuilder, node: tree.CharacterAccess) -> ir.Place:
    assert isinstance(node.base.type, StringType)
    base = b.place(node.base)
    index = checked_index(b, wide(b, node.index), (1, node.base.type.length), node.span)
    return ir.Element(base, _minus(index, 1), scalar_of(node.type), checked=False, lower=1, span=node.span)


def load(b: FunctionBuilder, node: tree.Place) -> ir.Expression:
    """Return the value of a scalar place."""
    if isinstance(node, tree.Name):
        counter = b.counters.get(node.variable)
        scalar = scalar_of(node.type)
        if counter is not None:
            value = ir.Load(counter, Scalar.I64)
            return value if scalar is Scalar.I64 else ir.Convert(value, scalar, ir.Conversion.WRAP)
        bound = b.binding(node.variable)
        return bound if isinstance(bound, ir.Parameter) else ir.Load(bound, scalar)
    if isinstance(node, tree.PartialAccess):
        return _load_part(b, node)
    return ir.Load(b.place(node), scalar_of(node.type))


def _load_part(b: FunctionBuilder, node: tree.PartialAccess) -> ir.Expression:
    """Return a part of the value: its base may be an input by value, or a part itself."""
    whole = _unsigned(b.expression(node.base))
    part = scalar_of(node.type)
    shift = ir.Const(node.index * _bits(node), Scalar.I32)
    shifted = ir.Binary(BinaryOperator.SHIFT_RIGHT, whole, shift, whole.type)
    if part is Scalar.BOOL:
        lowest = ir.Binary(BinaryOperator.AND, shifted, ir.Const(1, whole.type), whole.type)
        return ir.Compare(ir.Comparison.NE, lowest, ir.Const(0, whole.type))
    return ir.Convert(shifted, part, ir.Conversion.WRAP)


def _bits(node: tree.PartialAccess) -> int:
    return 1 if node.type is Elementary.BOOL else scalar_of(node.type).size * 8


def _unsigned(value: ir.Expression) -> ir.Expression:
    by_size = {1: Scalar.U8, 2: Scalar.U16, 4: Scalar.U32, 8: Scalar.U64}
    wanted = by_size[value.type.size]
    return value if value.type is wanted else ir.Convert(value, wanted, ir.Conversion.WRAP)


def store(b: FunctionBuilder, node: tree.Place, value: ir.Expression, span: SourceSpan) -> None:
    """Assign a scalar value; indices of the place are evaluated after the value."""
    if isinstance(node, tree.PartialAccess) and not _is_bit_of_place(node):
        _store_part(b, node, value, span)
        return
    mark = len(b.block)
    place = b.place(node)
    if len(b.block) > mark and not b.is_stable(value):
        kept = b.temporary(value.type)
        b.block.insert(mark, ir.Assign(kept, value, span))
        value = ir.Load(kept, value.type)
    b.emit(ir.Assign(place, value, span))


def _is_bit_of_place(node: tree.PartialAccess) -> bool:
    return node.type is Elementary.BOOL and not isinstance(node.base, tree.PartialAccess)


def _store_part(b: FunctionBuilder, node: tree.PartialAccess, value: ir.Expression, span: SourceSpan) -> None:
    value = b.keep(value, span)
    scalar = scalar_of(node.base.type)
    shift = node.index * _bits(node)
    mask = ((1 << _bits(node)) - 1) << shift
    is_part_of_part = isinstance(node.base, tree.PartialAccess)
    place = None if is_part_of_part else stable_place(b, node.base)
    base = b.expression(node.base) if place is None else ir.Load(place, scalar)
    whole = ir.Convert(base, Scalar.U64, ir.Conversion.WRAP)
    others = ir.Binary(BinaryOperator.AND, whole, ir.Const(~mask & ((1 << 64) - 1), Scalar.U64), Scalar.U64)
    wide_value = ir.Convert(value, Scalar.U64, ir.Conversion.WRAP)
    moved = ir.Binary(BinaryOperator.SHIFT_LEFT, wide_value, ir.Const(shift, Scalar.I32), Scalar.U64)
    joined = ir.Binary(BinaryOperator.OR, others, moved, Scalar.U64)
    new = ir.Convert(joined, scalar, ir.Conversion.WRAP)
    if place is None:
        store(b, node.base, new, span)
    else:
        b.emit(ir.Assign(place, new, span))


def literal(node: tree.Literal) -> ir.Const:
    """Return a scalar literal."""
    return constant(node.value, node.type)
