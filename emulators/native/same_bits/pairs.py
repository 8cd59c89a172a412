"""Sums and products of floats without loss: each result is a pair of floats, high and low."""

from __future__ import annotations

from emulators.native.same_bits.constants import ROUNDING

__all__ = ["divide_pairs", "fast_sum", "product", "two_sum"]


def two_sum(a: float, b: float) -> tuple[float, float]:
    """Return the rounded sum and its exact error."""
    total = a + b
    part = total - a
    return total, (a - (total - part)) + (b - part)


def fast_sum(a: float, b: float) -> tuple[float, float]:
    """Return the rounded sum and its exact error; ``a`` is 0 or not smaller than ``b``."""
    total = a + b
    return total, b - (total - a)


def product(a: float, b: float) -> tuple[float, float]:
    """Return the rounded product and its exact error; both sizes below 2**990, the product above 2**-960."""
    result = a * b
    wide = ROUNDING * a
    a_high = wide - (wide - a)
    a_low = a - a_high
    wide = ROUNDING * b
    b_high = wide - (wide - b)
    b_low = b - b_high
    return result, ((a_high * b_high - result) + a_high * b_low + a_low * b_high) + a_low * b_low


def divide_pairs(a: float, a_low: float, b: float, b_low: float) -> tuple[float, float]:
    """Return the quotient of two pairs."""
    quotient = a / b
    back, back_low = product(quotient, b)
    rest = (((a - back) - back_low) + a_low) - quotient * b_low
    return quotient, rest / b
