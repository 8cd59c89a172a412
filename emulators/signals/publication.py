"""What a running cell shows to the outside after each step, and what comes back: independent of any protocol.

A cell describes its tags once (``Publication``) and then gives one immutable ``PublishedSnapshot`` a step. An endpoint
serves the snapshot and hands accepted client writes back as ``ClientWrite``; they act at the latch (phase 4) of the
next step. ``PublishedTag.accept`` is the one place that decides whether a value may be written to a tag.
"""

from __future__ import annotations

import enum
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from emulators.signals.elementary_types import elementary_type_of_native
from emulators.signals.quality import StatusCode
from emulators.signals.tags import TagValue

__all__ = [
    "ClientWrite",
    "Publication",
    "PublishedSnapshot",
    "PublishedTag",
    "RefusalReason",
    "WriteRefusal",
    "joined_publication",
]

_DTYPES = MappingProxyType(
    {
        "bool": "?",
        "i8": "<i1",
        "i16": "<i2",
        "i32": "<i4",
        "i64": "<i8",
        "u8": "<u1",
        "u16": "<u2",
        "u32": "<u4",
        "u64": "<u8",
        "f32": "<f4",
        "f64": "<f8",
    }
)
_TEXT_LABEL = re.compile(r"string\[([1-9][0-9]{0,3})\]")
_MAX_F32 = float(np.finfo(np.float32).max)


class RefusalReason(enum.Enum):
    """Why a client's value was not taken."""

    NOT_WRITABLE = "not writable"
    WRONG_TYPE = "wrong type"
    NOT_FINITE = "not a finite number"
    OUT_OF_RANGE = "out of range"


class WriteRefusal(Exception):  # noqa: N818 - an answer to a client, not a defect
    """A client's value was not taken; the message names tag, value and what would be taken."""

    def __init__(self, tag: str, reason: RefusalReason, message: str) -> None:
        super().__init__(f"{tag}: {message}")
        self.tag = tag
        self.reason = reason


@dataclass(frozen=True, slots=True)
class PublishedTag:
    """A tag as clients see it. ``native_label`` is a label of ``emulators.native.ir.Scalar`` or ``string[n]``, a text
    of n characters of one byte (ISO 8859-1); values are engineering values. ``eu_range`` bounds what may be written.
    ``iec_type`` is empty where the plain type of the label holds."""

    name: str
    native_label: str
    is_writable: bool = False
    eu_range: tuple[float, float] | None = None
    unit: str = ""
    description: str = ""
    iec_type: str = ""

    def __post_init__(self) -> None:
        if self.native_label not in _DTYPES and not _TEXT_LABEL.fullmatch(self.native_label):
            raise ValueError(f"tag {self.name}: '{self.native_label}' is no machine type; use {', '.join(_DTYPES)}")

    @property
    def is_bool(self) -> bool:
        return self.native_label == "bool"

    @property
    def is_float(self) -> bool:
        return self.native_label in ("f32", "f64")

    @property
    def is_text(self) -> bool:
        return self.native_label not in _DTYPES

    @property
    def dtype(self) -> np.dtype[np.generic]:
        match = _TEXT_LABEL.fullmatch(self.native_label)
        return np.dtype(f"S{match[1]}" if match else _DTYPES[self.native_label])

    def field_value(self, value: TagValue) -> bool | int | float | bytes:
        """Return what stands for an accepted value in a record."""
        return value.encode("latin-1") if isinstance(value, str) else value

    def tag_value(self, field: bool | int | float | bytes) -> TagValue:
        """Return the value that stands in a record."""
        return field.decode("latin-1") if isinstance(field, bytes) else field

    def accept(self, value: object) -> TagValue:
        """Return the value in the tag's own type.

        Raises:
            WriteRefusal: the tag is not writable, or the value has the wrong type, is not finite, or out of range.
        """
        if not self.is_writable:
            raise WriteRefusal(self.name, RefusalReason.NOT_WRITABLE, "may not be written by a client")
        if self.is_bool:
            return self._accept_bool(value)
        if self.is_text:
            return self._accept_text(value)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise WriteRefusal(self.name, RefusalReason.WRONG_TYPE, f"{value!r} is no number")
        if isinstance(value, float) and not math.isfinite(value):
            raise WriteRefusal(self.name, RefusalReason.NOT_FINITE, f"{value} is not a finite number")
        number = self._accept_float(value) if self.is_float else self._accept_integer(value)
        if self.eu_range is not None and not self.eu_range[0] <= number <= self.eu_range[1]:
            low, high = self.eu_range
            raise WriteRefusal(self.name, RefusalReason.OUT_OF_RANGE, f"{number} is outside {low:.12g}..{high:.12g}")
        return number

    def _accept_bool(self, value: object) -> bool:
        if isinstance(value, bool | int | float) and value in (0, 1):
            return bool(value)
        raise WriteRefusal(self.name, RefusalReason.WRONG_TYPE, f"{value!r} is neither true nor false")

    def _accept_text(self, value: object) -> str:
        if not isinstance(value, str):
            raise WriteRefusal(self.name, RefusalReason.WRONG_TYPE, f"{value!r} is no text")
        if len(value) > self.dtype.itemsize or any(ord(character) > 255 for character in value):
            raise WriteRefusal(self.name, RefusalReason.OUT_OF_RANGE, f"the text does not fit {self.native_label}")
        return value.rstrip("\0")

    def _accept_integer(self, value: int | float) -> int:
        number = round(value)
        if isinstance(value, float) and abs(number - value) > max(1e-9, 4 * math.ulp(value)):
            raise WriteRefusal(self.name, RefusalReason.WRONG_TYPE, f"{value} is no whole number")
        row = elementary_type_of_native(self.native_label)
        if row.low is not None and row.high is not None and not row.low <= number <= row.high:
            raise WriteRefusal(self.name, RefusalReason.OUT_OF_RANGE, f"{number} is outside {row.low}..{row.high}")
        return number

    def _accept_float(self, value: int | float) -> float:
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if abs(number) > (_MAX_F32 if self.native_label == "f32" else math.inf) or math.isinf(number):
            raise WriteRefusal(self.name, RefusalReason.OUT_OF_RANGE, f"{value} does not fit {self.native_label}")
        return number


