"""Semantics of operators and standard functions of IEC 61131-3 in plain Python, for the reference evaluator."""

from __future__ import annotations

import datetime
import functools
import itertools
import math
import struct
from collections.abc import Sequence
from typing import Any

from emulators.errors import SourceSpan
from emulators.iec61131.types import Elementary, Kind, StringType, SubrangeType, default_initial, underlying
from emulators.native import INTRINSICS

DAY_NS = 86_400_000_000_000
EPOCH = datetime.date(1970, 1, 1)
MILLISECONDS = (Elementary.TIME, Elementary.TOD)
SECONDS = (Elementary.DATE, Elementary.DT)
TIMES = (Kind.DURATION, Kind.DATE, Kind.TIME_OF_DAY, Kind.DATE_AND_TIME)
SAME_BITS = {
    (Elementary.REAL, Elementary.DWORD),
    (Elementary.DWORD, Elementary.REAL),
    (Elementary.LREAL, Elementary.LWORD),
    (Elementary.LWORD, Elementary.LREAL),
}


class FaultError(Exception):
    """The PLC stops: code by name, place, values."""

    def __init__(self, code: str, span: SourceSpan, values: tuple[int, ...] = ()) -> None:
        super().__init__(f"{span}: {code} {values}")
        self.code = code
        self.span = span
        self.values = values


def wrap(value: int, base: Elementary) -> Any:
    """Return an integer in the range of its type, modulo two to the power of the width."""
    if base is Elementary.BOOL:
        return bool(value & 1)
    value &= (1 << base.bits) - 1
    return value - (1 << base.bits) if base.low < 0 and value > base.high else value


def round_real(value: float, base: Elementary) -> float:
    """Return the value rounded to the real type."""
    if base is Elementary.LREAL:
        return value
    try:
        return float(struct.unpack("<f", struct.pack("<f", value))[0])
    except OverflowError:
        return math.copysign(math.inf, value)


def _code(base: Elementary) -> str:
    if base.is_real:
        return "<f" if base is Elementary.REAL else "<d"
    letter = {1: "b", 8: "b", 16: "h", 32: "i", 64: "q"}[base.bits]
    return "<" + (letter if base.low < 0 else letter.upper())


def pack(value: Any, base: Elementary) -> bytes:
    if isinstance(value, str):
        value = ord(value)
    return struct.pack(_code(base), value)


def unpack(raw: bytes, base: Elementary) -> Any:
    value = struct.unpack(_code(base), raw)[0]
    if base is Elementary.BOOL:
        return bool(value)
    return chr(value) if base.kind is Kind.CHARACTER else value


def check_range(value: int, subrange: SubrangeType, span: SourceSpan) -> None:
    if not subrange.low <= value <= subrange.high:
        raise FaultError("SUBRANGE", span, (value, subrange.low, subrange.high))


def default(iec_type: Any) -> Any:
    return None if iec_type is None else default_initial(iec_type)


def round_even(value: float, base: Elementary, span: SourceSpan) -> int:
    if math.isfinite(value) and base.low <= round(value) <= base.high:
        return round(value)
    raise FaultError("CONVERSION", span)


# --- operators -------------------------------------------------------------------------------------------------------


def binary(operator: str, left: Any, right: Any, types: tuple[Any, Any], span: SourceSpan) -> Any:
    """Return ``left operator right``."""
    if operator in _COMPARISONS:
        return compare(operator, left, right)
    base = types[0]
    if operator == "**":
        return intrinsic("pow", (left, right), base, span)
    if base.kind is Kind.DURATION and types[1].kind is not Kind.DURATION:
        return scale(operator, left, right, types[1], span)
    if operator in ("AND", "OR", "XOR"):
        result = {"AND": left & right, "OR": left | right, "XOR": left ^ right}[operator]
        return bool(result) if base is Elementary.BOOL else result
    if base.is_real:
        return real_arithmetic(operator, left, right, base, span)
    return wrap(integer_arithmetic(operator, left, right, span), base)


_COMPARISONS = ("=", "<>", "<", "<=", ">", ">=")


