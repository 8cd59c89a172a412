"""Replay of a recorded CSV column: a value holds from its time until the next one's."""

from __future__ import annotations

import bisect
import math
import os

from emulators.description.behaviour import BehaviourEntry
from emulators.description.csv_source import Row, number_text, read_rows
from emulators.description.source import Findings, read_source_file
from emulators.errors import did_you_mean
from emulators.modbus.behaviours.moment import Moment, Origin
from emulators.signals.tags import TagValue
from emulators.timebase import NS_PER_S

__all__ = ["Replay"]


class Replay:
    """Values of ``column`` at the seconds in ``time_column``; at the end it starts again, or stays with ``repeats``
    off. The recording lasts one mean interval longer than its last time says."""

    def __init__(self, entry: BehaviourEntry, origin: Origin) -> None:
        """Read the recording.

        Raises:
            DescriptionError: the file, a column or a number is not there, or the times do not rise.
        """
        findings = Findings()
        path = os.path.join(origin.folder, entry.text("file"))
        rows = read_rows(read_source_file(path), findings)
        names = [cell.text for cell in rows[0].cells] if rows else []
        for key in ("time_column", "column"):
            name = entry.text(key)
            if name not in names:
                hint = did_you_mean(name, names) or f"{path} has {', '.join(names) or 'no columns'}"
                findings.add(entry.span, f"{path} has no column '{name}'", hint)
        findings.raise_if_any()
        time_at, value_at = names.index(entry.text("time_column")), names.index(entry.text("column"))
        self._times = [round(_number(row, time_at, findings) * NS_PER_S) for row in rows[1:]]
        self._values = [_number(row, value_at, findings) for row in rows[1:]]
        if len(rows) < 2:
            findings.add(entry.span, f"{path} has no values", "record at least one line")
        for row, (earlier, later) in zip(rows[2:], zip(self._times, self._times[1:], strict=False), strict=False):
            if later <= earlier:
                findings.add(row.span, "this time is not after the one before it", "sort the lines by time")
        findings.raise_if_any()
        first_ns, last_ns = self._times[0], self._times[-1]
        self._times = [time_ns - first_ns for time_ns in self._times]
        span_ns = last_ns - first_ns
        self._length_ns = span_ns + max(1, span_ns // max(1, len(self._times) - 1)) if span_ns else 1
        self._repeats = bool(entry.values["repeats"])

    def advance(self, moment: Moment) -> float:
        at_ns = moment.time_ns % self._length_ns if self._repeats else moment.time_ns
        return self._values[bisect.bisect_right(self._times, at_ns) - 1]

    def write(self, value: TagValue) -> None:
        """A replay follows the recording alone."""


def _number(row: Row, index: int, findings: Findings) -> float:
    cell = row.cells[index] if index < len(row.cells) else None
    words = {"true": 1.0, "false": 0.0}
    text = cell.text.casefold() if cell is not None else ""
    try:
        number = words[text] if text in words else float(number_text(text, row.separator))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        findings.add(cell.span if cell is not None else row.span, f"'{text[:40]}' is not a number", "write a number")
        return 0.0
    return number
