"""I/O list: tags as a CSV table, the form in which plants exchange them.

The header names the columns in any order: ``tag`` and ``signal`` must be there; ``description``, ``unit``, ``low``,
``high``, ``writable``, ``safe``, ``max_rate`` (per second), ``type`` and ``truth`` may be. Empty cells are absent.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass

from emulators.description.csv_source import Cell, Row, number_text, read_rows
from emulators.description.source import Findings, Located, SourceFile, file_span, read_source_file
from emulators.description.tag_checks import TagDraft, TagEntry, known_type, known_unit
from emulators.errors import SourceSpan, closest_name, did_you_mean

__all__ = ["IO_LIST_COLUMNS", "IoListDescription", "load_io_list", "parse_io_list", "read_io_list"]

IO_LIST_COLUMNS = (
    "tag",
    "signal",
    "description",
    "unit",
    "low",
    "high",
    "writable",
    "safe",
    "max_rate",
    "type",
    "truth",
)
_REQUIRED_COLUMNS = ("tag", "signal")
_YES = frozenset({"yes", "true", "1", "x"})
_NO = frozenset({"no", "false", "0", ""})
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


@dataclass(frozen=True, slots=True)
class IoListDescription:
    """A list in the order of the file; no tag stands in it twice.

    ``left_out`` are the tags of lines with mistakes; ``is_whole`` is False where a line does not even say its tag.
    """

    file: str
    entries: tuple[TagEntry, ...]
    left_out: tuple[str, ...] = ()
    is_whole: bool = True


def load_io_list(path: str | os.PathLike[str]) -> IoListDescription:
    """Read an I/O list.

    Raises:
        DescriptionError: with every mistake of the file.
    """
    return parse_io_list(read_source_file(path))


def parse_io_list(source: SourceFile) -> IoListDescription:
    """Read an I/O list from its text; raises like :func:`load_io_list`."""
    findings = Findings()
    io_list = read_io_list(source, findings)
    findings.raise_if_any()
    return io_list


def read_io_list(source: SourceFile, findings: Findings) -> IoListDescription:
    """Return the sound lines of an I/O list; what is wrong with the others is reported."""
    of_rows = Findings()
    rows = read_rows(source, of_rows)
    findings.extend(of_rows.diagnostics)
    if not rows:
        findings.add(
            file_span(source.name), "the I/O list is empty", f"start with the header {','.join(IO_LIST_COLUMNS)}"
        )
    columns = _columns(rows[0], findings) if rows else None
    entries: dict[str, TagEntry] = {}
    left_out: list[str] = []
    for row in rows[1:] if columns is not None else ():
        reader = _RowReader(row, columns or {}, findings)
        entry = reader.read(len(rows[0].cells))
        if entry is None:
            left_out.append(reader.name)
            continue
        known = entries.setdefault(entry.tag.name, entry)
        if known is not entry:
            findings.add(entry.span, f"tag {entry.tag.name} is already defined at {known.span}", "keep one of the two")
    is_whole = columns is not None and not of_rows.diagnostics and all(left_out)
    return IoListDescription(source.name, tuple(entries.values()), tuple(left_out), is_whole)


def _columns(header: Row, findings: Findings) -> Mapping[str, int] | None:
    """Return the column numbers by name, or None after reporting that required columns are missing."""
    columns: dict[str, int] = {}
    misspelt = set()
    for index, cell in enumerate(header.cells):
        name = cell.text.casefold()
        if name not in IO_LIST_COLUMNS:
            misspelt.add(closest_name(cell.text, IO_LIST_COLUMNS))
            hint = did_you_mean(cell.text, IO_LIST_COLUMNS) or f"known are {', '.join(IO_LIST_COLUMNS)}"
            findings.add(cell.span, f"unknown column '{cell.text[:40]}'", hint)
        elif name in columns:
            findings.add(cell.span, f"column '{name}' stands twice", "keep one of the two")
        else:
            columns[name] = index
    missing = [name for name in _REQUIRED_COLUMNS if name not in columns]
    absent = [name for name in missing if name not in misspelt]
    if absent:
        findings.add(header.span, f"the I/O list lacks the columns {', '.join(absent)}", "add them to the first line")
    return None if missing else columns


class _RowReader:
    def __init__(self, row: Row, columns: Mapping[str, int], findings: Findings) -> None:
        self._row = row
        self._columns = columns
        self._findings = findings

    def read(self, width: int) -> TagEntry | None:
        if len(self._row.cells) != width:
            self._findings.add(
                self._row.span,
                f"this line has {len(self._row.cells)} cells, the header has {width}",
                "add or remove separators; put quotes around a cell that contains one",
            )
            return None
        name = self._required("tag")
        signal = self._required("signal")
        unit, value_type = self._text("unit"), self._text("type")
        draft = TagDraft(
            name=name or Located("", self._row.span),
            signal=signal,
            is_truth=self._yes_or_no("truth"),
            type=known_type(value_type, self._findings),
            unit=known_unit(unit, self._findings),
            eu_range=self._range(),
            is_writable=self._yes_or_no("writable"),
            safe_value=self._tag_value("safe"),
            max_rate_per_s=self._number("max_rate"),
            description=self._cell("description").text,
        )
        return draft.check(self._findings) if name is not None else None

    @property
    def name(self) -> str:
        """The tag that the line is about, empty where it does not say so."""
        index = self._columns["tag"]
        return self._row.cells[index].text if index < len(self._row.cells) else ""

    def _cell(self, column: str) -> Cell:
        index = self._columns.get(column)
        row = self._row
        return Cell("", row.source, row.start, row.end) if index is None else row.cells[index]

    def _text(self, column: str) -> Located[str] | None:
        cell = self._cell(column)
        return Located(cell.text, cell.span) if cell.text else None

    def _required(self, column: str) -> Located[str] | None:
        text = self._text(column)
        if text is None:
            self._findings.add(self._cell(column).span, f"the cell '{column}' is empty", f"name the {column}")
        return text

    def _number(self, column: str) -> Located[float] | None:
        cell = self._cell(column)
        if not cell.text:
            return None
        text = number_text(cell.text, self._row.separator)
        if _NUMBER.fullmatch(text) and math.isfinite(float(text)):
            return Located(float(text), cell.span)
        has_comma = number_text(text, ";") != text
        hint = "write a decimal point" if has_comma else "write a finite number such as 12.5"
        self._findings.add(cell.span, f"{column} '{cell.text[:40]}' is not a number", hint)
        return None

    def _tag_value(self, column: str) -> Located[bool | int | float] | None:
        cell = self._cell(column)
        if cell.text.casefold() in ("true", "false"):
            return Located(cell.text.casefold() == "true", cell.span)
        return self._number(column)

    def _yes_or_no(self, column: str) -> bool:
        cell = self._cell(column)
        word = cell.text.casefold()
        if word not in _YES and word not in _NO:
            self._findings.add(cell.span, f"{column} '{cell.text[:40]}' is neither yes nor no", "write yes or no")
        return word in _YES

    def _range(self) -> Located[tuple[float, float]] | None:
        low, high = self._number("low"), self._number("high")
        low_cell, high_cell = self._cell("low"), self._cell("high")
        if bool(low_cell.text) != bool(high_cell.text):
            written, absent = ("low", "high") if low_cell.text else ("high", "low")
            span = low_cell.span if low_cell.text else high_cell.span
            self._findings.add(span, f"there is a {written} end of the range but no {absent} end", f"fill in {absent}")
            return None
        if low is None or high is None:
            return None
        if low.value >= high.value:
            reason = "is reversed" if low.value > high.value else "is empty"
            hint = "swap low and high" if low.value > high.value else "low must be below high"
            self._findings.add(low.span, f"range {low.value:g}..{high.value:g} {reason}", hint)
            return None
        first, last = sorted((low.span, high.span))
        span = SourceSpan(first.file, first.line, first.column, last.end_line, last.end_column)
        return Located((low.value, high.value), span)
