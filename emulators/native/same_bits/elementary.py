"""Exact functions on floats. IEEE 754 leaves no choice for these, so Python's own are the same bits as the C."""

from __future__ import annotations

import math

__all__ = [
    "ceil",
    "copysign",
    "fabs",
    "floor",
    "fmax_py",
    "fmin_py",
    "fmod",
    "isfinite",
    "isnan",
    "round_even",
    "sqrt",
    "trunc",
]

_WHOLE = 2.0**52


def sqrt(x: float) -> float:
    """Return the correctly rounded square root; ValueError for a negative number."""
    return math.sqrt(x)


def trunc(x: float) -> float:
    """Return ``x`` without its fraction, as a float; the sign of zero stays."""
    return math.copysign(float(int(x)), x) if -_WHOLE < x < _WHOLE else x


def floor(x: float) -> float:
    """Return the greatest whole float that is not above ``x``."""
    return math.copysign(float(math.floor(x)), x) if -_WHOLE < x < _WHOLE else x


def ceil(x: float) -> float:
    """Return the least whole float that is not below ``x``."""
    return math.copysign(float(math.ceil(x)), x) if -_WHOLE < x < _WHOLE else x


def round_even(x: float) -> float:
    """Return the nearest whole float, ties to even."""
    return math.copysign(float(round(x)), x) if -_WHOLE < x < _WHOLE else x


def fabs(x: float) -> float:
    """Return the size of ``x``."""
    return abs(x)


def copysign(x: float, y: float) -> float:
    """Return ``x`` with the sign of ``y``; NaN stays NaN, as ``y`` it counts as positive."""
    if x != x:
        return x
    return math.copysign(x, y) if y == y else math.fabs(x)


def fmod(x: float, y: float) -> float:
    """Return the exact remainder with the sign of ``x``; ValueError when ``y`` is 0, NaN when ``x`` is infinite."""
    if y == 0.0:
        raise ValueError(f"fmod({x}, {y}) is not defined")
    return math.nan if math.isinf(x) else math.fmod(x, y)


def isnan(x: float) -> bool:
    """Return whether ``x`` is NaN."""
    return x != x


def isfinite(x: float) -> bool:
    """Return whether ``x`` is neither infinite nor NaN."""
    return math.isfinite(x)


def fmin_py(x: float, y: float) -> float:
    """Return what ``min(x, y)`` returns, NaN and zeros included."""
    return y if y < x else x


def fmax_py(x: float, y: float) -> float:
    """Return what ``max(x, y)`` returns, NaN and zeros included."""
    return y if y > x else x
