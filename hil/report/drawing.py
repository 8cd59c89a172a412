"""A failing scenario as a drawing in lanes, like a logic analyser: one SVG, readable without scripts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from emulators.timebase import format_timestamp
from hil.report.lanes import Lane, LaneKind
from hil.report.model import EventMark, FailureDetail, MarkKind
from hil.report.scale import TimeAxis, ValueAxis

__all__ = ["draw_failure", "stretch_text"]

WIDTH = 1120
_READOUT_WIDTH = 104
_MARK_HEIGHT = 20
_AXIS_HEIGHT = 24
_CHARACTER_WIDTH = 6.3
_HEIGHTS = {LaneKind.DIGITAL: 30, LaneKind.NAMED: 34, LaneKind.STEPS: 66, LaneKind.ANALOG: 96}
_PADDING = 11


@dataclass(frozen=True, slots=True)
class _Strip:
    """A lane and where it lies."""

    lane: Lane
    top: float
    height: float

    @property
    def bottom(self) -> float:
        return self.top + self.height


def draw_failure(failure: FailureDetail, *, identifier: str) -> str:
    """Return the SVG of a failure; ``identifier`` is unique in the page and names its parts for the script."""
    axis = _time_axis(failure)
    marks = _place_marks(failure.marks, axis)
    marks_height = (1 + max((row for _, row, _ in marks), default=-1)) * _MARK_HEIGHT + 16
    strips, y = [], float(marks_height)
    for lane in failure.lanes:
        strips.append(_Strip(lane, y, _HEIGHTS[lane.kind]))
        y += _HEIGHTS[lane.kind]
    height = y + _AXIS_HEIGHT
    parts = [
        f'<svg class="drawing" id="{identifier}" viewBox="0 0 {WIDTH} {height:.0f}" role="img" tabindex="0" '
        f'data-left="{axis.left:.1f}" data-right="{axis.right:.1f}" data-top="{marks_height}" data-bottom="{y:.0f}" '
        f'data-start="{axis.start_ns / 1e6:.3f}" data-end="{axis.end_ns / 1e6:.3f}">',
        f"<title>{escape(failure.test)}: {escape(failure.explanation)}</title>",
        *_shading(failure, axis, marks_height, y),
        *(part for index, strip in enumerate(strips) for part in _draw_strip(strip, axis, failure, index)),
        *_draw_time_axis(axis, y),
        *_draw_trigger(failure, axis, marks_height, y),
        *_draw_marks(marks, axis, y),
        f'<line class="cursor" x1="0" x2="0" y1="{marks_height}" y2="{y:.0f}" visibility="hidden"/>',
        f'<text class="cursor-time" x="0" y="{marks_height - 4}" visibility="hidden"></text>',
        "</svg>",
    ]
    return "\n".join(parts)


def _time_axis(failure: FailureDetail) -> TimeAxis:
    names = max((len(lane.name) for lane in failure.lanes), default=0)
    left = min(280.0, max(150.0, names * 7.2 + 62))
    starts = [int(lane.time_ns[0]) for lane in failure.lanes if len(lane.time_ns)]
    ends = [int(lane.time_ns[-1]) for lane in failure.lanes if len(lane.time_ns)]
    return TimeAxis(
        min(starts, default=failure.start_ns), max(ends, default=failure.end_ns), left, WIDTH - _READOUT_WIDTH
    )


# --- events ----------------------------------------------------------------------------------------------------------


def _place_marks(marks: Sequence[EventMark], axis: TimeAxis) -> list[tuple[EventMark, int, bool]]:
    """Return each mark with its row and whether its label stands left of it; labels of one row do not overlap."""
    taken: list[float] = []
    placed = []
    for mark in sorted(marks, key=lambda item: item.time_ns):
        x = axis.x(mark.time_ns)
        width = len(mark.label) * _CHARACTER_WIDTH + 14
        is_left = x + width > WIDTH
        start = x - width if is_left else x - 5
        stop = x + 8 if is_left else x + width
        if mark.until_ns is not None:
            stop = max(stop, axis.x(mark.until_ns) + 4)
        row = next((row for row, end in enumerate(taken) if end <= start), len(taken))
        if row == len(taken):
            taken.append(stop)
        taken[row] = stop
        placed.append((mark, row, is_left))
    return placed


def _draw_marks(marks: list[tuple[EventMark, int, bool]], axis: TimeAxis, bottom: float) -> list[str]:
    parts = []
    for mark, row, is_left in marks:
        x, y = axis.x(mark.time_ns), row * _MARK_HEIGHT + 10
        kind = mark.kind.value
        if mark.until_ns is not None and axis.x(mark.until_ns) - x > 2:
            width = axis.x(mark.until_ns) - x
            parts.append(f'<rect class="span {kind}" x="{x:.1f}" y="{y + 7}" width="{width:.1f}" height="2.5" rx="1"/>')
        parts.append(f'<line class="event {kind}" x1="{x:.1f}" x2="{x:.1f}" y1="{y + 4}" y2="{bottom:.0f}"/>')
        shape = "M0-5 5 0 0 5-5 0Z" if mark.kind is MarkKind.FAULT else "M-4.5-4H4.5L0 4Z"
        parts.append(f'<path class="sign {kind}" d="{shape}" transform="translate({x:.1f} {y})"/>')
        text_x, anchor = (x - 8, "end") if is_left else (x + 8, "start")
        tip = f"{format_timestamp(mark.time_ns)}  {mark.label}"
        parts.append(
            f'<text class="label {kind}" x="{text_x:.1f}" y="{y + 4}" text-anchor="{anchor}">'
            f"<title>{escape(tip)}</title>{escape(mark.label)}</text>"
        )
    return parts


def _shading(failure: FailureDetail, axis: TimeAxis, top: float, bottom: float) -> list[str]:
    start, end = axis.x(failure.start_ns), axis.x(failure.end_ns)
    width = max(2.0, end - start)
    return [
        f'<rect class="violated" x="{start:.1f}" y="{top}" width="{width:.1f}" height="{bottom - top:.0f}">'
        f"<title>violated {stretch_text(failure)}</title></rect>"
    ]


def stretch_text(failure: FailureDetail) -> str:
    """Return when a failure is violated: ``00:45.3 to 00:49.9`` or ``at 00:20.0``."""
    start, end = format_timestamp(failure.start_ns), format_timestamp(failure.end_ns)
    return f"at {start}" if start == end else f"{start} to {end}"


def _draw_trigger(failure: FailureDetail, axis: TimeAxis, top: float, bottom: float) -> list[str]:
    x = axis.x(failure.trigger_ns)
    return [
        f'<line class="trigger" x1="{x:.1f}" x2="{x:.1f}" y1="{top - 6}" y2="{bottom:.0f}"/>',
        f'<path class="trigger-sign" d="M-5-8H5L0 0Z" transform="translate({x:.1f} {top:.0f})"/>',
    ]


def _draw_time_axis(axis: TimeAxis, bottom: float) -> list[str]:
    parts = [f'<line class="axis" x1="{axis.left}" x2="{axis.right}" y1="{bottom:.0f}" y2="{bottom:.0f}"/>']
    for time_ns, text in axis.ticks():
        x = axis.x(time_ns)
        parts.append(f'<line class="tick" x1="{x:.1f}" x2="{x:.1f}" y1="{bottom:.0f}" y2="{bottom + 4:.0f}"/>')
        parts.append(f'<text class="tick-text" x="{x:.1f}" y="{bottom + 17:.0f}" text-anchor="middle">{text}</text>')
    return parts


# --- lanes -----------------------------------------------------------------------------------------------------------


def _draw_strip(strip: _Strip, axis: TimeAxis, failure: FailureDetail, index: int) -> list[str]:
    lane, middle = strip.lane, strip.top + strip.height / 2
    tip = f"<title>{escape(lane.description)}</title>" if lane.description else ""
    unit = f' <tspan class="unit">{escape(lane.unit)}</tspan>' if lane.unit else ""
    shown = lane.text_of(lane.value_at(failure.trigger_ns))
    draw = {
        LaneKind.DIGITAL: _draw_digital,
        LaneKind.NAMED: _draw_named,
        LaneKind.STEPS: _draw_number,
        LaneKind.ANALOG: _draw_number,
    }[lane.kind]
    return [
        f'<line class="rule" x1="0" x2="{WIDTH}" y1="{strip.top:.0f}" y2="{strip.top:.0f}"/>',
        f'<text class="name" x="6" y="{middle + 4:.1f}">{tip}{escape(lane.name)}{unit}</text>',
        *draw(strip, axis),
        f'<text class="readout" data-lane="{index}" x="{axis.right + 8:.0f}" y="{middle + 4:.1f}">'
        f"{escape(shown)}</text>",
    ]


def _stretches(lane: Lane, axis: TimeAxis) -> list[tuple[float, float, float]]:
    """Return (left, right, value) of each stretch of equal values; the last reaches the end of the axis."""
    if not len(lane.values):
        return []
    changes = np.flatnonzero(lane.values[1:] != lane.values[:-1]) + 1
    starts = [0, *changes.tolist()]
    edges = [axis.x(int(lane.time_ns[row])) for row in starts]
    stops = [*edges[1:], axis.right]
    return [(left, right, float(lane.values[row])) for left, right, row in zip(edges, stops, starts, strict=True)]


def _draw_digital(strip: _Strip, axis: TimeAxis) -> list[str]:
    high, low = strip.top + 7, strip.bottom - 7
    path, area, y = [], [], None
    for left, right, value in _stretches(strip.lane, axis):
        level = high if value else low
        path.append(f"M{left:.1f} {level:.1f}" if y is None else f"V{level:.1f}")
        path.append(f"H{right:.1f}")
        y = level
        if value:
            area.append(f"M{left:.1f} {low:.1f}V{high:.1f}H{right:.1f}V{low:.1f}Z")
    return [f'<path class="high" d="{"".join(area)}"/>', f'<path class="digital" d="{"".join(path)}"/>']


def _draw_named(strip: _Strip, axis: TimeAxis) -> list[str]:
    high, low, parts = strip.top + 7, strip.bottom - 7, []
    middle = (high + low) / 2
    for left, right, value in _stretches(strip.lane, axis):
        slope = min(4.0, (right - left) / 2)
        parts.append(
            f'<path class="named" d="M{left:.1f} {middle:.1f}L{left + slope:.1f} {high:.1f}H{right - slope:.1f}'
            f'L{right:.1f} {middle:.1f}L{right - slope:.1f} {low:.1f}H{left + slope:.1f}Z"/>'
        )
        text = strip.lane.text_of(value)
        if right - left > len(text) * _CHARACTER_WIDTH + 10:
            x = (left + right) / 2
            parts.append(f'<text class="named-text" x="{x:.1f}" y="{middle + 4:.1f}">{escape(text)}</text>')
    return parts


def _value_axis(strip: _Strip) -> ValueAxis:
    lane = strip.lane
    seen = [float(value) for value in lane.values if math.isfinite(value)]
    shown = [*seen, *lane.limits, *(lane.eu_range or ())]
    low, high = (min(shown), max(shown)) if shown else (0.0, 1.0)
    if lane.eu_range is None:
        margin = (high - low) * 0.08
        low, high = low - margin, high + margin
    if high <= low:
        low, high = low - 1.0, high + 1.0
    return ValueAxis(low, high, strip.top + _PADDING, strip.bottom - _PADDING)


def _draw_number(strip: _Strip, axis: TimeAxis) -> list[str]:
    lane, scale, parts = strip.lane, _value_axis(strip), []
    for number, text in scale.ticks():
        y = scale.y(number)
        parts.append(f'<line class="grid" x1="{axis.left}" x2="{axis.right}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text class="tick-text" x="{axis.left - 6}" y="{y + 3.5:.1f}" text-anchor="end">{text}</text>')
    parts.append(f'<path class="{lane.kind.value}" d="{_curve(lane, axis, scale)}"/>')
    for limit in lane.limits:
        y = scale.y(limit)
        above = y - 4 if y - strip.top > 16 else y + 12
        text = f"{limit:g} {lane.unit}".strip()
        parts.append(f'<line class="limit" x1="{axis.left}" x2="{axis.right}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text class="limit-text" x="{axis.left + 4}" y="{above:.1f}">{escape(text)}</text>')
    return parts


def _curve(lane: Lane, axis: TimeAxis, scale: ValueAxis) -> str:
    is_line, parts, is_open = lane.kind is LaneKind.ANALOG, [], False
    for time_ns, value in zip(lane.time_ns.tolist(), lane.values.tolist(), strict=True):
        if not math.isfinite(value):
            is_open = False
            continue
        x, y = axis.x(time_ns), scale.y(value)
        if not is_open:
            parts.append(f"M{x:.1f} {y:.1f}")
        else:
            parts.append(f"L{x:.1f} {y:.1f}" if is_line else f"H{x:.1f}V{y:.1f}")
        is_open = True
    if not is_line and is_open:
        parts.append(f"H{axis.right:.1f}")
    return "".join(parts)