class Publication:
    """The tags of a cell and where each lies in a snapshot's record.

    ``dtype`` is structured with one field a tag, named as the tag; it may be a view with offsets on a larger block.
    """

    def __init__(self, tags: Sequence[PublishedTag], dtype: np.dtype[np.void] | None = None) -> None:
        self.tags: Mapping[str, PublishedTag] = MappingProxyType({tag.name: tag for tag in tags})
        if len(self.tags) != len(tags):
            raise ValueError("two published tags have the same name")
        self.dtype = dtype if dtype is not None else np.dtype([(tag.name, tag.dtype) for tag in tags])
        fields = dict(self.dtype.fields or {})
        for tag in tags:
            if tag.name not in fields:
                raise ValueError(f"tag {tag.name} has no field in the record of the snapshot")
            if fields[tag.name][0] != tag.dtype:
                raise ValueError(f"tag {tag.name}: the record has {fields[tag.name][0]}, the tag {tag.dtype}")

    def offset(self, tag: str) -> int:
        """Return the byte offset of a tag in the record."""
        fields = self.dtype.fields
        assert fields is not None
        return fields[tag][1]

    def snapshot(self, tick: int, time_ns: int, values: Mapping[str, TagValue]) -> PublishedSnapshot:
        """Return a snapshot of these values, the others 0: for tests and slow sources."""
        record = np.zeros(1, dtype=self.dtype)
        for name, value in values.items():
            record[name] = self.tags[name].field_value(value)
        return PublishedSnapshot(tick, time_ns, record.view(np.uint8))


def joined_publication(first: Publication, second: Publication) -> Publication:
    """Return the tags of both as one record, the first one's in front."""
    shift = first.dtype.itemsize
    tags = [*first.tags.values(), *second.tags.values()]
    offsets = [first.offset(tag) for tag in first.tags] + [shift + second.offset(tag) for tag in second.tags]
    dtype = np.dtype(
        {
            "names": [tag.name for tag in tags],
            "formats": [tag.dtype for tag in tags],
            "offsets": offsets,
            "itemsize": shift + second.dtype.itemsize,
        }
    )
    return Publication(tags, dtype)


@dataclass(frozen=True, slots=True, eq=False)
class PublishedSnapshot:
    """Values of all tags at phase 3 of one step. Whoever makes it never changes it afterwards.

    ``tick`` is the index of the step and ``time_ns`` the plant time at its end. ``record``: uint8, shape (n_bytes,),
    laid out as the publication's ``dtype``. ``status`` holds the status codes of tags that are not good.
    """

    tick: int
    time_ns: int
    record: NDArray[np.uint8]
    status: Mapping[str, StatusCode] = field(default_factory=lambda: MappingProxyType({}))

    def value(self, publication: Publication, tag: str) -> TagValue:
        """Return one value as a plain Python value."""
        published = publication.tags[tag]
        offset = publication.offset(tag)
        return published.tag_value(
            self.record[offset : offset + published.dtype.itemsize].view(published.dtype)[0].item()
        )


@dataclass(frozen=True, slots=True)
class ClientWrite:
    """A value that a client wrote and that was accepted; the value is in the tag's own type, in engineering units."""

    tag: str
    value: TagValue
