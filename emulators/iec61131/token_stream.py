"""Base of the parser: a cursor over tokens, messages about what was expected, and recovery.

A syntax error is reported once and then either bridged (a missing ``;`` or ``THEN`` is taken as written) or raised as
``SyntaxRecovery``; the nearest list of statements or declarations catches it and goes on at the next likely start.
"""

from __future__ import annotations

from collections.abc import Container

from emulators.iec61131.findings import Findings
from emulators.iec61131.lexer import FOREIGN_OPERATORS, KEYWORDS, Tokens

__all__ = ["MAX_NESTING", "SyntaxRecovery", "TokenStream"]

MAX_NESTING = 120

_KIND_WORDS = {
    "NAME": "a name",
    "INTEGER": "a number",
    "END": "the end of the file",
    "STRING": "a string",
    "WSTRING": "a string",
}


class SyntaxRecovery(Exception):  # noqa: N818  # no error of its own: it carries the parser to its next anchor
    """Raised after a report; never leaves the parser."""


class TokenStream:
    """Cursor over the tokens of one file."""

    def __init__(self, tokens: Tokens, findings: Findings) -> None:
        self.tokens = tokens
        self.findings = findings
        self.kinds = tokens.kinds
        self.texts = tokens.texts
        self.starts = tokens.starts
        self.position = 0
        self.nesting = 0
        self.is_whole = True

    # --- looking -----------------------------------------------------------------------------------------------------

    def peek(self, ahead: int = 1) -> str:
        """Return the kind of a token further on; END beyond the last one."""
        index = self.position + ahead
        return self.kinds[index] if index < len(self.kinds) else "END"

    def word(self) -> str:
        """Return the current token's text in upper case."""
        return self.texts[self.position].upper()

    def previous_end(self) -> int:
        """Return the offset just after the token before the current one."""
        if self.position == 0:
            return 0
        index = self.position - 1
        return self.starts[index] + len(self.texts[index])

    def token_end(self) -> int:
        return self.starts[self.position] + len(self.texts[self.position])

    def starts_line(self) -> bool:
        """True if the current token is the first one on its line."""
        if self.position == 0:
            return True
        return "\n" in self.tokens.source.text[self.previous_end() : self.starts[self.position]]

    def found(self) -> str:
        """Return the current token as messages name it."""
        kind = self.kinds[self.position]
        if kind == "END":
            return _KIND_WORDS[kind]
        text = self.texts[self.position]
        return f"'{text}'" if len(text) <= 40 else f"'{text[:37]}...'"

    # --- taking ------------------------------------------------------------------------------------------------------

    def accept(self, kind: str) -> bool:
        """Step over a token of this kind if it is the current one."""
        if self.kinds[self.position] == kind:
            self.position += 1
            return True
        return False

    def expect(self, kind: str, context: str = "") -> None:
        """Step over a token of this kind, or report what stands there instead and recover."""
        if self.kinds[self.position] == kind:
            self.position += 1
            return
        raise self.fail_expected(f"'{kind}'", context)

    def expect_name(self, what: str) -> tuple[str, int, int]:
        """Return name, start and end of the current NAME token, or report."""
        kind = self.kinds[self.position]
        start = self.starts[self.position]
        text = self.texts[self.position]
        if kind == "NAME":
            self.position += 1
            return text, start, start + len(text)
        if kind in KEYWORDS:
            following = self.peek()
            if following in (":", ",", ":=", "AT", ".", ")", "(", ";"):
                self.report("ST2007", start, start + len(text), f"'{text}' is a keyword and cannot be {what}")
                self.position += 1
                return text, start, start + len(text)
        raise self.fail_expected(what)

    def bridge(self, kind: str, context: str = "") -> None:
        """Step over a token; if it is missing, report it behind the previous token and go on as if it were there."""
        if self.accept(kind):
            return
        end = self.previous_end()
        if self.kinds[max(0, self.position - 1)] != "WRONG":
            self.report("ST2001", end, end, f"expected '{kind}'{context and ' ' + context}, found {self.found()}")

    def semicolon(self, resume: Container[str]) -> None:
        """Step over ``;``. A missing one at the end of a line, or before a token of ``resume``, is bridged."""
        if self.kinds[self.position] == ";":
            self.position += 1
            return
        if self.kinds[self.position - 1] == "WRONG":
            if self.starts_line():
                return
            raise SyntaxRecovery
        if self.kinds[self.position] in resume or self.starts_line():
            end = self.previous_end()
            self.report("ST2002", end, end, "missing ';'", f"add it behind '{self.texts[self.position - 1]}'")
            return
        raise self.fail_expected("';'")

    # --- reporting ---------------------------------------------------------------------------------------------------

    def report(self, code: str, start: int, end: int, message: str, hint: str = "") -> None:
        self.findings.report(code, self.tokens.span(start, end), message, hint)

    def fail(self, code: str, start: int, end: int, message: str, hint: str = "") -> SyntaxRecovery:
        """Report and return the exception to raise."""
        self.report(code, start, end, message, hint)
        self.is_whole = False
        return SyntaxRecovery()

    def fail_expected(self, what: str, context: str = "") -> SyntaxRecovery:
        """Report the current token as not being ``what``; a token already reported by the lexer stays silent."""
        self.is_whole = False
        if self.is_reported():
            return SyntaxRecovery()
        message = f"expected {what}{context and ' ' + context}, found {self.found()}"
        return self.fail("ST2001", self.starts[self.position], self.token_end(), message)

    def is_reported(self) -> bool:
        """True if the lexer has reported the current token already."""
        return self.kinds[self.position] == "WRONG" or self.texts[self.position] in FOREIGN_OPERATORS

    def enter(self) -> None:
        """Count one level of nesting; too many is a finding, never a crash."""
        self.nesting += 1
        if self.nesting > MAX_NESTING:
            start = self.starts[self.position]
            raise self.fail("ST2008", start, self.token_end(), f"nested more than {MAX_NESTING} levels deep")
