"""Runs that the reducer needs for a failure of three among twenty events: always the three, at most 60 runs."""

from __future__ import annotations

import random
import time

from measure import Ratio, Timing, report

from emulators.cell.tape import Operation
from emulators.timebase import NS_PER_S
from hil.scenario import Event, Timeline, reduce

SEEDS = range(20)
BUDGET = 60


def twenty_events(source: random.Random) -> Timeline:
    """Presses, numbers and passing faults at random times of ten minutes, each name once."""
    events = []
    for number in range(20):
        time_ns = source.randrange(590_000) * 1_000_000
        kind = source.randrange(3)
        if kind == 0:
            event = Event(time_ns, Operation.WRITE, f"B{number}", True, time_ns + NS_PER_S // 3)
        elif kind == 1:
            event = Event(time_ns, Operation.WRITE, f"B{number}", source.uniform(10, 100))
        else:
            event = Event(time_ns, Operation.FAULT, f"B{number}", source.uniform(0, 10), time_ns + 5 * NS_PER_S)
        events.append(event)
    return Timeline(600 * NS_PER_S, tuple(events))


def reduced(seed: int) -> tuple[int, bool, int]:
    """Return runs, whether exactly the three were found, and the reducer's own CPU time in ns.

    The three must come in their order, the last at least 2 s after the second.
    """
    source = random.Random(seed)
    timeline = twenty_events(source)
    needed = [timeline.events[index].target for index in sorted(source.sample(range(0, 20, 2), 3))]

    def fails(candidate: Timeline) -> bool:
        times = {event.target: event.time_ns for event in candidate.events}
        if not set(needed) <= set(times):
            return False
        first, second, third = (times[name] for name in needed)
        return first < second and third - second >= min(2 * NS_PER_S, gap_ns)

    original = {event.target: event.time_ns for event in timeline.events}
    gap_ns = original[needed[2]] - original[needed[1]]
    start = time.thread_time_ns()
    reduction = reduce(timeline, fails, BUDGET)
    spent_ns = time.thread_time_ns() - start
    return reduction.runs, [event.target for event in reduction.timeline.events] == needed, spent_ns


def main() -> int:
    results = [reduced(seed) for seed in SEEDS]
    runs = sorted(result[0] for result in results)
    spent = sorted(result[2] for result in results)
    exact = sum(result[1] for result in results)
    timings = [Timing("CPU of the reducer itself, a reduction", spent[10], spent[5], spent[15])]
    ratios = [
        Ratio(f"most runs of {len(runs)} seeds (median {runs[10]}) against {BUDGET}", runs[-1] / BUDGET, 1.0),
        Ratio(f"seeds that did not end at exactly the three events, of {len(runs)}", len(runs) - exact, 0),
    ]
    return 0 if report("Reduction of a failure that needs 3 of 20 events", timings, ratios) else 1


if __name__ == "__main__":
    raise SystemExit(main())
