"""The loop of a cell with links: native as far as nothing is due on a link, then the links, then on.

What has fallen due by the end of a step happens before the next one, so that after a run the block is as its last row
says. The bits of a run do not depend on how it is divided into calls.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence

from emulators.cell.link_requests import Block
from emulators.cell.link_run import LinkRun
from emulators.cell.native_tape import tick_of
from emulators.cell.tape import TapeEvent
from emulators.cell.wires import act_on_wire, wire_of

__all__ = ["run_linked"]


def run_linked(
    links: Sequence[LinkRun],
    block: Block,
    ticks: range,
    events: Iterable[TapeEvent],
    run: Callable[[int, int], int],
) -> int:
    """Run the steps ``ticks``; return how many were completed.

    ``events`` are those of the tape that are about links. ``run(row, n_steps)`` runs steps of the cell alone, records
    them from this row on and returns how many were completed.
    """
    wires = {name: wire for link in links for name, wire in link.wires.items()}
    step_ns = links[0].plan.step_ns
    waiting = deque(sorted(events, key=lambda event: (event.time_ns, event.order)))
    tick, end = ticks.start - 1, ticks.stop - 1
    while tick < end:
        for link in links:
            if link.due_tick is not None and link.due_tick <= tick:
                link.advance(tick, block)
        while waiting and tick_of(waiting[0].time_ns, step_ns) <= tick + 1:
            event = waiting.popleft()
            wire = wire_of(wires, event)
            assert wire is not None, "the other events are on the tape of the cell"
            act_on_wire(wire, event)
        stop = min((end, *(link.due_tick for link in links if link.due_tick is not None)))
        if waiting:
            stop = min(stop, tick_of(waiting[0].time_ns, step_ns) - 1)
        count = max(1, stop - tick)
        done = run(tick + 1 - ticks.start, count)
        tick += done
        if done < count:
            break
    return tick + 1 - ticks.start
