"""What a client of a Modbus server meets that speaks TLS: a handshake at the door, then the server's connection."""

from __future__ import annotations

import asyncio
import enum
import ssl
from typing import TYPE_CHECKING, cast

from emulators.modbus.faults.interface import ConnectionFaults, Door, Ending
from emulators.modbus.faults.socket_end import end_connection
from emulators.modbus.tcp_connection import TcpConnection
from emulators.modbus.tls_transport import TlsTransport

if TYPE_CHECKING:
    from emulators.modbus.tcp import ModbusTcpServer

__all__ = ["TlsDoor"]

_HANDSHAKE_FAILURE = bytes.fromhex("15 0303 0002 02 28")  # a record with the fatal alert 40


class _Stage(enum.Enum):
    """How far a client has come."""

    TURNED_AWAY = enum.auto()  # what it still sends goes unread
    TO_FAIL = enum.auto()  # a fault lets its handshake fail
    HANDSHAKE = enum.auto()
    INSIDE = enum.auto()


class TlsDoor(asyncio.Protocol):
    """One client on a transport of plain bytes; after its handshake a ``TcpConnection`` serves it.

    Who has not shaken hands within ``partial_frame_s``, or has been refused and stays, is cut off.
    """

    def __init__(self, server: ModbusTcpServer, loop: asyncio.AbstractEventLoop, context: ssl.SSLContext) -> None:
        self._server = server
        self._loop = loop
        self._context = context
        self._stage = _Stage.TURNED_AWAY
        self._raw: asyncio.Transport | None = None
        self._tls: TlsTransport | None = None
        self._faults: ConnectionFaults | None = None
        self._connection: TcpConnection | None = None
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        raw = self._raw = cast("asyncio.Transport", transport)
        if not self._server.come_to_door(self):
            raw.abort()
            return
        self._faults = self._server.connect_faults(raw, self._loop.time())
        door = Door.OPEN if self._faults is None else self._faults.door
        if door is Door.REFUSE:
            end_connection(raw, Ending.RESET)
            return
        self._stage = _Stage.HANDSHAKE if door is Door.OPEN else _Stage.TO_FAIL
        self._tls = TlsTransport(raw, self._context)
        self._deadline = self._loop.call_later(self._server.limits.partial_frame_s, self._give_up)

    def data_received(self, data: bytes) -> None:
        tls, raw = self._tls, self._raw
        if tls is None or raw is None or raw.is_closing() or self._stage is _Stage.TURNED_AWAY:
            return
        if self._stage is _Stage.TO_FAIL:  # the client has said hello
            raw.write(_HANDSHAKE_FAILURE)
            self._turn_away(raw)
            return
        tls.take(data)
        try:
            if self._stage is _Stage.HANDSHAKE and tls.shake_hands():
                self._let_in(tls)
            if self._connection is not None:
                self._pass_on(tls, self._connection)
        except ssl.SSLError:
            if self._connection is None:
                self._turn_away(raw)
            else:
                raw.close()

    def eof_received(self) -> bool:
        """A client that is gone without a goodbye gets what it is owed too; the end comes from our side."""
        if self._connection is None or self._tls is None:
            return False
        if not self._connection.eof_received():
            self._tls.close()
        return True

    def pause_writing(self) -> None:
        if self._connection is not None:
            self._connection.pause_writing()

    def resume_writing(self) -> None:
        if self._connection is not None:
            self._connection.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        self._leave_door()
        self._end_handshake()
        if self._connection is not None:
            self._connection.connection_lost(exc)

    def leave(self) -> None:
        """Give up a handshake that is going on: the server stops."""
        self._stage = _Stage.TURNED_AWAY
        if self._raw is not None:
            self._raw.abort()

    def _let_in(self, tls: TlsTransport) -> None:
        self._leave_door()
        self._stage = _Stage.INSIDE
        self._connection = TcpConnection(self._server, self._loop, self._faults)
        self._connection.connection_made(tls)

    def _pass_on(self, tls: TlsTransport, connection: TcpConnection) -> None:
        received = tls.received()
        if received and not tls.is_closing():
            connection.data_received(received)
        if tls.has_ended and not tls.is_closing() and not connection.eof_received():
            tls.close()

    def _turn_away(self, raw: asyncio.Transport) -> None:
        """End our side; what the client has sent meanwhile must be taken, or a reset would swallow the alert."""
        self._end_handshake()
        raw.write_eof()

    def _give_up(self) -> None:
        self._end_handshake()
        if self._raw is not None:
            self._raw.abort()

    def _end_handshake(self) -> None:
        """Count a handshake that ends badly; what still comes goes unread."""
        if self._stage is _Stage.HANDSHAKE:
            self._server.counters.failed_handshakes += 1
        if self._stage is not _Stage.INSIDE:
            self._stage = _Stage.TURNED_AWAY

    def _leave_door(self) -> None:
        self._server.leave_door(self)
        if self._deadline is not None:
            self._deadline.cancel()
