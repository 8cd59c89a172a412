"""Register map bound to the tags of a cell: where each value lies, in the snapshot and on the wire.

``codec`` says how an engineering value and the bytes on the wire belong together.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property

from emulators.description.register_map import ByteOrder, RegisterEntry, RegisterMapDescription, RegisterTable
from emulators.errors import DescriptionError, Diagnostic, did_you_mean
from emulators.modbus.codec import EntryCodec
from emulators.signals.publication import Publication, PublishedTag

__all__ = ["BoundEntry", "bind_register_map"]


class BoundEntry(EntryCodec):
    """One entry of the map with its tag and the offset of the tag in the snapshot's record."""

    def __init__(self, entry: RegisterEntry, tag: PublishedTag, record_offset: int) -> None:
        super().__init__(entry)
        self.tag = tag
        self.record_offset = record_offset

    @cached_property
    def bit_place(self) -> tuple[int, int]:
        """Byte (within the register) and bit of an entry that is one bit of a register."""
        bit = self.entry.bit or 0
        is_low_byte = bit < 8
        return int(is_low_byte == (self.entry.byte_order is ByteOrder.BIG)), bit % 8


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
    if entry.type.is_string != tag.is_text:
        is_what, hint = ("a text", "use type string[n]") if tag.is_text else ("no text", "use a number type")
        return Diagnostic(entry.tag_span, "", f"tag {tag.name} is {is_what}", hint)
    if entry.type.is_bit and not tag.is_bool:
        message = f"tag {tag.name} is a number and does not fit a single bit"
        return Diagnostic(entry.tag_span, "", message, "use a register with a number type")
    if not math.isfinite(1.0 / entry.scale):
        return Diagnostic(entry.tag_span, "", f"tag {tag.name}: scale {entry.scale} is too small", "use a larger scale")
    return None


def _duplicate_writers(entries: Sequence[RegisterEntry]) -> list[Diagnostic]:
    """A tag may be written as a coil and in a register, and read wherever; two places in one table are a mistake."""
    first: dict[tuple[str, RegisterTable], RegisterEntry] = {}
    findings = []
    for entry in entries:
        if not entry.is_writable:
            continue
        other = first.setdefault((entry.tag, entry.table), entry)
        if other is not entry:
            place = f"{other.table.value} {other.address}, see {other.span.file}:{other.span.line}"
            message = f"tag {entry.tag} is writable here and at {place}"
            findings.append(Diagnostic(entry.tag_span, "", message, 'write access = "r" at one of them'))
    return findings
