"""A register map as a document: rows for people, and the CSV form that reads back.

The CSV has what ``register_map_csv`` reads: behaviours, signals of a twin and what belongs to the whole map are TOML's.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator

from emulators.description.behaviour import BEHAVIOURS, BehaviourEntry, KeyKind
from emulators.description.register_map import (
    ByteOrder,
    HalfValues,
    RegisterAccess,
    RegisterEntry,
    RegisterMapDescription,
    RegisterTable,
)
from emulators.description.register_map_csv import MAP_COLUMNS

__all__ = ["DOCUMENT_HEADINGS", "document_rows", "map_as_csv", "map_as_toml"]

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


def document_rows(register_map: RegisterMapDescription) -> Iterator[tuple[str, ...]]:
    """Yield a row of texts an entry under ``DOCUMENT_HEADINGS``: coils, discrete inputs, input, holding registers."""
    for table in RegisterTable:
        for entry in register_map.in_table(table):
            yield (
                entry.reference,
                _address(entry),
                table.value,
                entry.tag,
                _type(entry),
                entry.access.value,
                entry.unit,
                _scaling(entry),
                _mover(entry),
                _description(entry),
            )


def map_as_csv(register_map: RegisterMapDescription) -> str:
    """Return the entries as a CSV register map, in the order of the file."""
    text = io.StringIO()
    writer = csv.DictWriter(text, MAP_COLUMNS, lineterminator="\n")
    writer.writeheader()
    for entry in register_map.entries:
        low, high = entry.eu_range if entry.eu_range is not None else ("", "")
        writer.writerow(
            {
                "tag": entry.tag,
                "table": entry.table.value,
                "address": entry.address,
                "type": "" if entry.table.has_bits else entry.type.name,
                "bit": "" if entry.bit is None else entry.bit,
                "word_order": _unless_big(entry.word_order),
                "byte_order": _unless_big(entry.byte_order),
                "scale": "" if entry.scale == 1.0 else _number(entry.scale),
                "offset": _number(entry.offset) if entry.offset else "",
                "access": entry.access.value,
                "unit": entry.unit,
                "low": low if low == "" else _number(float(low)),
                "high": high if high == "" else _number(float(high)),
                "initial": _initial(entry),
                "names": "|".join(f"{number}={name}" for number, name in entry.names),
                "description": entry.description,
            }
        )
    return text.getvalue()


def map_as_toml(register_map: RegisterMapDescription) -> str:
    """Return the whole map as TOML, one line an entry."""
    lines = ["format = 1", f"name = {_quoted(register_map.name)}"]
    if register_map.description:
        lines.append(f"description = {_quoted(register_map.description)}")
    if register_map.are_gaps_zero:
        lines.append('gaps = "zero"')
    if register_map.half_values is not HalfValues.READ_ONLY:
        lines.append(f'half_values = "{register_map.half_values.value}"')
    lines += ["", "register = ["]
    lines += [f"    {{ {', '.join(_toml_keys(entry))} }}," for entry in register_map.entries]
    lines.append("]")
    if register_map.twin is not None:
        twin = register_map.twin
        lines += ["", "[twin]", f"component = {_quoted(twin.component.value)}"]
        lines += [f'step = "{twin.step_ns} ns"'] if twin.step_ns else []
        lines += [f"{name.value} = {_toml_value(value)}" for name, value in twin.parameters]
    if register_map.identity:
        lines += ["", "[identity]", *(f"{key} = {_quoted(text)}" for key, text in register_map.identity.items())]
    return "\n".join(lines) + "\n"


def _toml_keys(entry: RegisterEntry) -> Iterator[str]:
    yield f"tag = {_quoted(entry.tag)}"
    yield f'table = "{entry.table.value}"'
    yield f"address = {entry.address}"
    if not entry.table.has_bits:
        yield f'type = "{entry.type.name}"'
    for key, number in (("bit", entry.bit), ("initial", entry.initial)):
        if number is not None:
            yield f"{key} = {_toml_value(number)}"
    for key, order in (("word_order", entry.word_order), ("byte_order", entry.byte_order)):
        if order is not ByteOrder.BIG:
            yield f'{key} = "{order.value}"'
    for key, number, neutral in (("scale", entry.scale, 1.0), ("offset", entry.offset, 0.0)):
        if number != neutral:
            yield f"{key} = {_number(number)}"
    if entry.access is not RegisterAccess.READ:
        yield f'access = "{entry.access.value}"'
    if entry.eu_range is not None:
        yield f"range = [{', '.join(_number(end) for end in entry.eu_range)}]"
    if entry.signal is not None:
        yield f"signal = {_quoted(entry.signal.value)}"
    for key, text in (("unit", entry.unit), ("description", entry.description)):
        if text:
            yield f"{key} = {_quoted(text)}"
    if entry.names:
        yield f"names = {{ {', '.join(f'{number} = {_quoted(name)}' for number, name in entry.names)} }}"
    if entry.behaviour is not None:
        keys = (f"{key} = {_behaviour_value(entry.behaviour, key)}" for key in entry.behaviour.values)
        yield f"behaviour = {{ {', '.join((f'kind = {_quoted(entry.behaviour.kind)}', *keys))} }}"


def _behaviour_value(behaviour: BehaviourEntry, key: str) -> str:
    is_duration = any(row.name == key and row.kind is KeyKind.DURATION for row in BEHAVIOURS[behaviour.kind])
    value = behaviour.values[key]
    return f'"{value} ns"' if is_duration else _toml_value(value)


def _toml_value(value: bool | int | float | str) -> str:
    if isinstance(value, str):
        return _quoted(value)
    return ("true" if value else "false") if isinstance(value, bool) else repr(value)


def _quoted(text: str) -> str:
    """Return a TOML text; its escapes are those of JSON."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _address(entry: RegisterEntry) -> str:
    if entry.bit is not None:
        last = f"..{entry.bit + entry.type.bit_count - 1}" if entry.type.is_field else ""
        return f"{entry.address} bit {entry.bit}{last}"
    return f"{entry.address}..{entry.end_address - 1}" if entry.quantity > 1 else str(entry.address)


