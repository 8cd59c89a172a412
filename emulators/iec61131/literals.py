"""Values of literals as written: numbers, durations, dates, strings; ``ValueError`` says what is wrong."""

from __future__ import annotations

import re
import struct
from datetime import date
from fractions import Fraction

__all__ = [
    "date_literal",
    "duration_literal",
    "integer_literal",
    "real_literal",
    "round_to_width",
    "string_literal",
]

_DURATION_UNITS_NS = {
    "d": 86_400_000_000_000,
    "h": 3_600_000_000_000,
    "m": 60_000_000_000,
    "s": 1_000_000_000,
    "ms": 1_000_000,
    "us": 1_000,
    "ns": 1,
}
_UNIT_ORDER = ("d", "h", "m", "s", "ms", "us", "ns")
_DURATION_PART = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|us|ns|d|h|m|s)(?![a-ln-rt-z])")
_DATE = re.compile(r"([0-9]+)-([0-9]{1,2})-([0-9]{1,2})$")
_TIME_OF_DAY = re.compile(r"([0-9]{1,2}):([0-9]{1,2})(?::([0-9]{1,2})(\.[0-9]+)?)?$")
_NS_PER_DAY = 86_400_000_000_000
_EPOCH = date(1970, 1, 1).toordinal()
_ESCAPES = {"$": "$", "'": "'", '"': '"', "L": "\n", "N": "\n", "P": "\f", "R": "\r", "T": "\t"}
_MAX_DIGITS = 400


def integer_literal(text: str) -> int:
    """Return the value of ``1_000`` or ``16#FF``."""
    digits = text.replace("_", "")
    if "#" not in digits:
        if len(digits) > _MAX_DIGITS:
            raise ValueError("number is too long")
        return int(digits)
    base_text, _, body = digits.partition("#")
    base = int(base_text) if len(base_text) < 4 else 0
    if base not in (2, 8, 10, 16):
        raise ValueError(f"base {base_text} does not exist; use 2#, 8#, 10# or 16#")
    if len(body) > _MAX_DIGITS:
        raise ValueError("number is too long")
    try:
        return int(body, base)
    except ValueError:
        raise ValueError(f"'{body}' has a digit that base {base} does not have") from None


def real_literal(text: str) -> Fraction:
    """Return the exact value of ``1_0.5e-3``."""
    digits = text.replace("_", "")
    mantissa, _, exponent = digits.lower().partition("e")
    if len(mantissa) > _MAX_DIGITS or len(exponent) > 4:
        raise ValueError("number is too long")
    return Fraction(digits)


def round_to_width(value: Fraction | float, bits: int) -> float:
    """Return the nearest float of 32 or 64 bits, ties to even.

    Raises:
        OverflowError: beyond the largest finite float of that width.
    """
    double = float(value)
    if bits == 64 or double != double:
        return double
    single: float = struct.unpack("<f", struct.pack("<f", double))[0]
    if isinstance(value, float) or single == value:
        return single
    (pattern,) = struct.unpack("<I", struct.pack("<f", single))
    neighbours = [pattern + step for step in (-1, 0, 1) if pattern & 0x7FFFFFFF or step >= 0]
    floats = [(struct.unpack("<f", struct.pack("<I", bits_))[0], bits_ & 1) for bits_ in neighbours]
    finite = [(abs(Fraction(single_) - value), odd, single_) for single_, odd in floats if abs(single_) < 3.5e38]
    nearest: float = min(finite)[2]
    return nearest


