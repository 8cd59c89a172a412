"""Reduce a failing timeline to the few events that matter, then to times and values a person can read.

Every step is tried by running the shorter timeline; only what still fails is kept. The order of work is: find the
needed events by bisection, end the run soon after the last of them, drop ends of faults, round times to seconds,
cut waiting time out, and move values to round numbers toward neutral. Pure and deterministic: the same timeline and
the same answers give the same reduction.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from emulators.cell.tape import Operation
from hil.scenario.reduction_search import Search, events_until, with_event
from hil.scenario.reduction_times import cut_gaps, move_together, round_times, shorten_the_tail
from hil.scenario.reduction_values import simplify_values
from hil.scenario.timeline import Event, Timeline

__all__ = ["Reduction", "reduce"]


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
    search = Search(timeline, fails, budget, allows)
    if failed_at_ns is not None:
        search.attempt(timeline.with_events(events_until(timeline, failed_at_ns)))
    _drop_events(search)
    search.reserved = sum(not event.is_fixed for event in search.best.events)
    shorten_the_tail(search)
    _drop_ends(search)
    round_times(search)
    cut_gaps(search)
    move_together(search)
    simplify_values(search, neutral if neutral is not None else _zero)
    search.reserved = 0
    _drop_one_by_one(search)
    shorten_the_tail(search)
    return Reduction(search.best, search.runs)


def _zero(_event: Event) -> float | None:
    return 0.0


def _drop_events(search: Search) -> None:
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


def _drop_one_by_one(search: Search) -> None:
    """Drop single events that are not needed: found too many, or redundant since times and values are simple."""
    for event in search.best.events:
        if not event.is_fixed:
            search.attempt(search.best.with_events(tuple(other for other in search.best.events if other is not event)))


def _drop_ends(search: Search) -> None:
    """Let faults, forces and cut links last to the end of the run."""
    endless = (Operation.FAULT, Operation.FORCE, Operation.LINK)
    for index, event in enumerate(search.best.events):
        if event.until_ns is not None and event.operation in endless and not event.is_fixed:
            search.attempt(with_event(search.best, index, replace(event, until_ns=None)))
