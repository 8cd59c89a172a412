"""Simpler values in a reduction: toward neutral by bisection, then round."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from hil.scenario.readable import round_to_digits, rounder_numbers
from hil.scenario.reduction_search import Search, with_event
from hil.scenario.timeline import Event, Timeline

__all__ = ["simplify_values"]

_BISECTIONS = 3


def simplify_values(search: Search, neutral: Callable[[Event], float | None]) -> None:
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


def _bisected(search: Search, index: int, toward: float, value: float) -> tuple[float, float]:
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


def _value_at(search: Search, index: int) -> float:
    value = search.best.events[index].value
    assert isinstance(value, int | float)
    return value


def _like(original: float, value: float) -> float:
    return round(value) if isinstance(original, int) else value


def _with_value(timeline: Timeline, index: int, value: float) -> Timeline:
    return with_event(timeline, index, replace(timeline.events[index], value=value))
