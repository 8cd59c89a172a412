"""C for the unary and binary operators, with the guards that their semantics ask for."""

from __future__ import annotations

from emulators.native.emit_types import integer_range, literal, scalar_name
from emulators.native.emit_writer import Code, FunctionWriter
from emulators.native.folding import fold
from emulators.native.ir import (
    Binary,
    BinaryOperator,
    Const,
    FaultCode,
    Overflow,
    Scalar,
    Unary,
    UnaryOperator,
)
from emulators.native.ranges import interval, is_inside, unbounded_result

__all__ = ["emit_binary", "emit_unary"]

_SIGNS = {
    BinaryOperator.ADD: "+",
    BinaryOperator.SUBTRACT: "-",
    BinaryOperator.MULTIPLY: "*",
    BinaryOperator.DIVIDE: "/",
    BinaryOperator.MODULO: "%",
    BinaryOperator.AND: "&",
    BinaryOperator.OR: "|",
    BinaryOperator.XOR: "^",
}
_WIDE = frozenset({Scalar.I32, Scalar.I64, Scalar.U32, Scalar.U64})
_TRAPPING = (BinaryOperator.ADD, BinaryOperator.SUBTRACT, BinaryOperator.MULTIPLY)
_DIVIDING = (BinaryOperator.DIVIDE, BinaryOperator.MODULO, BinaryOperator.FLOOR_DIVIDE, BinaryOperator.FLOOR_MODULO)


def narrowed(text: str, of: Scalar) -> str:
    """Return an integer result cut to its type; C computes 8 and 16 bits as int."""
    return text if of in _WIDE else f"({scalar_name(of)}){text}"


def emit_unary(writer: FunctionWriter, node: Unary, operand: Code) -> Code:
    """Return the C of a negation or complement."""
    if operand.const is not None:
        folded = fold(Unary(node.operator, operand.const, node.type, node.overflow))
        if isinstance(folded, Const):
            return Code.of_const(folded)
    if node.operator is UnaryOperator.NOT:
        if node.type is Scalar.BOOL:
            return Code(f"!{operand.text}", operand.depth + 1)
        return Code(f"({narrowed(f'(~{operand.text})', node.type)})", operand.depth + 1)
    if node.type.is_float:
        # the sign of NaN stays as it is, so that every NaN of a run has the same bits
        text = writer.repeatable(operand, node.type).text
        return Code(f"({text} != {text} ? {text} : -{text})", 1)
    if node.overflow is Overflow.TRAP:
        zero = Code.of_const(Const(0, node.type))
        return _trapping(writer, node, "SUBTRACT", zero, operand)
    return Code(f"({narrowed(f'(-{operand.text})', node.type)})", operand.depth + 1)


def emit_binary(writer: FunctionWriter, node: Binary, left: Code, right: Code) -> Code:
    """Return the C of a binary operator; both operands are evaluated already."""
    if left.const is not None and right.const is not None:
        folded = fold(Binary(node.operator, left.const, right.const, node.type, node.overflow))
        if isinstance(folded, Const):
            return Code.of_const(folded)
        left = writer.spill(left, node.type)
    if node.type.is_float:
        return _float_binary(writer, node, left, right)
    if node.operator in (BinaryOperator.SHIFT_LEFT, BinaryOperator.SHIFT_RIGHT):
        return _shift(writer, node, left, right)
    if node.operator in _DIVIDING:
        return _division(writer, node, left, right)
    if node.overflow is Overflow.TRAP and node.operator in _TRAPPING:
        return _trapping(writer, node, node.operator.name, left, right)
    text = f"({left.text} {_SIGNS[node.operator]} {right.text})"
    if node.type is Scalar.BOOL or node.operator in (BinaryOperator.AND, BinaryOperator.OR, BinaryOperator.XOR):
        return Code(text, _depth(left, right))
    short = narrowed(text, node.type)
    return Code(text if short is text else f"({short})", _depth(left, right))


def _depth(left: Code, right: Code) -> int:
    return max(left.depth, right.depth) + 1


def _trapping(writer: FunctionWriter, node: Binary | Unary, operation: str, left: Code, right: Code) -> Code:
    of = node.type
    exact = unbounded_result(node, writer.counters)
    if exact is not None and is_inside(exact, integer_range(of)):
        sign = _SIGNS[BinaryOperator[operation]]
        return Code(f"({narrowed(f'({left.text} {sign} {right.text})', of)})", _depth(left, right))
    left, right = writer.repeatable(left, of), writer.repeatable(right, of)
    result = writer.temporary(of)
    values = (_as_value(right if isinstance(node, Unary) else left, of), _as_value(right, of))
    kind = of.label.upper() if of.size == 8 else "NARROW"
    condition = f"HIL_{operation}_TRAPS_{kind}({scalar_name(of)}, {left.text}, {right.text}, {result.text})"
    detail = f"{node.operator.value} {of.label}"
    writer.guard(condition, FaultCode.OVERFLOW, node.span, values, detail)
    return result


def _as_value(code: Code, of: Scalar) -> str:
    if of.is_float:
        return f"hil_bits_from_f64({code.text})"
    return code.text if of.is_signed or of.size < 8 else f"(i64){code.text}"


