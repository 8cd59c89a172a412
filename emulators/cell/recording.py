"""Columns that the native loop records: column-major typed arrays, one row a step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emulators.cell.slots import SCALAR_FORMATS, Slot
from emulators.native.ir import Scalar
from emulators.native.loop import COLUMN_FIELDS, WHOLE

__all__ = ["COLUMN_DTYPE", "ColumnTable", "Recording"]

COLUMN_DTYPE = np.dtype(COLUMN_FIELDS)

_KINDS = {scalar: index for index, scalar in enumerate(Scalar)}


@dataclass(frozen=True, slots=True)
class Recording:
    """What a run recorded.

    ``columns``: name → array of shape (n_steps,), in the signal's own type, BOOL as uint8 0 or 1.
    ``time_ns``: int64, shape (n_steps,), plant time at the end of each step. ``is_bool`` names the BOOL columns.
    """

    time_ns: NDArray[np.int64]
    columns: dict[str, NDArray[np.generic]]
    is_bool: frozenset[str]


@dataclass(frozen=True, slots=True)
class ColumnTable:
    """What the loop records where: ``rows`` is the table of ``COLUMN_DTYPE``, columns of one kind lie together.

    ``arrays`` holds the memory that ``rows`` points to, in the order of ``slots``; ``time_ns`` takes the plant time at
    the end of each step.
    """

    slots: tuple[Slot, ...]
    arrays: tuple[NDArray[np.generic], ...]
    rows: NDArray[np.void]
    time_ns: NDArray[np.int64]

    @classmethod
    def allocate(cls, slots: Sequence[Slot], n_rows: int) -> ColumnTable:
        """Return a table over new, uninitialised arrays of shape (n_rows,), one a slot, of the slot's type."""
        arrays = tuple(np.empty(n_rows, dtype=np.dtype(SCALAR_FORMATS[slot.scalar])) for slot in slots)
        rows = [
            (array.ctypes.data, slot.offset, _KINDS[slot.scalar], WHOLE if slot.bit is None else slot.bit, 0)
            for slot, array in zip(slots, arrays, strict=True)
        ]
        rows.sort(key=lambda row: (row[3] != WHOLE, row[2]))
        return cls(tuple(slots), arrays, np.array(rows, dtype=COLUMN_DTYPE), np.empty(n_rows, dtype=np.int64))
