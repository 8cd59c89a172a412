"""The plain part of TOML in one pass: most of what people write in descriptions, many times faster than the rest.

Plain are bare keys without dots, ``[table]`` and ``[[table]]`` one level deep, texts in one pair of quotes without a
backslash, decimal and hexadecimal numbers, nan, booleans, arrays and inline tables of these. Whatever else a text has,
a mistake above all, is not for this file: it gives up, and ``toml_tree`` reads the text with ``tomllib``.
"""

from __future__ import annotations

import re
from types import MappingProxyType

from emulators.description.source import SourceFile
from emulators.description.toml_nodes import TomlArray, TomlNode, TomlScalar, TomlTable

__all__ = ["plain_table"]

_COMMENT = r"(?:#[^\x00-\x08\x0a-\x1f\x7f]*)?"
_BLANK_LINES = re.compile(rf"(?:[ \t]*{_COMMENT}\n)*[ \t]*{_COMMENT}")
_LINE_END = re.compile(rf"[ \t]*{_COMMENT}(?:\n|\Z)")
_HEADER = re.compile(r"\[(\[?)([A-Za-z0-9_-]+)\](\]?)")
_SCALAR = (
    r'(?:"([^"\\\x00-\x08\x0a-\x1f\x7f]*)"'
    r"|'([^'\x00-\x08\x0a-\x1f\x7f]*)'"
    r"|(0x[0-9a-fA-F]{1,15}|[+-]?(?:0|[1-9][0-9]{0,17}))"
    r"|([+-]?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,18}(?:[eE][+-]?[0-9]{1,3})?|[eE][+-]?[0-9]{1,3})|nan)"
    r"|(true|false))(?=[ \t\n,\]}#]|\Z)"
)
_VALUE = re.compile(_SCALAR)
_KEY = re.compile(r"[ \t]*([A-Za-z0-9_-]+)[ \t]*=[ \t]*")
_PAIR = re.compile(_KEY.pattern + _SCALAR)
_BLANK = re.compile(r"[ \t]*")
_DEEPEST = 20


class _GivenUp(Exception):  # noqa: N818 - not an error of anybody: the text has more than plain TOML
    """The text goes beyond what is read here."""


def plain_table(source: SourceFile) -> TomlTable | None:
    """Return the document as a located tree, None when it has more than plain TOML."""
    try:
        return _PlainReader(source).document()
    except _GivenUp:
        return None


class _PlainReader:
    """Reads one text; every method takes the offset to start at and gives up where it does not understand."""

    def __init__(self, source: SourceFile) -> None:
        self._source = source
        self._text = source.text

    def document(self) -> TomlTable:
        text, source = self._text, self._source
        root: dict[str, TomlNode] = {}
        arrays: dict[str, list[TomlTable]] = {}
        table = root
        position = 0
        while True:
            position = self._skip(_BLANK_LINES, position)
            if position == len(text):
                break
            header = _HEADER.match(text, position)
            if header is None:
                position = self._pairs(table, position, 0, are_inline=False)
            else:
                table = {}
                place = (header.start(), header.end(), header.start(2), header.end(2))
                node = TomlTable(MappingProxyType(table), source, *place)
                self._add_table(root, arrays, header, node)
                position = header.end()
            position = self._skip(_LINE_END, position)
        for name, tables in arrays.items():
            root[name] = TomlArray(tuple(tables), *tables[0][1:])
        return TomlTable(MappingProxyType(root), source, 0, 0)

    @staticmethod
    def _add_table(
        root: dict[str, TomlNode], arrays: dict[str, list[TomlTable]], header: re.Match[str], node: TomlTable
    ) -> None:
        is_array, name = bool(header[1]), header[2]
        if is_array is not bool(header[3]) or (name in root and not (is_array and name in arrays)):
            raise _GivenUp
        if is_array:
            arrays.setdefault(name, []).append(node)
        root.setdefault(name, node)

    def _pairs(self, table: dict[str, TomlNode], position: int, depth: int, *, are_inline: bool) -> int:
        """Read one ``key = value`` into a table, inline those behind its commas too; return the offset behind it.

        This is the loop in which a large register map spends its time.
        """
        text, source = self._text, self._source
        while True:
            match = _PAIR.match(text, position)
            if match is None:
                position = self._longer_pair(table, position, depth)
            else:
                key, kind, spans = match[1], match.lastindex or 0, match.regs
                if key in table:
                    raise _GivenUp
                key_start, key_end = spans[1]
                position = spans[0][1]
                value: str | int | float | bool = match[kind]
                start = spans[kind][0] - 1 if kind <= 3 else spans[kind][0]  # from the quote
                if kind > 3:
                    value = _value_of(kind - 1, match[kind])
                table[key] = TomlScalar(value, source, start, position, key_start, key_end)
            if not are_inline:
                return position
            sign = text[position : position + 1]
            if sign in (" ", "\t"):
                position = self._skip(_BLANK, position)
                sign = text[position : position + 1]
            if sign != ",":
                return position
            position += 1

    def _longer_pair(self, table: dict[str, TomlNode], position: int, depth: int) -> int:
        match = _KEY.match(self._text, position)
        if match is None or match[1] in table:
            raise _GivenUp
        node, end = self._value(match.end(), depth)
        table[match[1]] = node._replace(key_start=match.start(1), key_end=match.end(1))
        return end

    def _value(self, position: int, depth: int) -> tuple[TomlNode, int]:
        """Return a value and the offset behind it."""
        if depth > _DEEPEST:
            raise _GivenUp
        if self._text.startswith("{", position):
            return self._inline_table(position, depth)
        if self._text.startswith("[", position):
            return self._array(position, depth)
        match = _VALUE.match(self._text, position)
        if match is None:
            raise _GivenUp
        kind = match.lastindex or 0
        return TomlScalar(_value_of(kind, match[kind]), self._source, position, match.end()), match.end()

    def _inline_table(self, start: int, depth: int) -> tuple[TomlTable, int]:
        entries: dict[str, TomlNode] = {}
        position = self._skip(_BLANK, start + 1)
        if not self._text.startswith("}", position):
            position = self._pairs(entries, position, depth + 1, are_inline=True)
        if not self._text.startswith("}", position):
            raise _GivenUp
        return TomlTable(MappingProxyType(entries), self._source, start, position + 1), position + 1

    def _array(self, start: int, depth: int) -> tuple[TomlArray, int]:
        items: list[TomlNode] = []
        position = self._skip(_BLANK_LINES, start + 1)
        while not self._text.startswith("]", position):
            item, position = self._value(position, depth + 1)
            items.append(item)
            position = self._skip(_BLANK_LINES, position)
            if self._text.startswith(",", position):
                position = self._skip(_BLANK_LINES, position + 1)
            elif not self._text.startswith("]", position):
                raise _GivenUp
        return TomlArray(tuple(items), self._source, start, position + 1), position + 1

    def _skip(self, pattern: re.Pattern[str], position: int) -> int:
        match = pattern.match(self._text, position)
        if match is None:
            raise _GivenUp
        return match.end()


def _value_of(kind: int, written: str) -> str | int | float | bool:
    """Return the value of a scalar by its group in ``_SCALAR``."""
    match kind:
        case 1 | 2:
            return written
        case 3:
            return int(written, 16 if written.startswith("0x") else 10)
        case 4:
            return float(written)
    return written == "true"
