"""Modbus TCP server on asyncio: a thin shell that moves bytes between sockets and ``MbapConnection``.

Everything runs on the event loop's thread. All frames of one received chunk are answered in one write. While a
client does not read its answers, nothing more is read from it; one that goes on not reading is cut off.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import cast

from emulators.modbus.faults.interface import Door, Ending, EndpointFaults
from emulators.modbus.faults.socket_end import end_connection, peer_name
from emulators.modbus.mbap import MBAP_WIRE, MbapConnection, UnitDirectory

__all__ = ["ModbusTcpServer", "TcpCounters", "TcpLimits"]

_WRITE_BUFFER_HIGH = 64 * 1024
_NS_PER_S = 1_000_000_000


@dataclass(frozen=True, slots=True)
class TcpLimits:
    """What a client may take. ``idle_s`` counts from the last complete frame, ``partial_frame_s`` from its first byte.

    When ``max_connections`` are open, a new client takes the place of the one that is idle for longest, if that one
    has been idle for ``evict_idle_s``; else the new one is refused.
    """

    max_connections: int = 256
    idle_s: float = 600.0
    partial_frame_s: float = 10.0
    stalled_write_s: float = 10.0
    evict_idle_s: float = 5.0


@dataclass(slots=True)
class TcpCounters:
    """What happened at the door since the start."""

    accepted: int = 0
    refused: int = 0
    evicted: int = 0
    timed_out: int = 0
    lost_framing: int = 0


class ModbusTcpServer:
    """Serves a directory of units on one TCP address; ``start`` and ``stop`` run on the event loop."""

    def __init__(
        self,
        directory: UnitDirectory,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        limits: TcpLimits | None = None,
        faults: EndpointFaults | None = None,
    ) -> None:
        self.directory = directory
        self.faults = faults
        self.limits = limits or TcpLimits()
        self.counters = TcpCounters()
        self._address = (host, port)
        self._server: asyncio.Server | None = None
        self._connections: set[_Connection] = set()
        self._all_gone = asyncio.Event()
        self._sweep: asyncio.TimerHandle | None = None

    @property
    def address(self) -> tuple[str, int]:
        """Host and port where it listens; the port is known after ``start``."""
        return self._address

    @property
    def connection_count(self) -> int:
        return len(self._connections)

    async def start(self) -> None:
        """Listen; returns once clients can connect.

        Raises:
            OSError: the address cannot be bound.
        """
        loop = asyncio.get_running_loop()
        host, port = self._address
        self._server = await loop.create_server(lambda: _Connection(self, loop), host, port, backlog=256)
        self._address = (host, self._server.sockets[0].getsockname()[1])
        self._schedule_sweep(loop)

    def reset_connections(self) -> None:
        """Reset every connection, as a cut wire does."""
        for connection in tuple(self._connections):
            connection.reset()

    async def stop(self, *, deadline_s: float = 2.0) -> None:
        """Stop listening, let every connection flush its answers, cut off what has not gone by the deadline."""
        if self._server is None:
            return
        self._server.close()
        self._server = None
        if self._sweep is not None:
            self._sweep.cancel()
        for connection in tuple(self._connections):
            connection.close()
        try:
            await asyncio.wait_for(self._wait_until_all_are_gone(), deadline_s)
        except TimeoutError:
            for connection in tuple(self._connections):
                connection.abort()
            await self._wait_until_all_are_gone()

    async def _wait_until_all_are_gone(self) -> None:
        while self._connections:
            self._all_gone.clear()
            await self._all_gone.wait()

    def admit(self, connection: _Connection, now_s: float) -> bool:
        """Take a new connection into the count, or refuse it."""
        if self._server is None:
            return False
        if len(self._connections) >= self.limits.max_connections:
            idlest = min(self._connections, key=lambda candidate: candidate.active_s, default=None)
            if idlest is None or now_s - idlest.active_s < self.limits.evict_idle_s:
                self.counters.refused += 1
                return False
            self.counters.evicted += 1
            idlest.abort()
            self._connections.discard(idlest)
        self.counters.accepted += 1
        self._connections.add(connection)
        return True

    def dismiss(self, connection: _Connection) -> None:
        """Forget a connection that is gone."""
        self._connections.discard(connection)
        if not self._connections:
            self._all_gone.set()

    def _schedule_sweep(self, loop: asyncio.AbstractEventLoop) -> None:
        limits = self.limits
        period_s = max(0.01, min(limits.idle_s, limits.partial_frame_s, limits.stalled_write_s) / 4)
        self._sweep = loop.call_later(period_s, self._sweep_idle, loop)

    def _sweep_idle(self, loop: asyncio.AbstractEventLoop) -> None:
        now_s = loop.time()
        for connection in tuple(self._connections):
            if connection.is_overdue(now_s, self.limits):
                self.counters.timed_out += 1
                connection.abort()
        self._schedule_sweep(loop)


class _Connection(asyncio.Protocol):
    """One client."""

    def __init__(self, server: ModbusTcpServer, loop: asyncio.AbstractEventLoop) -> None:
        self._server = server
        self._loop = loop
        self._now_s = loop.time
        self._timer: asyncio.TimerHandle | None = None
        self._framing = MbapConnection(server.directory)
        self._transport: asyncio.Transport | None = None
        self._partial_since_s: float | None = None
        self._stalled_since_s: float | None = None
        self.active_s = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self.active_s = self._now_s()
        if not self._server.admit(self, self.active_s):
            self._transport.abort()
            return
        if self._server.faults is not None:
            faults = self._server.faults.connect(MBAP_WIRE, self._now_ns(), peer_name(transport))
            self._framing = MbapConnection(self._server.directory, faults)
            if faults.door is not Door.OPEN:
                self.reset()
                return
        self._transport.set_write_buffer_limits(high=_WRITE_BUFFER_HIGH)

    def data_received(self, data: bytes) -> None:
        framing, transport = self._framing, self._transport
        if transport is None or transport.is_closing():
            return
        frame_count = framing.frame_count
        now_s = self._now_s()
        answers = framing.feed(data, int(now_s * _NS_PER_S))
        if framing.frame_count != frame_count:
            self.active_s = now_s
            self._partial_since_s = None
        if not framing.has_partial_frame:
            self._partial_since_s = None
        elif self._partial_since_s is None:
            self._partial_since_s = now_s
        if answers:
            transport.write(answers)
        if framing.is_closed:
            self._server.counters.lost_framing += 1
            transport.close()
        if self._timer is not None or framing.due_ns is not None or framing.ending is not Ending.NONE:
            self._look_ahead()

    def _look_ahead(self) -> None:
        """End the connection if a fault says so, else wake up when the next bytes are due."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._transport is None:
            return
        if self._framing.ending is not Ending.NONE:
            end_connection(self._transport, self._framing.ending)
        elif self._framing.due_ns is not None:
            due_ns = self._framing.due_ns
            self._timer = self._loop.call_at(due_ns / _NS_PER_S, self._pass_time, due_ns)

    def _pass_time(self, due_ns: int) -> None:
        self._timer = None
        if self._transport is None or self._transport.is_closing():
            return
        piece = self._framing.poll(max(due_ns, self._now_ns()))
        if piece:
            self._transport.write(piece)
        self._look_ahead()

    def _now_ns(self) -> int:
        return int(self._now_s() * _NS_PER_S)

    def eof_received(self) -> bool:
        """A client that has finished sending still gets the answers it is owed, then the connection closes."""
        return False

    def pause_writing(self) -> None:
        self._stalled_since_s = self._now_s()
        if self._transport is not None:
            self._transport.pause_reading()

    def resume_writing(self) -> None:
        self._stalled_since_s = None
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if self._timer is not None:
            self._timer.cancel()
        self._server.dismiss(self)

    def is_overdue(self, now_s: float, limits: TcpLimits) -> bool:
        """Whether the client has been silent, has dawdled over a frame or has not read for longer than it may."""
        if self._stalled_since_s is not None:
            return now_s - self._stalled_since_s > limits.stalled_write_s
        if self._partial_since_s is not None and now_s - self._partial_since_s > limits.partial_frame_s:
            return True
        return now_s - self.active_s > limits.idle_s

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def reset(self) -> None:
        if self._transport is not None:
            end_connection(self._transport, Ending.RESET)

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()
