"""Where every key, value and array item of a TOML text stands: a scanner beside ``tomllib``, which has the values.

The scanner trusts the text to be valid TOML; ``tomllib`` has judged it before. On a text that ``tomllib`` refused it
goes as far as it can and stops with :class:`ScanStopped`; what it saw until then helps to place the message.
"""

from __future__ import annotations

import enum
import re
import tomllib
from dataclasses import dataclass, field, replace

__all__ = ["Conflict", "Place", "ScanStopped", "TomlScanner"]

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_BLANK = re.compile(r"[ \t]*")
_BLANK_LINES = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_BARE_VALUE = re.compile(r"[^,\]}#\n]*")
_QUOTED = {
    '"""': re.compile(r'"""(?:[^\\"]|\\.|"(?!"")|"(?="""))*"""', re.DOTALL),
    "'''": re.compile(r"'''(?:[^']|'(?!'')|'(?='''))*'''", re.DOTALL),
    '"': re.compile(r'"(?:[^\\"\n]|\\.)*"'),
    "'": re.compile(r"'[^'\n]*'"),
}


class ScanStopped(Exception):  # noqa: N818 - not an error of anybody: the text was invalid from here on
    """The scanner met something that is not TOML at ``offset``."""

    def __init__(self, offset: int) -> None:
        super().__init__(offset)
        self.offset = offset


class _Kind(enum.Enum):
    VALUE = "value"  # behind an equals sign: closed once read
    IMPLIED = "implied"  # table named by a longer header or by a dotted key
    TABLE = "table"  # table with a header of its own
    TABLES = "tables"  # array of tables
    TABLE_OF_ARRAY = "table of array"


@dataclass(slots=True)
class Place:
    """Stretch of one value in character offsets; a table has ``members``, an array ``items``.

    A table's stretch is its header, the key that implies it, or its braces.
    """

    start: int
    end: int
    key_start: int = -1
    key_end: int = -1
    kind: _Kind = _Kind.VALUE
    members: dict[str, Place] = field(default_factory=dict)
    items: list[Place] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Conflict:
    """A key that takes a name which is taken: its stretch and the place that has the name."""

    start: int
    end: int
    earlier: Place


@dataclass(frozen=True, slots=True)
class _KeyPart:
    name: str
    start: int
    end: int


