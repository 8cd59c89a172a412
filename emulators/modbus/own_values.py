"""Values that belong to a device itself: initial values, behaviours, what clients write; stepped, without a clock.

One tag a name: where a map shows it at several places, the first decides the type, any place of floating point values
makes it a floating point number. What a client writes stays until a behaviour moves it.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from struct import Struct
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from emulators.description.register_map import RegisterEntry, RegisterMapDescription
from emulators.errors import DescriptionError, Diagnostic, did_you_mean
from emulators.modbus.behaviours.moment import Behaviour, Moment, Origin, number_of
from emulators.modbus.behaviours.table import MAKE_BEHAVIOUR
from emulators.signals.elementary_types import elementary_type_of_native
from emulators.signals.publication import Publication, PublishedTag
from emulators.signals.tags import TagValue

__all__ = ["OwnValues", "own_entries"]

_FORMS = MappingProxyType(
    {"bool": "?", "i16": "h", "u16": "H", "i32": "i", "u32": "I", "i64": "q", "u64": "Q", "f64": "d"}
)


def own_entries(maps: Iterable[RegisterMapDescription], *, are_all_own: bool = False) -> tuple[RegisterEntry, ...]:
    """Return the entries of maps that a device itself holds; all of them without a rig around the device."""
    return tuple(entry for each in maps for entry in each.entries if are_all_own or entry.is_own)


class OwnValues:
    """Values of entries, at time 0 after construction."""

    def __init__(self, entries: Sequence[RegisterEntry], *, seed: int = 0, others: Iterable[str] = ()) -> None:
        """Lay the values out and make the behaviours.

        Args:
            entries: places in the order of the map.
            seed: of random behaviours.
            others: further names that behaviours may follow, such as those of a rig.

        Raises:
            DescriptionError: a behaviour follows a name that does not exist, or cannot read its file.
        """
        by_tag: dict[str, list[RegisterEntry]] = {}
        for entry in entries:
            by_tag.setdefault(entry.tag, []).append(entry)
        self.tags: Mapping[str, PublishedTag] = {tag: _published(places) for tag, places in by_tag.items()}
        self.names: Mapping[str, tuple[tuple[int, str], ...]] = {tag: at[0].names for tag, at in by_tag.items()}
        self.publication = Publication(list(self.tags.values()))
        self._record = bytearray(self.publication.dtype.itemsize)
        self._fields = {name: _Field(tag, self.publication.offset(name)) for name, tag in self.tags.items()}
        self._forced: dict[str, TagValue] = {}
        self._moved: dict[str, Behaviour] = {}
        findings: list[Diagnostic] = []
        known = {*self.tags, *others}
        for channel, (tag, places) in enumerate(by_tag.items()):
            initial = next((place.initial for place in places if place.initial is not None), None)
            start = _neutral(self.tags[tag]) if initial is None else initial
            self._store(tag, start)
            for place in places:
                try:
                    self._add_behaviour(place, Origin(start, seed, channel, os.path.dirname(place.span.file)), known)
                except DescriptionError as error:
                    findings.extend(error.diagnostics)
        if findings:
            raise DescriptionError(findings)

    @property
    def are_moving(self) -> bool:
        """Whether any value has a behaviour."""
        return bool(self._moved)

    def advance(self, time_ns: int, step_ns: int, read: Callable[[str], TagValue]) -> None:
        """Move all values to the end of a step; ``read`` gives names that are not ours."""

        def read_any(tag: str) -> TagValue:
            return self.read(tag) if tag in self.tags else read(tag)

        moment = Moment(time_ns, step_ns, read_any)
        moved = [(tag, behaviour.advance(moment)) for tag, behaviour in self._moved.items()]
        for tag, value in moved:
            if tag not in self._forced:
                self._store(tag, value)

    def write(self, tag: str, value: TagValue) -> None:
        """Take a value that a client wrote and that was accepted."""
        if tag in self._moved:
            self._moved[tag].write(value)
        if tag not in self._forced:
            self._store(tag, value)

    def force(self, tag: str, value: TagValue) -> None:
        """Hold a value until it is released."""
        self._forced[tag] = value
        self._store(tag, value)

    def release(self, tag: str) -> None:
        """Let a value go; it stays until something moves it."""
        self._forced.pop(tag, None)

    def read(self, tag: str) -> TagValue:
        return self._fields[tag].read(self._record)

    def record(self) -> NDArray[np.uint8]:
        """Return a copy of all values, laid out as the publication says."""
        return np.frombuffer(self._record, dtype=np.uint8).copy()

    def _add_behaviour(self, place: RegisterEntry, origin: Origin, known: set[str]) -> None:
        entry = place.behaviour
        if entry is None:
            return
        of = entry.values.get("of")
        if of is not None and of not in known:
            hint = did_you_mean(str(of), known) or "name a register of this map"
            raise DescriptionError(
                [Diagnostic(entry.span, "", f"{place.tag} follows '{of}', which is not there", hint)]
            )
        self._moved[place.tag] = MAKE_BEHAVIOUR[entry.kind](entry, origin)

    def _store(self, tag: str, value: TagValue) -> None:
        self._fields[tag].store(self._record, value)


class _Field:
    """Where a value lies in the record, and how any other value fits there: rounded and limited, texts cut."""

    __slots__ = ("_fitting", "_form", "_offset", "_tag")

    def __init__(self, tag: PublishedTag, offset: int) -> None:
        self._tag = tag
        self._offset = offset
        self._form = Struct("<" + (f"{tag.dtype.itemsize}s" if tag.is_text else _FORMS[tag.native_label]))
        self._fitting = _fitting(tag)

    def __deepcopy__(self, memo: object) -> _Field:
        return self  # it never changes

    def store(self, record: bytearray, value: TagValue) -> None:
        self._form.pack_into(record, self._offset, self._fitting(value))

    def read(self, record: bytearray) -> TagValue:
        (value,) = self._form.unpack_from(record, self._offset)
        return self._tag.tag_value(value.rstrip(b"\0") if self._tag.is_text else value)


def _published(places: Sequence[RegisterEntry]) -> PublishedTag:
    first = places[0]
    is_writable = any(place.is_writable for place in places)
    label = first.type.native_label
    if first.type.is_numeric and any(place.is_float for place in places):
        label = "f64"
    return PublishedTag(first.tag, label, is_writable, first.eu_range, first.unit, first.description)


def _neutral(tag: PublishedTag) -> TagValue:
    return "" if tag.is_text else False if tag.is_bool else 0


def _fitting(tag: PublishedTag) -> Callable[[TagValue], bool | int | float | bytes]:
    """Return what brings a value into the tag's type; texts count as 0 where a number stands."""
    if tag.is_text:
        return partial(_as_text, tag.dtype.itemsize)
    if tag.is_bool:
        return _as_bool
    if tag.is_float:
        return number_of
    row = elementary_type_of_native(tag.native_label)
    return partial(_as_integer, int(row.low or 0), int(row.high or 0))


def _as_text(size: int, value: TagValue) -> bytes:
    return str(value).encode("latin-1")[:size]


def _as_bool(value: TagValue) -> bool:
    return not isinstance(value, str) and bool(value)


def _as_integer(low: int, high: int, value: TagValue) -> int:
    if isinstance(value, str):
        return 0
    return low if math.isnan(value) else round(min(max(value, low), high))
