"""exp, log, log10, pow, sinh, cosh, tanh: about half a unit in the last place; the C is ``runtime/exponential.c``."""

from __future__ import annotations

import math
import struct

from emulators.native.same_bits import constants as c
from emulators.native.same_bits.pairs import divide_pairs, fast_sum, product, two_sum
from emulators.native.same_bits.tables import EXP_TABLE, LOG_TABLE

__all__ = ["cosh", "exp", "log", "log10", "power", "sinh", "tanh"]

_TWO_52 = 2.0**52


def scaled(x: float, exponent: int) -> float:
    """Return ``x * 2**exponent`` in one rounding, or two where the result is tiny."""
    if exponent > 1023:
        return x * math.ldexp(1.0, 1023) * math.ldexp(1.0, exponent - 1023)
    if exponent < -1000:
        return x * math.ldexp(1.0, exponent + 200) * math.ldexp(1.0, -200)
    return x * math.ldexp(1.0, exponent)


def exp_pair(x: float, low: float) -> tuple[float, float, int]:
    """Return high, low, exponent: exp(x + low) = (high + low) * 2**exponent; |x| below 1100, low a small part of x."""
    steps = float(round(x * c.STEPS))
    rest = ((x - steps * c.STEP_HIGH) - steps * c.STEP_LOW) + low
    e0, e1, e2, e3, e4 = c.EXPONENTIAL
    minus_one = rest + rest * rest * (e0 + rest * (e1 + rest * (e2 + rest * (e3 + rest * e4))))
    count = int(steps)
    high, high_low = EXP_TABLE[count & 63]
    high, low = fast_sum(high, high_low + high * minus_one)
    return high, low, count >> 6


def exp(x: float) -> float:
    """Return e to the power of ``x``; infinity above 709.78."""
    if x != x:
        return x
    if x > c.EXP_ABOVE:
        return math.inf
    if x < c.EXP_BELOW:
        return 0.0
    high, low, exponent = exp_pair(x, 0.0)
    return scaled(high + low, exponent)


def log_pair(x: float) -> tuple[float, float]:
    """Return the natural logarithm as high and low; ``x`` is positive and finite."""
    exponent = 0
    if x < 2.0**-1022:
        x = x * _TWO_52
        exponent = -52
    bits: int = struct.unpack("<Q", struct.pack("<d", x))[0]
    exponent = exponent + (bits >> 52) - 1023
    row = (bits >> 45) & 127
    bits = (bits & 0xFFFFFFFFFFFFF) | 0x3FF0000000000000
    if row >= 53:
        exponent = exponent + 1
        bits = bits - 0x10000000000000
    mantissa: float = struct.unpack("<d", struct.pack("<Q", bits))[0]
    mantissa_high: float = struct.unpack("<d", struct.pack("<Q", bits & 0xFFFFFFFFF8000000))[0]
    inverse, table_high, table_low = LOG_TABLE[row]
    r, r_low = two_sum(mantissa_high * inverse - 1.0, (mantissa - mantissa_high) * inverse)
    scale = float(exponent)
    high, low = two_sum(scale * c.LN2_HIGH + table_high, r)
    square, square_low = product(r, r)
    square_low = square_low + 2.0 * (r * r_low)
    l0, l1, l2, l3, l4, l5, l6, l7 = c.LOGARITHM
    tail = square * r * (l0 + r * (l1 + r * (l2 + r * (l3 + r * (l4 + r * (l5 + r * (l6 + r * l7)))))))
    low = low + (r_low + (table_low + scale * c.LN2_LOW))
    high, sum_low = two_sum(high, -0.5 * square)
    return fast_sum(high, low + (sum_low + (tail - 0.5 * square_low)))


def log(x: float) -> float:
    """Return the natural logarithm; ValueError for 0 and below."""
    if x <= 0.0:
        raise ValueError(f"log({x}) is not defined")
    if x != x or x == math.inf:
        return x
    return log_pair(x)[0]


def log10(x: float) -> float:
    """Return the logarithm to base 10; ValueError for 0 and below."""
    if x <= 0.0:
        raise ValueError(f"log10({x}) is not defined")
    if x != x or x == math.inf:
        return x
    high, low = log_pair(x)
    result, result_low = product(high, c.INVERSE_LN10_HIGH)
    return result + (result_low + (high * c.INVERSE_LN10_LOW + low * c.INVERSE_LN10_HIGH))


def _is_odd(y: float) -> bool:
    return -(2.0**53) < y < 2.0**53 and y == float(int(y)) and int(y) & 1 == 1


