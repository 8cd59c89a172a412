"""Modbus servers on TCP and TLS: a thin shell on asyncio that moves bytes between sockets and a framing.

Everything runs on the event loop's thread. All frames of one received chunk are answered in one write. While a
client does not read its answers, nothing more is read from it; one that goes on not reading is cut off.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from emulators.modbus.faults.interface import ConnectionFaults, Door, Ending, EndpointFaults, WireFraming
from emulators.modbus.faults.socket_end import end_connection, peer_name
from emulators.modbus.framing import Framing
from emulators.modbus.mbap import MBAP_WIRE, MbapConnection, UnitDirectory
from emulators.modbus.permissions import PermittedUnits
from emulators.modbus.rtu_frames import RTU_WIRE
from emulators.modbus.rtu_stream import RtuStream
from emulators.modbus.tls import TlsSettings, client_role, server_context

__all__ = ["MBAP_STREAM", "RTU_STREAM", "ModbusTcpServer", "StreamKind", "TcpCounters", "TcpLimits"]

_WRITE_BUFFER_HIGH = 64 * 1024
_NS_PER_S = 1_000_000_000
_ACCEPT_ITERATIONS = 5  # of the event loop, from accepting a client to closing its socket when it is refused
_HANDSHAKE_FAILURE = bytes.fromhex("15 0303 0002 02 28")  # a record with the fatal alert 40


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
    failed_handshakes: int = 0


class ModbusTcpServer:
    """Serves a directory of units on one TCP address, with ``tls`` to clients with a certificate only.

    ``start`` and ``stop`` run on the event loop.
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
    ) -> None:
        self.directory = directory
        self.kind = kind
        self.faults = faults
        self._tls = tls
        self._at_door: set[_TlsDoor] = set()
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
            OSError: the address cannot be bound, or a certificate cannot be loaded.
        """
        loop = asyncio.get_running_loop()
        host, port = self._address
        context = None if self._tls is None else server_context(self._tls)

        def make() -> asyncio.Protocol:
            return _Connection(self, loop) if context is None else _TlsDoor(self, loop, context)

        self._server = await loop.create_server(make, host, port, backlog=256)
        self._address = (host, self._server.sockets[0].getsockname()[1])
        self._schedule_sweep(loop)

    async def stop(self, *, deadline_s: float = 2.0) -> None:
        """Stop listening, let every connection flush its answers, cut off what has not gone by the deadline."""
        if self._server is None:
            return
        self._server.close()
        self._server = None
        if self._sweep is not None:
            self._sweep.cancel()
        for _ in range(_ACCEPT_ITERATIONS):  # clients accepted a moment ago reach us only now, and are turned away
            await asyncio.sleep(0)
        await asyncio.gather(*(door.leave() for door in tuple(self._at_door)))
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

    def reset_connections(self) -> None:
        """Reset every connection, as a cut wire does."""
        for connection in tuple(self._connections):
            connection.reset()

    def connect_faults(self, transport: asyncio.BaseTransport, now_s: float) -> ConnectionFaults | None:
        """Return the faults of a new connection."""
        if self.faults is None:
            return None
        return self.faults.connect(self.kind.wire, int(now_s * _NS_PER_S), peer_name(transport))

    def units_for(self, transport: asyncio.BaseTransport) -> UnitDirectory:
        """Return the units as the client at the far end may use them."""
        tls = transport.get_extra_info("ssl_object")
        if self._tls is None or tls is None:
            return self.directory
        role = client_role(tls.getpeercert(binary_form=True) or b"")
        return PermittedUnits(self.directory, self._tls.permissions.permitted(role))

    def come_to_door(self, door: _TlsDoor) -> bool:
        """Let a client begin its handshake, unless too many others are at it."""
        if self._server is None or len(self._at_door) >= self.limits.max_connections:
            self.counters.refused += 1
            return False
        self._at_door.add(door)
        return True

    def leave_door(self, door: _TlsDoor) -> None:
        """Forget a client whose handshake is over, well or badly."""
        self._at_door.discard(door)

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

    def __init__(
        self, server: ModbusTcpServer, loop: asyncio.AbstractEventLoop, faults: ConnectionFaults | None = None
    ) -> None:
        self._server = server
        self._met_faults = faults
        self._early = bytearray()  # what came with the end of the handshake
        self._loop = loop
        self._now_s = loop.time
        self._framing: Framing | None = None
        self._answer_at_once: Callable[[bytes], bytes | None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._transport: asyncio.Transport | None = None
        self._has_ended = self._is_tls = False
        self._partial_since_s: float | None = None
        self._stalled_since_s: float | None = None
        self.active_s = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._is_tls = transport.get_extra_info("ssl_object") is not None
        self.active_s = self._now_s()
        if not self._server.admit(self, self.active_s):
            self._transport.abort()
            return
        faults = self._met_faults or self._server.connect_faults(transport, self.active_s)
        if faults is not None and faults.door is not Door.OPEN:
            self.reset()
            return
        self._framing = self._server.kind.make(self._server.units_for(transport), faults)
        self._transport.set_write_buffer_limits(high=_WRITE_BUFFER_HIGH)
        if isinstance(self._framing, MbapConnection):
            self._answer_at_once = self._framing.answer_at_once
        if self._early:
            self.data_received(bytes(self._early))

    def data_received(self, data: bytes) -> None:
        framing, transport = self._framing, self._transport
        if self._answer_at_once is not None and transport is not None and not transport.is_closing():
            answer = self._answer_at_once(data)
            if answer is not None:
                self.active_s = self._now_s()
                if answer:
                    transport.write(answer)
                return
        if transport is None or framing is None or transport.is_closing():
            if transport is None:
                self._early += data
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
        elif self._timer is not None or framing.due_ns is not None or framing.ending is not Ending.NONE:
            self._look_ahead(framing, transport)

    def _look_ahead(self, framing: Framing, transport: asyncio.Transport) -> None:
        """End the connection if a fault says so, else wake up when something is due."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if framing.ending is not Ending.NONE:
            end_connection(transport, framing.ending)
        elif framing.due_ns is not None:
            self._timer = self._loop.call_at(framing.due_ns / _NS_PER_S, self._pass_time, framing.due_ns)
        elif self._has_ended:
            transport.close()

    def _pass_time(self, due_ns: int) -> None:
        self._timer = None
        framing, transport = self._framing, self._transport
        if transport is None or framing is None or transport.is_closing():
            return
        answers = framing.poll(max(due_ns, int(self._now_s() * _NS_PER_S)))
        if not framing.has_partial_frame:
            self._partial_since_s = None
        if answers:
            transport.write(answers)
        self._look_ahead(framing, transport)

    def eof_received(self) -> bool:
        """A client that has finished sending still gets the answers it is owed, then the connection closes."""
        self._has_ended = True
        is_owed = self._framing is not None and self._framing.due_ns is not None
        return is_owed and not self._is_tls  # TLS knows no half-closed connection

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
        if self._framing is not None:
            self._framing.leave(int(self._now_s() * _NS_PER_S))
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