def compare(operator: str, left: Any, right: Any) -> bool:
    match operator:
        case "=":
            return bool(left == right)
        case "<>":
            return bool(left != right)
        case "<":
            return bool(left < right)
        case "<=":
            return bool(left <= right)
        case ">":
            return bool(left > right)
    return bool(left >= right)


def real_arithmetic(operator: str, left: float, right: float, base: Elementary, span: SourceSpan) -> float:
    match operator:
        case "+":
            return round_real(left + right, base)
        case "-":
            return round_real(left - right, base)
        case "*":
            return round_real(left * right, base)
    if right == 0:
        raise FaultError("DIVISION_BY_ZERO", span)
    return round_real(left / right, base)


def integer_arithmetic(operator: str, left: int, right: int, span: SourceSpan) -> int:
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
    if right == 0:
        raise FaultError("DIVISION_BY_ZERO", span)
    quotient = abs(left) // abs(right)
    if (left < 0) != (right < 0):
        quotient = -quotient
    return quotient if operator == "/" else left - quotient * right


def scale(operator: str, duration: int, factor: Any, base: Elementary, span: SourceSpan) -> Any:
    if not base.is_real:
        return wrap(integer_arithmetic(operator, duration, wrap(factor, Elementary.LINT), span), Elementary.LINT)
    exact = real_arithmetic(operator, float(duration), factor, Elementary.LREAL, span)
    return round_even(exact, Elementary.LINT, span)


def intrinsic(name: str, values: Sequence[float], base: Elementary, span: SourceSpan) -> float:
    """Call the Python twin of an intrinsic in 64 bits and round once."""
    try:
        return round_real(float(INTRINSICS[name].twin(*(float(value) for value in values))), base)
    except ValueError:
        raise FaultError("DOMAIN", span) from None


# --- conversions -----------------------------------------------------------------------------------------------------


def unit_ns(base: Elementary) -> int:
    if base in MILLISECONDS:
        return 1_000_000
    return 1_000_000_000 if base in SECONDS else 1


def convert(value: Any, source: Any, target: Any, span: SourceSpan) -> Any:
    """Return a scalar converted between two elementary types."""
    if source is target:
        return value
    if (source, target) in SAME_BITS:
        return unpack(pack(value, source), target)
    if target.kind is Kind.CHARACTER or source.kind is Kind.CHARACTER:
        number = ord(value) if isinstance(value, str) else value
        wrapped = wrap(number, target)
        return chr(wrapped) if target.kind is Kind.CHARACTER else wrapped
    if target is Elementary.BOOL:
        return value != 0
    if source.kind in TIMES and target.kind in TIMES:
        return _between_times(value, source, target)
    if source.kind in TIMES:
        return _number_of(value, unit_ns(source), target)
    if target.kind in TIMES:
        if source.is_real:
            return round_even(value * unit_ns(target), Elementary.LINT, span)
        return wrap(wrap(int(value), Elementary.LINT) * unit_ns(target), Elementary.LINT)
    if target.is_real:
        return round_real(float(value), target) if source.is_real else real_of(int(value), target)
    return round_even(value, target, span) if source.is_real else wrap(int(value), target)


def real_of(value: int, target: Elementary) -> float:
    """Return an integer rounded once to the real type."""
    if target is Elementary.LREAL:
        return float(value)
    import numpy as np

    return float(np.float32(np.int64(value) if value < 1 << 63 else np.uint64(value)))


def _number_of(value: int, unit: int, target: Elementary) -> Any:
    if target.is_real:
        return round_real(float(value) / float(unit), target)
    return wrap(integer_arithmetic("/", value, unit, SourceSpan("", 0, 0)), target)


def _between_times(value: int, source: Elementary, target: Elementary) -> int:
    if target.kind is Kind.TIME_OF_DAY and source.kind is not Kind.TIME_OF_DAY:
        return value % DAY_NS
    if target.kind is Kind.DATE and source.kind is Kind.DATE_AND_TIME:
        return value - value % DAY_NS
    return value


