"""A register map as a document for people: a row an entry, by table and address."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from emulators.description.behaviour import BEHAVIOURS, BehaviourEntry, KeyKind
from emulators.description.register_map import (
    ByteOrder,
    RegisterAccess,
    RegisterEntry,
    RegisterMapDescription,
    RegisterTable,
)
from emulators.timebase import format_duration

__all__ = ["DOCUMENT_HEADINGS", "DocumentRow", "document_rows", "map_facts"]

DOCUMENT_HEADINGS = (
    "reference",
    "address",
    "table",
    "tag",
    "type",
    "access",
    "unit",
    "engineering value",
    "moved by",
    "description",
)


class DocumentRow(NamedTuple):
    """Texts under ``DOCUMENT_HEADINGS``, and what single values or bits are called: ``0``, ``bit 4``, ``bits 3..4``."""

    table: RegisterTable
    texts: tuple[str, ...]
    meanings: tuple[tuple[str, str], ...]

    @property
    def flat_texts(self) -> tuple[str, ...]:
        """The texts with the meanings behind the description, for a row of one line."""
        meanings = ", ".join(" ".join(pair) for pair in self.meanings)
        return (*self.texts[:-1], "; ".join(part for part in (self.texts[-1], meanings) if part))


def document_rows(register_map: RegisterMapDescription) -> Iterator[DocumentRow]:
    """Yield the entries: coils, discrete inputs, input registers, holding registers, each by address."""
    for table in RegisterTable:
        for entry in register_map.in_table(table):
            texts = (
                entry.reference,
                _address(entry),
                table.value,
                entry.tag,
                _type(entry),
                entry.access.value,
                entry.unit,
                _engineering(entry),
                _mover(entry),
                entry.description,
            )
            yield DocumentRow(table, texts, _meanings(entry))


def map_facts(register_map: RegisterMapDescription) -> Iterator[tuple[str, str]]:
    """Yield what belongs to the whole map: unit id, identity, twin, requests, other services, gaps, parts of values."""
    if register_map.unit_id is not None:
        yield "unit id", str(register_map.unit_id)
    for key, text in register_map.identity.items():
        yield key.replace("_", " "), text
    twin = register_map.twin
    if twin is not None:
        parameters = ", ".join(f"{name.value} = {value}" for name, value in twin.parameters)
        yield "twin", f"{twin.component.value} ({parameters})" if parameters else twin.component.value
    requests = register_map.requests
    if requests.functions:
        yield "function codes", ", ".join(map(str, requests.functions))
    for title, most in (("registers", requests.max_registers), ("bits", requests.max_bits)):
        if most is not None:
            yield f"{title} in a request", f"at most {most}"
    services = register_map.services
    for title, named in (("files", services.files), ("queues", services.queues), ("functions", services.functions)):
        if named:
            yield title, ", ".join(map(str, named))
    yield "addresses between values", "read as 0" if register_map.are_gaps_zero else "ILLEGAL DATA ADDRESS"
    allowed = {"refuse": "neither read nor written", "read": "read, not written", "allow": "read and written"}
    yield "a part of a value", f"can be {allowed[register_map.half_values.value]}".replace("can be neither", "neither")


def _address(entry: RegisterEntry) -> str:
    if entry.bit is not None:
        last = f"..{entry.bit + entry.type.bit_count - 1}" if entry.type.is_field else ""
        return f"{entry.address} bit {entry.bit}{last}"
    return f"{entry.address}..{entry.end_address - 1}" if entry.quantity > 1 else str(entry.address)


def _type(entry: RegisterEntry) -> str:
    orders = []
    if entry.quantity > 1 and entry.word_order is ByteOrder.LITTLE:
        orders.append("last word first" if entry.type.is_string else "low word first")
    if entry.byte_order is ByteOrder.LITTLE and not entry.table.has_bits:
        orders.append("low byte first")
    return f"{entry.type.name} ({', '.join(orders)})" if orders else entry.type.name


def _engineering(entry: RegisterEntry) -> str:
    parts = []
    if entry.scale_factor is not None:
        parts.append(f"register × 10^{entry.scale_factor.value}{_offset(entry)}")
    elif entry.is_scaled:
        parts.append(f"register × {_number(entry.scale)}{_offset(entry)}")
    if entry.eu_range is not None:
        parts.append(f"{_number(entry.eu_range[0])}..{_number(entry.eu_range[1])}")
    if entry.no_value is not None:
        digits = 4 * entry.quantity
        parts.append(f"0x{entry.no_value % 16**digits:0{digits}X} is no value")
    return ", ".join(parts)


def _offset(entry: RegisterEntry) -> str:
    return f" {'+' if entry.offset > 0 else '-'} {_number(abs(entry.offset))}" if entry.offset else ""


def _mover(entry: RegisterEntry) -> str:
    if entry.signal is not None:
        return f"twin: {entry.signal.value}"
    initial = "" if entry.initial is None else f"{entry.initial!r}" if entry.type.is_string else _initial(entry.initial)
    if entry.behaviour is not None:
        return _behaviour(entry.behaviour) + (f", from {initial}" if initial else "")
    if not initial:
        return ""
    return f"constant {initial}" if entry.access is RegisterAccess.READ else f"client, initially {initial}"


def _initial(value: bool | int | float | str) -> str:
    if value != value:
        return "no value"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _behaviour(behaviour: BehaviourEntry) -> str:
    """Return kind and keys that differ from their defaults: ``sine, low 20, high 24, period 10 min``."""
    parts = [behaviour.kind.replace("_", " ")]
    for key in BEHAVIOURS[behaviour.kind]:
        value = behaviour.values[key.name]
        if value == key.default:
            continue
        text = format_duration(int(value)) if key.kind is KeyKind.DURATION else _initial(value)
        parts.append(f"{key.name.replace('_', ' ')} {text}")
    return ", ".join(parts)


def _meanings(entry: RegisterEntry) -> tuple[tuple[str, str], ...]:
    names = [(str(number), name) for number, name in entry.names]
    return (*names, *((f"bit {number}", name) for number, name in entry.flags))


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)
