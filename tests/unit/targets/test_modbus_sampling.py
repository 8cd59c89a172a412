"""Readings at a steady pace, on a clock that only waiting moves."""

from itertools import islice

import pytest

from emulators.errors import LinkError
from hil.targets import modbus_sampling
from hil.targets.modbus_sampling import steady_readings

MS = 1_000_000


class PretendedClock:
    """Time passes while somebody sleeps or a reading takes it."""

    def __init__(self) -> None:
        self.now_ns = 5 * MS

    def monotonic_ns(self) -> int:
        return self.now_ns

    def sleep(self, seconds: float) -> None:
        self.now_ns += round(seconds * 1_000 * MS)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> PretendedClock:
    clock = PretendedClock()
    monkeypatch.setattr(modbus_sampling, "time", clock)
    return clock


def taking(clock: PretendedClock, *times_ms: int):
    """Return a function that reads and takes so long each time; a negative time is one that fails."""
    times = iter(times_ms)

    def read() -> dict[str, int]:
        took_ms = next(times)
        clock.now_ns += abs(took_ms) * MS
        if took_ms < 0:
            raise LinkError("silent")
        return {"A": took_ms}

    return read


def test_a_reading_is_taken_at_once_and_each_period_until_the_end(clock):
    readings = steady_readings(taking(clock, 1, 2, 3, 4), period_ns=10 * MS, length_ns=30 * MS)

    assert [(time_ns // MS, reading["A"]) for time_ns, reading in readings] == [(0, 1), (10, 2), (20, 3), (30, 4)]


def test_slow_readings_leave_out_periods_and_do_not_pile_up(clock):
    readings = steady_readings(taking(clock, 35, 1, 1), period_ns=10 * MS)

    assert [time_ns // MS for time_ns, _ in islice(readings, 3)] == [0, 35, 40]


def test_a_reading_that_fails_is_told_and_the_next_one_comes(clock):
    readings = [reading for _, reading in islice(steady_readings(taking(clock, 1, -1, 3), period_ns=10 * MS), 3)]

    assert (readings[0], readings[2]) == ({"A": 1}, {"A": 3})
    assert isinstance(readings[1], LinkError)


def test_a_first_reading_that_fails_ends_it(clock):
    with pytest.raises(LinkError, match="silent"):
        next(steady_readings(taking(clock, -1), period_ns=10 * MS))
