"""Two ways to let clients in on a bound socket: with transports of our own where there is epoll, with asyncio's else.

Both make a protocol for each client and give it a transport; what is above sees no difference.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import select
import socket
from collections.abc import Callable
from typing import Any, Protocol

from emulators.sockets.serving_loop import ServingLoop
from emulators.sockets.shared_watch import SharedWatch
from emulators.sockets.transport import SocketTransport
from emulators.sockets.watch import SocketWatch

__all__ = ["AsyncioListener", "EpollListener", "Listener", "MakeListener", "bound_sockets", "plain_listener"]

_LOGGER = logging.getLogger(__name__)
_BACKLOG = 1024
_ASYNCIO_BACKLOG = 128  # how many lines asyncio logs each second when no descriptor is left
_MOST_A_TURN = 16  # clients accepted before the loop's other work gets its turn
_PAUSE_S = 0.5  # before trying again when no descriptor is left
_NOTHING_LEFT = frozenset((errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM))
_NO_SUCH_ADDRESS = frozenset((errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT))
_ACCEPT_ITERATIONS = 5  # of the event loop, from accepting a client to closing its socket when it is refused


class Listener(Protocol):
    """Accepts clients on one bound socket, which it owns."""

    async def start(self) -> None:
        """Let clients in."""
        ...

    async def close(self) -> None:
        """Free the address; every client that was accepted before has met its protocol then."""
        ...


MakeListener = Callable[[socket.socket, Callable[[], asyncio.Protocol]], Listener]


async def bound_sockets(host: str, port: int) -> list[socket.socket]:
    """Return a socket for each address that ``host`` has on this machine, all with the same port.

    Raises:
        OSError: nothing can be bound, or the port of one of the addresses is taken.
    """
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    sockets: list[socket.socket] = []
    absent: OSError | None = None
    for family, kind, protocol, _, address in dict.fromkeys(found):
        common_port = sockets[0].getsockname()[1] if sockets else port
        try:
            sockets.append(_bound_socket(family, kind, protocol, (address[0], common_port, *address[2:])))
        except OSError as error:
            if error.errno not in _NO_SUCH_ADDRESS:
                for bound in sockets:
                    bound.close()
                raise
            absent = error  # such as IPv6 where it is switched off
    if not sockets:
        raise absent or OSError(errno.EADDRNOTAVAIL, f"{host} has no address")
    return sockets


def _bound_socket(family: int, kind: int, protocol: int, address: tuple[Any, ...]) -> socket.socket:
    bound = socket.socket(family, kind, protocol)
    try:
        bound.setblocking(False)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.bind(address)
    except OSError:
        bound.close()
        raise
    return bound


class AsyncioListener:
    """Clients get a transport of asyncio."""

    def __init__(self, bound: socket.socket, make_protocol: Callable[[], asyncio.Protocol]) -> None:
        self._bound = bound
        self._make_protocol = make_protocol
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Let clients in."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._make_protocol, sock=self._bound, backlog=_ASYNCIO_BACKLOG)

    async def close(self) -> None:
        """Free the address."""
        if self._server is None:
            self._bound.close()
            return
        self._server.close()
        for _ in range(_ACCEPT_ITERATIONS):  # clients accepted a moment ago reach their protocol only now
            await asyncio.sleep(0)


class EpollListener:
    """Clients get a ``SocketTransport``; those of one listener share an epoll descriptor."""

    def __init__(self, bound: socket.socket, make_protocol: Callable[[], asyncio.Protocol]) -> None:
        self._bound = bound
        self._make_protocol = make_protocol
        self._loop = asyncio.get_running_loop()
        self._watch: SocketWatch = self._loop.watch if isinstance(self._loop, ServingLoop) else SharedWatch(self._loop)
        self._pause: asyncio.TimerHandle | None = None

    async def start(self) -> None:
        """Let clients in."""
        self._bound.listen(_BACKLOG)
        self._resume()

    async def close(self) -> None:
        """Free the address."""
        if self._pause is not None:
            self._pause.cancel()
        self._loop.remove_reader(self._bound.fileno())
        self._bound.close()

    def _resume(self) -> None:
        self._pause = None
        self._loop.add_reader(self._bound.fileno(), self._accept)

    def _accept(self) -> None:
        for _ in range(_MOST_A_TURN):
            try:
                connected, peer = self._bound.accept()
            except (BlockingIOError, ConnectionAbortedError):
                return
            except OSError as error:
                if error.errno not in _NOTHING_LEFT:
                    raise
                _LOGGER.warning("a client has to wait: %s; allow more with 'ulimit -n'", error.strerror)
                self._loop.remove_reader(self._bound.fileno())
                self._pause = self._loop.call_later(_PAUSE_S, self._resume)
                return
            connected.setblocking(False)
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            SocketTransport(self._loop, self._watch, connected, peer, self._make_protocol()).start()


def plain_listener(bound: socket.socket, make_protocol: Callable[[], asyncio.Protocol]) -> Listener:
    """Return the faster listener that this system has."""
    kind: type[EpollListener] | type[AsyncioListener] = EpollListener if hasattr(select, "epoll") else AsyncioListener
    return kind(bound, make_protocol)
