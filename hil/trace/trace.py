"""A recorded run: column-major typed arrays with the time of each row.

Columns are one-dimensional, contiguous and never copied: a recorder hands over its buffers. Digital columns hold
0 and 1 in one byte; numbers are float64, float32 or integers of any width.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from emulators.errors import did_you_mean
from hil.trace.meta import FORMAT_VERSION, ColumnDescription, ColumnKind, TraceMeta

__all__ = ["Array", "Trace"]

Array = npt.NDArray[Any]

_PLAIN = ColumnDescription()
_BOOL, _BYTE = np.dtype(np.bool_), np.dtype(np.uint8)
_NUMBERS = ("i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f4", "f8")
_TYPES = frozenset({_BOOL, *(np.dtype(f"{order}{number}") for order in "<>" for number in _NUMBERS)})


class Trace:
    """Immutable columns over the same rows.

    Args:
        columns: name → array of shape (rows,), contiguous; bool is kept as uint8. The caller gives the array away.
        time_ns: plant time of each row, int64, strictly increasing.
        meta: origin of the run and meaning of the columns; columns it does not name are read by their type.

    Raises:
        ValueError: an array of another shape or type, a digital column with other values than 0 and 1, or
            a time that does not increase; the text names the column.
    """

    __slots__ = ("_columns", "even_step_ns", "meta", "time_ns")

    meta: TraceMeta
    time_ns: npt.NDArray[np.int64]
    even_step_ns: int | None
    """Distance of the rows if it is the same everywhere, else None; with one row or none, the step of the meta."""

    def __init__(self, columns: Mapping[str, Array], time_ns: Array, meta: TraceMeta | None = None) -> None:
        self.meta = meta if meta is not None else TraceMeta()
        self.time_ns = _frozen(_checked_shape("time_ns", np.asarray(time_ns, dtype=np.int64), None))
        self.even_step_ns = _even_step(self.time_ns, self.meta.step_ns)
        rows = len(self.time_ns)
        self._columns = {name: self._checked(name, array, rows) for name, array in columns.items()}

    def _checked(self, name: str, array: Array, rows: int) -> Array:
        checked = _checked_shape(name, array, rows)
        if checked.dtype == _BOOL:
            checked = checked.view(_BYTE)
        if self._kind_of(name, checked) is ColumnKind.DIGITAL:
            if checked.dtype != _BYTE:
                raise ValueError(f"column {name} is digital but its type is {checked.dtype}; give it as bool or uint8")
            if rows and int(checked.max()) > 1:
                raise ValueError(
                    f"digital column {name} holds {int(checked.max())}; describe it as analog if it counts, "
                    "or record 0 and 1"
                )
        return _frozen(checked)

    def _kind_of(self, name: str, array: Array) -> ColumnKind:
        kind = self.meta.columns.get(name, _PLAIN).kind
        if kind is not None:
            return kind
        return ColumnKind.DIGITAL if array.dtype == _BYTE else ColumnKind.ANALOG

    @property
    def columns(self) -> Mapping[str, Array]:
        """Name → array, in the order recorded."""
        return MappingProxyType(self._columns)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._columns)

    def __len__(self) -> int:
        return len(self.time_ns)

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __contains__(self, name: object) -> bool:
        return name in self._columns

    def __getitem__(self, name: str) -> Array:
        try:
            return self._columns[name]
        except KeyError:
            hint = did_you_mean(name, self._columns) or f"recorded are {', '.join(self._columns) or 'none'}"
            raise KeyError(f"no column {name!r} in the trace; {hint}") from None

    def __repr__(self) -> str:
        return f"<Trace {len(self)} rows, {len(self._columns)} columns>"

    def __reduce__(self) -> tuple[Any, ...]:
        return Trace, (dict(self._columns), self.time_ns, self.meta)

    def description(self, name: str) -> ColumnDescription:
        """Return what the meta says of a column, or an empty description."""
        return self.meta.columns.get(name, _PLAIN)

    def kind(self, name: str) -> ColumnKind:
        """Return how a column is read: as two levels or as a number."""
        return self._kind_of(name, self[name])

    @property
    def start_ns(self) -> int:
        """Time of the first row; 0 without rows."""
        return int(self.time_ns[0]) if len(self) else 0

    @property
    def end_ns(self) -> int:
        """Time of the last row; 0 without rows."""
        return int(self.time_ns[-1]) if len(self) else 0

    def row_at(self, time_ns: int) -> int:
        """Return the last row at or before a time, the first row for an earlier time."""
        return max(0, int(np.searchsorted(self.time_ns, time_ns, side="right")) - 1)

    def select(self, names: Iterable[str]) -> Trace:
        """Return the same rows with only these columns."""
        return Trace({name: self[name] for name in names}, self.time_ns, self.meta)

    def window(self, start_ns: int, end_ns: int) -> Trace:
        """Return the rows from ``start_ns`` to ``end_ns``, both included."""
        first = int(np.searchsorted(self.time_ns, start_ns, side="left"))
        last = int(np.searchsorted(self.time_ns, end_ns, side="right"))
        rows = {name: array[first:last] for name, array in self._columns.items()}
        return Trace(rows, self.time_ns[first:last], self.meta)

    def sha256(self) -> str:
        """Return the digest of the content: times, then every column by name with its type and its bytes.

        The meta and the order of the columns do not enter: the same run has the same digest on every executor.
        """
        digest = hashlib.sha256(f"plc-hil trace {FORMAT_VERSION}\n{len(self)} rows\n".encode())
        digest.update(_little_endian(self.time_ns))
        for name in sorted(self._columns):
            array = self._columns[name]
            type_name = "bool" if self.kind(name) is ColumnKind.DIGITAL else array.dtype.name
            digest.update(f"\n{len(name.encode())} {name} {type_name}\n".encode())
            digest.update(_little_endian(array))
        return digest.hexdigest()


def _checked_shape(name: str, array: Array, rows: int | None) -> Array:
    if array.ndim != 1 or array.dtype not in _TYPES:
        raise ValueError(
            f"column {name} has shape {array.shape} of {array.dtype}; give one dimension of numbers or bool"
        )
    if rows is not None and len(array) != rows:
        raise ValueError(f"column {name} has {len(array)} rows but the trace has {rows}")
    return np.ascontiguousarray(array)


def _frozen(array: Array) -> Array:
    view = array.view()
    view.flags.writeable = False
    return view


def _even_step(time_ns: npt.NDArray[np.int64], step_ns: int | None) -> int | None:
    if len(time_ns) < 2:
        return step_ns
    distances = np.diff(time_ns)
    first = int(distances[0])
    if first > 0 and bool((distances == first).all()):
        return first
    backwards = np.flatnonzero(distances <= 0)
    if len(backwards):
        row = int(backwards[0]) + 1
        raise ValueError(f"time of row {row} is {int(time_ns[row])} ns after {int(time_ns[row - 1])} ns; it must grow")
    return None


def _little_endian(array: Array) -> bytes:
    return array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes()
