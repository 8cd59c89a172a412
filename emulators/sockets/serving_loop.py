"""A loop of asyncio that serves watched sockets while it waits, without a turn of the loop for each request.

asyncio waits in its selector. This selector waits for the watched sockets too and calls who serves them itself; it
returns to the loop when a descriptor of the loop is ready, a timer is due or serving has given the loop something to
do. Everything else about the loop is asyncio's. Linux only.
"""

from __future__ import annotations

import asyncio
import select
import selectors
from collections.abc import Mapping
from time import monotonic
from typing import Any

from emulators.sockets.watch import MOST_A_TURN, Serve, ServedTable

__all__ = ["ServingLoop", "ServingSelector", "new_loop"]

Ready = list[tuple[selectors.SelectorKey, int]]


class ServingSelector(selectors.BaseSelector):
    """Satisfies ``SocketWatch`` for watched sockets; what the loop registers is kept by a selector of its own."""

    def __init__(self) -> None:
        self._registered = selectors.EpollSelector()
        self._epoll = select.epoll()
        self._epoll.register(self._registered.fileno(), select.EPOLLIN)
        self._served = ServedTable()
        self._served.put(self._registered.fileno(), None)
        self._watched: set[int] = set()

    def watch(self, descriptor: int, serve: Serve, *, is_for_writing: bool = False) -> None:
        """Serve the socket whenever it is ready; said again, it counts instead of what was said before."""
        events = select.EPOLLOUT if is_for_writing else select.EPOLLIN
        if descriptor in self._watched:
            self._epoll.modify(descriptor, events)
        else:
            self._epoll.register(descriptor, events)
        self._watched.add(descriptor)
        self._served.put(descriptor, serve)

    def forget(self, descriptor: int) -> None:
        """Serve the socket no more; to be done before it is closed."""
        if descriptor in self._watched:
            self._watched.remove(descriptor)
            self._epoll.unregister(descriptor)
            self._served.put(descriptor, None)

    def select(self, timeout: float | None = None) -> Ready:
        """Serve watched sockets until there is something for the loop to do; return its descriptors that are ready."""
        poll, all_served = self._epoll.poll, self._served
        end_s = None if timeout is None else monotonic() + timeout
        left_s = -1.0 if timeout is None else max(0.0, timeout)
        while ready := poll(left_s, MOST_A_TURN):
            is_loop_idle = True
            for descriptor, _ in ready:
                serve = all_served[descriptor]
                if serve is None or not serve():
                    is_loop_idle = False
            if not is_loop_idle:
                return self._registered.select(0)
            if end_s is not None:
                left_s = end_s - monotonic()
                if left_s <= 0:
                    break
        return []

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        """Add a descriptor of the loop."""
        return self._registered.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        """Remove a descriptor of the loop."""
        return self._registered.unregister(fileobj)

    def modify(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        """Change what the loop waits for."""
        return self._registered.modify(fileobj, events, data)

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        """Return the descriptors of the loop."""
        return self._registered.get_map()

    def close(self) -> None:
        """Free both descriptors."""
        self._epoll.close()
        self._registered.close()


class ServingLoop(asyncio.SelectorEventLoop):
    """asyncio's loop; ``watch`` serves sockets while it waits."""

    def __init__(self) -> None:
        self.watch = ServingSelector()
        super().__init__(self.watch)


def new_loop() -> asyncio.AbstractEventLoop:
    """Return a loop that serves sockets with little effort where this system allows it, else asyncio's."""
    return ServingLoop() if hasattr(select, "epoll") else asyncio.new_event_loop()
