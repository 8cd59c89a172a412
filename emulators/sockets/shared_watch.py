"""Calls on any event loop when sockets are ready, at a fraction of what the loop's own readers cost.

Sockets share one epoll descriptor, which the loop watches: a turn of the loop serves all of them that are ready, and
the loop's work for a reader is done once a turn instead of once a socket. A socket without company is watched by the
loop itself, which saves it a system call each time. Linux only.
"""

from __future__ import annotations

import asyncio
import select
from time import monotonic

from emulators.sockets.watch import MOST_A_TURN, SocketCall

__all__ = ["SharedWatch"]


class SharedWatch:
    """Satisfies ``SocketWatch`` for the sockets of one server."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._calls: dict[int, SocketCall] = {}
        self._for_writing: set[int] = set()
        self.now_s = monotonic()
        self._epoll: select.epoll | None = None  # only while there are two sockets or more

    def watch(self, descriptor: int, call: SocketCall, *, is_for_writing: bool = False) -> None:
        """Make a call whenever the socket is ready, instead of the one that was made so far."""
        self.forget(descriptor)
        if len(self._calls) == 1:
            self._share()
        self._calls[descriptor] = call
        if is_for_writing:
            self._for_writing.add(descriptor)
        self._begin(descriptor)

    def forget(self, descriptor: int) -> None:
        """Make no more calls for a socket; to be done before it is closed."""
        if descriptor not in self._calls:
            return
        self._end(descriptor)
        del self._calls[descriptor]
        self._for_writing.discard(descriptor)
        if len(self._calls) == 1:
            self._part()

    def _begin(self, descriptor: int) -> None:
        is_for_writing = descriptor in self._for_writing
        if self._epoll is not None:
            self._epoll.register(descriptor, select.EPOLLOUT if is_for_writing else select.EPOLLIN)
        elif is_for_writing:
            self._loop.add_writer(descriptor, self._serve_one, self._calls[descriptor])
        else:
            self._loop.add_reader(descriptor, self._serve_one, self._calls[descriptor])

    def _end(self, descriptor: int) -> None:
        if self._epoll is not None:
            self._epoll.unregister(descriptor)
        elif descriptor in self._for_writing:
            self._loop.remove_writer(descriptor)
        else:
            self._loop.remove_reader(descriptor)

    def _share(self) -> None:
        """Move the only socket to an epoll descriptor: it is about to get company."""
        (descriptor,) = self._calls
        self._end(descriptor)
        self._epoll = select.epoll()
        self._loop.add_reader(self._epoll.fileno(), self._serve, self._epoll)
        self._begin(descriptor)

    def _part(self) -> None:
        """Move the only socket that is left to the loop."""
        assert self._epoll is not None, "opened for the second socket"
        self._loop.remove_reader(self._epoll.fileno())
        self._epoll.close()
        self._epoll = None
        (descriptor,) = self._calls
        self._begin(descriptor)

    def _serve_one(self, call: SocketCall) -> None:
        self.now_s = monotonic()
        call()

    def _serve(self, epoll: select.epoll) -> None:
        self.now_s = monotonic()
        calls = self._calls
        for descriptor, _ in epoll.poll(0, MOST_A_TURN):
            call = calls.get(descriptor)
            if call is not None:
                call()
