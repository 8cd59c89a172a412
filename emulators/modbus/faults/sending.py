"""Bytes of one connection that wait for their time, in an order that a real device could produce.

Frames of one lane leave in the order of their requests; a frame that leaves byte by byte is not interrupted by
another. A held frame leaves after the next one, at the latest at its own time.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field, replace

from emulators.modbus.faults.interface import Ending

__all__ = ["Parcel", "SendQueue"]


@dataclass(frozen=True, slots=True, order=True)
class Parcel:
    """Bytes to send at ``due_ns``, one each ``gap_ns`` unless that is 0, and what happens to the connection then."""

    due_ns: int
    number: int
    frame: bytes = field(compare=False)
    gap_ns: int = field(default=0, compare=False)
    ending: Ending = field(default=Ending.NONE, compare=False)


class SendQueue:
    """``put`` takes parcels, ``take`` returns what is due.

    ``is_idle`` is whether nothing waits and the connection has not been ended from here.
    """

    __slots__ = ("_count", "_held", "_is_shut", "_lane_ns", "_under_way", "_waiting", "is_idle")

    def __init__(self) -> None:
        self._waiting: list[Parcel] = []
        self._held: list[Parcel] = []
        self._lane_ns: dict[int, int] = {}
        self._under_way: Parcel | None = None
        self._count = 0
        self._is_shut = False
        self.is_idle = True

    @property
    def is_holding(self) -> bool:
        """Whether a frame waits for the next one to overtake it."""
        return bool(self._held)

    @property
    def is_inside_frame(self) -> bool:
        """Whether what was taken last is to be followed by more bytes of the same frame."""
        return self._under_way is not None

    @property
    def next_ns(self) -> int | None:
        """When something is due; None when nothing waits."""
        if self.is_idle:
            return None
        if self._under_way is not None:
            return self._under_way.due_ns
        due = [parcel.due_ns for parcel in self._held]
        if self._waiting:
            due.append(self._waiting[0].due_ns)
        return min(due, default=None)

    def put(
        self,
        lane: int,
        due_ns: int,
        frame: bytes,
        *,
        gap_ns: int = 0,
        ending: Ending = Ending.NONE,
        hold_ns: int = 0,
    ) -> None:
        """Send a frame at ``due_ns`` or when those before it in its lane have gone; with ``hold_ns`` behind the next
        frame of the connection, or that much later."""
        if self._is_shut:
            return
        self._count += 1
        self.is_idle = False
        if hold_ns:
            self._held.append(Parcel(due_ns + hold_ns, self._count, frame, gap_ns, ending))
            return
        due_ns = max(due_ns, self._lane_ns.get(lane, due_ns))
        self._lane_ns[lane] = due_ns
        heapq.heappush(self._waiting, Parcel(due_ns, self._count, frame, gap_ns, ending))
        for parcel in self._held:
            self._count += 1
            heapq.heappush(self._waiting, replace(parcel, due_ns=due_ns, number=self._count))
        self._held.clear()

    def take(self, now_ns: int) -> tuple[bytes, Ending]:
        """Return the next bytes that are due, a frame or one byte of it; no bytes and no ending when nothing is."""
        parcel = self._under_way or self._next_due(now_ns)
        if parcel is None or parcel.due_ns > now_ns:
            return b"", Ending.NONE
        if parcel.gap_ns and len(parcel.frame) > 1:
            self._under_way = replace(parcel, due_ns=parcel.due_ns + parcel.gap_ns, frame=parcel.frame[1:])
            return parcel.frame[:1], Ending.NONE
        self._under_way = None
        if parcel.ending is not Ending.NONE:
            self._is_shut = True
            self._waiting.clear()
            self._held.clear()
        self.is_idle = not (self._waiting or self._held or self._is_shut)
        return parcel.frame, parcel.ending

    def _next_due(self, now_ns: int) -> Parcel | None:
        late = [parcel for parcel in self._held if parcel.due_ns <= now_ns]
        if late:
            self._held = [parcel for parcel in self._held if parcel.due_ns > now_ns]
            for parcel in late:
                heapq.heappush(self._waiting, parcel)
        if self._waiting and self._waiting[0].due_ns <= now_ns:
            parcel = heapq.heappop(self._waiting)
            # a parcel that waited for another one to be sent byte by byte goes on from now, not from when it was due
            return replace(parcel, due_ns=now_ns) if parcel.gap_ns else parcel
        return None
