"""sin, cos, tan, asin, acos, atan, atan2 for any size of argument; the C is ``runtime/trigonometry.c``."""

from __future__ import annotations

import math
import struct

from emulators.native.same_bits import constants as c
from emulators.native.same_bits.pairs import divide_pairs, fast_sum, product, two_sum
from emulators.native.same_bits.tables import ATAN_TABLE, TWO_OVER_PI

__all__ = ["acos", "asin", "atan", "atan2", "cos", "sin", "tan"]


def reduce(x: float) -> tuple[int, float, float]:
    """Return quadrant and rest, as high and low: x = quadrant * pi/2 + rest, |rest| up to pi/4; ``x`` is finite."""
    if -c.QUARTER_PI <= x <= c.QUARTER_PI:
        return 0, x, 0.0
    if -c.NEAR < x < c.NEAR:
        turns = float(round(x * c.TWO_OVER_PI_NEAR))
        rest, low = two_sum(x - turns * c.HALF_PI_FIRST, -(turns * c.HALF_PI_SECOND))
        rest, low = fast_sum(rest, low - turns * c.HALF_PI_THIRD)
        return int(turns) & 3, rest, low
    return _reduce_large(x)


def _reduce_large(x: float) -> tuple[int, float, float]:
    bits: int = struct.unpack("<Q", struct.pack("<d", abs(x)))[0]
    exponent = (bits >> 52) - 1075
    mantissa = (bits & 0xFFFFFFFFFFFFF) | 0x10000000000000
    first = (exponent + 62) // 32
    digits = 0
    for word in TWO_OVER_PI[first : first + 6]:
        digits = (digits << 32) | word
    # 192 bits of the product, the two whole ones of its quarter turns on top
    shifted = (mantissa * digits << ((exponent + 62) & 31)) & ((1 << 192) - 1)
    quadrant = shifted >> 190
    top = (shifted >> 126) & 0xFFFFFFFFFFFFFFFF
    following = (shifted >> 62) & 0xFFFFFFFFFFFFFFFF
    if top >= 1 << 63:
        top = top - (1 << 64)
        quadrant = quadrant + 1
    fraction, low = two_sum(float(top >> 32) * 2.0**-32, float(top & 0xFFFFFFFF) * 2.0**-64)
    fraction, rest = two_sum(fraction, low + float(following >> 11) * 2.0**-117)
    high, high_low = product(fraction, c.HALF_PI_HIGH)
    high, low = fast_sum(high, high_low + (fraction * c.HALF_PI_LOW + rest * c.HALF_PI_HIGH))
    if x < 0.0:
        return -quadrant & 3, -high, -low
    return quadrant & 3, high, low


def _sine(r: float, low: float) -> tuple[float, float]:
    """Return the sine of a reduced angle as high and low."""
    z = r * r
    s0, s1, s2, s3, s4, s5, s6, s7 = c.SINE
    series = s0 + z * (s1 + z * (s2 + z * (s3 + z * (s4 + z * (s5 + z * (s6 + z * s7))))))
    return r, r * (z * series) + low * (1.0 - 0.5 * z)


def _cosine(r: float, low: float) -> tuple[float, float]:
    """Return the cosine of a reduced angle as high and low."""
    z, z_low = product(r, r)
    c0, c1, c2, c3, c4, c5, c6 = c.COSINE
    series = z * z * (c0 + z * (c1 + z * (c2 + z * (c3 + z * (c4 + z * (c5 + z * c6))))))
    high, rest = fast_sum(1.0, -0.5 * z)
    return high, rest + (series - (r * low + 0.5 * z_low))


def sin(x: float) -> float:
    """Return the sine of an angle in rad; NaN for infinities."""
    if x - x != 0.0:
        return math.nan
    if -c.LINEAR_ANGLE < x < c.LINEAR_ANGLE:
        return x
    quadrant, r, low = reduce(x)
    high, rest = _cosine(r, low) if quadrant & 1 else _sine(r, low)
    result = high + rest
    return -result if quadrant & 2 else result


def cos(x: float) -> float:
    """Return the cosine of an angle in rad; NaN for infinities."""
    if x - x != 0.0:
        return math.nan
    if -c.LINEAR_ANGLE < x < c.LINEAR_ANGLE:
        return 1.0
    quadrant, r, low = reduce(x)
    high, rest = _sine(r, low) if quadrant & 1 else _cosine(r, low)
    result = high + rest
    return -result if (quadrant + 1) & 2 else result


