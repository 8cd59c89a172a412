"""What every framing offers to the shell that moves its bytes: no socket, no clock, time handed in."""

from __future__ import annotations

from typing import Protocol

from emulators.modbus.faults.interface import Ending

__all__ = ["Framing", "earliest"]


class Framing(Protocol):
    """Bytes in, bytes out. Times are monotonic nanoseconds of whoever owns the framing, never going back."""

    @property
    def frame_count(self) -> int:
        """Frames that have been received whole."""
        ...

    @property
    def has_partial_frame(self) -> bool:
        """Whether the start of a frame has come and its end has not."""
        ...

    @property
    def is_closed(self) -> bool:
        """Whether the position in the stream is lost for good."""
        ...

    @property
    def due_ns(self) -> int | None:
        """When ``poll`` will next have something to do; None while only new bytes change anything."""
        ...

    @property
    def ending(self) -> Ending:
        """What a fault does to the connection once everything returned so far has been sent."""
        ...

    def feed(self, chunk: bytes, time_ns: int) -> bytes:
        """Take what has arrived; return what is to be sent now."""
        ...

    def poll(self, time_ns: int) -> bytes:
        """Let time pass; return what is to be sent now."""
        ...

    def leave(self, time_ns: int) -> None:
        """Take note that the client has gone."""
        ...


def earliest(*times_ns: int | None) -> int | None:
    """Return the first of the times; None when there is none."""
    first_ns: int | None = None
    for time_ns in times_ns:
        if time_ns is not None and (first_ns is None or time_ns < first_ns):
            first_ns = time_ns
    return first_ns
