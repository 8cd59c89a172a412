"""The best timeline that a reduction has found so far, what it may still spend, and what it has tried."""

from __future__ import annotations

from collections.abc import Callable

from hil.scenario.timeline import Event, Timeline

__all__ = ["Search", "events_until", "with_event"]


class Search:
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


def with_event(timeline: Timeline, index: int, event: Event) -> Timeline:
    """Return a timeline with another event in place of one."""
    events = list(timeline.events)
    events[index] = event
    return timeline.with_events(tuple(events))


def events_until(timeline: Timeline, time_ns: int) -> tuple[Event, ...]:
    """Return the events that begin by then, and all that belong to the scenario."""
    return tuple(event for event in timeline.events if event.time_ns <= time_ns or event.is_fixed)