class _TlsDoor(asyncio.Protocol):
    """A client whose handshake is not over; it becomes a ``_Connection`` when it ends well."""

    def __init__(self, server: ModbusTcpServer, loop: asyncio.AbstractEventLoop, context: ssl.SSLContext) -> None:
        self._server = server
        self._loop = loop
        self._context = context
        self._transport: asyncio.Transport | None = None
        self._handshake: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        if not self._server.come_to_door(self):
            self._transport.abort()
            return
        faults = self._server.connect_faults(transport, self._loop.time())
        door = Door.OPEN if faults is None else faults.door
        if door is Door.REFUSE:
            end_connection(self._transport, Ending.RESET)
        elif door is Door.OPEN:
            self._transport.pause_reading()
            self._handshake = self._loop.create_task(self._shake_hands(self._transport, faults))

    def data_received(self, data: bytes) -> None:
        """Only when the handshake is to fail: the client has said hello."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(_HANDSHAKE_FAILURE)
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._server.leave_door(self)

    async def leave(self) -> None:
        """Give up a handshake that is going on."""
        if self._transport is not None:
            self._transport.abort()
        if self._handshake is not None:
            self._handshake.cancel()
            await asyncio.wait((self._handshake,))
        self._server.leave_door(self)

    async def _shake_hands(self, transport: asyncio.Transport, faults: ConnectionFaults | None) -> None:
        connection = _Connection(self._server, self._loop, faults)
        try:
            tls = await self._loop.start_tls(
                transport,
                connection,
                self._context,
                server_side=True,
                ssl_handshake_timeout=self._server.limits.partial_frame_s,
            )
        except OSError:
            self._server.counters.failed_handshakes += 1
            return
        finally:
            self._server.leave_door(self)
        if tls is not None and not tls.is_closing():
            connection.connection_made(tls)
