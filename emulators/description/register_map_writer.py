"""A register map as a file that reads back: TOML, or CSV with a preamble for what belongs to the whole map."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from emulators.description.behaviour import BEHAVIOURS, BehaviourEntry, KeyKind
from emulators.description.device_requests import written_requests
from emulators.description.device_services import written_services
from emulators.description.register_map import (
    ByteOrder,
    HalfValues,
    RegisterAccess,
    RegisterEntry,
    RegisterMapDescription,
)
from emulators.description.register_map_csv import MAP_COLUMNS, joined_pairs
from emulators.description.register_map_preamble import PREAMBLE_MARK
from emulators.description.register_map_reader import parse_register_map
from emulators.description.source import SourceFile
from emulators.errors import DescriptionError

__all__ = ["lost_in_csv", "map_as_csv", "map_as_toml"]

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_NEEDS_QUOTES = re.compile(r'[",;\n\r]|^[ \t#]|[ \t]$')
_ALWAYS = ("tag", "table", "address", "type")


def map_as_toml(register_map: RegisterMapDescription) -> str:
    """Return the whole map as TOML, one line an entry."""
    whole = _whole(register_map)
    tables = {key: values for key, values in whole.items() if isinstance(values, dict)}
    lines = ["format = 1", *(f"{key} = {_toml(value)}" for key, value in whole.items() if key not in tables)]
    lines += ["", "register = ["]
    for entry in register_map.entries:
        lines.append(f"    {{ {', '.join(f'{key} = {_toml(value)}' for key, value in _keys(entry).items())} }},")
    lines.append("]")
    for name, values in tables.items():
        lines += ["", f"[{name}]", *(f"{_key(key)} = {_toml(value)}" for key, value in values.items())]
    return "\n".join(lines) + "\n"


def map_as_csv(register_map: RegisterMapDescription) -> str:
    """Return the whole map as CSV: the columns that any entry uses, in the order of the file."""
    rows = [_cells(entry) for entry in register_map.entries]
    columns = [name for name in MAP_COLUMNS if name in _ALWAYS or any(name in row for row in rows)]
    lines = [f"{PREAMBLE_MARK} {line}" for line in _preamble(register_map)]
    lines.append(",".join(columns))
    lines += [",".join(_quoted_cell(row[name]) if name in row else "" for name in columns) for row in rows]
    return "\n".join(lines) + "\n"


def lost_in_csv(register_map: RegisterMapDescription, text: str) -> list[str]:
    """Return the tags (or ``the map``) that do not read back from the CSV of a map as they are."""
    try:
        again = parse_register_map(SourceFile("map.csv", text))
    except DescriptionError as error:
        return [str(error)]
    lost = [] if _whole(again) == _whole(register_map) else ["the map"]
    pairs = zip(register_map.entries, again.entries, strict=False)
    lost += [entry.tag for entry, other in pairs if _keys(entry) != _keys(other)]
    return lost if len(again.entries) == len(register_map.entries) else [*lost, "entries"]


def _whole(register_map: RegisterMapDescription) -> dict[str, Any]:
    """Return the keys of the map outside its entries; tables such as ``twin`` as dictionaries."""
    keys: dict[str, Any] = {"name": register_map.name, "description": register_map.description}
    if register_map.unit_id is not None:
        keys["unit_id"] = register_map.unit_id
    if register_map.are_gaps_zero:
        keys["gaps"] = "zero"
    if register_map.half_values is not HalfValues.READ_ONLY:
        keys["half_values"] = register_map.half_values.value
    twin = register_map.twin
    if twin is not None:
        step = {"step": f"{twin.step_ns} ns"} if twin.step_ns else {}
        keys["twin"] = {
            "component": twin.component.value,
            **step,
            **{key.value: value for key, value in twin.parameters},
        }
    if register_map.identity:
        keys["identity"] = dict(register_map.identity)
    keys["requests"] = written_requests(register_map.requests)
    keys |= written_services(register_map.services)
    return {key: value for key, value in keys.items() if value}


def _keys(entry: RegisterEntry) -> dict[str, Any]:
    """Return the keys of ``[[register]]`` that an entry needs; tables as dictionaries, the range as a list."""
    behaviour = entry.behaviour
    keys: dict[str, Any] = {
        "tag": entry.tag,
        "table": entry.table.value,
        "address": entry.address,
        "type": None if entry.table.has_bits else entry.type.name,
        "bit": entry.bit,
        "initial": entry.initial,
        "word_order": None if entry.word_order is ByteOrder.BIG else entry.word_order.value,
        "byte_order": None if entry.byte_order is ByteOrder.BIG else entry.byte_order.value,
        "scale": None if entry.scale == 1.0 or entry.scale_factor is not None else entry.scale,
        "scale_factor": None if entry.scale_factor is None else entry.scale_factor.value,
        "offset": entry.offset or None,
        "no_value": entry.no_value,
        "access": None if entry.access is RegisterAccess.READ else entry.access.value,
        "range": None if entry.eu_range is None else list(entry.eu_range),
        "signal": None if entry.signal is None else entry.signal.value,
        "unit": entry.unit or None,
        "description": entry.description or None,
        "names": {str(number): name for number, name in entry.names} or None,
        "flags": {str(number): name for number, name in entry.flags} or None,
        "behaviour": None if behaviour is None else {"kind": behaviour.kind, **_behaviour_keys(behaviour)},
    }
    return {key: value for key, value in keys.items() if value is not None}


def _behaviour_keys(behaviour: BehaviourEntry) -> Mapping[str, Any]:
    durations = {row.name for row in BEHAVIOURS[behaviour.kind] if row.kind is KeyKind.DURATION}
    return {key: f"{value} ns" if key in durations else value for key, value in behaviour.values.items()}


# --- TOML ---


def _toml(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")  # the escapes are those of JSON
        case dict():
            return f"{{ {', '.join(f'{_key(key)} = {_toml(item)}' for key, item in value.items())} }}"
        case list():
            return f"[{', '.join(map(_toml, value))}]"
    return _number(value)


def _key(key: str) -> str:
    return key if _BARE_KEY.fullmatch(key) else _toml(key)


def _number(value: int | float) -> str:
    is_whole = isinstance(value, int) or (math.isfinite(value) and value == int(value) and abs(value) < 1e15)
    return str(int(value)) if is_whole else repr(value)


# --- CSV ---


def _preamble(register_map: RegisterMapDescription) -> Iterator[str]:
    if not register_map.name:
        yield "name = ''"  # else it were that of the file
    for key, value in _whole(register_map).items():
        if isinstance(value, dict):
            yield from (f"{key}.{_key(inner)} = {_spreadsheet_toml(item)}" for inner, item in value.items())
        else:
            yield f"{key} = {_spreadsheet_toml(value)}"


def _spreadsheet_toml(value: Any) -> str:
    """Return TOML without double quotes where it can be: a spreadsheet would double them."""
    is_literal = isinstance(value, str) and value.isprintable() and "'" not in value
    return f"'{value}'" if is_literal else _toml(value)


def _cells(entry: RegisterEntry) -> dict[str, str]:
    keys = _keys(entry)
    low_high = zip(("low", "high"), map(_number, keys.pop("range", ())), strict=False)
    return {**{key: _cell(key, value) for key, value in keys.items()}, **dict(low_high)}


def _cell(key: str, value: Any) -> str:
    match value:
        case dict() if key == "behaviour":
            kind, *rest = value.items()
            return joined_pairs(kind[1], *(f"{name}={_cell('', item)}" for name, item in rest))
        case dict():
            return joined_pairs(*(f"{number}={name}" for number, name in value.items()))
        case bool():
            return "true" if value else "false"
        case str():
            return value
    return _number(value)


def _quoted_cell(text: str) -> str:
    if text and not _NEEDS_QUOTES.search(text):
        return text
    return '"' + text.replace('"', '""') + '"'
