"""A recorded device as files that can be emulated: a register map (TOML) with what was seen, a CSV with how it moved.

Values that stayed become initial values. Numbers and bits that moved replay their column of the CSV. Pure texts; who
records reads the device and writes the files.
"""

from __future__ import annotations

import csv
import io
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from emulators.description import RegisterEntry, RegisterMapDescription
from emulators.description.behaviour import BehaviourEntry
from emulators.description.csv_source import Cell, read_rows
from emulators.description.register_map import UNIT_IDS
from emulators.description.register_map_writer import map_as_toml
from emulators.description.source import Findings, file_span, read_source_file
from emulators.errors import LinkError
from emulators.signals.tags import TAG_NAME, TagValue
from emulators.timebase import NS_PER_S
from hil.targets.modbus_url import ModbusUrl

__all__ = [
    "Recording",
    "Sample",
    "load_recorded_values",
    "recorded_csv",
    "recorded_map",
    "recording_of",
    "with_tag_names",
]

_TIME_COLUMN = "time_s"


@dataclass(frozen=True, slots=True)
class Sample:
    """Values at one moment, ``time_ns`` since the first; a refusal stands for a value that the device did not give."""

    time_ns: int
    values: Mapping[str, TagValue | LinkError]


@dataclass(frozen=True, slots=True)
class Recording:
    """What was read of a device: at least one sample, times rising."""

    register_map: RegisterMapDescription
    samples: tuple[Sample, ...]
    source: str
    identity: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def column(self, tag: str) -> list[TagValue]:
        """Return the values of a tag; where one is missing, the last one before it, or the first one after it."""
        seen = [value for sample in self.samples if not isinstance(value := sample.values.get(tag), LinkError | None)]
        if not seen:
            return []
        column, last = [], seen[0]
        for sample in self.samples:
            value = sample.values.get(tag)
            last = last if isinstance(value, LinkError | None) else value
            column.append(last)
        return column

    @property
    def refused(self) -> Mapping[str, LinkError]:
        """The tags that were asked for and never read, with what the device answered last."""
        answers = {tag: value for sample in self.samples for tag, value in sample.values.items()}
        refusals = {tag: value for tag, value in answers.items() if isinstance(value, LinkError)}
        return {tag: refusal for tag, refusal in refusals.items() if not self.column(tag)}

    @property
    def frozen_texts(self) -> tuple[str, ...]:
        """The tags of texts and numbers without a finite value that changed: they cannot be played back."""
        tags = [entry.tag for entry in self.register_map.entries]
        return tuple(tag for tag in tags if len(set(map(repr, self.column(tag)))) > 1 and not self.is_replayed(tag))

    def is_replayed(self, tag: str) -> bool:
        """Whether the tag moved and its column can be played back."""
        column = self.column(tag)
        are_numbers = all(not isinstance(value, str) and math.isfinite(value) for value in column)
        return are_numbers and any(value != column[0] for value in column)


def recording_of(
    url: ModbusUrl,
    register_map: RegisterMapDescription,
    samples: Sequence[Sample],
    identity: Mapping[str, str],
) -> Recording:
    """Return samples of the device at an address, under names that tags may have."""
    unit_id = url.unit_id if url.unit_id in UNIT_IDS else None
    return with_tag_names(Recording(replace(register_map, unit_id=unit_id), tuple(samples), url.name, identity))


def with_tag_names(recording: Recording) -> Recording:
    """Return a recording whose names are those of tags: ``holding:100`` and ``40101`` become ``HOLDING_100``."""
    names = {
        entry.tag: entry.tag if TAG_NAME.fullmatch(entry.tag) else f"{entry.table.value}_{entry.address}".upper()
        for entry in recording.register_map.entries
    }
    entries = tuple(replace(entry, tag=names[entry.tag]) for entry in recording.register_map.entries)
    samples = tuple(
        Sample(sample.time_ns, {names[tag]: value for tag, value in sample.values.items()})
        for sample in recording.samples
    )
    return replace(recording, register_map=replace(recording.register_map, entries=entries), samples=samples)


def recorded_csv(recording: Recording) -> str:
    """Return a line a sample: ``time_s`` and one column a tag that was ever read."""
    columns = {entry.tag: recording.column(entry.tag) for entry in recording.register_map.entries}
    tags = [tag for tag, column in columns.items() if column]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([_TIME_COLUMN, *tags])
    for index, sample in enumerate(recording.samples):
        seconds, rest_ns = divmod(sample.time_ns, NS_PER_S)
        writer.writerow([f"{seconds}.{rest_ns:09d}", *(_cell(columns[tag][index]) for tag in tags)])
    return text.getvalue()


def recorded_map(recording: Recording, name: str, csv_name: str) -> str:
    """Return the register map; entries that the device refused are left out, write-only ones stay as they are."""
    register_map = recording.register_map
    entries = [
        _recorded_entry(recording, entry, csv_name)
        for entry in register_map.entries
        if recording.column(entry.tag) or not entry.is_readable
    ]
    recorded = RegisterMapDescription(
        register_map.file,
        name,
        f"Recorded from {recording.source}.",
        tuple(entries),
        register_map.are_gaps_zero,
        register_map.half_values,
        identity=recording.identity or register_map.identity,
        unit_id=register_map.unit_id,
        requests=register_map.requests,
    )
    return map_as_toml(recorded)


def _recorded_entry(recording: Recording, entry: RegisterEntry, csv_name: str) -> RegisterEntry:
    """Return an entry as a value of its own: its first reading, and its recording where it moved."""
    column = recording.column(entry.tag)
    has_initial = bool(column) and (isinstance(column[0], str) or not math.isinf(column[0]))
    behaviour = None
    if column and recording.is_replayed(entry.tag):
        values: dict[str, TagValue] = {
            "file": csv_name,
            "column": entry.tag,
            "time_column": _TIME_COLUMN,
            "repeats": True,
        }
        behaviour = BehaviourEntry("replay", MappingProxyType(values), entry.span)
    return replace(entry, signal=None, initial=column[0] if has_initial else None, behaviour=behaviour)


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
        elif _seconds(row.cells[names.index(_TIME_COLUMN)], findings) * NS_PER_S <= at_ns:
            chosen = row
    if chosen is None:
        findings.add(file_span(source.name), "the recording has no line at that time", "choose a later one")
    findings.raise_if_any()
    assert chosen is not None
    cells = dict(zip(names, chosen.cells, strict=True))
    values = {tag: _recorded_value(entry, cells[tag], findings) for tag, entry in entries.items()}
    findings.raise_if_any()
    return values


def _seconds(cell: Cell, findings: Findings) -> float:
    try:
        return float(cell.text)
    except ValueError:
        findings.add(cell.span, f"'{cell.text[:40]}' is no time in seconds", "write a number")
        return math.inf


def _recorded_value(entry: RegisterEntry, cell: Cell, findings: Findings) -> TagValue:
    if entry.type.is_string:
        return cell.text
    folded = cell.text.casefold()
    if entry.type.is_bit and folded in ("true", "false", "0", "1"):
        return folded in ("true", "1")
    try:
        return int(folded) if folded.lstrip("-").isdecimal() else float(folded)
    except ValueError:
        findings.add(cell.span, f"'{cell.text[:40]}' is no value of {entry.tag}", f"write a {entry.type.name}")
        return 0