def power(x: float, y: float) -> float:
    """Return ``x`` to the power of ``y``; ValueError for 0 to a negative, or a negative to a broken number."""
    if (x == 0.0 and y < 0.0) or (-math.inf < x < 0.0 and y - y == 0.0 and y != _whole(y)):
        raise ValueError(f"pow({x}, {y}) is not defined")
    if y == 0.0 or x == 1.0:
        return 1.0
    if x != x or y != y:
        return math.nan
    size = abs(x)
    sign = -1.0 if math.copysign(1.0, x) < 0.0 and _is_odd(y) else 1.0
    if y - y != 0.0:
        if size == 1.0:
            return 1.0
        return math.inf if (size > 1.0) == (y > 0.0) else 0.0
    if size == 0.0 or size == math.inf:
        return sign * (math.inf if (size == 0.0) == (y < 0.0) else 0.0)
    high, low = log_pair(size)
    estimate = y * high
    if estimate > 710.0:
        return sign * math.inf
    if estimate < -746.0:
        return sign * 0.0
    if -c.TINY < estimate < c.TINY:
        return sign
    high, high_low = product(y, high)
    high, low, exponent = exp_pair(high, high_low + y * low)
    return sign * scaled(high + low, exponent)


def _whole(y: float) -> float:
    return float(int(y)) if -_TWO_52 < y < _TWO_52 else y


def _sinh_series(x: float) -> float:
    """Return sinh(x) - x for a small ``x``."""
    z = x * x
    s0, s1, s2, s3, s4, s5 = (-c.SINE[0], c.SINE[1], -c.SINE[2], c.SINE[3], -c.SINE[4], c.SINE[5])
    return x * (z * (s0 + z * (s1 + z * (s2 + z * (s3 + z * (s4 + z * s5))))))


def _exp_and_inverse(size: float) -> tuple[float, float, float, float]:
    """Return exp(size) and exp(-size) as pairs; ``size`` below 40."""
    high, low, exponent = exp_pair(size, 0.0)
    high, low = scaled(high, exponent), scaled(low, exponent)
    inverse, inverse_low = divide_pairs(1.0, 0.0, high, low)
    return high, low, inverse, inverse_low


def sinh(x: float) -> float:
    """Return the hyperbolic sine."""
    size = abs(x)
    if x != x or size == math.inf:
        return x
    if size < c.SMALL_ANGLE:
        return x + _sinh_series(x)
    if size < 22.0:
        high, low, inverse, inverse_low = _exp_and_inverse(size)
        total, rest = fast_sum(high, -inverse)
        result = 0.5 * (total + (rest + (low - inverse_low)))
    else:
        result = _half_exp(size)
    return -result if x < 0.0 else result


def cosh(x: float) -> float:
    """Return the hyperbolic cosine."""
    size = abs(x)
    if x != x:
        return x
    if size < 22.0:
        high, low, inverse, inverse_low = _exp_and_inverse(size)
        total, rest = fast_sum(high, inverse)
        return 0.5 * (total + (rest + (low + inverse_low)))
    return _half_exp(size)


def _half_exp(size: float) -> float:
    if size > 711.0:
        return math.inf
    high, low, exponent = exp_pair(size, 0.0)
    return scaled(high + low, exponent - 1)


def tanh(x: float) -> float:
    """Return the hyperbolic tangent."""
    size = abs(x)
    if x != x:
        return x
    if size < 2.0**-28:
        return x
    if size < c.SMALL_ANGLE:
        z = size * size
        c0, c1, c2, c3, c4 = (c.COSINE[0], -c.COSINE[1], c.COSINE[2], -c.COSINE[3], c.COSINE[4])
        cosh_rest = 0.5 * z + z * z * (c0 + z * (c1 + z * (c2 + z * (c3 + z * c4))))
        below, below_low = fast_sum(1.0, cosh_rest)
        above, above_low = fast_sum(size, _sinh_series(size))
        quotient, rest = divide_pairs(above, above_low, below, below_low)
        result = quotient + rest
    elif size < 22.0:
        high, low, exponent = exp_pair(2.0 * size, 0.0)
        high, low = scaled(high, exponent), scaled(low, exponent)
        above, above_low = fast_sum(high, -1.0)
        below, below_low = fast_sum(high, 1.0)
        quotient, rest = divide_pairs(above, above_low + low, below, below_low + low)
        result = quotient + rest
    else:
        result = 1.0
    return -result if x < 0.0 else result