class TomlScanner:
    """One pass over one text; ``root`` and ``conflict`` hold what was found."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._position = 0
        self.root = Place(0, 0, kind=_Kind.TABLE)
        self.conflict: Conflict | None = None
        self.open_text: int | None = None
        """Offset of a text's opening quote while the text is read; stays set when the text has no end."""

    def scan(self) -> Place:
        """Return the places of the whole document.

        Raises:
            ScanStopped: the text is not TOML.
        """
        table = self.root
        while True:
            self._skip(_BLANK_LINES)
            if self._position >= len(self._text):
                return self.root
            if self._text.startswith("[", self._position):
                table = self._header()
            else:
                self._assignment(table)
            self._skip(_BLANK)
            if self._position < len(self._text) and self._text[self._position] not in "\r\n#":
                raise ScanStopped(self._position)

    def _header(self) -> Place:
        is_array = self._text.startswith("[[", self._position)
        start = self._position
        self._position += 2 if is_array else 1
        parts = self._key_path()
        self._expect("]]" if is_array else "]")
        parent = self.root
        for part in parts[:-1]:
            parent = self._implied(parent, part)
        last = parts[-1]
        kind = _Kind.TABLE_OF_ARRAY if is_array else _Kind.TABLE
        table = Place(start, self._position, last.start, last.end, kind)
        if is_array:
            array = parent.members.setdefault(last.name, replace(table, kind=_Kind.TABLES, items=[], members={}))
            if array.kind is not _Kind.TABLES:
                self._taken(last, array)
            array.items.append(table)
            return table
        known = parent.members.setdefault(last.name, table)
        if known is not table:
            if known.kind is not _Kind.IMPLIED:
                self._taken(last, known)
            table.members = known.members
            parent.members[last.name] = table
        return table

    def _implied(self, parent: Place, part: _KeyPart) -> Place:
        """Step into a table that a dotted key names; the last item where the name is an array of tables."""
        fresh = Place(part.start, part.end, part.start, part.end, _Kind.IMPLIED)
        inner = parent.members.setdefault(part.name, fresh)
        if inner.kind is _Kind.VALUE:
            self._taken(part, inner)
        return inner.items[-1] if inner.kind is _Kind.TABLES else inner

    def _assignment(self, table: Place) -> None:
        parts = self._key_path()
        for part in parts[:-1]:
            table = self._implied(table, part)
        last = parts[-1]
        if last.name in table.members:
            self._taken(last, table.members[last.name])
        self._expect("=")
        self._skip(_BLANK)
        place = self._value()
        place.key_start, place.key_end = last.start, last.end
        table.members.setdefault(last.name, place)

    def _taken(self, part: _KeyPart, earlier: Place) -> None:
        if self.conflict is None:
            self.conflict = Conflict(part.start, part.end, earlier)

    def _key_path(self) -> list[_KeyPart]:
        parts = []
        while True:
            self._skip(_BLANK)
            parts.append(self._key_part())
            self._skip(_BLANK)
            if not self._text.startswith(".", self._position):
                return parts
            self._position += 1

    def _key_part(self) -> _KeyPart:
        start = self._position
        quote = self._text[start : start + 1]
        if quote in ('"', "'") and quote:
            self._quoted(quote)
            try:
                name = next(iter(tomllib.loads(self._text[start : self._position] + "=0")))
            except tomllib.TOMLDecodeError:
                raise ScanStopped(start) from None
            return _KeyPart(name, start, self._position)
        match = _BARE_KEY.match(self._text, start)
        if match is None:
            raise ScanStopped(start)
        self._position = match.end()
        return _KeyPart(match[0], start, match.end())

    def _value(self) -> Place:
        start = self._position
        for quote in _QUOTED:
            if self._text.startswith(quote, start):
                self._quoted(quote)
                return Place(start, self._position)
        if self._text.startswith("[", start):
            return self._array()
        if self._text.startswith("{", start):
            return self._inline_table()
        match = _BARE_VALUE.match(self._text, start)
        length = len(match[0].rstrip()) if match else 0
        if length == 0:
            raise ScanStopped(start)
        self._position = start + length
        return Place(start, self._position)

    def _quoted(self, quote: str) -> None:
        self.open_text = self._position
        match = _QUOTED[quote].match(self._text, self._position)
        if match is None:
            raise ScanStopped(self._position)
        self._position = match.end()
        self.open_text = None

    def _array(self) -> Place:
        array = Place(self._position, self._position)
        self._position += 1
        self._skip(_BLANK_LINES)
        while not self._text.startswith("]", self._position):
            array.items.append(self._value())
            self._skip(_BLANK_LINES)
            if self._text.startswith(",", self._position):
                self._position += 1
                self._skip(_BLANK_LINES)
            elif not self._text.startswith("]", self._position):
                raise ScanStopped(self._position)
        self._position += 1
        array.end = self._position
        return array

    def _inline_table(self) -> Place:
        table = Place(self._position, self._position)
        self._position += 1
        self._skip(_BLANK_LINES)
        while not self._text.startswith("}", self._position):
            self._assignment(table)
            self._skip(_BLANK_LINES)
            if self._text.startswith(",", self._position):
                self._position += 1
                self._skip(_BLANK_LINES)
            elif not self._text.startswith("}", self._position):
                raise ScanStopped(self._position)
        self._position += 1
        table.end = self._position
        return table

    def _skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self._text, self._position)
        if match is not None:
            self._position = match.end()

    def _expect(self, token: str) -> None:
        self._skip(_BLANK)
        if not self._text.startswith(token, self._position):
            raise ScanStopped(self._position)
        self._position += len(token)
