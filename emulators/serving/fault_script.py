"""The faults that a running cell is made to have: those that are to come, and where each one is told of.

Faults of single exchanges are the wires' own, see ``FaultPipeline.replay``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from emulators.cell.tape import TapeEvent

__all__ = ["FaultScript"]


class FaultScript:
    """``events`` act at their times, the earliest first; ``begin`` hears when the cell starts, ``keep`` of each fault
    that acts, of these and others.

    Used by one thread at a time.
    """

    def __init__(
        self,
        events: Iterable[TapeEvent] = (),
        *,
        begin: Callable[[], None] | None = None,
        keep: Callable[[TapeEvent], None] | None = None,
    ) -> None:
        self._left = sorted(events, key=lambda event: event.time_ns, reverse=True)
        self._begin = begin
        self._keep = keep

    def begin(self) -> None:
        """Tell that the cell starts."""
        if self._begin is not None:
            self._begin()

    def take(self, end_ns: int) -> list[TapeEvent]:
        """Return what is to act in a step that ends at ``end_ns``, and not again."""
        due = []
        while self._left and self._left[-1].time_ns <= end_ns:
            due.append(self._left.pop())
        return due

    def steps_until_due(self, tick: int, step_ns: int) -> int | None:
        """Return how many steps after ``tick`` end before the next one acts, None when nothing is left."""
        return -(-self._left[-1].time_ns // step_ns) - 1 - tick if self._left else None

    def keep(self, event: TapeEvent) -> None:
        """Tell of a fault that acts."""
        if self._keep is not None:
            self._keep(event)
