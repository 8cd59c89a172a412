"""How long the units behind a gateway take, each for itself: a slow one delays nobody else's answers.

A unit deals with one request at a time, also when they come over several connections, as a device on a serial line
behind a real gateway does. What finds too many requests waiting is answered with SERVER DEVICE BUSY.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

__all__ = ["Gateway", "UnitLatency"]


@dataclass(frozen=True, slots=True)
class UnitLatency:
    """Time a unit takes for each request: ``response_ns`` plus a seeded draw from 0..``jitter_ns``.

    ``max_waiting`` is how many requests may wait while the unit deals with one.
    """

    response_ns: int
    jitter_ns: int = 0
    max_waiting: int = 16

    def __post_init__(self) -> None:
        if self.response_ns < 0 or self.jitter_ns < 0 or self.max_waiting < 0:
            raise ValueError(f"latency {self.response_ns} ns ± {self.jitter_ns} ns has a negative part")


class _UnitQueue:
    __slots__ = ("_answers_ns", "_latency", "_random")

    def __init__(self, latency: UnitLatency, seed: str) -> None:
        self._latency = latency
        self._random = Random(seed)
        self._answers_ns: deque[int] = deque()

    def admit(self, time_ns: int) -> int | None:
        latency, waiting = self._latency, self._answers_ns
        while waiting and waiting[0] <= time_ns:
            waiting.popleft()
        if len(waiting) > latency.max_waiting:
            return None
        start_ns = waiting[-1] if waiting else time_ns
        jitter_ns = self._random.randint(0, latency.jitter_ns) if latency.jitter_ns else 0
        waiting.append(start_ns + latency.response_ns + jitter_ns)
        return waiting[-1]


class Gateway:
    """Queues of the units that take time; those not named answer at once. All connections share one gateway.

    ``aliases`` are other unit ids that reach a unit: they wait in its queue.
    """

    def __init__(
        self, latencies: Mapping[int, UnitLatency], *, seed: int = 0, aliases: Mapping[int, int] | None = None
    ) -> None:
        self._queues = {unit_id: _UnitQueue(latency, f"{seed}/{unit_id}") for unit_id, latency in latencies.items()}
        for alias, unit_id in (aliases or {}).items():
            if unit_id in self._queues:
                self._queues.setdefault(alias, self._queues[unit_id])

    def admit(self, unit_id: int, time_ns: int) -> int | None:
        """Return when a request that comes now is answered, or None when the unit is too busy to take it."""
        queue = self._queues.get(unit_id)
        return time_ns if queue is None else queue.admit(time_ns)
