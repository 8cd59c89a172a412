"""What calls a socket's owner when the socket is ready."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

__all__ = ["MOST_A_TURN", "SocketCall", "SocketWatch"]

SocketCall = Callable[[], bool]
"""Serves a socket that is ready; returns whether that left nothing for the event loop to do, no callback or timer."""

MOST_A_TURN = 64
"""Sockets served before the loop's other work gets its turn; the others come first in the next one."""


class SocketWatch(Protocol):
    """Sockets of one event loop; each is watched for something to read or for room to write.

    ``now_s`` is the time of the turn in which a call is made, as ``time.monotonic`` tells.
    """

    now_s: float

    def watch(self, descriptor: int, call: SocketCall, *, is_for_writing: bool = False) -> None:
        """Make a call whenever the socket is ready, instead of the one that was made so far."""
        ...

    def forget(self, descriptor: int) -> None:
        """Make no more calls for a socket; to be done before it is closed."""
        ...
