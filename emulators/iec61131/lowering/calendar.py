"""Dates and times of day from their parts and back (tables 36 and 37), on the proleptic Gregorian calendar.

Source of the day count: the civil calendar in cycles of 400 years that start on the first of March.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from emulators.errors import SourceSpan
from emulators.iec61131 import tree
from emulators.iec61131.lowering.conversions import DAY_NS, floor_modulo
from emulators.iec61131.lowering.function_builder import FunctionBuilder
from emulators.iec61131.lowering.ranges import to_i64
from emulators.native import ir
from emulators.native.ir import BinaryOperator, Comparison, Conversion, FaultCode, Scalar

__all__ = ["ROWS", "split"]

Operands = Sequence[ir.Expression]
_YEARS = (1678, 2261)  # what signed 64-bit nanoseconds hold
_PART_NS = {"HOUR": 3_600_000_000_000, "MINUTE": 60_000_000_000, "SECOND": 1_000_000_000, "MILLISECOND": 1_000_000}
_PART_LIMITS = {"HOUR": (0, 23), "MINUTE": (0, 59), "SECOND": (0, 59), "MILLISECOND": (0, 999)}


@dataclass(frozen=True, slots=True)
class _Number:
    """I64 expression that is written as a formula; ``//`` rounds down."""

    it: ir.Expression

    def _with(self, operator: BinaryOperator, other: _Number | int) -> _Number:
        right = other.it if isinstance(other, _Number) else ir.Const(other, Scalar.I64)
        return _Number(ir.Binary(operator, self.it, right, Scalar.I64))

    def __add__(self, other: _Number | int) -> _Number:
        return self._with(BinaryOperator.ADD, other)

    def __sub__(self, other: _Number | int) -> _Number:
        return self._with(BinaryOperator.SUBTRACT, other)

    def __mul__(self, other: _Number | int) -> _Number:
        return self._with(BinaryOperator.MULTIPLY, other)

    def __floordiv__(self, other: _Number | int) -> _Number:
        return self._with(BinaryOperator.FLOOR_DIVIDE, other)

    def __mod__(self, other: _Number | int) -> _Number:
        return self._with(BinaryOperator.FLOOR_MODULO, other)

    def at_most(self, limit: int) -> ir.Expression:
        return ir.Compare(Comparison.LE, self.it, ir.Const(limit, Scalar.I64))


def _kept(b: FunctionBuilder, number: _Number) -> _Number:
    return _Number(b.keep(number.it))


def _choose(condition: ir.Expression, then: _Number | int, orelse: _Number | int) -> _Number:
    sides = [side.it if isinstance(side, _Number) else ir.Const(side, Scalar.I64) for side in (then, orelse)]
    return _Number(ir.Select(condition, sides[0], sides[1], Scalar.I64))