def _type(entry: RegisterEntry) -> str:
    orders = []
    if entry.quantity > 1 and entry.word_order is ByteOrder.LITTLE:
        orders.append("low word first")
    if entry.byte_order is ByteOrder.LITTLE and not entry.table.has_bits:
        orders.append("low byte first")
    return f"{entry.type.name} ({', '.join(orders)})" if orders else entry.type.name


def _scaling(entry: RegisterEntry) -> str:
    parts = []
    if entry.is_scaled:
        offset = f" {'+' if entry.offset > 0 else '-'} {_number(abs(entry.offset))}" if entry.offset else ""
        parts.append(f"register × {_number(entry.scale)}{offset}")
    if entry.eu_range is not None:
        parts.append(f"{_number(entry.eu_range[0])}..{_number(entry.eu_range[1])}")
    return ", ".join(parts)


def _mover(entry: RegisterEntry) -> str:
    if entry.signal is not None:
        return f"twin: {entry.signal.value}"
    if entry.behaviour is not None:
        return _behaviour(entry.behaviour)
    return f"initially {entry.initial}" if entry.initial is not None else ""


def _behaviour(behaviour: BehaviourEntry) -> str:
    of = f" of {behaviour.text('of')}" if "of" in behaviour.values else ""
    return f"{behaviour.kind.replace('_', ' ')}{of}"


def _description(entry: RegisterEntry) -> str:
    names = ", ".join(f"{number} {name}" for number, name in entry.names)
    return "; ".join(part for part in (entry.description, names) if part)


def _unless_big(order: ByteOrder) -> str:
    return "" if order is ByteOrder.BIG else order.value


def _initial(entry: RegisterEntry) -> str:
    if isinstance(entry.initial, bool):
        return "true" if entry.initial else "false"
    return "" if entry.initial is None else str(entry.initial)


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)
