"""Values of a TOML text that know where they stand; a place becomes a span when somebody asks for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Generic, NamedTuple, TypeVar

from emulators.description.source import SourceFile
from emulators.errors import SourceSpan

__all__ = ["TomlArray", "TomlNode", "TomlScalar", "TomlTable"]

ValueT = TypeVar("ValueT")


class _Placed(NamedTuple, Generic[ValueT]):
    """``start`` and ``end`` are character offsets of the value, ``key_start`` and ``key_end`` those of its key: -1 for
    an item of an array."""

    value: ValueT
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


class TomlScalar(_Placed[Any]):
    """Text, number, boolean, date or time."""

    __slots__ = ()


class TomlArray(_Placed[tuple["TomlNode", ...]]):
    """Array; its span is that of the brackets, of an array of tables that of the first header."""

    __slots__ = ()

    @property
    def items(self) -> tuple[TomlNode, ...]:
        return self.value


class TomlTable(_Placed[Mapping[str, "TomlNode"]]):
    """Table; its span is its header, its braces or the key that implies it."""

    __slots__ = ()

    @property
    def entries(self) -> Mapping[str, TomlNode]:
        return self.value


TomlNode = TomlScalar | TomlArray | TomlTable