def tan(x: float) -> float:
    """Return the tangent of an angle in rad; NaN for infinities."""
    if x - x != 0.0:
        return math.nan
    if -c.LINEAR_ANGLE < x < c.LINEAR_ANGLE:
        return x
    quadrant, r, low = reduce(x)
    sine, sine_low = _sine(r, low)
    sine, sine_low = fast_sum(sine, sine_low)
    cosine, cosine_low = _cosine(r, low)
    cosine, cosine_low = fast_sum(cosine, cosine_low)
    if quadrant & 1:
        high, rest = divide_pairs(-cosine, -cosine_low, sine, sine_low)
    else:
        high, rest = divide_pairs(sine, sine_low, cosine, cosine_low)
    return high + rest


def _atan_of_quotient(a: float, a_low: float, b: float, b_low: float) -> tuple[float, float]:
    """Return atan(a/b) as high and low; 0 <= a <= b, both far from overflow and underflow."""
    row = int(a / b * 32.0 + 0.5)
    slope = float(row) * 0.03125
    back, back_low = product(slope, b)
    above, above_low = two_sum(a, -back)
    above_low = above_low + ((a_low - back_low) - slope * b_low)
    side, side_low = product(slope, a)
    below, below_low = fast_sum(b, side)
    below_low = below_low + ((b_low + side_low) + slope * a_low)
    u, u_low = divide_pairs(above, above_low, below, below_low)
    z = u * u
    a0, a1, a2, a3, a4 = c.ARC_TANGENT
    tail = u_low + u * (z * (a0 + z * (a1 + z * (a2 + z * (a3 + z * a4)))))
    table_high, table_low = ATAN_TABLE[row]
    high, low = fast_sum(table_high, u)
    return fast_sum(high, low + (table_low + tail))


def _angle(y: float, y_low: float, x: float, x_low: float, *, is_behind: bool) -> float:
    """Return the angle of a point with y, x >= 0; ``is_behind`` mirrors it to x <= 0."""
    if y <= x:
        high, low = _atan_of_quotient(y, y_low, x, x_low)
        if not is_behind:
            return high + low
        total, rest = fast_sum(c.PI_HIGH, -high)
        return total + (rest + (c.PI_LOW - low))
    high, low = _atan_of_quotient(x, x_low, y, y_low)
    if is_behind:
        total, rest = fast_sum(c.HALF_PI_HIGH, high)
        return total + (rest + (c.HALF_PI_LOW + low))
    total, rest = fast_sum(c.HALF_PI_HIGH, -high)
    return total + (rest + (c.HALF_PI_LOW - low))


def atan2(y: float, x: float) -> float:
    """Return the angle of the point (x, y) in rad, in -pi..pi; zeros and infinities as in IEC 60559."""
    if x != x or y != y:
        return math.nan
    sign = math.copysign(1.0, y)
    is_behind = math.copysign(1.0, x) < 0.0
    above, beside = abs(y), abs(x)
    if above == math.inf and beside == math.inf:
        above, beside = 1.0, 1.0
    if above == 0.0 or beside == math.inf or above < beside * 2.0**-60:
        if is_behind:
            return sign * c.PI_HIGH
        return sign * (above / beside if beside != 0.0 and beside != math.inf else 0.0)
    if beside == 0.0 or above == math.inf or beside < above * 2.0**-60:
        return sign * c.HALF_PI_HIGH
    scale = 1.0
    if above > 2.0**500 or beside > 2.0**500:
        scale = 2.0**-600
    elif above < 2.0**-400 or beside < 2.0**-400:
        scale = 2.0**600
    return sign * _angle(above * scale, 0.0, beside * scale, 0.0, is_behind=is_behind)


def atan(x: float) -> float:
    """Return the angle in rad whose tangent is ``x``."""
    return atan2(x, 1.0)


def _other_leg(size: float) -> tuple[float, float]:
    """Return the square root of 1 - size² as high and low."""
    square, square_low = product(size, size)
    rest, rest_low = fast_sum(1.0, -square)
    rest_low = rest_low - square_low
    root = math.sqrt(rest)
    if root == 0.0:
        return 0.0, 0.0
    back, back_low = product(root, root)
    return root, ((rest - back) - back_low + rest_low) / (2.0 * root)


def asin(x: float) -> float:
    """Return the angle in rad whose sine is ``x``; ValueError outside -1..1."""
    size = abs(x)
    if size > 1.0:
        raise ValueError(f"asin({x}) is not defined")
    if x != x or size < c.LINEAR_ANGLE:
        return x
    leg, leg_low = _other_leg(size)
    result = _angle(size, 0.0, leg, leg_low, is_behind=False)
    return -result if x < 0.0 else result


def acos(x: float) -> float:
    """Return the angle in rad whose cosine is ``x``; ValueError outside -1..1."""
    size = abs(x)
    if size > 1.0:
        raise ValueError(f"acos({x}) is not defined")
    if x != x:
        return x
    if size < c.VANISHING:
        return c.HALF_PI_HIGH
    leg, leg_low = _other_leg(size)
    return _angle(leg, leg_low, size, 0.0, is_behind=x < 0.0)
