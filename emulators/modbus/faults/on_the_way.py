"""Faults of the way that an answer takes: late, in pieces, twice, out of order, or the connection breaks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from emulators.modbus.faults.draft import Draft
from emulators.modbus.faults.fault import WireFault, choice, duration, number
from emulators.modbus.faults.interface import Ending
from emulators.timebase import NS_PER_MS

__all__ = ["Delay", "Dribble", "Duplicate", "HalfClose", "Reorder", "Reset"]


@dataclass(frozen=True, slots=True)
class Delay(WireFault):
    """The answer comes late: by a time and a draw from 0 to the jitter."""

    time_ns: int = duration(500 * NS_PER_MS)
    jitter_ns: int = duration(0)

    def act(self, draft: Draft) -> bool:
        draft.delay_ns += self.time_ns + (draft.draws.below(self.jitter_ns + 1, 1) if self.jitter_ns else 0)
        return True


@dataclass(frozen=True, slots=True)
class Dribble(WireFault):
    """The answer comes byte by byte, with a gap before each."""

    gap_ns: int = duration(5 * NS_PER_MS, low_ns=1)

    def act(self, draft: Draft) -> bool:
        draft.gap_ns = self.gap_ns
        return True


@dataclass(frozen=True, slots=True)
class Duplicate(WireFault):
    """The answer comes more than once."""

    extra: int = number(1, 1, 100)

    def act(self, draft: Draft) -> bool:
        draft.copies += self.extra
        return True


@dataclass(frozen=True, slots=True)
class Reorder(WireFault):
    """The answer comes after the next one of its connection, at the latest after a time."""

    within_ns: int = duration(1000 * NS_PER_MS, low_ns=1)

    def act(self, draft: Draft) -> bool:
        draft.hold_ns = self.within_ns
        return True


@dataclass(frozen=True, slots=True)
class _Break(WireFault):
    """The request is carried out; its answer goes out not at all, in half, or whole before the break."""

    NEEDS_ANSWER: ClassVar[bool] = False
    ENDING: ClassVar[Ending] = Ending.RESET
    when: str = choice("before", "middle", "after")

    def act(self, draft: Draft) -> bool:
        kept = {"before": 0, "middle": len(draft.frame) // 2, "after": len(draft.frame)}
        draft.cut(kept[self.when])
        draft.ending = self.ENDING
        return True


@dataclass(frozen=True, slots=True)
class HalfClose(_Break):
    """The device ends its side of the connection before, in or after the answer."""

    ENDING: ClassVar[Ending] = Ending.HALF_CLOSE


@dataclass(frozen=True, slots=True)
class Reset(_Break):
    """The connection is reset before, in or after the answer."""
