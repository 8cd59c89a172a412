"""TLS over a transport of plain bytes, both sides in memory: records in, records out, and what either side means by it.

Unlike the TLS of asyncio it tells a client why it is refused, and answers one that has closed its own side.
"""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress
from typing import Any

__all__ = ["TlsTransport"]

_CHUNK = 64 * 1024


class TlsTransport(asyncio.Transport):
    """The server's end of one connection; ``raw`` carries the records.

    ``has_ended`` tells that the client has closed its side.
    """

    def __init__(self, raw: asyncio.Transport, context: ssl.SSLContext) -> None:
        super().__init__()
        self._raw = raw
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._is_closing = False
        self.has_ended = False

    def take(self, records: bytes) -> None:
        """Take bytes that have come."""
        self._incoming.write(records)

    def shake_hands(self) -> bool:
        """Go on with the handshake; return whether it is over.

        Raises:
            ssl.SSLError: the client cannot be let in; it has been told why.
        """
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            return False
        finally:
            self._flush()
        return True

    def received(self) -> bytes:
        """Return what the client has sent in whole records so far.

        Raises:
            ssl.SSLError: a record was damaged; the client has been told.
        """
        pieces = []
        try:
            while piece := self._tls.read(_CHUNK):
                pieces.append(piece)
            self.has_ended = True
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLZeroReturnError:  # both sides have said goodbye
            self.has_ended = True
        finally:
            self._flush()
        return b"".join(pieces)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if not self._is_closing and data:
            self._tls.write(data)
            self._flush()

    def close(self) -> None:
        """Say goodbye, let everything go that is unsent, then end the connection."""
        if not self._is_closing:
            self._is_closing = True
            with suppress(ssl.SSLError):  # SSLWantReadError: the client has not said goodbye itself
                self._tls.unwrap()
            self._flush()
        self._raw.close()

    def abort(self) -> None:
        self._is_closing = True
        self._raw.abort()

    def is_closing(self) -> bool:
        return self._is_closing or self._raw.is_closing()

    def can_write_eof(self) -> bool:
        return False  # a goodbye ends both directions of many a client

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._tls if name == "ssl_object" else self._raw.get_extra_info(name, default)

    def pause_reading(self) -> None:
        self._raw.pause_reading()

    def resume_reading(self) -> None:
        self._raw.resume_reading()

    def _flush(self) -> None:
        records = self._outgoing.read()
        if records and not self._raw.is_closing():
            self._raw.write(records)
