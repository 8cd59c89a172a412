"""Behaviour of a value that neither a twin nor a client moves: its kind and its keys, as a register map says.

The table ``BEHAVIOURS`` has the keys of each kind; ``emulators/modbus/behaviours`` has what they do.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from emulators.description.source import Findings
from emulators.description.table_reader import TableReader
from emulators.description.toml_nodes import TomlTable
from emulators.errors import SourceSpan
from emulators.timebase import NS_PER_S

__all__ = ["BEHAVIOURS", "BehaviourEntry", "BehaviourKey", "KeyKind", "read_behaviour"]

BehaviourValue = bool | int | float | str


class KeyKind(enum.Enum):
    """What a key of a behaviour takes."""

    NUMBER = "number"
    DURATION = "duration"  # ns
    TEXT = "text"
    BOOLEAN = "boolean"


@dataclass(frozen=True, slots=True)
class BehaviourKey:
    """A key; ``default`` None means that it must be written."""

    name: str
    kind: KeyKind
    default: BehaviourValue | None = None


@dataclass(frozen=True, slots=True)
class BehaviourEntry:
    """One behaviour; ``values`` has every key of its kind, durations in ns.

    ``scope`` stands before the tags of the device that it belongs to, when that is one of several: ``METER-1.``.
    """

    kind: str
    values: Mapping[str, BehaviourValue]
    span: SourceSpan
    scope: str = ""

    def number(self, key: str) -> float:
        return float(self.values[key])

    def duration_ns(self, key: str) -> int:
        return int(self.values[key])

    def text(self, key: str) -> str:
        return str(self.values[key])


_PERIOD = BehaviourKey("period", KeyKind.DURATION, NS_PER_S)

BEHAVIOURS: Mapping[str, tuple[BehaviourKey, ...]] = MappingProxyType(
    {
        "counter": (
            _PERIOD,
            BehaviourKey("step", KeyKind.NUMBER, 1.0),
            BehaviourKey("modulus", KeyKind.NUMBER, 0.0),
        ),
        "total": (
            BehaviourKey("of", KeyKind.TEXT),
            BehaviourKey("per", KeyKind.DURATION, 3600 * NS_PER_S),
            BehaviourKey("factor", KeyKind.NUMBER, 1.0),
        ),
        "ramp": (
            BehaviourKey("low", KeyKind.NUMBER),
            BehaviourKey("high", KeyKind.NUMBER),
            BehaviourKey("period", KeyKind.DURATION),
            BehaviourKey("returns", KeyKind.BOOLEAN, False),
        ),
        "sine": (
            BehaviourKey("low", KeyKind.NUMBER),
            BehaviourKey("high", KeyKind.NUMBER),
            BehaviourKey("period", KeyKind.DURATION),
            BehaviourKey("phase_deg", KeyKind.NUMBER, 0.0),
        ),
        "random_walk": (
            BehaviourKey("low", KeyKind.NUMBER),
            BehaviourKey("high", KeyKind.NUMBER),
            BehaviourKey("step", KeyKind.NUMBER),
            _PERIOD,
        ),
        "replay": (
            BehaviourKey("file", KeyKind.TEXT),
            BehaviourKey("column", KeyKind.TEXT),
            BehaviourKey("time_column", KeyKind.TEXT, "time_s"),
            BehaviourKey("repeats", KeyKind.BOOLEAN, True),
        ),
        "mirror": (
            BehaviourKey("of", KeyKind.TEXT),
            BehaviourKey("delay", KeyKind.DURATION, 0),
        ),
        "python": (BehaviourKey("function", KeyKind.TEXT),),
    }
)


def read_behaviour(table: TomlTable, what: str, findings: Findings) -> BehaviourEntry | None:
    """Return the behaviour that a table describes, or None after reporting its mistakes."""
    reader = TableReader(table, f"the behaviour of {what}", findings)
    reader.require("kind")
    kind = reader.choice("kind", BEHAVIOURS)
    if kind is None:
        for _ in reader.others():
            pass
        return None
    values: dict[str, BehaviourValue] = {}
    for key in BEHAVIOURS[kind.value]:
        if key.default is None:
            reader.require(key.name)
        value = _value(reader, key)
        if value is not None:
            values[key.name] = value
        elif key.default is not None:
            values[key.name] = key.default
    reader.finish()
    if len(values) < len(BEHAVIOURS[kind.value]):
        return None
    if "low" in values and float(values["low"]) >= float(values["high"]):
        findings.add(table.span, f"the behaviour of {what}: low is not below high", "write the lower number as low")
        return None
    return BehaviourEntry(kind.value, MappingProxyType(values), table.span)


def _value(reader: TableReader, key: BehaviourKey) -> BehaviourValue | None:
    match key.kind:
        case KeyKind.NUMBER:
            number = reader.number(key.name)
            return number.value if number else None
        case KeyKind.DURATION:
            duration = reader.duration_ns(key.name, may_be_zero=key.name == "delay")
            return duration.value if duration else None
        case KeyKind.TEXT:
            text = reader.text(key.name, may_be_empty=False)
            return text.value if text else None
        case KeyKind.BOOLEAN:
            return reader.boolean(key.name, default=bool(key.default))