def truncate(value: float, target: Elementary, span: SourceSpan) -> int:
    if math.isfinite(value) and target.low <= math.trunc(value) <= target.high:
        return math.trunc(value)
    raise FaultError("CONVERSION", span)


# --- standard functions ----------------------------------------------------------------------------------------------

_FOLDED = {"ADD": "+", "SUB": "-", "MUL": "*", "DIV": "/", "MOD": "MOD", "ADD_NS": "+", "SUB_NS": "-"}
_NAMED_COMPARISONS = {"EQ": "=", "NE": "<>", "LT": "<", "LE": "<=", "GT": ">", "GE": ">="}
_REAL_FUNCTIONS = {
    "SQRT": "sqrt",
    "LN": "log",
    "LOG": "log10",
    "EXP": "exp",
    "SIN": "sin",
    "COS": "cos",
    "TAN": "tan",
    "ASIN": "asin",
    "ACOS": "acos",
    "ATAN": "atan",
    "ATAN2": "atan2",
}


def standard(operation: str, values: list[Any], types: list[Any], result: Any, span: SourceSpan) -> Any:
    """Return the result of a standard function by its operation."""
    if operation in _FOLDED:
        return functools.reduce(lambda a, b: _fold(_FOLDED[operation], a, b, types[0], span), values)
    if operation in ("AND", "OR", "XOR"):
        return functools.reduce(lambda a, b: binary(operation, a, b, (types[0], types[0]), span), values)
    if operation in _NAMED_COMPARISONS:
        pairs = itertools.pairwise(values)
        return all(compare(_NAMED_COMPARISONS[operation], a, b) for a, b in pairs)
    if operation in ("MUL_NUM", "DIV_NUM"):
        return scale("*" if operation == "MUL_NUM" else "/", values[0], values[1], types[1], span)
    if operation in _REAL_FUNCTIONS:
        return intrinsic(_REAL_FUNCTIONS[operation], values, types[0], span)
    if operation == "EXPT":
        return intrinsic("pow", values, types[0], span)
    if operation == "CONVERT":
        return _convert(values[0], types[0], result, span)
    if operation == "TRUNC":
        return truncate(values[0], result, span)
    row = _ROWS.get(operation)
    if row is not None:
        return row(values, types[0] if types else None, result, span)
    raise AssertionError(operation)


def _fold(operator: str, left: Any, right: Any, base: Elementary, span: SourceSpan) -> Any:
    if base.is_real:
        return real_arithmetic(operator, left, right, base, span)
    return wrap(integer_arithmetic(operator, left, right, span), base)


def _absolute(values: list[Any], base: Any, result: Any, span: SourceSpan) -> Any:
    return abs(values[0]) if base.is_real else wrap(abs(values[0]), base)


def _greatest(values: list[Any], *_: Any) -> Any:
    return functools.reduce(lambda best, value: value if value > best else best, values)


def _least(values: list[Any], *_: Any) -> Any:
    return functools.reduce(lambda best, value: value if value < best else best, values)


def _limit(values: list[Any], *_: Any) -> Any:
    low, value, high = values
    return _least([_greatest([value, low]), high])


def _multiplex(values: list[Any], base: Any, result: Any, span: SourceSpan) -> Any:
    if not 0 <= values[0] < len(values) - 1:
        raise FaultError("INDEX_OUT_OF_BOUNDS", span, (values[0], 0, len(values) - 2))
    return values[1 + values[0]]


def _shift_left(values: list[Any], base: Any, result: Any, span: SourceSpan) -> Any:
    value, count = values
    return wrap(int(value) << count, base) if 0 <= count < base.bits else wrap(0, base)


def _shift_right(values: list[Any], base: Any, result: Any, span: SourceSpan) -> Any:
    value, count = values
    return wrap(int(value) >> count, base) if 0 <= count < base.bits else wrap(0, base)


def _rotate_left(values: list[Any], base: Any, result: Any, span: SourceSpan) -> Any:
    value, count = int(values[0]), values[1] % base.bits
    return wrap(value << count | value >> (base.bits - count), base)


