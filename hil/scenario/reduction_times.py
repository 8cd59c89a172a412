"""Simpler times in a reduction: whole seconds, readable lengths, no waiting, an early end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

from emulators.timebase import NS_PER_S
from hil.scenario.readable import READABLE_DURATIONS_NS
from hil.scenario.reduction_search import Search, events_until, with_event
from hil.scenario.timeline import Event, Timeline

__all__ = ["cut_gaps", "move_together", "round_times", "shorten_the_tail"]

_HOLD_NS = NS_PER_S // 2
"""Length that a press gets, and the least that what lies in a cut keeps."""


def shorten_the_tail(search: Search) -> None:
    """End the run a readable while after the last thing that happens."""
    timeline = search.best
    last_ns = max((min(event.last_ns, timeline.duration_ns) for event in timeline.events), default=0)
    last_ns = -(-last_ns // NS_PER_S) * NS_PER_S
    options = [tail for tail in READABLE_DURATIONS_NS if tail >= NS_PER_S and last_ns + tail < timeline.duration_ns]
    _smallest(options, lambda tail_ns: search.attempt(_end_at(timeline, last_ns + tail_ns)))


def _end_at(timeline: Timeline, duration_ns: int) -> Timeline:
    return replace(timeline, duration_ns=max(1, duration_ns), events=events_until(timeline, duration_ns))


def round_times(search: Search) -> None:
    """Move events to whole seconds and give presses a common length; all at once, else one by one."""
    every = range(len(search.best.events))
    if search.attempt(_rounded(search.best, every)) or search.attempt(_rounded(search.best, every, lengths=False)):
        return
    for index in every:
        search.attempt(_rounded(search.best, [index]))


def _rounded(timeline: Timeline, indices: range | list[int], *, lengths: bool = True) -> Timeline:
    events = list(timeline.events)
    for index in indices:
        event = events[index]
        if event.is_fixed:
            continue
        time_ns = (event.time_ns + NS_PER_S // 2) // NS_PER_S * NS_PER_S
        if time_ns > timeline.duration_ns:
            time_ns -= NS_PER_S
        until_ns = None
        if event.until_ns is not None:
            length_ns = event.until_ns - event.time_ns
            until_ns = time_ns + (_rounded_length(length_ns) if lengths else length_ns)
        events[index] = replace(event, time_ns=time_ns, until_ns=until_ns)
    return timeline.with_events(tuple(events))


def _rounded_length(length_ns: int) -> int:
    return (length_ns + NS_PER_S // 2) // NS_PER_S * NS_PER_S if length_ns > NS_PER_S else _HOLD_NS


def cut_gaps(search: Search) -> None:
    """Cut waiting time out of the run: all waits at once, else one by one from the last, whose cut moves no other."""
    waits = _waits(search.best)
    cut = search.best
    for start_ns, end_ns in reversed(waits):
        cut = _without_time(cut, start_ns + _shortest_wait(start_ns), end_ns)
    if not waits or search.attempt(cut):
        return
    for start_ns, end_ns in reversed(waits):
        _cut_one_gap(search, start_ns, end_ns)


def _cut_one_gap(search: Search, start_ns: int, end_ns: int) -> None:
    timeline = search.best
    shortest_ns = _shortest_wait(start_ns)
    longer = [wait_ns for wait_ns in READABLE_DURATIONS_NS if max(shortest_ns, NS_PER_S - 1) < wait_ns]
    options = [wait_ns for wait_ns in [shortest_ns, *longer] if wait_ns < end_ns - start_ns]
    _smallest(options, lambda wait_ns: search.attempt(_without_time(timeline, start_ns + wait_ns, end_ns)))


def move_together(search: Search) -> None:
    """Let each event follow the one before it at once where the run may not become shorter."""
    for index in range(len(search.best.events)):
        event = search.best.events[index]
        before_ns = search.best.events[index - 1].last_ns if index else 0
        earlier_ns = before_ns + (NS_PER_S - before_ns % NS_PER_S if index else 0)
        if event.is_fixed or earlier_ns >= event.time_ns:
            continue
        until_ns = None if event.until_ns is None else event.until_ns - event.time_ns + earlier_ns
        search.attempt(with_event(search.best, index, replace(event, time_ns=earlier_ns, until_ns=until_ns)))


def _shortest_wait(start_ns: int) -> int:
    return NS_PER_S if start_ns else 0


def _waits(timeline: Timeline) -> list[tuple[int, int]]:
    """Return the spans between two things that happen, longer than need be, after the fixed events."""
    fixed_ns = max((event.last_ns for event in timeline.events if event.is_fixed), default=0)
    times = {fixed_ns, *(event.time_ns for event in timeline.events), *(event.last_ns for event in timeline.events)}
    points = sorted(time_ns for time_ns in times if fixed_ns <= time_ns <= timeline.duration_ns)
    return [(start, end) for start, end in pairwise(points) if end - start > _shortest_wait(start)]


def _without_time(timeline: Timeline, start_ns: int, end_ns: int) -> Timeline:
    """Return the timeline with the span cut out; what lies later moves earlier, what lies inside to its start."""

    def moved(time_ns: int) -> int:
        return time_ns if time_ns <= start_ns else max(start_ns, time_ns - (end_ns - start_ns))

    def ended(event: Event) -> int | None:
        if event.until_ns is None:
            return None
        least_ns = moved(event.time_ns) + min(_HOLD_NS, event.until_ns - event.time_ns)
        return max(moved(event.until_ns), least_ns)

    events = tuple(replace(event, time_ns=moved(event.time_ns), until_ns=ended(event)) for event in timeline.events)
    return replace(timeline, duration_ns=max(1, moved(timeline.duration_ns)), events=events)


def _smallest(options: Sequence[int], keeps: Callable[[int], bool]) -> None:
    """Try the smallest of the ascending options, then bisect for the smallest that is kept."""
    if not options or keeps(options[0]):
        return
    lost, kept = 0, len(options)
    while kept - lost > 1:
        middle = (lost + kept) // 2
        lost, kept = (lost, middle) if keeps(options[middle]) else (middle, kept)
