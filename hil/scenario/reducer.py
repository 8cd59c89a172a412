"""Reduce a failing timeline to the few events that matter, then to times and values a person can read.

Every step is tried by running the shorter timeline; only what still fails is kept. The order of work is: find the
needed events by bisection, end the run soon after the last of them, drop ends of faults, round times to seconds,
cut waiting time out, and move values to round numbers toward neutral. Pure and deterministic: the same timeline and
the same answers give the same reduction.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from emulators.cell.tape import Operation
from emulators.timebase import NS_PER_S
from hil.scenario.readable import READABLE_DURATIONS_NS, round_to_digits, rounder_numbers
from hil.scenario.timeline import Event, Timeline

__all__ = ["Reduction", "reduce"]

_HOLD_NS = NS_PER_S // 2
_BISECTIONS = 3


@dataclass(frozen=True, slots=True)
class Reduction:
    """The smallest failing timeline found, and how many runs that took."""

    timeline: Timeline
    runs: int


def reduce(
    timeline: Timeline,
    fails: Callable[[Timeline], bool],
    budget: int = 60,
    *,
    failed_at_ns: int | None = None,
    neutral: Callable[[Event], float | None] | None = None,
    allows: Callable[[Timeline], bool] | None = None,
) -> Reduction:
    """Return a failing timeline with as few events as possible.

    Args:
        timeline: known to fail; it is not run again.
        fails: runs a timeline and says whether it fails in the same way.
        budget: most runs to spend.
        failed_at_ns: time of the violation, if known: no event after it is needed.
        neutral: value toward which an event's value may move; None only rounds it. Without it: 0.
        allows: whether a timeline is one the scenario could have drawn; others are not tried.
    """
    if budget <= 0:
        return Reduction(timeline, 0)
    search = _Search(timeline, fails, budget, allows)
    if failed_at_ns is not None:
        search.attempt(timeline.with_events(_until(timeline, failed_at_ns)))
    _drop_events(search)
    search.reserved = sum(not event.is_fixed for event in search.best.events)
    _shorten_the_tail(search)
    _drop_ends(search)
    _round_times(search)
    _cut_gaps(search)
    _move_together(search)
    _simplify_values(search, neutral if neutral is not None else _zero)
    search.reserved = 0
    _drop_one_by_one(search)
    _shorten_the_tail(search)
    return Reduction(search.best, search.runs)


class _Search:
    """The best timeline so far, the budget, and what was already tried."""

    def __init__(
        self,
        timeline: Timeline,
        fails: Callable[[Timeline], bool],
        budget: int,
        allows: Callable[[Timeline], bool] | None,
    ) -> None:
        self.best = timeline
        self.runs = 0
        self.reserved = 0  # runs kept for later work
        self._fails = fails
        self._budget = budget
        self._allows = allows
        self._tried: dict[str, bool] = {timeline.digest: True}

    def fails(self, candidate: Timeline) -> bool:
        """Return whether the candidate fails; False when the budget is spent."""
        known = self._tried.get(candidate.digest)
        if known is not None:
            return known
        if self.runs >= self._budget - self.reserved or not (self._allows is None or self._allows(candidate)):
            return False
        self.runs += 1
        outcome = self._fails(candidate)
        self._tried[candidate.digest] = outcome
        return outcome

    def attempt(self, candidate: Timeline) -> bool:
        """Keep the candidate if it fails; return whether it was kept."""
        if not self.fails(candidate):
            return False
        self.best = candidate
        return True


def _zero(_event: Event) -> float | None:
    return 0.0


# --- events ----------------------------------------------------------------------------------------------------------


def _drop_events(search: _Search) -> None:
    """Find the needed events from the last to the first by bisecting the shortest failing beginning.

    k of n events cost about k·log2(n) runs; each round keeps one event without which the rest did not fail.
    """
    whole = search.best
    fixed = [event for event in whole.events if event.is_fixed]
    rest = [event for event in whole.events if not event.is_fixed]
    needed: list[Event] = []

    def with_first(count: int) -> Timeline:
        return whole.with_events((*fixed, *needed, *rest[:count]))

    while rest and not search.attempt(with_first(0)):
        passing, failing = 0, len(rest)
        while failing - passing > 1:
            middle = (passing + failing) // 2
            passing, failing = (passing, middle) if search.attempt(with_first(middle)) else (middle, failing)
        needed.append(rest[failing - 1])
        rest = rest[: failing - 1]
    _drop_one_by_one(search)


def _drop_one_by_one(search: _Search) -> None:
    """Drop single events that are not needed: found too many, or redundant since times and values are simple."""
    for event in search.best.events:
        if not event.is_fixed:
            search.attempt(search.best.with_events(tuple(other for other in search.best.events if other is not event)))


def _drop_ends(search: _Search) -> None:
    """Let faults, forces and cut links last to the end of the run."""
    endless = (Operation.FAULT, Operation.FORCE, Operation.LINK)
    for index, event in enumerate(search.best.events):
        if event.until_ns is not None and event.operation in endless and not event.is_fixed:
            search.attempt(_replaced(search.best, index, replace(event, until_ns=None)))


# --- times -----------------------------------------------------------------------------------------------------------


def _end_at(timeline: Timeline, duration_ns: int) -> Timeline:
    return replace(timeline, duration_ns=max(1, duration_ns), events=_until(timeline, duration_ns))


def _until(timeline: Timeline, time_ns: int) -> tuple[Event, ...]:
    return tuple(event for event in timeline.events if event.time_ns <= time_ns or event.is_fixed)


def _shorten_the_tail(search: _Search) -> None:
    """End the run a readable while after the last thing that happens."""
    timeline = search.best
    last_ns = max((min(event.last_ns, timeline.duration_ns) for event in timeline.events), default=0)
    last_ns = -(-last_ns // NS_PER_S) * NS_PER_S
    options = [tail for tail in READABLE_DURATIONS_NS if tail >= NS_PER_S and last_ns + tail < timeline.duration_ns]
    _smallest(options, lambda tail_ns: search.attempt(_end_at(timeline, last_ns + tail_ns)))


def _round_times(search: _Search) -> None:
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


def _cut_gaps(search: _Search) -> None:
    """Cut waiting time out of the run: all waits at once, else one by one from the last, whose cut moves no other."""
    waits = _waits(search.best)
    cut = search.best
    for start_ns, end_ns in reversed(waits):
        cut = _without_time(cut, start_ns + _shortest_wait(start_ns), end_ns)
    if not waits or search.attempt(cut):
        return
    for start_ns, end_ns in reversed(waits):
        _cut_one_gap(search, start_ns, end_ns)


def _cut_one_gap(search: _Search, start_ns: int, end_ns: int) -> None:
    timeline = search.best
    shortest_ns = _shortest_wait(start_ns)
    longer = [wait_ns for wait_ns in READABLE_DURATIONS_NS if max(shortest_ns, NS_PER_S - 1) < wait_ns]
    options = [wait_ns for wait_ns in [shortest_ns, *longer] if wait_ns < end_ns - start_ns]
    _smallest(options, lambda wait_ns: search.attempt(_without_time(timeline, start_ns + wait_ns, end_ns)))


def _move_together(search: _Search) -> None:
    """Let each event follow the one before it at once where the run may not become shorter."""
    for index in range(len(search.best.events)):
        event = search.best.events[index]
        before_ns = search.best.events[index - 1].last_ns if index else 0
        earlier_ns = before_ns + (NS_PER_S - before_ns % NS_PER_S if index else 0)
        if event.is_fixed or earlier_ns >= event.time_ns:
            continue
        until_ns = None if event.until_ns is None else event.until_ns - event.time_ns + earlier_ns
        search.attempt(_replaced(search.best, index, replace(event, time_ns=earlier_ns, until_ns=until_ns)))


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


# --- values ----------------------------------------------------------------------------------------------------------


def _simplify_values(search: _Search, neutral: Callable[[Event], float | None]) -> None:
    """Move each number toward neutral by bisection over round numbers, then round it as far as it still fails."""
    for index, event in enumerate(search.best.events):
        value = event.value
        if event.is_fixed or isinstance(value, bool) or not isinstance(value, int | float):
            continue
        toward = neutral(event)
        if toward is None:
            low, high = value - abs(value) / 4, value + abs(value) / 4
        else:
            low, high = _bisected(search, index, toward, value)
        for rounder in rounder_numbers(float(_value_at(search, index)), low, high):
            if search.attempt(_with_value(search.best, index, _like(value, rounder))):
                break


def _bisected(search: _Search, index: int, toward: float, value: float) -> tuple[float, float]:
    """Return the bounds between which the least failing value lies, the best timeline having the failing one."""
    failing = float(value)
    for _ in range(_BISECTIONS):
        middle = _like(value, round_to_digits(toward + (failing - toward) / 2, 2))
        if middle in (toward, failing):
            break
        if search.attempt(_with_value(search.best, index, middle)):
            failing = middle
        else:
            toward = middle
    return min(toward, failing), max(toward, failing)


def _value_at(search: _Search, index: int) -> float:
    value = search.best.events[index].value
    assert isinstance(value, int | float)
    return value


def _like(original: float, value: float) -> float:
    return round(value) if isinstance(original, int) else value


def _with_value(timeline: Timeline, index: int, value: float) -> Timeline:
    return _replaced(timeline, index, replace(timeline.events[index], value=value))


def _replaced(timeline: Timeline, index: int, event: Event) -> Timeline:
    events = list(timeline.events)
    events[index] = event
    return timeline.with_events(tuple(events))
