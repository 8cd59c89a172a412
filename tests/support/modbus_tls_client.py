"""A TLS client that decides what goes into which record, and may end its sending side alone."""

from __future__ import annotations

import socket
import ssl
from contextlib import suppress
from types import TracebackType

_CHUNK = 16 * 1024


class RecordClient:
    """Connected and shaken hands on entry. What cannot be read any more ends a stream, be it well or by an alert."""

    def __init__(self, address: tuple[str, int], context: ssl.SSLContext, *, deadline_s: float = 10.0) -> None:
        self._from_server, self._to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._from_server, self._to_server, server_hostname=address[0])
        self._socket = socket.create_connection(address, timeout=deadline_s)
        self._has_ended = False

    def __enter__(self) -> RecordClient:
        try:
            while not self._has_shaken_hands():
                if not self._take():
                    raise ConnectionResetError("the server closed the connection in the handshake")
        except BaseException:
            self._socket.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    @property
    def version(self) -> str | None:
        return self._tls.version()

    def send(self, *records: bytes) -> None:
        """Send each piece as a record of its own."""
        for record in records:
            self._tls.write(record)
            self._flush()

    def finish(self) -> None:
        """Say that nothing more comes (close_notify), and go on reading."""
        with suppress(ssl.SSLWantReadError):
            self._tls.unwrap()
        self._flush()

    def receive(self, size: int) -> bytes:
        """Return so many bytes, fewer where the stream ends before."""
        received = b""
        while len(received) < size and not self._has_ended:
            received += self._read(size - len(received))
        return received

    def receive_rest(self) -> bytes:
        """Return what comes until the stream ends."""
        received = b""
        while not self._has_ended:
            received += self._read(_CHUNK)
        return received

    def _has_shaken_hands(self) -> bool:
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            return False
        finally:
            self._flush()
        return True

    def _read(self, size: int) -> bytes:
        try:
            data = self._tls.read(size)
        except ssl.SSLWantReadError:
            self._has_ended = not self._take()
            return b""
        except ssl.SSLError:
            data = b""
        self._has_ended = not data
        return data

    def _take(self) -> bool:
        """Wait for bytes of the server; return whether there are more."""
        try:
            encrypted = self._socket.recv(_CHUNK)
        except ConnectionError:
            encrypted = b""
        if encrypted:
            self._from_server.write(encrypted)
        return bool(encrypted)

    def _flush(self) -> None:
        encrypted = self._to_server.read()
        with suppress(ConnectionError):
            self._socket.sendall(encrypted)
