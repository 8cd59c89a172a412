"""Names and signatures of the type conversion functions: ``*_TO_**``, ``TO_**``, truncation and BCD.

What each does is decided by its two types alone (clause 6.6.2.5.2 to 6.6.2.5.8, tables 22 to 27); where the standard
leaves it open, we take what vendors do:

* real to integer rounds ties to even; outside the range it is a PLC fault;
* integer to integer keeps the low bits; a bit string and an integer exchange bits (extended with zeros);
* ``DWORD``/``REAL`` and ``LWORD``/``LREAL`` exchange bits (edition 3), other bit strings count as unsigned numbers;
* ``TIME`` and ``TOD`` count milliseconds, ``DATE`` and ``DT`` seconds since 1970-01-01; the long kinds nanoseconds;
* to ``BOOL`` is *not zero*.
"""

from __future__ import annotations

from emulators.iec61131.standard_functions import GENERIC_TYPES, FormalInput, StandardFunction

__all__ = ["conversion_functions"]

_INTEGERS = GENERIC_TYPES["ANY_INT"]
_REALS = GENERIC_TYPES["ANY_REAL"]
_BITS = GENERIC_TYPES["ANY_BIT"]
_BCD_OF_UNSIGNED = {"USINT": "BYTE", "UINT": "WORD", "UDINT": "DWORD", "ULINT": "LWORD"}


def conversion_functions() -> list[StandardFunction]:
    """Return every conversion function, in a stable order."""
    return [*_plain(), *_overloaded(), *_truncations(), *_bcd()]


def _plain() -> list[StandardFunction]:
    elementary = GENERIC_TYPES["ANY_ELEMENTARY"]
    return [
        StandardFunction(f"{source}_TO_{target}", "CONVERT", (FormalInput("IN", source),), target)
        for source in elementary
        for target in elementary
        if source != target and _is_convertible(source, target)
    ]


def _is_convertible(source: str, target: str) -> bool:
    texts, characters = GENERIC_TYPES["ANY_STRING"], GENERIC_TYPES["ANY_CHAR"]
    dates = GENERIC_TYPES["ANY_DATE"]
    if source in characters or target in characters:
        return {source, target} <= {*texts, *characters, "BYTE", "WORD", "USINT", "UINT"}
    if source in dates and target in dates:
        return _is_date_conversion(source, target)
    return not ({source, target} & {*dates} and {source, target} & set(GENERIC_TYPES["ANY_DURATION"])) or (
        _is_time_of_day(source) or _is_time_of_day(target)
    )


def _is_time_of_day(name: str) -> bool:
    return name in ("TOD", "LTOD")


def _is_date_conversion(source: str, target: str) -> bool:
    """Date and time to its parts, and between the short and the long kind; never a time of day to a date."""
    short_source, short_target = source.removeprefix("L"), target.removeprefix("L")
    return short_source == short_target or short_source == "DT" or (short_source, short_target) == ("DATE", "DT")


def _overloaded() -> list[StandardFunction]:
    """Return ``TO_INT`` and the like: every source type that has a conversion to the target."""
    elementary = GENERIC_TYPES["ANY_ELEMENTARY"]
    return [
        StandardFunction(f"TO_{target}", "CONVERT", (FormalInput("IN", source),), target)
        for target in elementary
        for source in elementary
        if source == target or _is_convertible(source, target)
    ]


def _truncations() -> list[StandardFunction]:
    rows = []
    for real in _REALS:
        rows.append(StandardFunction("TRUNC", "TRUNC", (FormalInput("IN", real),), "DINT"))
        for integer in _INTEGERS:
            formal = (FormalInput("IN", real),)
            rows.append(StandardFunction(f"TRUNC_{integer}", "TRUNC", formal, integer))
            rows.append(StandardFunction(f"{real}_TRUNC_{integer}", "TRUNC", formal, integer))
    return rows


def _bcd() -> list[StandardFunction]:
    rows = []
    for unsigned in GENERIC_TYPES["ANY_UNSIGNED"]:
        for bits in _BITS[1:]:
            from_bcd, to_bcd = (FormalInput("IN", bits),), (FormalInput("IN", unsigned),)
            rows.append(StandardFunction(f"{bits}_BCD_TO_{unsigned}", "FROM_BCD", from_bcd, unsigned))
            rows.append(StandardFunction(f"BCD_TO_{unsigned}", "FROM_BCD", from_bcd, unsigned))
            rows.append(StandardFunction(f"{unsigned}_TO_BCD_{bits}", "TO_BCD", to_bcd, bits))
            rows.append(StandardFunction(f"TO_BCD_{bits}", "TO_BCD", to_bcd, bits))
        widest = _BCD_OF_UNSIGNED[unsigned]
        rows.append(StandardFunction(f"{unsigned}_TO_BCD", "TO_BCD", (FormalInput("IN", unsigned),), widest))
    return rows
