"""Text of a description file, offsets turned into spans, and findings collected until all are known."""

from __future__ import annotations

import bisect
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, NamedTuple, Protocol, TypeVar

from emulators.errors import DescriptionError, Diagnostic, SourceSpan

__all__ = ["Findings", "Located", "SourceFile", "Spanned", "file_span", "read_source_file", "span_of"]

T_co = TypeVar("T_co", covariant=True)

_LARGEST_FILE_BYTES = 16 * 1024 * 1024


class Spanned(Protocol):
    """Something in a text that can say where it stands."""

    @property
    def span(self) -> SourceSpan: ...


def span_of(place: SourceSpan | Spanned) -> SourceSpan:
    """Return the span of a place."""
    return place if isinstance(place, SourceSpan) else place.span


class Located(NamedTuple, Generic[T_co]):
    """A value and where it is written: a span, or what has one when it is asked for."""

    value: T_co
    place: SourceSpan | Spanned

    @property
    def span(self) -> SourceSpan:
        return span_of(self.place)


class Findings:
    """Diagnostics in the order of discovery; raised together, sorted by place, without repetition."""

    def __init__(self) -> None:
        self._found: dict[Diagnostic, None] = {}

    def add(self, span: SourceSpan, message: str, hint: str = "") -> None:
        self._found[Diagnostic(span, "", message, hint)] = None

    def extend(self, diagnostics: Iterable[Diagnostic]) -> None:
        self._found.update(dict.fromkeys(diagnostics))

    def has_at(self, span: SourceSpan) -> bool:
        """Whether something is found at exactly this place: what stands there is wrong and cannot be judged further."""
        return any(found.span == span for found in self._found)

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Everything found so far, sorted by place."""
        return tuple(sorted(self._found, key=lambda found: (found.span, found.message)))

    def raise_if_any(self) -> None:
        """Raise :class:`DescriptionError` with everything found so far; return when there is nothing."""
        if self._found:
            raise DescriptionError(self.diagnostics)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A text with the name under which messages call it; line ends are ``\\n``."""

    name: str
    text: str
    _line_starts: list[int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        starts = [0]
        position = self.text.find("\n")
        while position >= 0:
            starts.append(position + 1)
            position = self.text.find("\n", position + 1)
        object.__setattr__(self, "_line_starts", starts)

    def line_and_column(self, offset: int) -> tuple[int, int]:
        """Return 1-based line and column of a character offset."""
        line = bisect.bisect_right(self._line_starts, offset)
        return line, offset - self._line_starts[line - 1] + 1

    def offset(self, line: int, column: int) -> int:
        """Return the character offset of a 1-based line and column, limited to the text."""
        start = self._line_starts[min(line, len(self._line_starts)) - 1]
        return min(start + column - 1, len(self.text))

    def span(self, start: int, end: int) -> SourceSpan:
        """Return the span of the characters ``start`` (inclusive) to ``end`` (exclusive)."""
        starts = self._line_starts
        line = bisect.bisect_right(starts, start)
        column = start - starts[line - 1] + 1
        end = max(start, end)
        if line == len(starts) or end < starts[line]:
            return SourceSpan(self.name, line, column, line, column + end - start)
        end_line, end_column = self.line_and_column(end)
        return SourceSpan(self.name, line, column, end_line, end_column)


def file_span(name: str) -> SourceSpan:
    """Return the span of a file as a whole: its first character."""
    return SourceSpan(name, 1, 1, 1, 1)


def read_source_file(path: str | os.PathLike[str]) -> SourceFile:
    """Read a UTF-8 text (a byte order mark is skipped, CRLF becomes LF).

    Raises:
        DescriptionError: there is no such file, it cannot be read, is larger than 16 MiB or is not UTF-8.
    """
    name = os.fspath(path)
    try:
        if Path(path).stat().st_size > _LARGEST_FILE_BYTES:
            raise _unreadable(name, "file is larger than 16 MiB", "a description is a short text; is this the file?")
        raw = Path(path).read_bytes()
    except FileNotFoundError:
        raise _unreadable(name, "there is no such file", "check the path") from None
    except IsADirectoryError:
        raise _unreadable(name, "this is a folder", "name a file in it") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise _unreadable(name, f"cannot read the file: {reason}", "check the path and its permissions") from error
    raw = raw.removeprefix(b"\xef\xbb\xbf")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        before = SourceFile(name, _with_unix_line_ends(raw[: error.start].decode("utf-8")))
        span = before.span(len(before.text), len(before.text))
        message = f"byte 0x{raw[error.start]:02X} is not UTF-8 text"
        raise DescriptionError([Diagnostic(span, "", message, "save the file as UTF-8")]) from None
    return SourceFile(name, _with_unix_line_ends(text))


def _with_unix_line_ends(text: str) -> str:
    return text.replace("\r\n", "\n")


def _unreadable(name: str, message: str, hint: str) -> DescriptionError:
    return DescriptionError([Diagnostic(file_span(name), "", message, hint)])
