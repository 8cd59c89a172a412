"""Errors of the emulators: each class names who must act, each error says what, where and what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

__all__ = [
    "CompileError",
    "DescriptionError",
    "Diagnostic",
    "EmulatorError",
    "InternalError",
    "LinkError",
    "SourceSpan",
    "closest_name",
    "did_you_mean",
]


@dataclass(frozen=True, slots=True, order=True)
class SourceSpan:
    """A stretch of a text file; lines and columns are 1-based, the end column is exclusive.

    Line 0 means the file as a whole.
    """

    file: str
    line: int
    column: int
    end_line: int = 0
    end_column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding in a user's text: ``file:line:column: CODE message; hint``.

    ``code`` is empty for description files, whose messages need no catalogue.
    """

    span: SourceSpan
    code: str
    message: str
    hint: str = ""
    is_warning: bool = field(default=False, kw_only=True)

    def __str__(self) -> str:
        code = f"{self.code} " if self.code else ""
        severity = "warning: " if self.is_warning else ""
        hint = f"; {self.hint}" if self.hint else ""
        return f"{self.span}: {severity}{code}{self.message}{hint}"


class EmulatorError(Exception):
    """Root of all errors that a user of the emulators may catch."""


class _DiagnosticsError(EmulatorError):
    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        if not diagnostics:
            raise ValueError("an error about a user's text needs at least one diagnostic")
        self.diagnostics = tuple(diagnostics)
        super().__init__("\n".join(str(diagnostic) for diagnostic in self.diagnostics))


class DescriptionError(_DiagnosticsError):
    """The user's description file (rig, register map, tag list, scenario) is wrong; all findings at once."""


class CompileError(_DiagnosticsError):
    """The control program or component is wrong; all findings at once."""


class LinkError(EmulatorError):
    """The far end of a wire did not answer as it should."""


class InternalError(EmulatorError):
    """We are wrong: please report it with the text of this error."""


def closest_name(word: str, candidates: Iterable[str]) -> str | None:
    """Return the candidate most alike ``word`` without regard to case, or None when nothing is close.

    Of equals it is the one with the same letters: ``STRAT`` means ``START`` rather than ``STATE``.
    """
    by_folded = {candidate.casefold(): candidate for candidate in candidates}
    folded = word.casefold()
    found = difflib.get_close_matches(folded, list(by_folded), n=5, cutoff=0.6)
    if not found:
        return None

    def likeness(candidate: str) -> tuple[float, bool]:
        ratio = difflib.SequenceMatcher(None, candidate, folded).ratio()
        return ratio, sorted(candidate) == sorted(folded)

    return by_folded[max(found, key=likeness)]


def did_you_mean(word: str, candidates: Iterable[str]) -> str:
    """Return ``did you mean 'X'?`` for the closest candidate, or an empty string."""
    name = closest_name(word, candidates)
    return f"did you mean '{name}'?" if name is not None else ""
