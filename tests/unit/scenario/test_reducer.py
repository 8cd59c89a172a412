"""The reducer always finds exactly the events a failure needs, within its budget, and makes them readable."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from emulators.cell.tape import Operation
from emulators.timebase import NS_PER_S
from hil.scenario.reducer import reduce
from hil.scenario.timeline import Event, Timeline

TEN_MINUTES_NS = 600 * NS_PER_S
NAMES = [f"B{number}" for number in range(20)]


def scattered(seed: int) -> Timeline:
    """Twenty events at random times: presses, numbers and lasting faults, each name once."""
    source = random.Random(seed)
    names = list(NAMES)
    source.shuffle(names)
    events = []
    for name in names:
        time_ns = source.randrange(0, 590_000) * 1_000_000
        kind = source.randrange(3)
        if kind == 0:
            event = Event(time_ns, Operation.WRITE, name, True, time_ns + source.randrange(100, 2_000) * 1_000_000)
        elif kind == 1:
            event = Event(time_ns, Operation.WRITE, name, source.uniform(10, 100))
        else:
            event = Event(time_ns, Operation.FAULT, name, source.uniform(0, 10), time_ns + 5 * NS_PER_S)
        events.append(event)
    return Timeline(TEN_MINUTES_NS, tuple(events))


def times_of(timeline: Timeline) -> dict[str, int]:
    return {event.target: event.time_ns for event in timeline.events}


def three_present(timeline: Timeline, chosen: list[str]) -> bool:
    return set(chosen) <= set(times_of(timeline))


def three_in_order(timeline: Timeline, chosen: list[str]) -> bool:
    times = times_of(timeline)
    return three_present(timeline, chosen) and times[chosen[0]] < times[chosen[1]] < times[chosen[2]]


def three_seconds_apart(timeline: Timeline, chosen: list[str]) -> bool:
    times = times_of(timeline)
    return three_in_order(timeline, chosen) and times[chosen[1]] - times[chosen[0]] >= 3 * NS_PER_S


def three_then_a_wait(timeline: Timeline, chosen: list[str]) -> bool:
    times = times_of(timeline)
    return three_in_order(timeline, chosen) and timeline.duration_ns - times[chosen[2]] >= 4 * NS_PER_S


def three_while_the_first_lasts(timeline: Timeline, chosen: list[str]) -> bool:
    times = times_of(timeline)
    return three_in_order(timeline, chosen) and times[chosen[2]] - times[chosen[0]] <= 590 * NS_PER_S


Condition = Callable[[Timeline, list[str]], bool]
CONDITIONS: list[Condition] = [
    three_present,
    three_in_order,
    three_seconds_apart,
    three_then_a_wait,
    three_while_the_first_lasts,
]


def chosen_three(seed: int, timeline: Timeline) -> list[str]:
    """Three names in the order of their times, at least ten seconds apart and from the end."""
    source = random.Random(f"chosen {seed}")
    early = [event for event in timeline.events if event.time_ns < 590 * NS_PER_S]
    spread = [early[0]]
    for event in early[1:]:
        if event.time_ns - spread[-1].time_ns >= 10 * NS_PER_S:
            spread.append(event)
    picked = sorted(source.sample(spread, 3), key=lambda event: event.time_ns)
    return [event.target for event in picked]


@pytest.mark.parametrize("condition", CONDITIONS, ids=lambda condition: condition.__name__)
@pytest.mark.parametrize("seed", range(20))
def test_a_failure_that_needs_three_of_twenty_events_reduces_to_exactly_those(seed: int, condition: Condition) -> None:
    timeline = scattered(seed)
    chosen = chosen_three(seed, timeline)

    reduction = reduce(timeline, lambda candidate: condition(candidate, chosen))

    assert [event.target for event in reduction.timeline.events] == chosen
    assert condition(reduction.timeline, chosen)
    assert reduction.runs <= 60


@pytest.mark.parametrize("seed", range(5))
def test_a_reduction_is_deterministic(seed: int) -> None:
    timeline = scattered(seed)
    chosen = chosen_three(seed, timeline)

    first = reduce(timeline, lambda candidate: three_seconds_apart(candidate, chosen))
    second = reduce(timeline, lambda candidate: three_seconds_apart(candidate, chosen))

    assert first == second


def test_a_failure_without_any_event_reduces_to_an_empty_timeline_in_few_runs() -> None:
    reduction = reduce(scattered(1), lambda candidate: True)

    assert reduction.timeline.events == ()
    assert reduction.timeline.duration_ns == NS_PER_S
    assert reduction.runs <= 3


def test_fixed_events_stay_where_they_are() -> None:
    start = Event(1_234 * 1_000_000, Operation.WRITE, "START", True, 1_500 * 1_000_000, is_fixed=True)
    timeline = scattered(3).with_events((start, *scattered(3).events))

    reduction = reduce(timeline, lambda candidate: "B5" in times_of(candidate))

    assert [event.target for event in reduction.timeline.events] == ["START", "B5"]
    assert reduction.timeline.events[0] == start


def test_nothing_after_the_known_violation_is_kept() -> None:
    timeline = scattered(2)
    first = timeline.events[0]
    runs: list[Timeline] = []

    def fails(candidate: Timeline) -> bool:
        runs.append(candidate)
        return first.target in times_of(candidate)

    reduce(timeline, fails, failed_at_ns=first.time_ns)

    assert runs[0].events == (first,)
    assert runs[0].duration_ns == timeline.duration_ns


def test_the_budget_is_never_exceeded_and_the_result_still_fails() -> None:
    timeline = scattered(4)
    chosen = chosen_three(4, timeline)
    runs: list[Timeline] = []

    def fails(candidate: Timeline) -> bool:
        runs.append(candidate)
        return three_in_order(candidate, chosen)

    reduction = reduce(timeline, fails, budget=7)

    assert len(runs) == reduction.runs == 7
    assert three_in_order(reduction.timeline, chosen)


def test_times_become_whole_seconds_and_waits_are_cut() -> None:
    events = (
        Event(12_345_678_901, Operation.WRITE, "A", True, 12_545_678_901),
        Event(300_123_000_000, Operation.WRITE, "B", 37.3381),
    )

    reduction = reduce(
        Timeline(TEN_MINUTES_NS, events),
        lambda candidate: {"A", "B"} <= set(times_of(candidate)) and candidate.events[-1].value >= 20,  # type: ignore[operator]  # a number
    )

    assert reduction.timeline.events == (
        Event(0, Operation.WRITE, "A", True, NS_PER_S // 2),
        Event(NS_PER_S, Operation.WRITE, "B", 20.0),
    )
    assert reduction.timeline.duration_ns <= 3 * NS_PER_S


def test_a_wait_that_is_needed_is_cut_to_a_readable_one() -> None:
    events = (
        Event(10_300_000_000, Operation.WRITE, "A", 1.0),
        Event(97_900_000_000, Operation.WRITE, "B", 1.0),
    )

    def fails(candidate: Timeline) -> bool:
        times = times_of(candidate)
        return {"A", "B"} <= set(times) and times["B"] - times["A"] >= 7 * NS_PER_S

    reduction = reduce(Timeline(TEN_MINUTES_NS, events), fails)

    times = times_of(reduction.timeline)
    assert times["B"] - times["A"] == 10 * NS_PER_S


def test_numbers_move_toward_neutral_and_become_round() -> None:
    event = Event(NS_PER_S, Operation.WRITE, "FLOW", 87.348)

    reduction = reduce(
        Timeline(TEN_MINUTES_NS, (event,)),
        lambda candidate: any(float(event.value or 0) > 42 for event in candidate.events),
    )

    value = reduction.timeline.events[0].value
    assert isinstance(value, float)
    assert 42 < value < 60
    assert value == round(value)


def test_an_integer_stays_an_integer() -> None:
    event = Event(NS_PER_S, Operation.WRITE, "COUNT", 9876)

    reduction = reduce(Timeline(TEN_MINUTES_NS, (event,)), lambda candidate: bool(candidate.events))

    assert type(reduction.timeline.events[0].value) is int


def test_a_fault_whose_end_does_not_matter_lasts_to_the_end() -> None:
    event = Event(NS_PER_S, Operation.FAULT, "LT-101.stuck", 50.0, 20 * NS_PER_S)

    reduction = reduce(Timeline(TEN_MINUTES_NS, (event,)), lambda candidate: bool(candidate.events))

    assert reduction.timeline.events[0].until_ns is None
