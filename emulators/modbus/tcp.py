"""Modbus servers on TCP and TLS: who is let in, for how long, and how all of them leave.

Everything runs on the event loop's thread. All frames of one received chunk are answered in one write. While a
client does not read its answers, nothing more is read from it; one that goes on not reading is cut off.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

from emulators.modbus.faults.interface import ConnectionFaults, EndpointFaults, WireFraming
from emulators.modbus.faults.socket_end import peer_name
from emulators.modbus.framing import Framing
from emulators.modbus.mbap import MBAP_WIRE, MbapConnection, UnitDirectory
from emulators.modbus.permissions import PermittedUnits
from emulators.modbus.rtu_frames import RTU_WIRE
from emulators.modbus.rtu_stream import RtuStream
from emulators.modbus.tcp_connection import TcpConnection
from emulators.modbus.tls import TlsSettings, client_role, server_context
from emulators.modbus.tls_door import TlsDoor
from emulators.sockets.clocks import Clock, clock_on
from emulators.sockets.listeners import Listener, MakeListener, bound_sockets, plain_listener
from emulators.timebase import NS_PER_S

__all__ = ["MBAP_STREAM", "RTU_STREAM", "ModbusTcpServer", "StreamKind", "TcpCounters", "TcpLimits"]


@dataclass(frozen=True, slots=True)
class StreamKind:
    """What is spoken on the connections: how a frame looks, and the framing of one connection."""

    wire: WireFraming
    make: Callable[[UnitDirectory, ConnectionFaults | None], Framing]


MBAP_STREAM = StreamKind(MBAP_WIRE, MbapConnection)
RTU_STREAM = StreamKind(RTU_WIRE, RtuStream)


@dataclass(frozen=True, slots=True)
class TcpLimits:
    """What a client may take. ``idle_s`` counts from the last complete frame, ``partial_frame_s`` from its first byte.

    When ``max_connections`` are open, a new client takes the place of the one that is idle for longest, if that one
    has been idle for ``evict_idle_s``; else the new one is refused. Idleness is known as of the last look at the
    clients, which comes each ``look_period_s``.
    """

    max_connections: int = 4096
    idle_s: float = 600.0
    partial_frame_s: float = 10.0
    stalled_write_s: float = 10.0
    evict_idle_s: float = 5.0

    @property
    def look_period_s(self) -> float:
        """How often the clients are looked at: four times in the shortest of the times, at most 100 times a second."""
        times_s = (self.idle_s, self.partial_frame_s, self.stalled_write_s, self.evict_idle_s)
        return max(0.01, min(times_s) / 4)


@dataclass(slots=True)
class TcpCounters:
    """What happened at the door since the start."""

    accepted: int = 0
    refused: int = 0
    evicted: int = 0
    timed_out: int = 0
    lost_framing: int = 0
    failed_handshakes: int = 0


class ModbusTcpServer:
    """Serves a directory of units on one TCP address, with ``tls`` to clients with a certificate only.

    ``start`` and ``stop`` run on the event loop, whichever it is. A request costs least on the one that
    ``emulators.sockets.serving_loop.new_loop`` makes, ``asyncio.Runner(loop_factory=new_loop)``, and on uvloop's.
    """

    def __init__(
        self,
        directory: UnitDirectory,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        limits: TcpLimits | None = None,
        kind: StreamKind = MBAP_STREAM,
        tls: TlsSettings | None = None,
        faults: EndpointFaults | None = None,
        make_listener: MakeListener = plain_listener,
    ) -> None:
        self.directory = directory
        self.kind = kind
        self.faults = faults
        self._tls = tls
        self._at_door: set[TlsDoor] = set()
        self.limits = limits or TcpLimits()
        self.counters = TcpCounters()
        self._address = (host, port)
        self._make_listener = make_listener
        self._listeners: list[Listener] | None = None
        self._connections: set[TcpConnection] = set()
        self._all_gone = asyncio.Event()
        self._clock: Clock | None = None  # while there are clients

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
            OSError: the address cannot be bound, or a certificate cannot be loaded.
        """
        loop = asyncio.get_running_loop()
        host, port = self._address
        context = None if self._tls is None else server_context(self._tls)

        def make() -> asyncio.Protocol:
            return TcpConnection(self, loop) if context is None else TlsDoor(self, loop, context)

        sockets = await bound_sockets(host, port)
        self._address = (host, sockets[0].getsockname()[1])
        self._listeners = [self._make_listener(bound, make) for bound in sockets]
        try:
            for listener in self._listeners:
                await listener.start()
        except OSError:
            await self.stop()
            raise

    async def stop(self, *, deadline_s: float = 2.0) -> None:
        """Stop listening, let every connection flush its answers, cut off what has not gone by the deadline."""
        if self._listeners is None:
            return
        listeners, self._listeners = self._listeners, None
        for listener in listeners:
            await listener.close()
        for door in tuple(self._at_door):
            door.leave()
        while self._at_door:
            await asyncio.sleep(0)
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

    def admit(self, connection: TcpConnection) -> bool:
        """Take a new connection into the count, or refuse it."""
        if self._listeners is None:
            return False
        if len(self._connections) >= self.limits.max_connections:
            now_s = monotonic()
            idlest = min(self._connections, key=lambda candidate: candidate.active_s(now_s), default=None)
            if idlest is None or now_s - idlest.active_s(now_s) < self.limits.evict_idle_s:
                self.counters.refused += 1
                return False
            self.counters.evicted += 1
            idlest.abort()
            self._connections.discard(idlest)
        self.counters.accepted += 1
        self._connections.add(connection)
        if self._clock is None:
            self._clock = clock_on(asyncio.get_running_loop(), self._cut_off_overdue)
            self._clock.set(self.limits.look_period_s)
        return True

    def dismiss(self, connection: TcpConnection) -> None:
        """Forget a connection that is gone."""
        self._connections.discard(connection)
        if not self._connections:
            self._all_gone.set()
            if self._clock is not None:
                self._clock.close()
                self._clock = None

    def reset_connections(self) -> None:
        """Reset every connection, as a cut wire does."""
        for connection in tuple(self._connections):
            connection.reset()

    def connect_faults(self, transport: asyncio.BaseTransport, now_s: float) -> ConnectionFaults | None:
        """Return the faults of a new connection."""
        if self.faults is None:
            return None
        return self.faults.connect(self.kind.wire, int(now_s * NS_PER_S), peer_name(transport))

    def units_for(self, transport: asyncio.BaseTransport) -> UnitDirectory:
        """Return the units as the client at the far end may use them."""
        tls = transport.get_extra_info("ssl_object")
        if self._tls is None or tls is None:
            return self.directory
        role = client_role(tls.getpeercert(binary_form=True) or b"")
        return PermittedUnits(self.directory, self._tls.permissions.permitted(role))

    def come_to_door(self, door: TlsDoor) -> bool:
        """Let a client begin its handshake, unless too many others are at it."""
        if self._listeners is None or len(self._at_door) >= self.limits.max_connections:
            self.counters.refused += 1
            return False
        self._at_door.add(door)
        return True

    def leave_door(self, door: TlsDoor) -> None:
        """Forget a client whose handshake is over, well or badly."""
        self._at_door.discard(door)

    def _cut_off_overdue(self) -> None:
        now_s = monotonic()
        for connection in tuple(self._connections):
            if connection.is_overdue(now_s, self.limits):
                self.counters.timed_out += 1
                connection.abort()