def _rotate_right(values: list[Any], base: Any, result: Any, span: SourceSpan) -> Any:
    return _rotate_left([values[0], -values[1]], base, result, span)


def _is_valid_bcd(values: list[Any], base: Any, *_: Any) -> bool:
    return all(digit in "0123456789" for digit in f"{int(values[0]):x}")


def _from_bcd(values: list[Any], base: Any, result: Any, span: SourceSpan) -> Any:
    if not _is_valid_bcd(values, base):
        raise FaultError("CONVERSION", span)
    return wrap(int(f"{values[0]:x}"), result)


def _to_bcd(values: list[Any], base: Any, result: Any, span: SourceSpan) -> Any:
    digits = str(values[0])
    if len(digits) > result.bits // 4:
        raise FaultError("OVERFLOW", span)
    return int(digits, 16)


def _date_ns(parts: list[int], span: SourceSpan) -> int:
    try:
        if not 1678 <= parts[0] <= 2261:
            raise ValueError
        return (datetime.date(*parts) - EPOCH).days * DAY_NS
    except ValueError:
        raise FaultError("DOMAIN", span) from None


def _time_ns(parts: list[int], span: SourceSpan) -> int:
    for part, limit in zip(parts, (24, 60, 60, 1000), strict=True):
        if not 0 <= part < limit:
            raise FaultError("DOMAIN", span)
    hours, minutes, seconds, milliseconds = parts
    return (((hours * 60 + minutes) * 60 + seconds) * 1000 + milliseconds) * 1_000_000


