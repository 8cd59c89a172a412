"""A transport of asyncio for plain TCP sockets that does less for each chunk than asyncio's own.

What it leaves out is what a Modbus server has no use for: buffers above a limit, protocol switching, sending files.
Nothing is kept back while the socket takes bytes; when it does not take all, the protocol is paused until it has.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from os import read as receive
from os import write as send
from typing import Any

from emulators.sockets.watch import SocketWatch

__all__ = ["AnswerAtOnce", "SocketTransport"]

_CHUNK_SIZE = 479  # with its header a bytes object of 512, the largest that Python allocates by itself


AnswerAtOnce = Callable[[bytes], bytes | None]
"""Returns what to send for a chunk; None leaves it to the protocol."""


def _leave_to_protocol(_chunk: bytes) -> bytes | None:
    return None


class SocketTransport(asyncio.Transport):
    """One connected, non-blocking socket; reading begins with ``start``.

    At each turn one chunk is handed over, however much has arrived, so that nobody keeps the others waiting.
    ``answer_at_once`` gets it before the protocol does.
    """

    __slots__ = (
        "_descriptor",
        "_ends_writing",
        "_is_closing",
        "_is_lost",
        "_is_reading",
        "_loop",
        "_peer",
        "_protocol",
        "_socket",
        "_unsent",
        "_watch",
        "answer_at_once",
    )

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        watch: SocketWatch,
        connected: socket.socket,
        peer: Any,
        protocol: asyncio.Protocol,
    ) -> None:
        super().__init__()
        self._loop = loop
        self._watch = watch
        self._socket = connected
        self._descriptor = connected.fileno()
        self._peer = peer
        self._protocol = protocol
        self._unsent: bytearray | None = None
        self.answer_at_once: AnswerAtOnce = _leave_to_protocol
        self._is_reading = self._is_closing = self._is_lost = self._ends_writing = False

    def start(self) -> None:
        """Tell the protocol of the connection, then hand over what arrives."""
        self._protocol.connection_made(self)
        self.resume_reading()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Return the ``socket`` or the ``peername``."""
        return {"socket": self._socket, "peername": self._peer}.get(name, default)

    def is_closing(self) -> bool:
        """Whether the connection is at its end: nothing more is handed over, nothing more is taken."""
        return self._is_closing

    def pause_reading(self) -> None:
        """Leave what arrives in the socket."""
        self._is_reading = False
        self._settle()

    def resume_reading(self) -> None:
        """Hand over what arrives."""
        self._is_reading = not self._is_closing
        self._settle()

    def write(self, chunk: bytes | bytearray | memoryview) -> None:
        """Send bytes; what the socket does not take at once follows when it does."""
        if self._is_closing:
            return
        if self._unsent is not None:
            self._unsent += chunk
        else:
            self._send(chunk)

    def can_write_eof(self) -> bool:
        """Return True: TCP knows half-closed connections."""
        return True

    def write_eof(self) -> None:
        """End the stream toward the client once everything has been sent."""
        self._ends_writing = True
        if self._unsent is None:
            self._shut()

    def close(self) -> None:
        """End the connection once everything has been sent."""
        if self._is_closing:
            return
        self._is_closing, self._is_reading = True, False
        if self._unsent is None:
            self._lose(None)
        else:
            self._settle()

    def abort(self) -> None:
        """End the connection now."""
        self._lose(None)

    def _serve(self) -> bool:
        """Hand over a chunk."""
        try:
            chunk = receive(self._descriptor, _CHUNK_SIZE)
        except BlockingIOError:
            return True
        except OSError as error:
            self._lose(error)
            return False
        try:
            answer = self.answer_at_once(chunk)
            if answer is None:
                self._hand_over(chunk)
                return False
        except Exception as error:  # a defect ends this connection only
            context = {"message": "serving a connection failed", "exception": error, "transport": self}
            self._loop.call_exception_handler(context)
            self._lose(None)
            return False
        return self._send(answer) if answer else True

    def _hand_over(self, chunk: bytes) -> None:
        if chunk:
            self._protocol.data_received(chunk)
        else:
            self._meet_end()

    def _settle(self) -> None:
        """Watch the socket for what is wanted of it now: room for what is unsent, else something to read."""
        if self._is_lost:
            return
        if self._unsent is not None:
            self._watch.watch(self._descriptor, self._flush, is_for_writing=True)
        elif self._is_reading:
            self._watch.watch(self._descriptor, self._serve)
        else:
            self._watch.forget(self._descriptor)

    def _meet_end(self) -> None:
        self._is_reading = False
        if self._protocol.eof_received():
            self._settle()
        else:
            self.close()

    def _send(self, chunk: bytes | bytearray | memoryview) -> bool:
        try:
            n_sent = send(self._descriptor, chunk)
        except BlockingIOError:
            n_sent = 0
        except OSError as error:
            self._lose(error)
            return False
        if n_sent != len(chunk):
            self._unsent = bytearray(chunk[n_sent:])
            self._settle()
            self._protocol.pause_writing()
        return True

    def _flush(self) -> bool:
        """Send what is unsent."""
        unsent = self._unsent
        assert unsent is not None, "watched for writing while there is something"
        try:
            n_sent = send(self._descriptor, unsent)
        except BlockingIOError:
            return True
        except OSError as error:
            self._lose(error)
            return False
        del unsent[:n_sent]
        if unsent:
            return True
        self._unsent = None
        if self._ends_writing:
            self._shut()
        if self._is_closing:
            self._lose(None)
        else:
            self._settle()
            self._protocol.resume_writing()
        return False

    def _shut(self) -> None:
        try:
            self._socket.shutdown(socket.SHUT_WR)
        except OSError as error:
            self._lose(error)

    def _lose(self, error: OSError | None) -> None:
        """Take leave of the socket; the protocol hears of it when it has finished what it is at."""
        if self._is_lost:
            return
        self._is_closing = self._is_lost = True
        self._watch.forget(self._descriptor)
        self._unsent = None
        self._loop.call_soon(self._end, error)

    def _end(self, error: OSError | None) -> None:
        self._socket.close()
        self._protocol.connection_lost(error)
