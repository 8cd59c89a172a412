"""Joins over sliding windows of time, in numpy.

On evenly spaced rows a window is a number of rows and is joined by doubling: each pass joins windows twice as long,
so a window of k rows costs log2(k) passes over the array. On other rows the bounds of each window are searched and
the join is taken from a table of power-of-two windows.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from hil.trace.trace import Array

__all__ = ["RowWindows", "future_windows", "past_windows", "suffix_join", "window_join"]


class RowWindows(NamedTuple):
    """Rows that the window of each row holds.

    ``even``: (first, last) offset in rows, the same for all rows; None when they differ by row.
    ``first``, ``stop``: first row and row after the last, int64 per row, when ``even`` is None.
    ``undecided``: rows whose window reaches past the recorded rows or lies between two of them, as a bool array,
    or a slice on even rows.
    """

    even: tuple[int, int] | None
    first: Array | None
    stop: Array | None
    undecided: Array | slice

    @property
    def is_decided(self) -> bool:
        """Whether no window is undecided."""
        if isinstance(self.undecided, slice):
            return bool(self.undecided.start >= self.undecided.stop)
        return not self.undecided.any()


def future_windows(time_ns: Array, step_ns: int | None, start_ns: int, end_ns: int) -> RowWindows:
    """Return the windows from ``start_ns`` to ``end_ns`` after each row, both included."""
    rows = len(time_ns)
    if step_ns is not None:
        first, last = -(-start_ns // step_ns), end_ns // step_ns
        if last < first:
            return RowWindows((first, last), None, None, slice(0, rows))
        whole = max(0, rows + (-end_ns // step_ns))  # rows whose window ends at or before the last row
        return RowWindows((first, last), None, None, slice(whole, rows))
    first_row = np.searchsorted(time_ns, time_ns + start_ns, side="left")
    stop_row = np.searchsorted(time_ns, time_ns + end_ns, side="right")
    undecided = (time_ns + end_ns > time_ns[-1:]) | (stop_row <= first_row)
    return RowWindows(None, first_row, stop_row, undecided)


def past_windows(time_ns: Array, step_ns: int | None, start_ns: int, end_ns: int) -> RowWindows:
    """Return the windows from ``end_ns`` to ``start_ns`` before each row, cut at the first row."""
    rows = len(time_ns)
    if step_ns is not None:
        nearest, farthest = -(-start_ns // step_ns), end_ns // step_ns
        if farthest < nearest:
            return RowWindows((-farthest, -nearest), None, None, slice(min(rows, -(-end_ns // step_ns)), rows))
        return RowWindows((-farthest, -nearest), None, None, slice(0, 0))
    first_row = np.searchsorted(time_ns, time_ns - end_ns, side="left")
    stop_row = np.searchsorted(time_ns, time_ns - start_ns, side="right")
    undecided = (stop_row <= first_row) & (time_ns - end_ns >= time_ns[:1])
    return RowWindows(None, first_row, stop_row, undecided)


def window_join(array: Array, windows: RowWindows, operator: np.ufunc, neutral: bool | float) -> Array:
    """Return the join of each row's window as a new array; an empty window gives ``neutral``."""
    if windows.even is not None:
        return _even_join(array, windows.even, operator, neutral)
    assert windows.first is not None
    assert windows.stop is not None
    return _table_join(array, windows.first, windows.stop, operator, neutral)


def suffix_join(array: Array, operator: np.ufunc) -> Array:
    """Return the join of all rows from each row to the last."""
    joined: Array = operator.accumulate(array[::-1])[::-1]
    return joined


def _even_join(array: Array, offsets: tuple[int, int], operator: np.ufunc, neutral: bool | float) -> Array:
    rows, (first, last) = len(array), offsets
    if last < first or first >= rows or last <= -rows:
        return np.full(rows, neutral, dtype=array.dtype)
    if last <= 0 and first < 0:
        return _even_join(array[::-1], (-last, -first), operator, neutral)[::-1]
    joined = _forward(array, min(last - first + 1, rows), operator)
    if first == 0:
        return joined.copy() if joined is array else joined
    result = np.full(rows, neutral, dtype=array.dtype)
    result[: rows - first] = joined[first:]
    return result


def _forward(array: Array, length: int, operator: np.ufunc) -> Array:
    """Join ``array[i : i + length]`` for each i, cut at the end."""
    current = array
    joined_rows = 1
    buffers = (np.empty_like(array), np.empty_like(array)) if length > 1 else ()
    turn = 0
    while joined_rows < length:
        shift = min(joined_rows, length - joined_rows)
        target = buffers[turn]
        operator(current[:-shift], current[shift:], out=target[:-shift])
        target[-shift:] = current[-shift:]
        current, turn = target, 1 - turn
        joined_rows += shift
    return current


def _table_join(array: Array, first: Array, stop: Array, operator: np.ufunc, neutral: bool | float) -> Array:
    result = np.full(len(array), neutral, dtype=array.dtype)
    length = stop - first
    level = array
    size = 1
    while True:
        chosen = np.flatnonzero((length >= size) & (length < 2 * size))
        result[chosen] = operator(level[first[chosen]], level[stop[chosen] - size])
        if not (length >= 2 * size).any():
            return result
        level = operator(level[: len(level) - size], level[size:])
        size *= 2