def _division(writer: FunctionWriter, node: Binary, left: Code, right: Code) -> Code:
    of, operator = node.type, node.operator
    low, high = interval(node.right, writer.counters)
    if right.const is None or right.const.value == 0:
        right = writer.repeatable(right, of) if right.const is None else writer.spill(right, of)
        detail = f"{operator.value} {of.label}"
        if low <= 0 <= high:
            writer.guard(f"{right.text} == 0", FaultCode.DIVISION_BY_ZERO, node.span, (_as_value(left, of),), detail)
    may_be_minus_one = of.is_signed and low <= -1 <= high
    if operator in (BinaryOperator.FLOOR_DIVIDE, BinaryOperator.FLOOR_MODULO) and of.is_signed:
        left_range = interval(node.left, writer.counters)
        if left_range[0] < 0 or low < 0:
            return _floor_division(writer, node, left, right, may_be_minus_one=may_be_minus_one)
    is_quotient = operator in (BinaryOperator.DIVIDE, BinaryOperator.FLOOR_DIVIDE)
    sign = "/" if is_quotient else "%"
    plain = f"({left.text} {sign} {right.text})"
    if not may_be_minus_one:
        return Code(plain, _depth(left, right))
    left = writer.repeatable(left, of)
    if is_quotient:
        _guard_quotient(writer, node, left, right)
    plain = f"({left.text} {sign} {right.text})"
    if of in _WIDE:
        at_minus_one = f"(-{left.text})" if is_quotient else "0"
        plain = f"({right.text} == -1 ? {at_minus_one} : {plain})"
    else:
        plain = f"({narrowed(plain, of)})"
    return Code(plain, _depth(left, right) + 1)


def _guard_quotient(writer: FunctionWriter, node: Binary, left: Code, right: Code) -> None:
    if node.overflow is not Overflow.TRAP:
        return
    least = literal(integer_range(node.type)[0], node.type)
    if interval(node.left, writer.counters)[0] > integer_range(node.type)[0]:
        return
    values = (_as_value(left, node.type), _as_value(right, node.type))
    condition = f"{right.text} == -1 && {left.text} == {least}"
    writer.guard(condition, FaultCode.OVERFLOW, node.span, values, f"{node.operator.value} {node.type.label}")


def _floor_division(writer: FunctionWriter, node: Binary, left: Code, right: Code, *, may_be_minus_one: bool) -> Code:
    is_quotient = node.operator is BinaryOperator.FLOOR_DIVIDE
    if is_quotient and may_be_minus_one and node.overflow is Overflow.TRAP:
        left = writer.repeatable(left, node.type)
        _guard_quotient(writer, node, left, right)
    name = "hil_floor_divide" if is_quotient else "hil_floor_modulo"
    text = f"{name}({left.text}, {right.text})"
    return Code(text if node.type is Scalar.I64 else f"(({scalar_name(node.type)}){text})", _depth(left, right) + 1)


def _shift(writer: FunctionWriter, node: Binary, left: Code, right: Code) -> Code:
    of, bits = node.type, node.type.size * 8
    is_left = node.operator is BinaryOperator.SHIFT_LEFT
    unsigned = {1: "u8", 2: "u16", 4: "u32", 8: "u64"}[of.size]
    if right.const is not None:
        count = int(right.const.value)
        if not 0 <= count < bits:
            if is_left or not of.is_signed:
                return Code.of_const(Const(0, of))
            count = bits - 1
        return Code(_shifted(left.text, str(count), of, unsigned, is_left=is_left), left.depth + 1)
    right = writer.repeatable(right, node.right.type)
    if not is_left and of.is_signed:
        count_text = f"((u64){right.text} < {bits}u ? (i32){right.text} : {bits - 1})"
        return Code(_shifted(left.text, count_text, of, unsigned, is_left=False), _depth(left, right) + 1)
    shifted = _shifted(left.text, right.text, of, unsigned, is_left=is_left)
    return Code(f"((u64){right.text} < {bits}u ? {shifted} : 0)", _depth(left, right) + 1)


def _shifted(text: str, count: str, of: Scalar, unsigned: str, *, is_left: bool) -> str:
    if not is_left:
        return f"({scalar_name(of)})({text} >> {count})" if of not in _WIDE else f"({text} >> {count})"
    wide = unsigned if of.size >= 4 else "u32"
    return f"(({scalar_name(of)})(({wide}){text} << {count}))"


def _float_binary(writer: FunctionWriter, node: Binary, left: Code, right: Code) -> Code:
    of, operator = node.type, node.operator
    detail = f"{operator.value} {of.label}"
    is_guarded = operator in _DIVIDING and (operator is not BinaryOperator.DIVIDE or node.overflow is Overflow.TRAP)
    if is_guarded and (right.const is None or right.const.value == 0):
        right = writer.repeatable(right, of)
        writer.guard(f"{right.text} == 0.0", FaultCode.DIVISION_BY_ZERO, node.span, (_as_value(left, of),), detail)
    match operator:
        case BinaryOperator.MODULO | BinaryOperator.FLOOR_DIVIDE | BinaryOperator.FLOOR_MODULO:
            writer.collection.parts.add("elementary")
            name = {"mod": "hil_fmod", "floordiv": "hil_floor_divide_f64", "floormod": "hil_floor_modulo_f64"}
            text = f"{name[operator.value]}({left.text}, {right.text})"
            return Code(text if of is Scalar.F64 else f"((f32){text})", _depth(left, right) + 1)
        case _:
            return Code(f"({left.text} {_SIGNS[operator]} {right.text})", _depth(left, right))
