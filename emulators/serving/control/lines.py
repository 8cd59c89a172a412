"""JSON lines without a socket: bytes in, messages out, and back."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

__all__ = ["PROTOCOL_VERSION", "JsonLines", "MalformedLine", "encode_line", "number_from_json"]

PROTOCOL_VERSION = 1
_MAX_LINE = 1 << 20
_NOT_FINITE = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


class MalformedLine(Exception):  # noqa: N818 - about the far end, not about us
    """A line is no JSON object, or too long."""


class JsonLines:
    """Splits a stream into JSON objects, one a line."""

    def __init__(self, *, max_line: int = _MAX_LINE) -> None:
        self._rest = bytearray()
        self._max_line = max_line

    def feed(self, chunk: bytes) -> list[dict[str, Any] | MalformedLine]:
        """Return the messages that are complete now; a line that cannot be read is an error in its place."""
        head, *lines = chunk.split(b"\n")
        self._rest += head
        if lines:
            lines = [bytes(self._rest), *lines]
            self._rest = bytearray(lines.pop())
        messages = [self._message(line) for line in lines if line.strip()]
        if len(self._rest) > self._max_line:
            self._rest.clear()
            messages.append(MalformedLine(f"a line is longer than {self._max_line} bytes"))
        return messages

    def _message(self, line: bytes) -> dict[str, Any] | MalformedLine:
        if len(line) > self._max_line:
            return MalformedLine(f"a line is longer than {self._max_line} bytes")
        try:
            message = json.loads(line)
        except (ValueError, RecursionError):
            return MalformedLine("a line is not JSON")
        return message if isinstance(message, dict) else MalformedLine("a line is not a JSON object")


def encode_line(message: Mapping[str, Any]) -> bytes:
    """Return a message as one line, with texts in place of numbers that JSON does not have."""
    try:
        text = json.dumps(message, allow_nan=False, separators=(",", ":"))
    except ValueError:
        text = json.dumps(_finite(message), allow_nan=False, separators=(",", ":"))
    return text.encode() + b"\n"


def number_from_json(value: Any) -> Any:
    """Return the number that a text such as ``"NaN"`` stands for, anything else as it is."""
    return _NOT_FINITE.get(value, value) if isinstance(value, str) else value


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _finite(member) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(member) for member in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value
