"""One connection of the control channel without a socket: greeting, requests in order, answers, samples.

The shell feeds bytes and carries out what ``receive`` returns; every method that has something to say to the client
returns the bytes. A wrong token ends the session after one error line, so does a line that cannot be read.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from emulators.serving.control.lines import PROTOCOL_VERSION, JsonLines, MalformedLine, encode_line
from emulators.serving.control.requests import Request, RequestError, request_from_json

__all__ = ["ControlSession", "NumberedRequest", "Received"]


@dataclass(frozen=True, slots=True)
class NumberedRequest:
    """A request and the ``id`` under which it is answered."""

    number: int | str | None
    request: Request


@dataclass(slots=True)
class Received:
    """What a chunk of bytes led to: requests to carry out in order, bytes to send after them."""

    requests: list[NumberedRequest | bytes] = field(default_factory=list)
    is_over: bool = False


class ControlSession:
    """Server side of one connection."""

    def __init__(self, token: str, greeting: Mapping[str, Any]) -> None:
        self._token = token
        self._greeting = greeting
        self._lines = JsonLines()
        self.is_open = False
        self._is_over = False

    def receive(self, chunk: bytes) -> Received:
        """Return what to do about the next bytes: requests to carry out and bytes to send, in this order."""
        received = Received()
        for message in self._lines.feed(chunk):
            if self._is_over:
                break
            self._take(message, received)
        received.is_over = self._is_over
        return received

    def answer(self, number: int | str | None, members: Mapping[str, Any]) -> bytes:
        """Return the line that answers a request."""
        return encode_line({"id": number, "answer": members})

    def refuse(self, number: int | str | None, code: str, message: str) -> bytes:
        """Return the line that refuses a request."""
        return encode_line({"id": number, "error": {"code": code, "message": message}})

    def sample(self, subscription: int, time_ns: int, values: Mapping[str, Any], lost_count: int) -> bytes:
        """Return the line of a subscription's sample; ``lost_count`` samples before it were dropped."""
        lost = {"lost": lost_count} if lost_count else {}
        return encode_line({"subscription": subscription, "time_ns": time_ns, "values": values, **lost})

    def _take(self, message: dict[str, Any] | MalformedLine, received: Received) -> None:
        if isinstance(message, MalformedLine):
            received.requests.append(self.refuse(None, "malformed", str(message)))
            self._is_over = True
        elif not self.is_open:
            received.requests.append(self._greet(message))
        else:
            received.requests.append(self._numbered(message))

    def _greet(self, message: dict[str, Any]) -> bytes:
        version, token = message.get("plc_hil"), message.get("token")
        if version != PROTOCOL_VERSION:
            self._is_over = True
            text = f"protocol version {version!r:.20} is unknown; this cell speaks version {PROTOCOL_VERSION}"
            return self.refuse(None, "version", text)
        if not isinstance(token, str) or not hmac.compare_digest(token.encode(), self._token.encode()):
            self._is_over = True
            return self.refuse(None, "token", "wrong token; take it from the ports file of this cell")
        self.is_open = True
        return encode_line({"plc_hil": PROTOCOL_VERSION, **self._greeting})

    def _numbered(self, message: dict[str, Any]) -> NumberedRequest | bytes:
        number = message.get("id")
        if number is not None and (isinstance(number, bool) or not isinstance(number, int | str)):
            return self.refuse(None, "malformed", "member 'id' must be a whole number or a text")
        try:
            return NumberedRequest(number, request_from_json(message))
        except RequestError as error:
            return self.refuse(number, "malformed", str(error))
