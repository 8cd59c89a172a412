"""What serves a socket when it is ready."""

from __future__ import annotations

from typing import Protocol

__all__ = ["MOST_A_TURN", "Served", "ServedTable", "SocketWatch"]

MOST_A_TURN = 64
"""Sockets served before the loop's other work gets its turn; the others come first in the next one."""


class Served(Protocol):
    """A socket's owner."""

    def serve(self, descriptor: int, now_s: float) -> bool:
        """Serve the socket, which is ready; ``now_s`` is the time as ``time.monotonic`` tells.

        Returns whether that left nothing for the event loop to do, such as a callback or a timer.
        """
        ...


class ServedTable(list["Served | None"]):
    """Owners by descriptor; a list, because looking up a dict touches more memory, which thousands of sockets feel."""

    def put(self, descriptor: int, served: Served | None) -> None:
        """Note the owner of a descriptor, None for nobody."""
        if descriptor >= len(self):
            self.extend([None] * (descriptor + 1 - len(self)))
        self[descriptor] = served


class SocketWatch(Protocol):
    """Sockets of one event loop; each is watched for something to read or for room to write."""

    def watch(self, descriptor: int, served: Served, *, is_for_writing: bool = False) -> None:
        """Serve the socket whenever it is ready; said again, it counts instead of what was said before."""
        ...

    def forget(self, descriptor: int) -> None:
        """Serve the socket no more; to be done before it is closed."""
        ...
