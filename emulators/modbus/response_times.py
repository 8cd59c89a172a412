"""How long units take for a request, each for itself, with seeded jitter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

__all__ = ["ResponseTimes", "UnitLatency"]


@dataclass(frozen=True, slots=True)
class UnitLatency:
    """Time a unit takes for each request: ``response_ns`` plus a seeded draw from 0..``jitter_ns``."""

    response_ns: int = 0
    jitter_ns: int = 0

    def __post_init__(self) -> None:
        if self.response_ns < 0 or self.jitter_ns < 0:
            raise ValueError(f"latency {self.response_ns} ns ± {self.jitter_ns} ns has a negative part")


class ResponseTimes:
    """Draws the time of each request of each unit; units that are not named take none."""

    def __init__(self, latencies: Mapping[int, UnitLatency] | None = None, *, seed: int = 0) -> None:
        self._latencies = dict(latencies or {})
        self.restart(seed)

    def restart(self, seed: int) -> None:
        """Draw from the beginning, with this seed."""
        self._randoms = {unit_id: Random(f"{seed}/{unit_id}") for unit_id in self._latencies}

    def draw_ns(self, unit_id: int) -> int:
        """Return how long the next request takes."""
        latency = self._latencies.get(unit_id)
        if latency is None:
            return 0
        jitter_ns = self._randoms[unit_id].randint(0, latency.jitter_ns) if latency.jitter_ns else 0
        return latency.response_ns + jitter_ns