def duration_literal(text: str) -> int:
    """Return nanoseconds of ``T#-1h2m3.5s``; parts go from coarse to fine, only the last may have a fraction.

    Beyond nanoseconds the value is cut towards zero.
    """
    _, _, body = text.partition("#")
    body = body.lower().replace("_", "")
    sign = -1 if body.startswith("-") else 1
    body = body.lstrip("+-")
    position, rank, total = 0, -1, Fraction(0)
    has_fraction = False
    while position < len(body):
        part = _DURATION_PART.match(body, position)
        if part is None:
            raise ValueError("write days to nanoseconds as d, h, m, s, ms, us, ns: T#1h30m, T#2.5s")
        number, unit = part[1], part[2]
        if _UNIT_ORDER.index(unit) <= rank:
            raise ValueError(f"'{unit}' stands behind a finer or the same unit")
        if has_fraction:
            raise ValueError("only the last part may have a fraction")
        if len(number) > 40:
            raise ValueError("number is too long")
        rank, has_fraction = _UNIT_ORDER.index(unit), "." in number
        total += Fraction(number) * _DURATION_UNITS_NS[unit]
        position = part.end()
    if rank < 0:
        raise ValueError("a duration has a number and a unit: T#1h30m, T#2.5s")
    value = sign * int(total)
    if not -(1 << 63) <= value < 1 << 63:
        raise ValueError("duration is longer than 64 bits of nanoseconds (292 years)")
    return value


def date_literal(text: str) -> tuple[str, int]:
    """Return the type name (DATE, LTOD, DT …) and the nanoseconds of a date, time of day or both."""
    prefix, _, body = text.partition("#")
    body = body.replace("_", "")
    kind = {"D": "DATE", "LD": "LDATE", "TIME_OF_DAY": "TOD", "LTIME_OF_DAY": "LTOD"}.get(
        prefix.upper(), prefix.upper()
    )
    kind = {"DATE_AND_TIME": "DT", "LDATE_AND_TIME": "LDT"}.get(kind, kind)
    if kind.endswith("DATE"):
        return kind, _days(body) * _NS_PER_DAY
    if kind.endswith("TOD"):
        return kind, _time_of_day(body)
    day, _, time = body.rpartition("-")
    value = _days(day) * _NS_PER_DAY + _time_of_day(time)
    return kind, value


def _days(text: str) -> int:
    match = _DATE.match(text)
    if match is None:
        raise ValueError("a date is year-month-day: 2024-02-29")
    year, month, day = (int(part) for part in match.groups())
    if not 1678 <= year <= 2261:
        raise ValueError("years 1678 to 2261 can be held")
    try:
        return date(year, month, day).toordinal() - _EPOCH
    except ValueError:
        raise ValueError(f"{text} is no day of the calendar") from None


def _time_of_day(text: str) -> int:
    match = _TIME_OF_DAY.match(text)
    if match is None:
        raise ValueError("a time of day is hours:minutes:seconds: 23:59:59.5")
    hours, minutes, seconds = int(match[1]), int(match[2]), int(match[3] or 0)
    if hours > 23 or minutes > 59 or seconds > 59:
        raise ValueError(f"{text} is no time of the day")
    fraction_ns = int(Fraction(match[4] or 0) * 1_000_000_000)
    return ((hours * 60 + minutes) * 60 + seconds) * 1_000_000_000 + fraction_ns


def string_literal(text: str) -> str:
    """Return the characters of ``'a$N'`` or ``"a$00E4"``; see ``types`` for what they stand for."""
    is_wide = text[0] == '"'
    body = text[1:-1]
    if "$" not in body:
        value = body
    else:
        digits = 4 if is_wide else 2
        pattern = re.compile(rf"\$([0-9A-Fa-f]{{{digits}}}|.)")
        value = pattern.sub(lambda match: _escape(match[1]), body)
    if is_wide:
        units = value.encode("utf-16-le", "surrogatepass")
        return "".join(chr(units[i] | units[i + 1] << 8) for i in range(0, len(units), 2))
    for character in value:
        if ord(character) > 255:
            raise ValueError(f"'{character}' needs two bytes; write the string in double quotes (WSTRING)")
    return value


def _escape(code: str) -> str:
    if len(code) > 1:
        return chr(int(code, 16))
    known = _ESCAPES.get(code.upper())
    if known is None:
        raise ValueError(
            f"'${code}' is no escape; use $$, $', $\", $L, $N, $P, $R, $T or two hex digits (four in wide)"
        )
    return known
