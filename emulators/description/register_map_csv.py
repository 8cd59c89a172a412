"""A register map as a CSV table: one line an entry, its columns the keys of ``[[register]]``.

``low`` and ``high`` stand for ``range``; ``names`` and ``flags`` are written ``0=off|1=on``, a behaviour
``sine|low=0|high=10|period=1 min``; ``\\|`` and ``\\\\`` are the signs themselves. An empty cell is an absent key.
Numbers may have a decimal comma where no comma separates cells. What belongs to the whole map stands in lines that
start with ``#!`` (``register_map_preamble``).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from types import MappingProxyType

from emulators.description.behaviour import BEHAVIOURS, KeyKind
from emulators.description.csv_source import Cell, Row, number_text, read_rows
from emulators.description.source import Findings, SourceFile, file_span
from emulators.description.toml_nodes import TomlArray, TomlNode, TomlScalar, TomlTable
from emulators.errors import did_you_mean

__all__ = ["MAP_COLUMNS", "is_register_map_csv", "joined_pairs", "register_tables"]

_NUMBERS = ("address", "bit", "scale", "offset", "no_value", "low", "high")
_WHOLE_NUMBERS = ("address", "bit", "no_value")
_TEXTS = (
    "tag",
    "table",
    "reference",
    "type",
    "word_order",
    "byte_order",
    "access",
    "unit",
    "signal",
    "description",
    "scale_factor",
)
MAP_COLUMNS = (*_TEXTS, *_NUMBERS, "initial", "names", "flags", "behaviour")
_WITH_BLANKS = (
    "tag",
    "signal",
    "scale_factor",
    "description",
    "names",
    "flags",
    "behaviour",
)  # those between quotes count
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|0x[0-9a-fA-F]{1,16}")
_WORDS = MappingProxyType({"true": True, "false": False, "nan": math.nan, "inf": math.inf, "-inf": -math.inf})
_PART = re.compile(r"(?:[^|\\]|\\.|\\\Z)*")
_MAKERS = ("reference", "address", "table")


def is_register_map_csv(source: SourceFile) -> bool:
    """Whether the header is that of a register map: it says where a tag lies; an I/O list names signals alone."""
    rows = read_rows(source, Findings())
    names = {cell.text.casefold() for cell in rows[0].cells} if rows else set()
    return bool(names & set(_MAKERS))


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


def joined_pairs(*parts: str) -> str:
    """Return texts as the parts of one cell."""
    return "|".join(part.replace("\\", "\\\\").replace("|", "\\|") for part in parts)


def _table(header: Row, columns: list[str], row: Row, findings: Findings) -> TomlTable:
    entries = {}
    ends: dict[str, TomlScalar] = {}
    is_text = False
    for head, name, cell in zip(header.cells, columns, row.cells, strict=True):
        if not (cell.exact if name in _WITH_BLANKS else cell.text) or name not in MAP_COLUMNS:
            continue
        node = _node(name, head, cell, header.separator, findings)
        if isinstance(node, TomlScalar) and name in ("low", "high"):
            ends[name] = node
        elif node is not None:
            entries[name] = node
        is_text = is_text or (name == "type" and cell.text.startswith("string"))
    if is_text and "initial" in columns:
        cell = row.cells[columns.index("initial")]
        if cell.text or cell.quoted is not None:
            head = header.cells[columns.index("initial")]
            entries["initial"] = _scalar(head, cell, cell.exact)
    if ends:
        items = tuple(ends[name] for name in ("low", "high") if name in ends)
        entries["range"] = TomlArray(items, row.source, row.start, row.end, row.start, row.end)
    return TomlTable(MappingProxyType(entries), row.source, row.start, row.end)


def _node(name: str, head: Cell, cell: Cell, separator: str, findings: Findings) -> TomlNode | None:
    if name in _TEXTS:
        return _scalar(head, cell, cell.exact if name in _WITH_BLANKS else cell.text)
    match name:
        case "names" | "flags":
            return _pairs(head, cell, _parts(cell), findings)
        case "behaviour":
            return _behaviour(head, cell, separator, findings)
    number = _number(number_text(cell.text, separator))
    if name == "initial":
        word = cell.text.casefold()
        value = _WORDS.get(word, cell.text if number is None else number)
        return _scalar(head, cell, value)
    if number is None and name in _WHOLE_NUMBERS:
        return _scalar(head, cell, cell.text)  # refused where the entry is read, which needs to know that it is there
    if number is None:
        findings.add(cell.span, f"{name} '{cell.text[:40]}' is not a number", "write a number such as 12 or 0.1")
        return None
    return _scalar(head, cell, number)


def _parts(cell: Cell) -> list[str]:
    """Return the parts of a cell between its bars."""
    parts, position = [], 0
    while True:
        match = _PART.match(cell.exact, position)
        assert match is not None, "the pattern takes an empty part too"
        parts.append(re.sub(r"\\(.)", r"\1", match[0], flags=re.DOTALL))
        position = match.end() + 1
        if match.end() == len(cell.exact):
            return parts


def _pairs(
    head: Cell, cell: Cell, parts: list[str], findings: Findings, hint: str = "write 0=off|1=on"
) -> TomlTable | None:
    """Return ``key=text`` parts as a table of texts."""
    entries: dict[str, TomlNode] = {}
    for part in parts:
        key, is_pair, text = part.partition("=")
        if not is_pair:
            findings.add(cell.span, f"'{part[:40]}' is no pair", hint)
            return None
        if key.strip() in entries:
            findings.add(cell.span, f"'{key.strip()[:40]}' stands twice", "keep one of the two")
            return None
        entries[key.strip()] = _scalar(cell, cell, text)
    return TomlTable(MappingProxyType(entries), cell.source, cell.start, cell.end, head.start, head.end)


def _behaviour(head: Cell, cell: Cell, separator: str, findings: Findings) -> TomlTable | None:
    """Return the table that TOML would have: numbers and booleans where the kind takes them."""
    kind, *rest = _parts(cell)
    table = _pairs(head, cell, rest, findings, "write kind|key=value: sine|low=0|high=10|period=1 min")
    if table is None:
        return None
    kinds = {key.name: key.kind for key in BEHAVIOURS.get(kind.strip(), ())}
    entries: dict[str, TomlNode] = {"kind": _scalar(cell, cell, kind.strip())}
    for key, entry in table.entries.items():
        written = str(entry.value if isinstance(entry, TomlScalar) else "")
        value: str | int | float | bool = written
        if kinds.get(key) is KeyKind.NUMBER:
            number = _number(number_text(written.strip(), separator))
            value = written if number is None else number
        elif kinds.get(key) is KeyKind.BOOLEAN and written.strip().casefold() in ("true", "false"):
            value = written.strip().casefold() == "true"
        entries[key] = _scalar(cell, cell, value)
    return table._replace(value=MappingProxyType(entries))


def _scalar(head: Cell, cell: Cell, value: str | int | float | bool) -> TomlScalar:
    """Return a value that stands in a cell under a key that stands in another."""
    return TomlScalar(value, cell.source, cell.start, cell.end, head.start, head.end)


def _number(text: str) -> int | float | None:
    if not _NUMBER.fullmatch(text):
        return None
    try:
        return int(text, 0) if text.lower().startswith("0x") else int(text)
    except ValueError:
        return float(text)
