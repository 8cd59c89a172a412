"""Clocks that call on a loop, whichever keeps the time."""

from __future__ import annotations

import asyncio
import os
import resource
import time
from collections.abc import Callable

import pytest

from emulators.sockets.clocks import Clock, KernelClock, LoopClock, clock_on
from emulators.sockets.serving_loop import ServingLoop

DEADLINE_S = 60.0

MakeClock = Callable[[asyncio.AbstractEventLoop, Callable[[], object]], Clock]

either_clock = pytest.mark.parametrize("make", [KernelClock, LoopClock])
either_loop = pytest.mark.parametrize("make_loop", [ServingLoop, asyncio.new_event_loop])


async def calls_of(make: MakeClock, period_s: float, count: int) -> float:
    """Return how long so many calls took."""
    loop = asyncio.get_running_loop()
    heard: asyncio.Queue[None] = asyncio.Queue()
    clock = make(loop, lambda: heard.put_nowait(None))
    start_s = time.monotonic()
    clock.set(period_s)
    for _ in range(count):
        await asyncio.wait_for(heard.get(), DEADLINE_S)
    taken_s = time.monotonic() - start_s
    clock.close()
    return taken_s


@either_clock
@either_loop
def test_clock_calls_again_and_again_and_never_early(
    make: MakeClock, make_loop: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    with asyncio.Runner(loop_factory=make_loop) as runner:
        assert runner.run(calls_of(make, 0.01, 3)) >= 0.03


@either_clock
def test_clock_goes_by_the_period_that_was_set_last(make: MakeClock) -> None:
    async def story() -> float:
        loop = asyncio.get_running_loop()
        heard = asyncio.Event()
        clock = make(loop, heard.set)
        clock.set(3600.0)
        clock.set(0.001)
        start_s = time.monotonic()
        await asyncio.wait_for(heard.wait(), DEADLINE_S)
        clock.close()
        return time.monotonic() - start_s

    assert asyncio.run(story()) < 3600.0


@either_clock
def test_closed_clock_is_silent_and_leaves_no_descriptor(make: MakeClock) -> None:
    async def story() -> list[int]:
        calls: list[int] = []
        clock = make(asyncio.get_running_loop(), lambda: calls.append(1))
        clock.set(0.001)
        clock.close()
        await calls_of(make, 0.002, 2)
        return calls

    before = os.listdir("/proc/self/fd")
    assert asyncio.run(story()) == []
    assert os.listdir("/proc/self/fd") == before


def test_kernels_clock_is_no_timer_of_the_loop() -> None:
    """What it is for: a loop without timers waits until there is something to do."""

    class Loop(asyncio.SelectorEventLoop):
        def call_at(self, *arguments: object, **options: object) -> asyncio.TimerHandle:
            raise AssertionError("a timer of the loop")

    async def story() -> None:
        heard = asyncio.Event()
        clock = clock_on(asyncio.get_running_loop(), heard.set)
        clock.set(0.001)
        await heard.wait()
        clock.close()

    with asyncio.Runner(loop_factory=Loop) as runner:
        runner.run(story())


def test_loop_keeps_the_time_when_no_descriptor_is_left() -> None:
    async def story() -> float:
        before = resource.getrlimit(resource.RLIMIT_NOFILE)
        with open(os.devnull) as first_free:
            lowest = first_free.fileno()
        resource.setrlimit(resource.RLIMIT_NOFILE, (lowest, before[1]))
        try:
            return await calls_of(clock_on, 0.01, 2)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, before)

    assert asyncio.run(story()) >= 0.02
