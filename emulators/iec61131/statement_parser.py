"""Statements, and how the parser goes on after a mistake in one.

A mistake costs its statement: the parser skips to the next ``;``, to a keyword that starts or ends a statement, or to
a name that starts a line and is followed by ``:=``, ``(``, ``.`` or ``[``. A block that is never closed is reported at
its opening keyword, once; the enclosing block then sees its own closing keyword.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from emulators.iec61131.expression_parser import ExpressionParser
from emulators.iec61131.syntax import (
    AssignmentNode,
    CallNode,
    CallStatementNode,
    ExpressionNode,
    NameNode,
    RangeNode,
    StatementNode,
)
from emulators.iec61131.token_stream import SyntaxRecovery

__all__ = ["UNSUPPORTED_ENDS", "StatementParser"]

UNIT_ENDS = frozenset(
    {
        "END",
        "END_PROGRAM",
        "END_FUNCTION",
        "END_FUNCTION_BLOCK",
        "END_CONFIGURATION",
        "PROGRAM",
        "FUNCTION",
        "FUNCTION_BLOCK",
        "TYPE",
        "CONFIGURATION",
    }
)
_BLOCK_ENDS = frozenset({"END_IF", "END_CASE", "END_FOR", "END_WHILE", "END_REPEAT", "ELSE", "ELSIF", "UNTIL"})
_OTHER_ENDS = frozenset({"END_VAR", "END_TYPE", "END_STRUCT", "END_RESOURCE"})
OPENERS = frozenset({"IF", "CASE", "FOR", "WHILE", "REPEAT", "EXIT", "CONTINUE", "RETURN"})
ANCHORS = UNIT_ENDS | _BLOCK_ENDS | _OTHER_ENDS | OPENERS
_SECTIONS = frozenset({"VAR", "VAR_INPUT", "VAR_OUTPUT", "VAR_IN_OUT", "VAR_TEMP", "VAR_EXTERNAL", "VAR_GLOBAL"})
_LABEL_TOKENS = frozenset(
    {"NAME", "INTEGER", "BASED", "TYPED", "-", "+", ",", "..", ".", "TRUE", "FALSE", "STRING", "DURATION"}
)
_LABEL_ONLY = frozenset({"INTEGER", "BASED", "TYPED", "-", "+", "("})


UNSUPPORTED_ENDS = {
    "CLASS": "END_CLASS",
    "INTERFACE": "END_INTERFACE",
    "NAMESPACE": "END_NAMESPACE",
    "METHOD": "END_METHOD",
    "PROPERTY": "END_PROPERTY",
    "ACTION": "END_ACTION",
    "INITIAL_STEP": "END_STEP",
    "STEP": "END_STEP",
    "TRANSITION": "END_TRANSITION",
    "USING": ";",
}
"""Constructs that are not supported yet, and what ends them."""


class StatementParser(ExpressionParser):
    """Parses lists of statements."""

    block_handlers: ClassVar[dict[str, Callable[[Any], StatementNode]]] = {}

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)  # type: ignore[arg-type]  # the same parameters as TokenStream
        self.closers: list[frozenset[str]] = []

    # --- lists -------------------------------------------------------------------------------------------------------

    def statements(self, closers: frozenset[str], *, in_case: bool = False) -> list[StatementNode]:
        """Return the statements up to a closing keyword, which is left at the cursor."""
        self.closers.append(closers)
        found: list[StatementNode] = []
        nesting = self.nesting
        kinds = self.kinds
        while True:
            kind = kinds[self.position]
            if kind == ";":
                self.position += 1
                continue
            if kind in closers or (in_case and self.at_label(kind)):
                break
            begin = self.position
            try:
                if kind in ("NAME", "ADDRESS"):
                    found.append(self._simple_statement())
                    continue
                handler = self.block_handlers.get(kind)
                if handler is not None:
                    self.enter()
                    found.append(handler(self))
                    self.nesting -= 1
                    continue
                if self._ends_here(kind):
                    break
            except SyntaxRecovery:
                self.nesting = nesting
                if kinds[begin] in OPENERS and self.position == begin:
                    self._skip_block()
                self._synchronise(begin)
        self.closers.pop()
        return found

    def _ends_here(self, kind: str) -> bool:
        """Decide about a token that starts no statement: the end of an outer block, or a mistake to step over."""
        if kind in UNIT_ENDS:
            return True
        if kind in _BLOCK_ENDS or kind in _OTHER_ENDS:
            if any(kind in outer for outer in self.closers) or self._is_wrong_closer(kind):
                return True
            start = self.starts[self.position]
            self.report("ST2004", start, self.token_end(), f"{kind} closes nothing")
            self.is_whole = False
            self.position += 1
            if kind in ("ELSIF", "UNTIL"):
                self.skip_to_closer("THEN")
                self.accept("THEN")
            self.accept(";")
            return False
        if kind in _SECTIONS:
            return self._section_in_body()
        if kind in _LABEL_ONLY and any("END_CASE" in outer for outer in self.closers) and self._is_label_ahead():
            return True
        if kind == "WRONG":
            raise SyntaxRecovery
        start = self.starts[self.position]
        raise self.fail("ST2001", start, self.token_end(), f"expected a statement, found {self.found()}")

    def _is_wrong_closer(self, kind: str) -> bool:
        """True if an END_ keyword closes no open block, but stands where the innermost one should be closed."""
        return kind.startswith("END_") and kind in _BLOCK_ENDS and bool(self.closers[-1] & _BLOCK_ENDS)

    def _section_in_body(self) -> bool:
        start, keyword = self.starts[self.position], self.texts[self.position]
        self.report(
            "ST2011", start, self.token_end(), f"{keyword} after the first statement", "declare all variables above it"
        )
        self.stray_section()
        return False

    def stray_section(self) -> None:
        """Parse a section of declarations in the middle of a body; overridden by the parser of declarations."""
        raise SyntaxRecovery

    def _synchronise(self, begin: int) -> None:
        """Skip to where a statement may start; always at least one token further than ``begin``."""
        self.is_whole = False
        kinds = self.kinds
        if self.position == begin and kinds[begin] not in UNIT_ENDS:
            self.position += 1
        while True:
            kind = kinds[self.position]
            if kind == ";":
                self.position += 1
                return
            if kind in ANCHORS or kind in _SECTIONS:
                return
            if kind == "NAME" and self.peek() in (":=", "(", ".", "[") and self.starts_line():
                return
            self.position += 1

    def _skip_block(self) -> None:
        """Step over a block that is nested too deep, with everything inside."""
        depth = 0
        while self.kinds[self.position] not in UNIT_ENDS:
            kind = self.kinds[self.position]
            depth += kind in ("IF", "CASE", "FOR", "WHILE", "REPEAT")
            depth -= kind in ("END_IF", "END_CASE", "END_FOR", "END_WHILE", "END_REPEAT")
            self.position += 1
            if depth <= 0:
                return

    def end_block(self, opener: str, start: int) -> int:
        """Step over ``END_IF`` and the like (``;`` behind it may be missing); return the end of the block."""
        closer = f"END_{opener}"
        if self.kinds[self.position] == closer:
            self.position += 1
            end = self.previous_end()
            self.accept(";")
            return end
        if self.kinds[self.position] == "END":
            hint = "the file ends before it"
        elif self._closes_wrongly():
            line = self.tokens.line_of(start)
            message = f"the {opener} in line {line} ends with {closer}, not with {self.kinds[self.position]}"
            self.report("ST2003", self.starts[self.position], self.token_end(), message)
            self.position += 1
            self.accept(";")
            return self.previous_end()
        else:
            line = self.tokens.line_of(self.starts[self.position])
            hint = f"{self.found()} in line {line} comes first"
        self.report("ST2003", start, start + len(opener), f"{opener} is not closed by {closer}", hint)
        self.is_whole = False
        return self.previous_end()

    def _closes_wrongly(self) -> bool:
        kind = self.kinds[self.position]
        is_block_end = kind.startswith("END_") and kind in _BLOCK_ENDS
        return is_block_end and not any(kind in outer for outer in self.closers)

    def skip_unsupported(self, word: str, start: int, end: int) -> SyntaxRecovery:
        """Report a construct that is not supported yet, skip it, and return the exception to raise."""
        failure = self.fail("ST2010", start, end, f"{word} is not supported yet")
        closer = UNSUPPORTED_ENDS[word]
        while self.kinds[self.position] not in UNIT_ENDS and self.word() != closer:
            self.position += 1
        if self.word() == closer:
            self.position += 1
        return failure

    # --- simple statements -------------------------------------------------------------------------------------------

    def _simple_statement(self) -> StatementNode:
        start = self.starts[self.position]
        target = self._operand()
        kind = self.kinds[self.position]
        if kind == ":=":
            self.position += 1
            return self._finish_assignment(target, start)
        if isinstance(target, CallNode) and kind != "=":
            self.semicolon(ANCHORS)
            return CallStatementNode(target, start, target.end)
        if kind == "=":
            operator_start = self.starts[self.position]
            if not self.is_reported():
                self.report("ST2012", operator_start, operator_start + 1, "'=' compares", "assign with ':='")
            self.position += 1
            return self._finish_assignment(target, start)
        if kind == ":" and self.peek() == "=":
            self.report("ST2012", self.starts[self.position], self.token_end(), "':' stands alone", "assign with ':='")
            self.position += 2
            return self._finish_assignment(target, start)
        if kind in (";", *ANCHORS) or self.starts_line():
            end = self.previous_end()
            self.accept(";")
            raise self.fail(
                "ST2009", start, end, "this is no statement", "assign with ':=' or call with '(…)'"
            ) from None
        if isinstance(target, NameNode) and target.name.upper() in UNSUPPORTED_ENDS:
            raise self.skip_unsupported(target.name.upper(), start, target.end)
        if kind in ("+", "-") and isinstance(target, NameNode):
            begin = self.starts[self.position]
            hint = f"write {target.name} := {target.name} {kind} 1;"
            raise self.fail("ST2001", begin, self.token_end(), f"expected ':=' or '(', found {self.found()}", hint)
        raise self.fail_expected("':=' or '('")

    def _finish_assignment(self, target: ExpressionNode, start: int) -> StatementNode:
        value = self.expression()
        end = self.previous_end()
        if self.kinds[self.position] == ":=":
            raise self.fail("ST2001", self.starts[self.position], self.token_end(), "expected ';', found ':='")
        self.semicolon(ANCHORS)
        return AssignmentNode(target, value, start, end)

    # --- labels ---

    def at_label(self, kind: str) -> bool:
        """True if a label of CASE stands at the cursor: what no statement starts with, or tokens up to a ``:``."""
        if kind in _LABEL_ONLY:
            return True
        if kind not in _LABEL_TOKENS or kind in (",", "..", "."):
            return False
        return self._is_label_ahead()

    def _is_label_ahead(self) -> bool:
        index = self.position + 1
        kinds = self.kinds
        while kinds[index] in _LABEL_TOKENS:
            index += 1
        return kinds[index] == ":"

    def range_of_values(self) -> RangeNode:
        """Return ``low..high`` or one value."""
        start = self.starts[self.position]
        low = self.expression()
        high = self.expression() if self.accept("..") else None
        return RangeNode(low, high, start, self.previous_end())
