"""Lanes of a drawing: columns of a trace cut to a stretch of time and thinned to what an eye can see."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hil.trace import ColumnDescription, ColumnKind, Trace

__all__ = ["MAX_POINTS", "Lane", "LaneKind", "lanes_of"]

MAX_POINTS = 2_000


class LaneKind(enum.Enum):
    """How a lane is drawn."""

    DIGITAL = "digital"
    ANALOG = "analog"
    STEPS = "steps"
    NAMED = "named"


@dataclass(frozen=True, slots=True, eq=False)
class Lane:
    """One signal over a stretch of time.

    ``time_ns`` int64 and ``values`` float64 have the same length, at most ``MAX_POINTS``: the least and the greatest
    value of each stretch where rows were left out, so that no spike is lost. Between two points an analog lane is a
    straight line, every other lane keeps its value.
    """

    name: str
    kind: LaneKind
    time_ns: npt.NDArray[np.int64]
    values: npt.NDArray[np.float64]
    unit: str = ""
    eu_range: tuple[float, float] | None = None
    limits: tuple[float, ...] = ()
    description: str = ""
    value_names: tuple[tuple[int, str], ...] = ()

    def value_at(self, time_ns: int) -> float:
        """Return the value shown at a time: that of the last point at or before it."""
        if not len(self.values):
            return float("nan")
        return float(self.values[max(0, int(np.searchsorted(self.time_ns, time_ns, side="right")) - 1)])

    def text_of(self, value: float) -> str:
        """Return a value as the reader sees it: ``on``, ``FILLING``, ``93.1``."""
        if value != value:
            return "–"
        if self.kind is LaneKind.DIGITAL:
            return "on" if value else "off"
        if self.kind is LaneKind.NAMED:
            return dict(self.value_names).get(int(value), f"{value:g}")
        return f"{value:.4g}" if abs(value) < 10_000 else f"{value:.0f}"


def lanes_of(
    trace: Trace,
    names: Iterable[str],
    *,
    start_ns: int | None = None,
    end_ns: int | None = None,
    limits: Sequence[tuple[str, float]] = (),
) -> tuple[Lane, ...]:
    """Return the lanes of some columns, in the order given, between two times (default: the whole trace)."""
    part = trace.window(trace.start_ns if start_ns is None else start_ns, trace.end_ns if end_ns is None else end_ns)
    return tuple(_lane(part, name, limits) for name in dict.fromkeys(names))


def _lane(trace: Trace, name: str, limits: Sequence[tuple[str, float]]) -> Lane:
    description = trace.description(name)
    kind = _kind(trace, name, description)
    rows = _thinned(trace[name], keeps_slopes=kind is LaneKind.ANALOG)
    is_digital = kind is LaneKind.DIGITAL
    return Lane(
        name=name,
        kind=kind,
        time_ns=trace.time_ns[rows],
        values=trace[name][rows].astype(np.float64),
        unit=description.unit,
        eu_range=description.eu_range,
        limits=() if is_digital else tuple(sorted({value for column, value in limits if column == name})),
        description=description.description,
        value_names=description.value_names,
    )


def _kind(trace: Trace, name: str, description: ColumnDescription) -> LaneKind:
    if trace.kind(name) is ColumnKind.DIGITAL:
        return LaneKind.DIGITAL
    if description.value_names:
        return LaneKind.NAMED
    return LaneKind.ANALOG if trace[name].dtype.kind == "f" else LaneKind.STEPS


def _thinned(values: npt.NDArray[np.generic], *, keeps_slopes: bool) -> npt.NDArray[np.intp]:
    """Return the rows to keep: where the value changes, and of those the extremes of each stretch if too many."""
    count = len(values)
    if count <= 2:
        return np.arange(count)
    moves = np.asarray(values[1:] != values[:-1])
    kept = np.ones(count, dtype=np.bool_)
    kept[1:-1] = (moves[:-1] | moves[1:]) if keeps_slopes else moves[:-1]
    rows = np.flatnonzero(kept)
    if len(rows) <= MAX_POINTS:
        return rows
    edges = np.linspace(0, len(rows), MAX_POINTS // 2, dtype=np.intp)[:-1]
    seen = np.asarray(values[rows], dtype=np.float64)
    chosen = {0, len(rows) - 1}
    for start, stop in zip(edges, [*edges[1:], len(rows)], strict=True):
        stretch = np.nan_to_num(seen[start:stop])
        chosen.update((int(start + np.argmin(stretch)), int(start + np.argmax(stretch))))
    return rows[sorted(chosen)[:MAX_POINTS]]
