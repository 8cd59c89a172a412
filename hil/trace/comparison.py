"""Where two traces first differ."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from emulators.timebase import format_timestamp
from hil.trace.trace import Array, Trace

__all__ = ["TraceDifference", "first_difference"]


@dataclass(frozen=True, slots=True)
class TraceDifference:
    """First difference of two traces.

    ``column`` is ``time_ns`` when the times differ; ``row`` is -1 when a column is missing in one of them.
    A value is None on the side that lacks the column or the row.
    """

    column: str
    row: int
    time_ns: int
    left: int | float | None
    right: int | float | None

    def __str__(self) -> str:
        if self.row < 0:
            side = "left" if self.left is None else "right"
            return f"column {self.column} is missing in the {side} trace"
        if self.left is None or self.right is None:
            side = "left" if self.left is None else "right"
            return f"the {side} trace ends before row {self.row}, {format_timestamp(self.time_ns)} ({self.time_ns} ns)"
        return (
            f"{self.column} row {self.row}, {format_timestamp(self.time_ns)} ({self.time_ns} ns): "
            f"{self.left!r} against {self.right!r}"
        )


def first_difference(left: Trace, right: Trace, *, tolerance: float = 0.0) -> TraceDifference | None:
    """Return the earliest difference in time, or None when both traces say the same.

    Floats are compared by their bits when ``tolerance`` is 0 (so -0.0 differs from 0.0, and NaN equals NaN),
    otherwise by absolute distance; integers and digital columns always exactly.
    A column that only one trace has comes first.
    """
    for name in [*left, *(name for name in right if name not in left)]:
        if name not in left or name not in right:
            return TraceDifference(name, -1, 0, None if name not in left else 0, None if name not in right else 0)
    rows = min(len(left), len(right))
    found = _first_row(left.time_ns[:rows], right.time_ns[:rows], 0.0)
    earliest = ("time_ns", found) if found is not None else None
    for name in left:
        found = _first_row(left[name][:rows], right[name][:rows], tolerance)
        if found is not None and (earliest is None or found < earliest[1]):
            earliest = (name, found)
    if earliest is not None:
        return _difference(left, right, *earliest)
    if len(left) != len(right):
        longer, is_left = (left, True) if len(left) > len(right) else (right, False)
        time_ns = int(longer.time_ns[rows])
        return TraceDifference("time_ns", rows, time_ns, time_ns if is_left else None, None if is_left else time_ns)
    return None


def _difference(left: Trace, right: Trace, name: str, row: int) -> TraceDifference:
    pair = (left.time_ns, right.time_ns) if name == "time_ns" else (left[name], right[name])
    return TraceDifference(name, row, int(left.time_ns[row]), pair[0][row].item(), pair[1][row].item())


def _first_row(left: Array, right: Array, tolerance: float) -> int | None:
    if left.dtype != right.dtype:
        differs = left != right
        if len(left) and not differs.any():
            return 0  # the same numbers in another type are another trace
    elif left.dtype.kind != "f":
        differs = left != right
    elif tolerance == 0.0:
        bits = np.int64 if left.dtype == np.float64 else np.int32
        differs = (left.view(bits) != right.view(bits)) & ~(np.isnan(left) & np.isnan(right))
    else:
        with np.errstate(invalid="ignore"):
            near = np.abs(left - right) <= tolerance
        differs = ~(near | (left == right) | (np.isnan(left) & np.isnan(right)))
    row = int(np.argmax(differs)) if len(differs) else 0
    return row if len(differs) and differs[row] else None
