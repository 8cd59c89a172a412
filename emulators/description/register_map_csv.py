"""A register map as a CSV table: one line an entry, its columns the keys of ``[[register]]``.

``low`` and ``high`` stand for ``range``, names of values are written ``0=off|1=on``. An empty cell is an absent key.
Behaviours and what belongs to the whole map need TOML.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import MappingProxyType

from emulators.description.csv_source import Cell, Row, read_rows
from emulators.description.source import Findings, SourceFile, file_span
from emulators.description.toml_tree import TomlArray, TomlEntry, TomlNode, TomlScalar, TomlTable
from emulators.errors import did_you_mean

__all__ = ["MAP_COLUMNS", "is_register_map_csv", "register_tables"]

_NUMBERS = ("address", "bit", "scale", "offset", "low", "high")
_TEXTS = ("tag", "table", "reference", "type", "word_order", "byte_order", "access", "unit", "description")
MAP_COLUMNS = (*_TEXTS, *_NUMBERS, "initial", "names")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|0x[0-9a-fA-F]{1,16}")


def is_register_map_csv(source: SourceFile) -> bool:
    """Whether the header is that of a register map: it says where a tag lies, not which signal it is."""
    rows = read_rows(source, Findings())
    names = {cell.text.casefold() for cell in rows[0].cells} if rows else set()
    return "signal" not in names and bool(names & {"reference", "address", "table"})


def register_tables(source: SourceFile, findings: Findings) -> Iterator[TomlTable]:
    """Yield each line as the table that a TOML map would have; report what no map can mean."""
    rows = read_rows(source, findings)
    if not rows:
        findings.add(file_span(source.name), "the register map is empty", "start with the header tag,reference,type")
        return
    columns = [cell.text.casefold() for cell in rows[0].cells]
    for cell, name in zip(rows[0].cells, columns, strict=True):
        if name not in MAP_COLUMNS:
            hint = did_you_mean(name, MAP_COLUMNS) or f"known are {', '.join(MAP_COLUMNS)}"
            findings.add(cell.span, f"unknown column '{cell.text[:40]}'", hint)
        elif columns.count(name) > 1:
            findings.add(cell.span, f"column '{name}' stands twice", "keep one of the two")
    for row in rows[1:]:
        if len(row.cells) == len(columns):
            yield _table(rows[0], columns, row, findings)
        else:
            message = f"this line has {len(row.cells)} cells, the header has {len(columns)}"
            findings.add(row.span, message, "add or remove separators; put quotes around a cell that contains one")


def _table(header: Row, columns: list[str], row: Row, findings: Findings) -> TomlTable:
    entries = {}
    ends: dict[str, TomlScalar] = {}
    is_text = any(
        name == "type" and cell.text.startswith("string") for name, cell in zip(columns, row.cells, strict=True)
    )
    for head, name, cell in zip(header.cells, columns, row.cells, strict=True):
        if not cell.text or name not in MAP_COLUMNS:
            continue
        node = TomlScalar(cell.text, cell.span) if is_text and name == "initial" else _node(name, cell, findings)
        if isinstance(node, TomlScalar) and name in ("low", "high"):
            ends[name] = node
        elif node is not None:
            entries[name] = TomlEntry(head.span, node)
    if ends:
        items = tuple(ends[name] for name in ("low", "high") if name in ends)
        entries["range"] = TomlEntry(row.span, TomlArray(items, row.span))
    return TomlTable(MappingProxyType(entries), row.span)


def _node(name: str, cell: Cell, findings: Findings) -> TomlNode | None:
    if name == "names":
        return _names(cell, findings)
    if name in _TEXTS:
        return TomlScalar(cell.text, cell.span)
    number = _number(cell.text)
    if name == "initial":
        word = cell.text.casefold()
        value = (word == "true") if word in ("true", "false") else number if number is not None else cell.text
        return TomlScalar(value, cell.span)
    if number is None:
        findings.add(cell.span, f"{name} '{cell.text[:40]}' is not a number", "write a number such as 12 or 0.1")
        return None
    return TomlScalar(number, cell.span)


def _names(cell: Cell, findings: Findings) -> TomlTable | None:
    entries: dict[str, TomlEntry] = {}
    for part in cell.text.split("|"):
        key, is_pair, text = part.partition("=")
        if not is_pair:
            findings.add(cell.span, f"names '{cell.text[:40]}' are no pairs", "write 0=off|1=on")
            return None
        entries[key.strip()] = TomlEntry(cell.span, TomlScalar(text.strip(), cell.span))
    return TomlTable(MappingProxyType(entries), cell.span)


def _number(text: str) -> int | float | None:
    if not _NUMBER.fullmatch(text):
        return None
    try:
        return int(text, 0) if text.lower().startswith("0x") else int(text)
    except ValueError:
        return float(text)
