"""A recorded device as files that can be emulated: a register map (TOML) with what was seen, a CSV with how it moved.

Values that stayed become initial values. Numbers and bits that moved replay their column of the CSV. Pure texts and
rows; who records reads the device and writes the files.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from emulators.description import RegisterEntry, RegisterMapDescription
from emulators.description.behaviour import BehaviourEntry
from emulators.description.csv_source import Cell, Row, number_text, read_rows
from emulators.description.register_map import UNIT_IDS
from emulators.description.register_map_writer import map_as_toml
from emulators.description.source import Findings, file_span, read_source_file
from emulators.errors import LinkError
from emulators.signals.tags import TAG_NAME, TagValue
from emulators.timebase import NS_PER_S
from hil.targets.modbus_url import ModbusUrl

__all__ = ["Recorder", "load_recorded_values"]

_TIME_COLUMN = "time_s"


@dataclass(slots=True)
class _Seen:
    """What is known of one value: ``refusal`` is what the device answered last in its place."""

    first_row: int = -1
    first: TagValue = 0
    cell: str = ""
    has_moved: bool = False
    has_changed: bool = False
    is_number: bool = True
    refusal: LinkError | None = None

    @property
    def was_read(self) -> bool:
        return self.first_row >= 0

    @property
    def is_replayed(self) -> bool:
        """Whether it moved and all of it can be played back."""
        return self.is_number and self.has_moved

    def take(self, row: int, value: TagValue) -> None:
        if not self.was_read:
            self.first_row, self.first = row, value
        self.cell = _cell(value)
        self.is_number = self.is_number and not isinstance(value, str) and math.isfinite(value)
        self.has_moved = self.has_moved or value != self.first
        self.has_changed = self.has_changed or repr(value) != repr(self.first)


class Recorder:
    """Takes the readings of a device one after the other and gives a row of the CSV for each.

    It keeps what the map needs, however long it takes: the rows are the caller's, to be ``settled`` in the end. Names
    are those that tags may have: ``holding:100`` and ``40101`` become ``HOLDING_100``.
    """

    def __init__(
        self, register_map: RegisterMapDescription, source: str, identity: Mapping[str, str] | None = None
    ) -> None:
        entries = register_map.entries
        named = tuple(replace(entry, tag=_tag_name(entry)) for entry in entries)
        self.register_map = replace(register_map, entries=named)
        self.source = source
        self.identity = identity or {}
        self.count = 0
        self.last_ns = 0
        self.failed_count = 0
        self.last_failure: LinkError | None = None
        self._names = {entry.tag: _tag_name(entry) for entry in entries if entry.is_readable}
        self._seen = {tag: _Seen() for tag in self._names}

    @classmethod
    def of_device(cls, url: ModbusUrl, register_map: RegisterMapDescription, identity: Mapping[str, str]) -> Recorder:
        """Return the recorder of the device at an address."""
        unit_id = url.unit_id if url.unit_id in UNIT_IDS else None
        return cls(replace(register_map, unit_id=unit_id), url.name, identity)

    @property
    def header(self) -> list[str]:
        """The first row while it lasts: ``time_s`` and every tag that can be read."""
        return [_TIME_COLUMN, *self._names.values()]

    def take(self, time_ns: int, values: Mapping[str, TagValue | LinkError]) -> list[str]:
        """Take what was read ``time_ns`` after the first reading and return its row; a refusal stands for a value that
        the device did not give, whose cell is the one before, or empty."""
        for tag, value in values.items():
            seen = self._seen[tag]
            if isinstance(value, LinkError):
                seen.refusal = value
            else:
                seen.take(self.count, value)
        self.count, self.last_ns = self.count + 1, time_ns
        seconds, rest_ns = divmod(time_ns, NS_PER_S)
        return [f"{seconds}.{rest_ns:09d}", *(seen.cell for seen in self._seen.values())]

    def fail(self, error: LinkError) -> None:
        """Take a reading that failed as a whole: it has no row."""
        self.failed_count, self.last_failure = self.failed_count + 1, error

    @property
    def is_settled(self) -> bool:
        """Whether the header and the rows are already what the file is to have."""
        return all(seen.first_row == 0 for seen in self._seen.values())

    def settled(self, rows: Iterable[Sequence[str]]) -> Iterator[list[str]]:
        """Yield header and rows without the values that were never read; those before the first one are as it is."""
        columns = [(index, seen) for index, seen in enumerate(self._seen.values(), start=1) if seen.was_read]
        yield [_TIME_COLUMN, *(self.header[index] for index, _ in columns)]
        for number, row in enumerate(rows):
            yield [row[0], *(_cell(seen.first) if number < seen.first_row else row[index] for index, seen in columns)]

    @property
    def read_tags(self) -> tuple[str, ...]:
        """The tags that were read at least once."""
        return self._tags(lambda seen: seen.was_read)

    @property
    def replayed_tags(self) -> tuple[str, ...]:
        """The tags that moved and are played back."""
        return self._tags(lambda seen: seen.is_replayed)

    @property
    def frozen_tags(self) -> tuple[str, ...]:
        """The tags of texts and numbers without a finite value that changed: they cannot be played back."""
        return self._tags(lambda seen: seen.has_changed and not seen.is_replayed)

    @property
    def refused(self) -> Mapping[str, LinkError]:
        """The tags that were asked for and never read, with what the device answered last."""
        refused = {tag: seen.refusal for tag, seen in self._seen.items() if not seen.was_read}
        return {self._names[tag]: refusal for tag, refusal in refused.items() if refusal is not None}

    def map_text(self, name: str, csv_name: str) -> str:
        """Return the register map as TOML; entries that the device refused are left out, write-only ones stay as they
        are."""
        register_map, seen = self.register_map, {self._names[tag]: seen for tag, seen in self._seen.items()}
        entries = [
            _recorded_entry(entry, seen.get(entry.tag, _Seen()), csv_name)
            for entry in register_map.entries
            if not entry.is_readable or seen[entry.tag].was_read
        ]
        recorded = RegisterMapDescription(
            register_map.file,
            name,
            f"Recorded from {self.source}.",
            tuple(entries),
            register_map.are_gaps_zero,
            register_map.half_values,
            identity=self.identity or register_map.identity,
            unit_id=register_map.unit_id,
            requests=register_map.requests,
        )
        return map_as_toml(recorded)

    def _tags(self, is_meant: Callable[[_Seen], bool]) -> tuple[str, ...]:
        return tuple(self._names[tag] for tag, seen in self._seen.items() if is_meant(seen))


def _tag_name(entry: RegisterEntry) -> str:
    return entry.tag if TAG_NAME.fullmatch(entry.tag) else f"{entry.table.value}_{entry.address}".upper()


def _recorded_entry(entry: RegisterEntry, seen: _Seen, csv_name: str) -> RegisterEntry:
    """Return an entry as a value of its own: its first reading, and its recording where it moved."""
    behaviour = None
    if seen.is_replayed:
        values: dict[str, TagValue] = {
            "file": csv_name,
            "column": entry.tag,
            "time_column": _TIME_COLUMN,
            "repeats": True,
        }
        behaviour = BehaviourEntry("replay", MappingProxyType(values), entry.span)
    return replace(entry, signal=None, initial=seen.first if seen.was_read else None, behaviour=behaviour)


def _cell(value: TagValue) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else repr(value)


def load_recorded_values(
    file: str | os.PathLike[str], register_map: RegisterMapDescription, at_ns: int
) -> dict[str, TagValue]:
    """Return the values that a recorded CSV has at a time, by the tags of a map.

    Raises:
        DescriptionError: the file is not there, has no column ``time_s`` or none of the map's tags, or no line yet.
    """
    findings = Findings()
    source = read_source_file(file)
    rows = read_rows(source, findings)
    names = [cell.text for cell in rows[0].cells] if rows else []
    entries = {entry.tag: entry for entry in register_map.entries if entry.tag in names}
    if _TIME_COLUMN not in names:
        findings.add(file_span(source.name), f"the recording has no column '{_TIME_COLUMN}'", "record it again")
    elif not entries:
        findings.add(file_span(source.name), "the recording has none of the values asked for", "give its own map")
    findings.raise_if_any()
    chosen = None
    for row in rows[1:]:
        if len(row.cells) != len(names):
            findings.add(row.span, f"this line has {len(row.cells)} cells, the header {len(names)}", "record it again")
        elif _seconds(row, names.index(_TIME_COLUMN), findings) * NS_PER_S <= at_ns:
            chosen = row
    if chosen is None:
        findings.add(file_span(source.name), "the recording has no line at that time", "choose a later one")
    findings.raise_if_any()
    assert chosen is not None
    cells = dict(zip(names, chosen.cells, strict=True))
    separator = chosen.separator
    values = {tag: _recorded_value(entry, cells[tag], separator, findings) for tag, entry in entries.items()}
    findings.raise_if_any()
    return values


def _seconds(row: Row, index: int, findings: Findings) -> float:
    cell = row.cells[index]
    try:
        return float(number_text(cell.text, row.separator))
    except ValueError:
        findings.add(cell.span, f"'{cell.text[:40]}' is no time in seconds", "write a number")
        return math.inf


def _recorded_value(entry: RegisterEntry, cell: Cell, separator: str, findings: Findings) -> TagValue:
    if entry.type.is_string:
        return cell.text
    folded = number_text(cell.text, separator).casefold()
    if entry.type.is_bit and folded in ("true", "false", "0", "1"):
        return folded in ("true", "1")
    try:
        return int(folded) if folded.lstrip("-").isdecimal() else float(folded)
    except ValueError:
        findings.add(cell.span, f"'{cell.text[:40]}' is no value of {entry.tag}", f"write a {entry.type.name}")
        return 0
