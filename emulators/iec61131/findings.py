"""Collector of diagnostics of one check: in order of place, without repeats, with a limit."""

from __future__ import annotations

from collections.abc import Sequence

from emulators.errors import Diagnostic, SourceSpan
from emulators.iec61131.diagnostics import is_warning

__all__ = ["Findings"]


class Findings:
    """Diagnostics found so far; a second finding with the same code at the same place is dropped."""

    def __init__(self, files: Sequence[str] = ()) -> None:
        self._found: dict[tuple[str, SourceSpan], Diagnostic] = {}
        self._rank = {name: rank for rank, name in enumerate(files)}
        self._files_with_errors: set[str] = set()

    def report(self, code: str, span: SourceSpan, message: str, hint: str = "") -> None:
        """Add a finding; the code decides whether it is an error or a warning."""
        key = (code, span)
        if key not in self._found:
            found = self._found[key] = Diagnostic(span, code, message, hint, is_warning=is_warning(code))
            if not found.is_warning:
                self._files_with_errors.add(span.file)

    @property
    def has_errors(self) -> bool:
        return bool(self._files_with_errors)

    def has_errors_in(self, file: str) -> bool:
        return file in self._files_with_errors

    def sorted(self) -> list[Diagnostic]:
        """Return everything by file (in the order given), line and column."""
        return sorted(self._found.values(), key=self._place)

    def _place(self, found: Diagnostic) -> tuple[int, SourceSpan, str]:
        return self._rank.get(found.span.file, -1), found.span, found.code