def _days_of(b: FunctionBuilder, year: _Number, month: _Number, day: _Number) -> _Number:
    """Return days since 1970-01-01."""
    shifted_year = _kept(b, year - _choose(month.at_most(2), 1, 0))
    era = _kept(b, shifted_year // 400)
    year_of_era = _kept(b, shifted_year - era * 400)
    month_from_march = month + _choose(month.at_most(2), 9, -3)
    day_of_year = (month_from_march * 153 + 2) // 5 + day - 1
    day_of_era = year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year
    return _kept(b, era * 146_097 + day_of_era - 719_468)


def _date_of(b: FunctionBuilder, days: _Number) -> tuple[_Number, _Number, _Number]:
    """Return year, month and day of days since 1970-01-01."""
    shifted = _kept(b, days + 719_468)
    era = _kept(b, shifted // 146_097)
    day_of_era = _kept(b, shifted - era * 146_097)
    leap_days = day_of_era // 1_460 - day_of_era // 36_524 + day_of_era // 146_096
    year_of_era = _kept(b, (day_of_era - leap_days) // 365)
    day_of_year = _kept(b, day_of_era - (year_of_era * 365 + year_of_era // 4 - year_of_era // 100))
    month_from_march = _kept(b, (day_of_year * 5 + 2) // 153)
    day = _kept(b, day_of_year - (month_from_march * 153 + 2) // 5 + 1)
    month = _kept(b, month_from_march + _choose(month_from_march.at_most(9), 3, -9))
    year = _kept(b, year_of_era + era * 400 + _choose(month.at_most(2), 1, 0))
    return year, month, day


def _require(b: FunctionBuilder, part: _Number, limits: tuple[int, int], span: SourceSpan) -> None:
    low, high = (ir.Const(limit, Scalar.I64) for limit in limits)
    outside = ir.OrElse(ir.Compare(Comparison.LT, part.it, low), ir.Compare(Comparison.GT, part.it, high))
    b.fault_if(outside, FaultCode.DOMAIN, span, part.it, low, high)


def _date_ns(b: FunctionBuilder, parts: Operands, span: SourceSpan) -> _Number:
    year, month, day = (_kept(b, _Number(to_i64(part))) for part in parts)
    _require(b, year, _YEARS, span)
    _require(b, month, (1, 12), span)
    _require(b, day, (1, 31), span)
    days = _days_of(b, year, month, day)
    _, _, same_day = _date_of(b, days)
    differs = ir.Compare(Comparison.NE, same_day.it, day.it)  # 31 April comes back as 1 May
    b.fault_if(differs, FaultCode.DOMAIN, span, day.it, ir.Const(1, Scalar.I64), (day - same_day).it)
    return days * DAY_NS


def _time_ns(b: FunctionBuilder, parts: Operands, span: SourceSpan) -> _Number:
    total = _Number(ir.Const(0, Scalar.I64))
    for name, part in zip(_PART_NS, parts, strict=True):
        number = _kept(b, _Number(to_i64(part)))
        _require(b, number, _PART_LIMITS[name], span)
        total = total + number * _PART_NS[name]
    return total


def _concat_date(b: FunctionBuilder, operands: Operands, call: tree.StandardCall) -> ir.Expression:
    return _date_ns(b, operands, call.span).it


def _concat_tod(b: FunctionBuilder, operands: Operands, call: tree.StandardCall) -> ir.Expression:
    return _time_ns(b, operands, call.span).it


def _concat_dt(b: FunctionBuilder, operands: Operands, call: tree.StandardCall) -> ir.Expression:
    operands = [b.keep(operand, call.span) for operand in operands]
    date = _date_ns(b, operands[:3], call.span)
    return (date + _time_ns(b, operands[3:], call.span)).it


def _join(b: FunctionBuilder, operands: Operands, call: tree.StandardCall) -> ir.Expression:
    return (_Number(operands[0]) + _Number(operands[1])).it


def _day_of_week(b: FunctionBuilder, operands: Operands, call: tree.StandardCall) -> ir.Expression:
    """Return 0 for Sunday to 6 for Saturday."""
    days = _Number(operands[0]) // DAY_NS
    return ir.Convert(((days + 4) % 7).it, Scalar.I16, Conversion.WRAP)


def split(b: FunctionBuilder, value: ir.Expression, operation: str) -> dict[str, ir.Expression]:
    """Return the parts of a date or time by the names of the outputs of ``SPLIT_*``."""
    kept = _Number(b.keep(value))
    parts: dict[str, _Number] = {}
    if operation != "SPLIT_TOD":
        parts["YEAR"], parts["MONTH"], parts["DAY"] = _date_of(b, kept // DAY_NS)
    if operation != "SPLIT_DATE":
        in_day = _Number(b.keep(floor_modulo(kept.it, DAY_NS)))
        for name, unit_ns in _PART_NS.items():
            parts[name] = in_day // unit_ns % (_PART_LIMITS[name][1] + 1)
    return {name: b.keep(ir.Convert(part.it, Scalar.I16, Conversion.WRAP)) for name, part in parts.items()}


ROWS: MappingProxyType[str, Callable[[FunctionBuilder, Operands, tree.StandardCall], ir.Expression]] = MappingProxyType(
    {
        "CONCAT_DATE": _concat_date,
        "CONCAT_TOD": _concat_tod,
        "CONCAT_DT": _concat_dt,
        "CONCAT_DATE_TOD": _join,
        "DAY_OF_WEEK": _day_of_week,
    }
)
