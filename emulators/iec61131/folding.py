"""Constant folding: exact numbers without a type, and operators on typed literals with the arithmetic of run time."""

from __future__ import annotations

from fractions import Fraction

from emulators.iec61131.literals import round_to_width
from emulators.iec61131.tree import BinaryOperator, UnaryOperator
from emulators.iec61131.types import Elementary, EnumerationType, IecType, Kind, StringType, Value, underlying

__all__ = ["ConstantOverflowError", "divide_toward_zero", "fold_binary", "fold_convert", "fold_unary", "fold_untyped"]

_MAX_BITS = 4096
_MAX_EXPONENT = 64


class ConstantOverflowError(ArithmeticError):
    """A constant leaves the range of its type."""


def divide_toward_zero(dividend: int, divisor: int) -> int:
    """Return the quotient as the standard rounds it: toward zero."""
    quotient = abs(dividend) // abs(divisor)
    return quotient if (dividend < 0) == (divisor < 0) else -quotient


def fold_untyped(operator: BinaryOperator, left: int | Fraction, right: int | Fraction) -> int | Fraction | bool | None:
    """Return the exact result, None where the operator has no exact one (or is not for numbers).

    Raises:
        ZeroDivisionError: division by zero.
        ConstantOverflowError: the number grew beyond all types.
    """
    result = _untyped_result(operator, left, right)
    if isinstance(result, Fraction) and max(result.numerator.bit_length(), result.denominator.bit_length()) > _MAX_BITS:
        raise ConstantOverflowError
    if isinstance(result, int) and result.bit_length() > _MAX_BITS:
        raise ConstantOverflowError
    return result


def _untyped_result(
    operator: BinaryOperator, left: int | Fraction, right: int | Fraction
) -> int | Fraction | bool | None:
    both_whole = isinstance(left, int) and isinstance(right, int)
    match operator:
        case BinaryOperator.ADD:
            return left + right
        case BinaryOperator.SUBTRACT:
            return left - right
        case BinaryOperator.MULTIPLY:
            return left * right
        case BinaryOperator.DIVIDE:
            if isinstance(left, int) and isinstance(right, int):
                return divide_toward_zero(left, right)
            return Fraction(left) / right
        case BinaryOperator.MODULO if isinstance(left, int) and isinstance(right, int):
            return left - right * divide_toward_zero(left, right)
        case BinaryOperator.POWER if isinstance(right, int) and abs(right) <= _MAX_EXPONENT:
            return Fraction(left) ** right
        case BinaryOperator.AND if both_whole and _is_bit_pattern(left, right):
            return int(left) & int(right)
        case BinaryOperator.OR if both_whole and _is_bit_pattern(left, right):
            return int(left) | int(right)
        case BinaryOperator.XOR if both_whole and _is_bit_pattern(left, right):
            return int(left) ^ int(right)
        case _ if operator.is_comparison:
            return _compare(operator, left, right)
    return None


def _is_bit_pattern(left: int | Fraction, right: int | Fraction) -> bool:
    return left >= 0 and right >= 0


def _compare(operator: BinaryOperator, left: Value | Fraction, right: Value | Fraction) -> bool:
    match operator:
        case BinaryOperator.EQUAL:
            return left == right
        case BinaryOperator.NOT_EQUAL:
            return left != right
        case BinaryOperator.LESS:
            return left < right  # type: ignore[operator]  # both are of one type
        case BinaryOperator.LESS_EQUAL:
            return left <= right  # type: ignore[operator]  # both are of one type
        case BinaryOperator.GREATER:
            return left > right  # type: ignore[operator]  # both are of one type
        case _:
            return left >= right  # type: ignore[operator]  # both are of one type


def fold_binary(operator: BinaryOperator, left: Value, right: Value, operand_type: IecType) -> Value | None:
    """Return the value of an operator on two literals of one type (durations: right may be a number), or None.

    Raises:
        ZeroDivisionError: integer division by zero.
        ConstantOverflowError: the result leaves the type.
    """
    if operator.is_comparison:
        return _compare(operator, left, right)
    plain = underlying(operand_type)
    if not isinstance(plain, Elementary) or isinstance(left, str) or isinstance(right, str):
        return None
    if plain.is_bit_string:
        return _fold_bits(operator, int(left), int(right), plain)
    if plain.is_real:
        return _fold_real(operator, float(left), float(right), plain)
    if isinstance(left, float) or isinstance(right, float):
        return None
    return _checked(_untyped_result(operator, int(left), int(right)), plain)


def _checked(result: int | Fraction | bool | None, plain: Elementary) -> int | None:
    if result is None or isinstance(result, Fraction):
        return None
    if not plain.low <= result <= plain.high:
        raise ConstantOverflowError
    return result


def _fold_bits(operator: BinaryOperator, left: int, right: int, plain: Elementary) -> Value | None:
    match operator:
        case BinaryOperator.AND | BinaryOperator.AND_THEN:
            result = left & right
        case BinaryOperator.OR | BinaryOperator.OR_ELSE:
            result = left | right
        case BinaryOperator.XOR:
            result = left ^ right
        case _:
            return None
    return bool(result) if plain.kind is Kind.BOOL else result


def _fold_real(operator: BinaryOperator, left: float, right: float, plain: Elementary) -> float | None:
    match operator:
        case BinaryOperator.ADD:
            exact = Fraction(left) + Fraction(right)
        case BinaryOperator.SUBTRACT:
            exact = Fraction(left) - Fraction(right)
        case BinaryOperator.MULTIPLY:
            exact = Fraction(left) * Fraction(right)
        case BinaryOperator.DIVIDE:
            exact = Fraction(left) / Fraction(right)
        case _:
            return None
    if exact == 0:
        return None  # the sign of a zero is left to run time
    try:
        return round_to_width(exact, plain.bits)
    except OverflowError:
        raise ConstantOverflowError from None


def fold_unary(operator: UnaryOperator, value: Value, operand_type: IecType) -> Value | None:
    """Return the value of ``-`` or ``NOT`` on a literal.

    Raises:
        ConstantOverflowError: the result leaves the type.
    """
    plain = underlying(operand_type)
    if not isinstance(plain, Elementary) or isinstance(value, str):
        return None
    if operator is UnaryOperator.NOT:
        return (not value) if plain.kind is Kind.BOOL else plain.high ^ int(value)
    if isinstance(value, float):
        return -value
    return _checked(-value, plain)


def fold_convert(value: Value, target: IecType) -> Value | None:
    """Return a literal's value after an implicit conversion, or None if it cannot be told here."""
    plain = underlying(target)
    if isinstance(plain, StringType):
        return value if isinstance(value, str) else None
    if not isinstance(plain, Elementary) or isinstance(value, str) or isinstance(target, EnumerationType):
        return None
    if plain.is_real:
        return round_to_width(Fraction(value), plain.bits) if not isinstance(value, float) or value else value
    if plain.is_bit_string or plain.is_integer:
        return int(value)
    return value
