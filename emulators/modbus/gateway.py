"""How long the units behind a gateway take, each for itself: a slow one delays nobody else's answers.

A unit deals with one request at a time, also when they come over several connections, as a device on a serial line
behind a real gateway does. What finds too many requests waiting is answered with SERVER DEVICE BUSY.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

from emulators.modbus.response_times import ResponseTimes, UnitLatency

__all__ = ["Gateway"]


class _UnitQueue:
    __slots__ = ("_answers_ns", "_max_waiting", "_times", "_unit_id")

    def __init__(self, unit_id: int, max_waiting: int, times: ResponseTimes) -> None:
        self._unit_id = unit_id
        self._max_waiting = max_waiting
        self._times = times
        self._answers_ns: deque[int] = deque()

    def admit(self, time_ns: int) -> int | None:
        waiting = self._answers_ns
        while waiting and waiting[0] <= time_ns:
            waiting.popleft()
        if len(waiting) > self._max_waiting:
            return None
        start_ns = waiting[-1] if waiting else time_ns
        waiting.append(start_ns + self._times.draw_ns(self._unit_id))
        return waiting[-1]


class Gateway:
    """Queues of the units that take time; those not named answer at once. All connections share one gateway.

    ``aliases`` are other unit ids that reach a unit: they wait in its queue.
    """

    def __init__(
        self, latencies: Mapping[int, UnitLatency], *, seed: int = 0, aliases: Mapping[int, int] | None = None
    ) -> None:
        times = ResponseTimes(latencies, seed=seed)
        self._queues = {
            unit_id: _UnitQueue(unit_id, latency.max_waiting, times) for unit_id, latency in latencies.items()
        }
        for alias, unit_id in (aliases or {}).items():
            if unit_id in self._queues:
                self._queues.setdefault(alias, self._queues[unit_id])

    def admit(self, unit_id: int, time_ns: int) -> int | None:
        """Return when a request that comes now is answered, or None when the unit is too busy to take it."""
        queue = self._queues.get(unit_id)
        return time_ns if queue is None else queue.admit(time_ns)
