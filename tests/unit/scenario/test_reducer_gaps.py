"""Cutting waiting time out of a timeline leaves every event with a length."""

from emulators.cell.tape import Operation
from hil.scenario.reducer import reduce
from hil.scenario.timeline import Event, Timeline

S = 10**9


def test_an_event_that_lies_in_a_cut_gap_keeps_a_length():
    dropout = Event(0, Operation.FAULT, "LT-101.stuck", True, until_ns=5 * S)
    press = Event(5 * S, Operation.WRITE, "START", True, until_ns=5 * S + 200_000_000)
    timeline = Timeline(60 * S, (dropout, press))

    def fails(tried: Timeline) -> bool:
        return len(tried.events) == 2 and tried.events[0].until_ns is not None

    reduced = reduce(timeline, fails).timeline

    assert len(reduced.events) == 2
    assert all(event.until_ns is None or event.until_ns > event.time_ns for event in reduced.events)
