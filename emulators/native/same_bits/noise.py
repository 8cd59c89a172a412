"""Noise as a function of seed, counter and channel, so that a restored state goes on with the same noise."""

from __future__ import annotations

import hashlib

from emulators.native.same_bits import constants as c
from emulators.native.same_bits.exponential import exp, log
from emulators.native.same_bits.tables import GAUSS_TABLE

__all__ = ["channel_of", "gauss", "hash_u64", "uniform"]

_MASK = (1 << 64) - 1
_GOLDEN = 0x9E3779B97F4A7C15


def _mixed(z: int) -> int:
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 & _MASK
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB & _MASK
    return z ^ (z >> 31)


def _next(bits: int) -> int:
    return _mixed(bits + _GOLDEN & _MASK)


def channel_of(name: str) -> int:
    """Return the channel of what draws under a name: 63 bits of the name's SHA-256, whatever else draws."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") >> 1


def hash_u64(seed: int, counter: int, channel: int) -> int:
    """Return 64 bits that look random; numbers count modulo 2**64."""
    return _mixed(_mixed(_mixed(seed + _GOLDEN & _MASK) + channel & _MASK) + counter & _MASK)


def _unit(bits: int) -> float:
    return float(bits >> 11) * 2.0**-53


def uniform(seed: int, counter: int, channel: int) -> float:
    """Return a number in [0, 1)."""
    return _unit(hash_u64(seed, counter, channel))


def _log_of_unit(bits: int) -> float:
    return log((float(bits >> 12) + 0.5) * 2.0**-52)


def gauss(seed: int, counter: int, channel: int) -> float:
    """Return a normally distributed number of mean 0 and variance 1.

    A point under the bell curve: rectangles of equal area, the corner of a rectangle checked against the curve.
    """
    bits = hash_u64(seed, counter, channel)
    while True:
        row = bits & 127
        sign = -1.0 if bits & 128 else 1.0
        x = _unit(bits) * GAUSS_TABLE[row][0]
        if x < GAUSS_TABLE[row + 1][0]:
            return sign * x
        if row == 0:
            return sign * _tail(bits)
        bits = _next(bits)
        low, high = GAUSS_TABLE[row][1], GAUSS_TABLE[row + 1][1]
        if low + _unit(bits) * (high - low) < exp(-0.5 * x * x):
            return sign * x
        bits = _next(bits)


def _tail(bits: int) -> float:
    while True:
        bits = _next(bits)
        x = -_log_of_unit(bits) / c.GAUSS_TAIL
        bits = _next(bits)
        y = -_log_of_unit(bits)
        if y + y > x * x:
            return c.GAUSS_TAIL + x
