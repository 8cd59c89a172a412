"""Register map bound to the tags of a cell: where each value lies, in the snapshot and on the wire.

A wire value and an engineering value belong together by ``engineering = wire * scale + offset``. Publishing rounds
half to even and saturates at the ends of the register's type; NaN becomes the value that means "no value" in integer
registers: the lowest of a signed type, the highest of an unsigned one.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from emulators.description.register_map import ByteOrder, RegisterEntry, RegisterMapDescription
from emulators.errors import DescriptionError, Diagnostic, did_you_mean
from emulators.signals.publication import Publication, PublishedTag
from emulators.signals.tags import TagValue

__all__ = ["BoundEntry", "bind_register_map"]

_FORMATS = {
    "i16": ">h",
    "u16": ">H",
    "i32": ">i",
    "u32": ">I",
    "i64": ">q",
    "u64": ">Q",
    "f32": ">f",
    "f64": ">d",
}


@dataclass(frozen=True)
class BoundEntry:
    """One entry of the map with its tag and the offset of the tag in the snapshot's record."""

    entry: RegisterEntry
    tag: PublishedTag
    record_offset: int

    @cached_property
    def wire_order(self) -> tuple[int, ...]:
        """For each byte on the wire, the index of the byte in the big-endian value."""
        size = 2 * self.entry.quantity
        words = [(at, at + 1) for at in range(0, size, 2)]
        if self.entry.word_order is ByteOrder.LITTLE:
            words.reverse()
        if self.entry.byte_order is ByteOrder.LITTLE:
            words = [(low, high) for high, low in words]
        return tuple(index for word in words for index in word)

    @cached_property
    def bit_place(self) -> tuple[int, int]:
        """Byte (within the register) and bit of an entry that is one bit of a register."""
        bit = self.entry.bit or 0
        is_low_byte = bit < 8
        return int(is_low_byte == (self.entry.byte_order is ByteOrder.BIG)), bit % 8

    @cached_property
    def divisor(self) -> int | None:
        """1/scale where that is a whole number: dividing by it keeps decimal values exact (3 / 10, not 3 * 0.1)."""
        inverse = 1.0 / self.entry.scale
        whole = round(inverse)
        return whole if whole and abs(inverse - whole) <= 1e-9 * abs(inverse) else None

    def decode(self, wire: bytes) -> TagValue:
        """Return the engineering value of the bytes of this entry as they lie on the wire."""
        entry = self.entry
        label = entry.type.native_label
        if label is None or label == "bool":
            raise ValueError(f"{entry.type.name} at {entry.address} has no number to decode")
        ordered = bytearray(len(wire))
        for position, index in enumerate(self.wire_order):
            ordered[index] = wire[position]
        number: int | float = struct.unpack(_FORMATS[label], ordered)[0]
        if not entry.is_scaled:
            return number
        scaled = number * entry.scale if self.divisor is None else number / self.divisor
        return scaled + entry.offset if entry.offset else scaled


def bind_register_map(register_map: RegisterMapDescription, publication: Publication) -> tuple[BoundEntry, ...]:
    """Return the entries of a map with their tags.

    Raises:
        DescriptionError: entries name unknown tags, let clients write what is not writable, or do not fit the tag's
            type; all of them at once.
    """
    findings: list[Diagnostic] = []
    bound: list[BoundEntry] = []
    for entry in register_map.entries:
        tag = publication.tags.get(entry.tag)
        finding = _unknown(entry, publication) if tag is None else _mismatch(entry, tag)
        if finding is not None:
            findings.append(finding)
        elif tag is not None:
            bound.append(BoundEntry(entry, tag, publication.offset(tag.name)))
    findings.extend(_duplicate_writers(register_map.entries))
    if findings:
        raise DescriptionError(findings)
    return tuple(bound)


def _unknown(entry: RegisterEntry, publication: Publication) -> Diagnostic:
    hint = did_you_mean(entry.tag, publication.tags) or "name a tag of the rig"
    return Diagnostic(entry.tag_span, "", f"register map: there is no tag '{entry.tag}'", hint)


def _mismatch(entry: RegisterEntry, tag: PublishedTag) -> Diagnostic | None:
    if entry.is_writable and not tag.is_writable:
        message = f"a client may write {entry.table.value} {entry.address} but tag {tag.name} is not writable"
        return Diagnostic(entry.tag_span, "", message, 'write access = "r" or make the tag writable in the rig')
    if entry.type.is_string:
        return Diagnostic(entry.tag_span, "", f"tag {tag.name} is no text", "use a number type")
    if entry.type.is_bit and not tag.is_bool:
        message = f"tag {tag.name} is a number and does not fit a single bit"
        return Diagnostic(entry.tag_span, "", message, "use a register with a number type")
    if not math.isfinite(1.0 / entry.scale):
        return Diagnostic(entry.tag_span, "", f"tag {tag.name}: scale {entry.scale} is too small", "use a larger scale")
    return None


def _duplicate_writers(entries: Sequence[RegisterEntry]) -> list[Diagnostic]:
    """A tag that clients write in one place and read in another is fine; two places to write it are a mistake."""
    first: dict[str, RegisterEntry] = {}
    findings = []
    for entry in entries:
        if not entry.is_writable:
            continue
        other = first.setdefault(entry.tag, entry)
        if other is not entry:
            place = f"{other.table.value} {other.address}, see {other.span.file}:{other.span.line}"
            message = f"tag {entry.tag} is writable here and at {place}"
            findings.append(Diagnostic(entry.tag_span, "", message, 'write access = "r" at one of them'))
    return findings
