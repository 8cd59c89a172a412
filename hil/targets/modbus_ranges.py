"""Stretches of a device that no map describes: ``holding:100..109``, ``input:0..7:float32:little``, ``40101..40110``.

A stretch becomes the entries of a register map, named after their places as they were asked for, so that everything
that works on a map works on it. Addresses after a table's name count from 0; five or six digits alone are 1-based
references.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from types import MappingProxyType

from emulators.description import (
    ByteOrder,
    HalfValues,
    RegisterAccess,
    RegisterEntry,
    RegisterMapDescription,
    RegisterTable,
    RegisterType,
    register_type_named,
)
from emulators.errors import SourceSpan, did_you_mean

__all__ = ["is_range", "map_of_ranges", "parse_range", "range_text"]

_BY_ADDRESS = re.compile(r"([A-Za-z_]+):(\d+)(?:\.\.(\d+))?((?::[^:]+)*)")
_BY_REFERENCE = re.compile(r"([0134])(\d{4,5})(?:\.\.\1(\d{4,5}))?((?::[^:]+)*)")
_TABLES = MappingProxyType({table.value: table for table in RegisterTable})
_DIGITS = MappingProxyType({table.first_reference_digit: table for table in RegisterTable})
_ORDERS = MappingProxyType({order.value: order for order in ByteOrder})
_LAST_ADDRESS = 65535


def is_range(text: str) -> bool:
    """Whether a text is written like a stretch of addresses and not like the name of a tag."""
    return _BY_ADDRESS.fullmatch(text) is not None or _BY_REFERENCE.fullmatch(text) is not None


def parse_range(text: str) -> tuple[RegisterEntry, ...]:
    """Return the entries of one stretch, in the order of addresses.

    Raises:
        ValueError: with what is wrong and what to write instead.
    """
    table, first, last, suffixes = _location(text)
    value_type, word_order = _form(text, table, suffixes)
    end = last + 1 if last is not None else first + value_type.quantity
    if end <= first:
        raise ValueError(f"'{text}': addresses go from 0 to {_LAST_ADDRESS}, the lower one first")
    if end - 1 > _LAST_ADDRESS:
        raise ValueError(f"'{text}' ends at {end - 1}, behind the last address, {_LAST_ADDRESS}")
    if (end - first) % value_type.quantity:
        raise ValueError(
            f"'{text}' has {end - first} registers, a {value_type.name} takes {value_type.quantity}; end it elsewhere"
        )
    addresses = range(first, end, value_type.quantity)
    entries = [_entry(table, address, value_type, word_order) for address in addresses]
    if text[0].isdecimal():
        return tuple(replace(entry, tag=entry.reference) for entry in entries)
    return tuple(entries)


def map_of_ranges(texts: Iterable[str]) -> RegisterMapDescription:
    """Return a map with the entries of stretches; the same place named twice counts once.

    Raises:
        ValueError: a stretch is wrong, or two overlap in another form.
    """
    entries: dict[str, RegisterEntry] = {}
    owners: dict[tuple[RegisterTable, int], str] = {}
    for text in texts:
        for entry in parse_range(text):
            for address in range(entry.address, entry.end_address):
                owner = owners.setdefault((entry.table, address), entry.tag)
                if owner != entry.tag:
                    raise ValueError(f"'{text}' overlaps {owner}; name each address in one form")
            entries[entry.tag] = entry
    return RegisterMapDescription("", "ranges", "", tuple(entries.values()), half_values=HalfValues.ALLOWED)


def range_text(table: RegisterTable, first: int, last: int) -> str:
    """Return the writing of a stretch of addresses."""
    return f"{table.value}:{first}..{last}" if last > first else f"{table.value}:{first}"


def _location(text: str) -> tuple[RegisterTable, int, int | None, list[str]]:
    match = _BY_ADDRESS.fullmatch(text)
    if match is not None:
        table = _TABLES.get(match[1].casefold())
        if table is None:
            hint = did_you_mean(match[1], _TABLES) or f"write one of {', '.join(_TABLES)}"
            raise ValueError(f"'{text}': there is no table '{match[1]}'; {hint}")
        return table, int(match[2]), int(match[3]) if match[3] else None, _suffixes(match[4])
    match = _BY_REFERENCE.fullmatch(text)
    if match is None:
        raise ValueError(f"'{text}' names no registers; write holding:100..109, holding:100:float32 or 40101..40110")
    last = int(match[3]) - 1 if match[3] else None
    if int(match[2]) == 0:
        raise ValueError(f"'{text}': references count from 1, as in {match[1]}0001")
    return _DIGITS[match[1]], int(match[2]) - 1, last, _suffixes(match[4])


def _suffixes(text: str) -> list[str]:
    return text.split(":")[1:]


def _form(text: str, table: RegisterTable, suffixes: list[str]) -> tuple[RegisterType, ByteOrder]:
    orders = [word for word in suffixes if word in _ORDERS]
    names = [word for word in suffixes if word not in _ORDERS]
    if len(orders) > 1 or len(names) > 1:
        raise ValueError(f"'{text}': write one type and one word order, as in holding:100:float32:little")
    name = names[0] if names else "bool" if table.has_bits else "uint16"
    value_type = register_type_named(name)
    known = "uint16, int32, float32, string[8]"
    if value_type is None or value_type.is_field or value_type.is_bit is not table.has_bits:
        wanted = "bool" if table.has_bits else known
        raise ValueError(f"'{text}': table {table.value} holds no '{name}'; write a type such as {wanted}")
    return value_type, _ORDERS[orders[0]] if orders else ByteOrder.BIG


def _entry(table: RegisterTable, address: int, value_type: RegisterType, word_order: ByteOrder) -> RegisterEntry:
    name = f"{table.value}:{address}"
    span = SourceSpan(name, 1, 1)
    return RegisterEntry(
        tag=name,
        table=table,
        address=address,
        type=value_type,
        bit=None,
        word_order=word_order,
        byte_order=ByteOrder.BIG,
        scale=1.0,
        offset=0.0,
        access=RegisterAccess.READ_WRITE if table.is_client_writable else RegisterAccess.READ,
        unit="",
        description="",
        place=span,
        tag_place=span,
    )
