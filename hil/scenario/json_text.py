"""JSON text with the line and column of every value, so that a finding can point at it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import NoReturn

from emulators.errors import DescriptionError, Diagnostic, SourceSpan

__all__ = ["JsonMember", "JsonNode", "parse_json"]

_BLANK = re.compile(r"[ \t\r\n]*")
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\.)*"')
_WORD = re.compile(r"-?[0-9][0-9.eE+-]*|[A-Za-z_][A-Za-z0-9_]*")
_MAX_DEPTH = 64


@dataclass(frozen=True, slots=True)
class JsonNode:
    """A value: scalar, list of nodes, or mapping from key to member."""

    value: str | int | float | bool | list[JsonNode] | dict[str, JsonMember] | None
    span: SourceSpan


@dataclass(frozen=True, slots=True)
class JsonMember:
    """A key of an object with where it stands, and what it holds."""

    key_span: SourceSpan
    node: JsonNode


def parse_json(text: str, file: str, *, line: int = 1) -> JsonNode:
    """Return the tree of a JSON document that starts in this line of the file.

    Raises:
        DescriptionError: not JSON; names file, line and column.
    """
    reader = _Reader(text, file, line)
    node = reader.read_value(0)
    reader.skip_blank()
    if reader.position < len(text):
        reader.refuse("something follows the end of the document; remove it")
    return node


class _Reader:
    def __init__(self, text: str, file: str, line: int) -> None:
        self.text = text
        self.file = file
        self.position = 0
        self._first_line = line
        self._lines = [0, *(match.end() for match in re.finditer("\n", text))]

    def span(self, position: int) -> SourceSpan:
        low, high = 0, len(self._lines)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self._lines[middle] <= position else (low, middle)
        return SourceSpan(self.file, low + self._first_line, position - self._lines[low] + 1)

    def refuse(self, message: str, position: int | None = None) -> NoReturn:
        where = self.span(self.position if position is None else position)
        raise DescriptionError([Diagnostic(where, "", f"not JSON: {message}")])

    def skip_blank(self) -> None:
        match = _BLANK.match(self.text, self.position)
        self.position = match.end() if match else self.position

    def peek(self) -> str:
        self.skip_blank()
        return self.text[self.position : self.position + 1]

    def expect(self, character: str, after: str) -> None:
        if self.peek() != character:
            self.refuse(f"expected '{character}' {after}")
        self.position += 1

    def read_value(self, depth: int) -> JsonNode:
        if depth > _MAX_DEPTH:
            self.refuse(f"nested deeper than {_MAX_DEPTH} levels")
        character = self.peek()
        span = self.span(self.position)
        if character == "{":
            return JsonNode(self._read_object(depth), span)
        if character == "[":
            return JsonNode(self._read_list(depth), span)
        if character == '"':
            return JsonNode(self._read_string(), span)
        match = _WORD.match(self.text, self.position)
        if match is None:
            self.refuse("expected a value" if character else "the document ends too early")
        try:
            scalar: str | int | float | bool | None = json.loads(match[0], parse_constant=_refuse_constant)
        except ValueError:
            self.refuse(f"'{match[0]}' is no value; strings need quotes")
        self.position = match.end()
        return JsonNode(scalar, span)

    def _read_string(self) -> str:
        match = _STRING.match(self.text, self.position)
        if match is None:
            self.refuse("the string does not end on its line")
        try:
            decoded: str = json.loads(match[0])
        except ValueError:
            self.refuse("the string has an unknown escape")
        self.position = match.end()
        return decoded

    def _read_list(self, depth: int) -> list[JsonNode]:
        self.position += 1
        items: list[JsonNode] = []
        while self.peek() != "]":
            if items:
                self.expect(",", "or ']' after a list item")
            items.append(self.read_value(depth + 1))
        self.position += 1
        return items

    def _read_object(self, depth: int) -> dict[str, JsonMember]:
        self.position += 1
        members: dict[str, JsonMember] = {}
        while self.peek() != "}":
            if members:
                self.expect(",", "or '}' after an object member")
            if self.peek() != '"':
                self.refuse("expected a key in quotes")
            start = self.position
            key = self._read_string()
            if key in members:
                self.refuse(f"key '{key}' is given twice; first at {members[key].key_span}", start)
            self.expect(":", f"after the key '{key}'")
            members[key] = JsonMember(self.span(start), self.read_value(depth + 1))
        self.position += 1
        return members


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)
