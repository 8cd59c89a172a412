"""What serves a socket when it is ready."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

__all__ = ["MOST_A_TURN", "Serve", "ServedTable", "SocketWatch"]

MOST_A_TURN = 64
"""Sockets served before the loop's other work gets its turn; the others come first in the next one."""


Serve = Callable[[], bool]
"""Serves one socket, which is ready; returns whether that left nothing for the event loop to do, such as a callback or
a timer."""


class ServedTable(list["Serve | None"]):
    """Who serves each descriptor; a list, because a dict touches more memory, which thousands of sockets feel."""

    def put(self, descriptor: int, serve: Serve | None) -> None:
        """Note who serves a descriptor, None for nobody."""
        if descriptor >= len(self):
            self.extend([None] * (descriptor + 1 - len(self)))
        self[descriptor] = serve


class SocketWatch(Protocol):
    """Sockets of one event loop; each is watched for something to read or for room to write."""

    def watch(self, descriptor: int, serve: Serve, *, is_for_writing: bool = False) -> None:
        """Serve the socket whenever it is ready; said again, it counts instead of what was said before."""
        ...

    def forget(self, descriptor: int) -> None:
        """Serve the socket no more; to be done before it is closed."""
        ...
