"""Comma- or semicolon-separated text in rows of cells that know where they stand (RFC 4180 quoting).

The separator is the first of ``,`` and ``;`` in the header line. Empty lines and lines that start with ``#`` are
skipped.
"""

from __future__ import annotations

from dataclasses import dataclass

from emulators.description.source import Findings, SourceFile
from emulators.errors import SourceSpan

__all__ = ["Cell", "Row", "read_rows"]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its text without quotes and outer blanks, and its stretch in the file."""

    text: str
    span: SourceSpan
    is_broken: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    cells: tuple[Cell, ...]
    span: SourceSpan


def read_rows(source: SourceFile, findings: Findings) -> list[Row]:
    """Return all rows, the header first; a row that is not well formed is reported and left out."""
    text = source.text
    header_end = text.find("\n")
    header = text if header_end < 0 else text[:header_end]
    separators = sorted((header.find(mark), mark) for mark in ",;" if mark in header)
    separator = separators[0][1] if separators else ","
    rows = []
    position = 0
    while position < len(text):
        line_end = text.find("\n", position)
        line_end = len(text) if line_end < 0 else line_end
        line = text[position:line_end]
        if not line.strip() or line.lstrip().startswith("#"):
            position = line_end + 1
            continue
        cells: list[Cell] = []
        start = position
        is_row_open = True
        while is_row_open:
            cell, position, is_row_open = _cell(source, position, separator, findings)
            cells.append(cell)
        if not any(cell.is_broken for cell in cells):
            rows.append(Row(tuple(cells), source.span(start, min(position, len(text)))))
        position += 1
    return rows


def _cell(source: SourceFile, start: int, separator: str, findings: Findings) -> tuple[Cell, int, bool]:
    """Return a cell, the offset behind it (on the line end or behind the separator), and whether more follow."""
    text = source.text
    first = start
    while first < len(text) and text[first] in " \t":
        first += 1
    if text.startswith('"', first):
        return _quoted_cell(source, first, separator, findings)
    end = first
    while end < len(text) and text[end] not in (separator, "\n"):
        end += 1
    content = text[first:end].rstrip()
    cell = Cell(content, source.span(first, first + len(content)))
    has_more = end < len(text) and text[end] == separator
    return cell, end + 1 if has_more else end, has_more


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
            return Cell("", source.span(first, len(text)), is_broken=True), len(text), False
        parts.append(text[position:quote])
        if not text.startswith('""', quote):
            break
        parts.append('"')
        position = quote + 2
    end = quote + 1
    cell = Cell("".join(parts).strip(), source.span(first, end))
    rest = end
    while rest < len(text) and text[rest] not in (separator, "\n"):
        rest += 1
    if text[end:rest].strip():
        findings.add(source.span(end, rest), "text after the closing quote", 'double the quotes inside a cell: ""')
        cell = Cell(cell.text, cell.span, is_broken=True)
    has_more = rest < len(text) and text[rest] == separator
    return cell, rest + 1 if has_more else rest, has_more