def split(operation: str, value: int) -> dict[str, int]:
    """Return the outputs of SPLIT_DATE, SPLIT_TOD and SPLIT_DT."""
    date = EPOCH + datetime.timedelta(days=value // DAY_NS)
    milliseconds = value % DAY_NS // 1_000_000
    parts = {"YEAR": date.year, "MONTH": date.month, "DAY": date.day}
    parts |= {"HOUR": milliseconds // 3_600_000, "MINUTE": milliseconds // 60_000 % 60}
    return parts | {"SECOND": milliseconds // 1000 % 60, "MILLISECOND": milliseconds % 1000}


# --- strings ---------------------------------------------------------------------------------------------------------


def _left(values: list[Any], *_: Any) -> str:
    return str(values[0][: max(0, values[1])])


def _right(values: list[Any], *_: Any) -> str:
    text, count = values[0], max(0, values[1])
    return str(text[len(text) - min(count, len(text)) :])


def _mid(values: list[Any], *_: Any) -> str:
    text, count, position = values
    first = max(0, position - 1)
    return str(text[first : first + max(0, count)])


def _delete(values: list[Any], *_: Any) -> str:
    text, count, position = values
    first = max(0, position - 1)
    return str(text[:first] + text[first + max(0, count) :])


def _insert(values: list[Any], *_: Any) -> str:
    text, inserted, position = values
    at = max(0, position)
    return str(text[:at] + inserted + text[at:])


def _replace(values: list[Any], *_: Any) -> str:
    text, inserted, count, position = values
    first = max(0, position - 1)
    return str(text[:first] + inserted + text[first + max(0, count) :])


def _find(values: list[Any], *_: Any) -> int:
    return values[0].find(values[1]) + 1 if values[1] else 0


def _convert(value: Any, source: Any, target: Any, span: SourceSpan) -> Any:
    if isinstance(target, StringType):
        return spell(value, source, target)[: target.length]
    if isinstance(source, StringType):
        return read(value, target)
    return convert(value, source, target, span)


def spell(value: Any, source: Any, target: StringType) -> str:
    if isinstance(source, StringType):
        return value if target.is_wide else "".join(c if ord(c) < 256 else "?" for c in value)
    if source is Elementary.BOOL:
        return "TRUE" if value else "FALSE"
    if source.kind is Kind.CHARACTER:
        return str(value).rstrip("\0")
    if source.is_real:
        return spell_real(value, source)
    if source.kind in TIMES:
        return spell_time(value, source)
    return str(value)


def spell_real(value: float, base: Elementary) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0:
        return "-0.0" if math.copysign(1, value) < 0 else "0.0"
    precision = next(p for p in range(18) if round_real(float(f"{value:.{p}e}"), base) == value)
    mantissa, exponent = f"{value:.{precision}e}".split("e")
    power = int(exponent)
    if not -5 < power < 16:
        return (mantissa if "." in mantissa else mantissa + ".0") + f"E{power:+03d}"
    digits = mantissa.replace("-", "").replace(".", "")
    sign = "-" if value < 0 else ""
    if power < 0:
        return f"{sign}0.{'0' * (-power - 1)}{digits}"
    digits = digits.ljust(power + 2, "0")
    return f"{sign}{digits[: power + 1]}.{digits[power + 1 :]}"


def spell_time(value: int, base: Elementary) -> str:
    is_long = base.name.startswith("L")
    if base.kind is Kind.DURATION:
        return ("LTIME#" if is_long else "T#") + _spell_duration(value)
    date = (EPOCH + datetime.timedelta(days=value // DAY_NS)).isoformat()
    if base.kind is Kind.DATE:
        return ("LDATE#" if is_long else "D#") + date
    seconds, fraction = divmod(value % DAY_NS, 1_000_000_000)
    clock = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    if fraction:
        text = f"{fraction:09d}"
        while text.endswith("000"):
            text = text[:-3]
        clock += "." + text
    if base.kind is Kind.TIME_OF_DAY:
        return ("LTOD#" if is_long else "TOD#") + clock
    return ("LDT#" if is_long else "DT#") + f"{date}-{clock}"


def _spell_duration(value: int) -> str:
    if value == 0:
        return "0s"
    rest, text = abs(value), "-" if value < 0 else ""
    units = [("d", DAY_NS), ("h", 3600 * 10**9), ("m", 60 * 10**9), ("s", 10**9)]
    for name, size in (*units, ("ms", 10**6), ("us", 10**3), ("ns", 1)):
        count, rest = divmod(rest, size)
        text += f"{count}{name}" if count else ""
    return text


def read(text: str, target: Any) -> Any:
    """Return the value of simple spellings; the conformance tables hold the odd ones."""
    base = underlying(target)
    if isinstance(base, StringType):
        return text
    assert isinstance(base, Elementary)
    if base is Elementary.BOOL:
        return text == "TRUE"
    if base.is_real:
        return round_real(float(text), base)
    if base.kind is Kind.CHARACTER:
        return (text + "\0")[0]
    return wrap(int(text), base)


_ROWS: dict[str, Any] = {
    "MOVE": lambda values, *_: values[0],
    "NOT": lambda values, base, *_: not values[0] if base is Elementary.BOOL else ~values[0] & base.high,
    "ABS": _absolute,
    "MAX": _greatest,
    "MIN": _least,
    "LIMIT": _limit,
    "SEL": lambda values, *_: values[2] if values[0] else values[1],
    "MUX": _multiplex,
    "SHL": _shift_left,
    "SHR": _shift_right,
    "ROL": _rotate_left,
    "ROR": _rotate_right,
    "IS_VALID": lambda values, *_: math.isfinite(values[0]),
    "IS_VALID_BCD": _is_valid_bcd,
    "FROM_BCD": _from_bcd,
    "TO_BCD": _to_bcd,
    "CONCAT_DATE": lambda values, base, result, span: _date_ns(values, span),
    "CONCAT_TOD": lambda values, base, result, span: _time_ns(values, span),
    "CONCAT_DT": lambda values, base, result, span: _date_ns(values[:3], span) + _time_ns(values[3:], span),
    "CONCAT_DATE_TOD": lambda values, *_: wrap(values[0] + values[1], Elementary.LINT),
    "DAY_OF_WEEK": lambda values, *_: (values[0] // DAY_NS + 4) % 7,
    "LEN": lambda values, *_: len(values[0]),
    "LEFT": _left,
    "RIGHT": _right,
    "MID": _mid,
    "CONCAT": lambda values, *_: "".join(values),
    "INSERT": _insert,
    "DELETE": _delete,
    "REPLACE": _replace,
    "FIND": _find,
}
