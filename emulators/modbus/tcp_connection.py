"""One client of a Modbus TCP server: a protocol of asyncio between a transport and a framing."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import TYPE_CHECKING, cast

from emulators.modbus.faults.interface import ConnectionFaults, Door, Ending
from emulators.modbus.faults.socket_end import end_connection
from emulators.modbus.framing import Framing
from emulators.modbus.mbap import MbapConnection
from emulators.sockets.transport import SocketTransport
from emulators.timebase import NS_PER_S

if TYPE_CHECKING:
    from emulators.modbus.tcp import ModbusTcpServer, TcpLimits

__all__ = ["TcpConnection"]


class TcpConnection(asyncio.Protocol):
    """Answers what arrives; while the client does not read its answers, nothing more is read from it."""

    __slots__ = (
        "_active_s",
        "_framing",
        "_has_ended",
        "_known_frames",
        "_loop",
        "_met_faults",
        "_partial_since_s",
        "_server",
        "_stalled_since_s",
        "_timer",
        "_transport",
    )

    def __init__(
        self, server: ModbusTcpServer, loop: asyncio.AbstractEventLoop, faults: ConnectionFaults | None = None
    ) -> None:
        self._server = server
        self._met_faults = faults
        self._loop = loop
        self._framing: Framing | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._transport: asyncio.Transport | None = None
        self._has_ended = False
        self._partial_since_s: float | None = None
        self._stalled_since_s: float | None = None
        self._active_s = 0.0
        self._known_frames = 0

    def active_s(self, now_s: float) -> float:
        """Return when the client last sent a complete frame; one that came since this was last asked counts as new.

        Times are as ``time.monotonic`` tells. To note the time of each frame would cost every one of them.
        """
        if self._framing is not None and self._framing.frame_count != self._known_frames:
            self._known_frames = self._framing.frame_count
            self._active_s = now_s
        return self._active_s

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._active_s = monotonic()
        if not self._server.admit(self):
            self._transport.abort()
            return
        faults = self._met_faults or self._server.connect_faults(transport, self._loop.time())
        if faults is not None and faults.door is not Door.OPEN:
            self.reset()
            return
        self._framing = self._server.kind.make(self._server.units_for(transport), faults)
        if isinstance(self._framing, MbapConnection) and isinstance(transport, SocketTransport):
            transport.answer_at_once = self._framing.answer_at_once

    def data_received(self, data: bytes) -> None:
        transport = self._transport
        if transport is not None and self._framing is not None and not transport.is_closing():
            self._feed(self._framing, transport, data)

    def _feed(self, framing: Framing, transport: asyncio.Transport, data: bytes) -> None:
        frame_count = framing.frame_count
        answers = framing.feed(data, int(self._loop.time() * NS_PER_S))
        if framing.frame_count != frame_count:
            self._partial_since_s = None
        if not framing.has_partial_frame:
            self._partial_since_s = None
        elif self._partial_since_s is None:
            self._partial_since_s = monotonic()
        if answers:
            transport.write(answers)
        if framing.is_closed:
            self._server.counters.lost_framing += 1
            self.close()
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
            self._timer = self._loop.call_at(framing.due_ns / NS_PER_S, self._pass_time, framing.due_ns)
        elif self._has_ended:
            self.close()

    def _pass_time(self, due_ns: int) -> None:
        self._timer = None
        framing, transport = self._framing, self._transport
        if transport is None or framing is None or transport.is_closing():
            return
        answers = framing.poll(max(due_ns, int(self._loop.time() * NS_PER_S)))
        if not framing.has_partial_frame:
            self._partial_since_s = None
        if answers:
            transport.write(answers)
        self._look_ahead(framing, transport)

    def eof_received(self) -> bool:
        """A client that has finished sending still gets the answers it is owed, then the connection closes."""
        self._has_ended = True
        return self._framing is not None and self._framing.due_ns is not None

    def pause_writing(self) -> None:
        self._stalled_since_s = monotonic()
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
            self._framing.leave(int(self._loop.time() * NS_PER_S))
        self._server.dismiss(self)

    def is_overdue(self, now_s: float, limits: TcpLimits) -> bool:
        """Whether the client has been silent, has dawdled over a frame or has not read for longer than it may."""
        if self._stalled_since_s is not None:
            return now_s - self._stalled_since_s > limits.stalled_write_s
        if self._partial_since_s is not None and now_s - self._partial_since_s > limits.partial_frame_s:
            return True
        return now_s - self.active_s(now_s) > limits.idle_s

    def close(self) -> None:
        """Let what is unsent go, then end the connection."""
        if self._transport is not None:
            self._transport.close()

    def reset(self) -> None:
        """End the connection with a reset."""
        if self._transport is not None:
            end_connection(self._transport, Ending.RESET)

    def abort(self) -> None:
        """End the connection now."""
        if self._transport is not None:
            self._transport.abort()
