"""Comma-, semicolon- or tab-separated text in rows of cells that know where they stand (RFC 4180 quoting).

The separator is the first of ``,`` and ``;`` in the header line, else the tab; a line ``sep=;`` before it, for
spreadsheets, says the same. Lines without a word in any cell and lines that start with ``#``, or with ``"#!`` as
spreadsheets write them, are skipped. Empty cells behind the last column, which spreadsheets leave, are dropped.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from emulators.description.source import Findings, SourceFile
from emulators.errors import SourceSpan

__all__ = ["Cell", "Row", "number_text", "read_rows"]

_BLANKS = {",": " \\t", ";": " \\t", "\t": " "}
_PLAIN_CELL = {mark: re.compile(rf'[{blanks}]*([^"{mark}\n][^{mark}\n]*)?') for mark, blanks in _BLANKS.items()}
_DECIMAL_COMMA = re.compile(r"[+-]?[0-9]+,[0-9]+(?:[eE][+-]?[0-9]+)?")
_SEPARATOR_LINE = re.compile(r"sep=([,;\t])[,;\t ]*")


class Cell(NamedTuple):
    """One cell: its text without quotes and outer blanks, and its stretch in the file, in character offsets.

    ``quoted`` is what stood between quotes with all its blanks, None without quotes.
    """

    text: str
    source: SourceFile
    start: int
    end: int
    quoted: str | None = None
    is_broken: bool = False

    @property
    def exact(self) -> str:
        """The text with the blanks that stood between quotes."""
        return self.text if self.quoted is None else self.quoted

    @property
    def span(self) -> SourceSpan:
        return self.source.span(self.start, self.end)


class Row(NamedTuple):
    cells: tuple[Cell, ...]
    source: SourceFile
    start: int
    end: int
    separator: str

    @property
    def span(self) -> SourceSpan:
        return self.source.span(self.start, self.end)


def read_rows(source: SourceFile, findings: Findings) -> list[Row]:
    """Return all rows, the header first; a row that is not well formed is reported and left out."""
    text = source.text
    separator = ""
    rows: list[Row] = []
    position = 0
    while position < len(text):
        line_end = text.find("\n", position)
        line_end = len(text) if line_end < 0 else line_end
        line = text[position:line_end]
        if not line.strip() or line.lstrip().startswith(("#", '"#!')):
            position = line_end + 1
            continue
        said = None if separator else _SEPARATOR_LINE.fullmatch(line)
        if said is not None:
            separator, position = said[1], line_end + 1
            continue
        separator = separator or _separator(line)
        start = position
        if '"' in line:
            cells, position = _cells(source, start, separator, findings)
        else:
            cells, position = _plain_cells(source, start, line, separator), line_end
        is_filled = any(cell.text for cell in cells)
        if is_filled and not any(cell.is_broken for cell in cells):
            width = len(rows[0].cells) if rows else 0
            rows.append(Row(_without_tail(cells, width), source, start, min(position, len(text)), separator))
        position += 1
    return rows


def number_text(text: str, separator: str) -> str:
    """Return a number with its decimal comma as a point, which no comma between cells can be; other text as it is."""
    return text.replace(",", ".") if separator != "," and _DECIMAL_COMMA.fullmatch(text) else text


def _without_tail(cells: list[Cell], width: int) -> tuple[Cell, ...]:
    """Return the cells without empty ones behind the last column: the header's ``width``, 0 for the header itself."""
    count = len(cells)
    while count > width and not cells[count - 1].text:
        count -= 1
    return tuple(cells[:count])


def _plain_cells(source: SourceFile, start: int, line: str, separator: str) -> list[Cell]:
    """Return the cells of a line without quotes."""
    cells = []
    for part in line.split(separator):
        text = part.strip()
        first = start + (len(part) - len(part.lstrip(" \t")) if len(text) < len(part) else 0)
        cells.append(Cell(text, source, first, first + len(text)))
        start += len(part) + 1
    return cells


def _cells(source: SourceFile, position: int, separator: str, findings: Findings) -> tuple[list[Cell], int]:
    """Return the cells of a row, which goes over several lines where a quoted cell does, and the offset behind it."""
    cells = []
    is_row_open = True
    while is_row_open:
        cell, position, is_row_open = _cell(source, position, separator, findings)
        cells.append(cell)
    return cells, position


def _separator(header: str) -> str:
    found = sorted((header.find(mark), mark) for mark in ",;" if mark in header)
    return found[0][1] if found else "\t" if "\t" in header else ","


def _cell(source: SourceFile, start: int, separator: str, findings: Findings) -> tuple[Cell, int, bool]:
    """Return a cell, the offset behind it (on the line end or behind the separator), and whether more follow."""
    text = source.text
    match = _PLAIN_CELL[separator].match(text, start)
    assert match is not None, "the pattern takes an empty cell too"
    end = match.end()
    if match[1] is None and text.startswith('"', end):
        return _quoted_cell(source, end, separator, findings)
    content = (match[1] or "").rstrip()
    first = end if match[1] is None else match.start(1)
    has_more = text.startswith(separator, end)
    return Cell(content, source, first, first + len(content)), end + 1 if has_more else end, has_more


def _quoted_cell(source: SourceFile, first: int, separator: str, findings: Findings) -> tuple[Cell, int, bool]:
    text = source.text
    parts = []
    position = first + 1
    while True:
        quote = text.find('"', position)
        if quote < 0:
            findings.add(
                source.span(first, first + 1), "the quote that starts here is not closed", "add the closing quote"
            )
            return Cell("", source, first, len(text), is_broken=True), len(text), False
        parts.append(text[position:quote])
        if not text.startswith('""', quote):
            break
        parts.append('"')
        position = quote + 2
    end = quote + 1
    quoted = "".join(parts)
    cell = Cell(quoted.strip(), source, first, end, quoted)
    rest = end
    while rest < len(text) and text[rest] not in (separator, "\n"):
        rest += 1
    if text[end:rest].strip():
        findings.add(source.span(end, rest), "text after the closing quote", 'double the quotes inside a cell: ""')
        cell = cell._replace(is_broken=True)
    has_more = rest < len(text) and text[rest] == separator
    return cell, rest + 1 if has_more else rest, has_more
