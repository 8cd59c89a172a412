"""Pacing of steps in wall time: absolute deadlines, so that lateness of one step does not add up.

Pure arithmetic on the nanoseconds that a clock gave; whoever waits does it elsewhere.
"""

from __future__ import annotations

import enum

from emulators.timebase import NS_PER_S

__all__ = ["Pacing", "WallPacer"]


class Pacing(enum.Enum):
    """What makes time pass in a served cell."""

    WALL = "wall"  # one step each step_ns of the wall clock
    FREE = "free"  # as fast as it goes
    STEPPED = "stepped"  # only when told to


class WallPacer:
    """Says when the next step is due and counts what came too late.

    A step overruns when it ends after the deadline of the next one. Late steps are caught up with, unless the lag
    exceeds ``max_lag_ns`` (a suspended machine): then the schedule starts anew and the lost time is counted.
    """

    def __init__(self, period_ns: int, *, max_lag_ns: int = NS_PER_S) -> None:
        if period_ns <= 0:
            raise ValueError(f"period of a paced step must be above 0, got {period_ns} ns")
        self._period_ns = period_ns
        self._max_lag_ns = max(max_lag_ns, period_ns)
        self._due_ns = 0
        self.overrun_count = 0
        self.worst_lag_ns = 0
        self.lost_ns = 0

    def start(self, now_ns: int) -> None:
        """Start the schedule: the first step is due one period from now."""
        self._due_ns = now_ns + self._period_ns

    def wait_ns(self, now_ns: int) -> int:
        """Return how long until the next step is due, 0 when it is due now or late."""
        return max(0, self._due_ns - now_ns)

    def completed(self, now_ns: int) -> None:
        """Count a step that has just ended and move to the next deadline."""
        lag_ns = now_ns - self._due_ns
        self.worst_lag_ns = max(self.worst_lag_ns, lag_ns)
        self._due_ns += self._period_ns
        if lag_ns > self._period_ns:
            self.overrun_count += 1
        if lag_ns > self._max_lag_ns:
            self.lost_ns += lag_ns
            self.start(now_ns)
