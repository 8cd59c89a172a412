"""How a value changes its type on a wire between plant and controller, or between two controllers."""

from __future__ import annotations

from emulators.native.ir import Comparison, Const, Conversion, Convert, Expression, Scalar, Select
from emulators.native.shorthand import compare

__all__ = ["can_convert", "convert"]


def can_convert(source: Scalar, target: Scalar) -> bool:
    """Return whether a wire may join the two: BOOL goes to BOOL only, numbers go to numbers."""
    return (source is Scalar.BOOL) == (target is Scalar.BOOL)


def convert(value: Expression, target: Scalar) -> Expression:
    """Return ``value`` as ``target``: floats round to nearest even, integers saturate as an input module does.

    ``value`` must be free of side effects: it may be read more than once.
    """
    source = value.type
    if source is target:
        return value
    if target.is_float:
        return Convert(value, target, Conversion.TO_FLOAT)
    if source.is_float:
        return Convert(value, target, Conversion.ROUND_EVEN_SATURATE)
    return Convert(_clamp(value, target), target, Conversion.WRAP)


def _clamp(value: Expression, target: Scalar) -> Expression:
    """Limit an integer to the range of a narrower integer type, still in its own type."""
    source_low, source_high = integer_range(value.type)
    low, high = integer_range(target)
    limited = value
    if high < source_high:
        top = Const(high, value.type)
        limited = Select(compare(limited, Comparison.GT, high), top, limited, value.type)
    if low > source_low:
        bottom = Const(low, value.type)
        limited = Select(compare(limited, Comparison.LT, low), bottom, limited, value.type)
    return limited


def integer_range(scalar: Scalar) -> tuple[int, int]:
    """Return the smallest and largest value of an integer type."""
    bits = 8 * scalar.size
    return (-(1 << bits - 1), (1 << bits - 1) - 1) if scalar.is_signed else (0, (1 << bits) - 1)
