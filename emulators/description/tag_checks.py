"""What makes a tag valid, whether it is written in a rig file or in an I/O list."""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import MappingProxyType

from emulators.description.source import Findings, Located
from emulators.errors import SourceSpan, did_you_mean
from emulators.signals import ELEMENTARY_TYPES, UNITS, Tag, elementary_type, unit_named
from emulators.signals.tags import TAG_NAME

__all__ = ["TagDraft", "TagEntry", "known_type", "known_unit"]

_OTHER_LANGUAGES = MappingProxyType(
    {
        "float": "REAL",
        "float32": "REAL",
        "double": "LREAL",
        "float64": "LREAL",
        "boolean": "BOOL",
        "integer": "INT",
        "int8": "SINT",
        "int16": "INT",
        "int32": "DINT",
        "int64": "LINT",
        "uint8": "USINT",
        "uint16": "UINT",
        "uint32": "UDINT",
        "uint64": "ULINT",
    }
)


@dataclass(frozen=True, slots=True)
class TagEntry:
    """Tag with the places of its name and of its signal."""

    tag: Tag
    span: SourceSpan
    signal_span: SourceSpan


@dataclass(frozen=True, slots=True)
class TagDraft:
    """What was read of a tag; absent or wrong parts are None."""

    name: Located[str]
    signal: Located[str] | None
    is_truth: bool
    type: str
    unit: str
    eu_range: Located[tuple[float, float]] | None
    is_writable: bool
    safe_value: Located[bool | int | float] | None
    max_rate_per_s: Located[float] | None
    description: str

    def check(self, findings: Findings) -> TagEntry | None:
        """Return the tag, or None after reporting why there is none."""
        is_right = self._is_named(findings)
        is_right = self._is_safe_value_in_range(findings) and is_right
        is_right = self._is_rate_positive(findings) and is_right
        if not is_right or self.signal is None:
            return None
        tag = Tag(
            name=self.name.value,
            signal=self.signal.value,
            is_truth=self.is_truth,
            type=self.type,
            unit=self.unit,
            eu_range=self.eu_range.value if self.eu_range else None,
            is_writable=self.is_writable,
            safe_value=self.safe_value.value if self.safe_value else None,
            max_rate_per_s=self.max_rate_per_s.value if self.max_rate_per_s else None,
            description=self.description,
        )
        return TagEntry(tag, self.name.span, self.signal.span)

    def _is_named(self, findings: Findings) -> bool:
        if TAG_NAME.fullmatch(self.name.value):
            return True
        findings.add(
            self.name.span, f"'{self.name.value[:40]}' is not a tag name", "write it like LT-101 or LIC-101.SP"
        )
        return False

    def _is_safe_value_in_range(self, findings: Findings) -> bool:
        if self.safe_value is None or self.eu_range is None:
            return True
        low, high = self.eu_range.value
        if low <= self.safe_value.value <= high:
            return True
        findings.add(
            self.safe_value.span,
            f"safe value {self.safe_value.value:g} of {self.name.value} is outside its range {low:g}..{high:g}",
            "choose a safe value inside the range",
        )
        return False

    def _is_rate_positive(self, findings: Findings) -> bool:
        rate = self.max_rate_per_s
        if rate is None or 0 < rate.value < math.inf:
            return True
        findings.add(
            rate.span, f"maximum rate {rate.value:g} of {self.name.value} must be above 0", "write units per second"
        )
        return False


def known_unit(unit: Located[str] | None, findings: Findings) -> str:
    """Return the symbol of a unit, empty when it is absent or unknown (then it is reported)."""
    if unit is None or not unit.value:
        return ""
    known = unit_named(unit.value)
    if known is not None:
        return known.symbol
    hint = did_you_mean(unit.value, UNITS) or "write a unit such as %, m, m3/h, degC, kPa, s, rpm, mA"
    findings.add(unit.span, f"unknown unit '{unit.value[:40]}'", hint)
    return ""


def known_type(name: Located[str] | None, findings: Findings) -> str:
    """Return the name of an elementary type, empty when it is absent or unknown (then it is reported)."""
    if name is None or not name.value:
        return ""
    known = elementary_type(name.value)
    if known is not None:
        return known.name
    counterpart = _OTHER_LANGUAGES.get(name.value.casefold(), "")
    hint = did_you_mean(counterpart or name.value, ELEMENTARY_TYPES) or "write a type such as BOOL, INT, REAL"
    findings.add(name.span, f"unknown type '{name.value[:40]}'", hint)
    return ""
