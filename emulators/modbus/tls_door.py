"""Where a client of a Modbus server stands until its TLS handshake is over."""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING, cast

from emulators.modbus.faults.interface import ConnectionFaults, Door, Ending
from emulators.modbus.faults.socket_end import end_connection
from emulators.modbus.tcp_connection import TcpConnection

if TYPE_CHECKING:
    from emulators.modbus.tcp import ModbusTcpServer

__all__ = ["TlsDoor"]

_WRITE_BUFFER_HIGH = 64 * 1024
_HANDSHAKE_FAILURE = bytes.fromhex("15 0303 0002 02 28")  # a record with the fatal alert 40


class TlsDoor(asyncio.Protocol):
    """A client whose handshake is not over; it becomes a ``TcpConnection`` when it ends well."""

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
        connection = TcpConnection(self._server, self._loop, faults)
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
            tls.set_write_buffer_limits(high=_WRITE_BUFFER_HIGH)
            connection.connection_made(tls)
