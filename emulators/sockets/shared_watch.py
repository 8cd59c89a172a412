"""Calls on any event loop when sockets are ready, at a fraction of what the loop's own readers cost.

Sockets share one epoll descriptor, which the loop watches: a turn of the loop serves all of them that are ready, and
the loop's work for a reader is done once a turn instead of once a socket. A socket without company is watched by the
loop itself, which saves it a system call each time. Linux only.
"""

from __future__ import annotations

import asyncio
import select

from emulators.sockets.watch import MOST_A_TURN, Serve, ServedTable

__all__ = ["SharedWatch"]


class SharedWatch:
    """Satisfies ``SocketWatch`` for the sockets of one server."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._watched: dict[int, tuple[Serve, bool]] = {}  # who serves it, and whether it waits for room to write
        self._epoll: select.epoll | None = None  # only while there are two sockets or more
        self._served = ServedTable()  # what shares it

    def watch(self, descriptor: int, serve: Serve, *, is_for_writing: bool = False) -> None:
        """Serve the socket whenever it is ready; said again, it counts instead of what was said before."""
        self.forget(descriptor)
        if len(self._watched) == 1:
            self._share()
        self._watched[descriptor] = serve, is_for_writing
        self._begin(descriptor)

    def forget(self, descriptor: int) -> None:
        """Serve the socket no more; to be done before it is closed."""
        if descriptor not in self._watched:
            return
        self._end(descriptor)
        del self._watched[descriptor]
        if len(self._watched) == 1:
            self._part()

    def _begin(self, descriptor: int) -> None:
        serve, is_for_writing = self._watched[descriptor]
        if self._epoll is not None:
            self._epoll.register(descriptor, select.EPOLLOUT if is_for_writing else select.EPOLLIN)
            self._served.put(descriptor, serve)
        else:
            add = self._loop.add_writer if is_for_writing else self._loop.add_reader
            add(descriptor, serve)

    def _end(self, descriptor: int) -> None:
        _, is_for_writing = self._watched[descriptor]
        if self._epoll is not None:
            self._epoll.unregister(descriptor)
            self._served.put(descriptor, None)
        elif is_for_writing:
            self._loop.remove_writer(descriptor)
        else:
            self._loop.remove_reader(descriptor)

    def _share(self) -> None:
        """Move the only socket to an epoll descriptor: it is about to get company."""
        (descriptor,) = self._watched
        self._end(descriptor)
        self._epoll = select.epoll()
        self._loop.add_reader(self._epoll.fileno(), self._serve_all, self._epoll)
        self._begin(descriptor)

    def _part(self) -> None:
        """Move the only socket that is left to the loop."""
        assert self._epoll is not None, "opened for the second socket"
        (descriptor,) = self._watched
        self._end(descriptor)
        self._loop.remove_reader(self._epoll.fileno())
        self._epoll.close()
        self._epoll = None
        self._served = ServedTable()
        self._begin(descriptor)

    def _serve_all(self, epoll: select.epoll) -> None:
        all_served = self._served
        for descriptor, _ in epoll.poll(0, MOST_A_TURN):
            serve = all_served[descriptor]
            if serve is not None:
                serve()
