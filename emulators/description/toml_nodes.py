"""Values of a TOML text that know where they stand; a place becomes a span when somebody asks for it.

``start`` and ``end`` are character offsets of the value, ``key_start`` and ``key_end`` those of its key, -1 for an item
of an array.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from emulators.description.source import SourceFile
from emulators.errors import SourceSpan

__all__ = ["TomlArray", "TomlNode", "TomlScalar", "TomlTable"]


class TomlScalar(NamedTuple):
    """Text, number, boolean, date or time."""

    value: Any
    source: SourceFile
    start: int
    end: int
    key_start: int = -1
    key_end: int = -1

    @property
    def span(self) -> SourceSpan:
        return self.source.span(self.start, self.end)

    @property
    def key_span(self) -> SourceSpan:
        return self.source.span(self.key_start, self.key_end)


class TomlArray(NamedTuple):
    """Array; its span is that of the brackets, of an array of tables that of the first header."""

    items: tuple[TomlNode, ...]
    source: SourceFile
    start: int
    end: int
    key_start: int = -1
    key_end: int = -1

    @property
    def span(self) -> SourceSpan:
        return self.source.span(self.start, self.end)

    @property
    def key_span(self) -> SourceSpan:
        return self.source.span(self.key_start, self.key_end)


class TomlTable(NamedTuple):
    """Table; its span is its header, its braces or the key that implies it."""

    entries: Mapping[str, TomlNode]
    source: SourceFile
    start: int
    end: int
    key_start: int = -1
    key_end: int = -1

    @property
    def span(self) -> SourceSpan:
        return self.source.span(self.start, self.end)

    @property
    def key_span(self) -> SourceSpan:
        return self.source.span(self.key_start, self.key_end)


TomlNode = TomlScalar | TomlArray | TomlTable
