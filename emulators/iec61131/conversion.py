"""Which types convert implicitly, and which type two operands share.

Implicit conversions lose nothing (the standard's figure of implicit conversions):
SINT → INT → DINT → LINT, USINT → UINT → UDINT → ULINT, unsigned into the next wider signed; integers of 8 and 16 bits →
REAL, up to 32 bits → LREAL, REAL → LREAL; BOOL → BYTE → WORD → DWORD → LWORD; TIME → LTIME and the same for dates;
CHAR → STRING, WCHAR → WSTRING. Subranges convert as their base, an enumeration to its base and wider integers.
Nothing converts to an enumeration; a conversion to a subrange is a ``RangeCheck``.
"""

from __future__ import annotations

from fractions import Fraction

from emulators.iec61131.literals import round_to_width
from emulators.iec61131.types import (
    ArrayType,
    Elementary,
    EnumerationType,
    IecType,
    Kind,
    StringType,
    SubrangeType,
    Value,
    underlying,
)

__all__ = [
    "common_type",
    "constant_in_type",
    "converts_implicitly",
    "default_literal_type",
    "is_same_type",
    "needs_convert",
]

_KIND_LADDERS = (
    (Elementary.BOOL, Elementary.BYTE, Elementary.WORD, Elementary.DWORD, Elementary.LWORD),
    (Elementary.TIME, Elementary.LTIME),
    (Elementary.DATE, Elementary.LDATE),
    (Elementary.TOD, Elementary.LTOD),
    (Elementary.DT, Elementary.LDT),
)
_REAL_MANTISSA = {Elementary.REAL: 24, Elementary.LREAL: 53}
_NUMBERS = (
    Elementary.SINT,
    Elementary.USINT,
    Elementary.INT,
    Elementary.UINT,
    Elementary.DINT,
    Elementary.UDINT,
    Elementary.LINT,
    Elementary.ULINT,
    Elementary.REAL,
    Elementary.LREAL,
)


def _is_widening(source: Elementary, target: Elementary) -> bool:
    if source.is_integer and target.is_integer:
        return target.low <= source.low and source.high <= target.high
    if source.is_integer and target.is_real:
        return source.bits < _REAL_MANTISSA[target]
    if source.is_real and target.is_real:
        return source.bits <= target.bits
    for ladder in _KIND_LADDERS:
        if source in ladder and target in ladder:
            return ladder.index(source) <= ladder.index(target)
    return False


_WIDENING = frozenset(
    (source, target)
    for source in Elementary
    for target in Elementary
    if source is target or _is_widening(source, target)
)
_COMMON: dict[tuple[Elementary, Elementary], Elementary] = {}
for _first in Elementary:
    for _second in Elementary:
        for _target in (_first, _second, *_NUMBERS):
            if (_first, _target) in _WIDENING and (_second, _target) in _WIDENING:
                _COMMON[_first, _second] = _target
                break


def is_same_type(first: IecType, second: IecType) -> bool:
    """True if values can be copied as they are; strings of one width may differ in length."""
    if isinstance(first, StringType) and isinstance(second, StringType):
        return first.is_wide == second.is_wide
    if isinstance(first, ArrayType) and isinstance(second, ArrayType):
        return first.bounds == second.bounds and (
            first.element == second.element
            or (isinstance(first.element, ArrayType) and is_same_type(first.element, second.element))
        )
    if isinstance(first, SubrangeType) and isinstance(second, SubrangeType):
        return first == second
    return first == second


def converts_implicitly(source: IecType, target: IecType) -> bool:
    """True if a value of ``source`` may stand where ``target`` is wanted (a subrange target adds a check)."""
    if is_same_type(source, target):
        return True
    if isinstance(target, EnumerationType):
        return False
    if isinstance(target, StringType):
        return source is (Elementary.WCHAR if target.is_wide else Elementary.CHAR)
    plain_source, plain_target = underlying(source), underlying(target)
    if isinstance(plain_source, Elementary) and isinstance(plain_target, Elementary):
        return (plain_source, plain_target) in _WIDENING
    return False


def needs_convert(source: IecType, target: IecType) -> bool:
    """True if the stored forms differ, so that a ``Convert`` node stands between them."""
    return underlying(source) != underlying(target) and not is_same_type(source, target)


def common_type(first: IecType, second: IecType) -> IecType | None:
    """Return the narrowest type both convert to, or None. Enumerations only agree with themselves."""
    if isinstance(first, StringType) and isinstance(second, StringType):
        if first.is_wide != second.is_wide:
            return None
        return first if first.length >= second.length else second
    if isinstance(first, EnumerationType) or isinstance(second, EnumerationType):
        return first if first == second else None
    plain_first, plain_second = underlying(first), underlying(second)
    if isinstance(plain_first, Elementary) and isinstance(plain_second, Elementary):
        return _COMMON.get((plain_first, plain_second))
    if isinstance(first, StringType) and converts_implicitly(second, first):
        return first
    if isinstance(second, StringType) and converts_implicitly(first, second):
        return second
    return first if is_same_type(first, second) else None


def default_literal_type(value: int | Fraction) -> Elementary | None:
    """Return the type of an untyped number that nothing else decides: INT, DINT, LINT, ULINT; LREAL with a point."""
    if isinstance(value, Fraction):
        return Elementary.LREAL
    for candidate in (Elementary.INT, Elementary.DINT, Elementary.LINT, Elementary.ULINT):
        if candidate.low <= value <= candidate.high:
            return candidate
    return None


def constant_in_type(value: int | Fraction, target: IecType) -> Value | None:
    """Return an untyped number as a value of ``target``, or None if that type does not hold it.

    BOOL takes 0 and 1; a bit string takes what fits unsigned; a real takes any number in its range, rounded.
    """
    plain = underlying(target)
    if isinstance(target, EnumerationType) or not isinstance(plain, Elementary):
        return None
    if plain.is_real:
        try:
            return round_to_width(Fraction(value), plain.bits)
        except OverflowError:
            return None
    if isinstance(value, Fraction) or not (plain.is_integer or plain.is_bit_string):
        return None
    low, high = (target.low, target.high) if isinstance(target, SubrangeType) else (plain.low, plain.high)
    if not low <= value <= high:
        return None
    return bool(value) if plain.kind is Kind.BOOL else value
