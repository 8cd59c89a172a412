"""Declarations of variables and types."""

from __future__ import annotations

from emulators.iec61131.syntax import (
    AddressNode,
    InitialNode,
    SectionNode,
    Specification,
    TypeNode,
    VariableNode,
    WrongNode,
)
from emulators.iec61131.token_stream import SyntaxRecovery
from emulators.iec61131.type_parser import TypeParser

__all__ = ["DECLARATION_ANCHORS", "POUS", "SECTIONS", "TOP", "DeclarationParser"]

_POU_SECTIONS = frozenset({"VAR", "VAR_INPUT", "VAR_OUTPUT", "VAR_IN_OUT", "VAR_TEMP", "VAR_EXTERNAL", "VAR_ACCESS"})
SECTIONS = _POU_SECTIONS | {"VAR_GLOBAL", "VAR_CONFIG"}
POUS = frozenset({"PROGRAM", "FUNCTION", "FUNCTION_BLOCK"})
TOP = POUS | {"TYPE", "CONFIGURATION", "VAR_GLOBAL", "VAR_CONFIG", "END"}
DECLARATION_ANCHORS = (
    SECTIONS
    | TOP
    | {
        "END_VAR",
        "END_STRUCT",
        "END_TYPE",
        "END_PROGRAM",
        "END_FUNCTION",
        "END_FUNCTION_BLOCK",
        "END_CONFIGURATION",
        "END_RESOURCE",
    }
)
_QUALIFIERS = frozenset({"CONSTANT", "RETAIN", "NON_RETAIN", "PERSISTENT"})


class DeclarationParser(TypeParser):
    """Parses VAR … END_VAR and TYPE … END_TYPE.

    ``has_all_names`` is of the POU or of the outermost level, whichever is being parsed.
    """

    stray_sections: list[SectionNode]
    has_all_names = True

    # --- variables ---------------------------------------------------------------------------------------------------

    def section(self) -> SectionNode:
        """Return the VAR … END_VAR section at the cursor."""
        kind, start = self.kinds[self.position], self.starts[self.position]
        self.position += 1
        qualifiers = set()
        while self.word() in _QUALIFIERS and self.peek() not in (":", ","):
            qualifiers.add(self.word())
            self.position += 1
        end = self.previous_end()
        variables: list[VariableNode] = []
        if kind == "VAR_ACCESS":
            raise self._unsupported_section(start, end)
        self.declarations(variables, "END_VAR", kind, start)
        self.accept(";")
        is_retain = bool(qualifiers & {"RETAIN", "PERSISTENT"})
        return SectionNode(kind, "CONSTANT" in qualifiers, is_retain, variables, start, end)

    def _unsupported_section(self, start: int, end: int) -> SyntaxRecovery:
        failure = self.fail("ST2010", start, end, "VAR_ACCESS is not supported yet")
        while self.kinds[self.position] not in ("END_VAR", "END"):
            self.position += 1
        self.accept("END_VAR")
        return failure

    def stray_section(self) -> None:
        self.stray_sections.append(self.section())

    def declarations(self, into: list[VariableNode], closer: str, opener: str, start: int) -> None:
        """Parse declarations up to the closing keyword of a section or structure, and step over it."""
        nesting = self.nesting
        while True:
            kind = self.kinds[self.position]
            if kind == closer:
                self.position += 1
                return
            if kind == ";":
                self.position += 1
                continue
            if self._leaves_declarations(kind):
                hint = f"{self.found()} in line {self.tokens.line_of(self.starts[self.position])} comes first"
                if kind == "END":
                    hint = "the file ends before it"
                self.report("ST2003", start, start + len(opener), f"{opener} is not closed by {closer}", hint)
                return
            begin = self.position
            count = len(into)
            try:
                self._declaration(into)
            except SyntaxRecovery:
                self.nesting = nesting
                self.has_all_names &= len(into) > count
                self._skip_declaration(begin)

    def _leaves_declarations(self, kind: str) -> bool:
        if kind in DECLARATION_ANCHORS or kind in ("IF", "CASE", "FOR", "WHILE", "REPEAT"):
            return not (kind not in TOP and self.peek() == ":")
        return kind == "NAME" and self.peek() in (":=", "(") and self.starts_line()

    def _skip_declaration(self, begin: int) -> None:
        self.is_whole = False
        if self.position == begin:
            self.position += 1
        while True:
            kind = self.kinds[self.position]
            if kind == ";":
                self.position += 1
                return
            if kind in DECLARATION_ANCHORS:
                return
            if kind == "NAME" and self.starts_line() and self.peek() in (":", ",", "AT"):
                return
            self.position += 1

    def _declaration(self, into: list[VariableNode]) -> None:
        """Parse ``a, b AT %IX0.0 : TYPE := initial;``; the names count even if the rest is wrong."""
        names = [self._declared_name()]
        while self.accept(","):
            names.append(self._declared_name())
        address: AddressNode | None = None
        specification: Specification = WrongNode(names[0][1], names[-1][2])
        initial: InitialNode | None = None
        edge = ""
        try:
            if self.accept("AT"):
                address = self._located_at()
            self.expect(":", "and a type after the name")
            specification = self.specification()
            if self.word() in ("R_EDGE", "F_EDGE"):
                edge = self.word()
                self.position += 1
            if self.kinds[self.position] == "AT" and address is None:
                self.position += 1
                address = self._located_at()
            if self.kinds[self.position] == "=":
                start = self.starts[self.position]
                self.report("ST2012", start, start + 1, "'=' compares", "give the initial value with ':='")
                self.position += 1
                initial = self.initial()
            elif self.accept(":="):
                initial = self.initial()
            self.semicolon(DECLARATION_ANCHORS)
        except SyntaxRecovery:
            initial = None
            raise
        finally:
            for path, start, end in names:
                into.append(VariableNode(path[-1], address, specification, initial, edge, start, end, path))

    def _declared_name(self) -> tuple[tuple[str, ...], int, int]:
        name, start, end = self.expect_name("the name of a variable")
        path = [name]
        while self.accept("."):
            part, _, end = self.expect_name("the name of a variable")
            path.append(part)
        return tuple(path), start, end

    def _located_at(self) -> AddressNode:
        start, text = self.starts[self.position], self.texts[self.position]
        if not self.accept("ADDRESS"):
            raise self.fail_expected("an address such as %IX0.0 after AT")
        return AddressNode(text, start, start + len(text))

    # --- types -------------------------------------------------------------------------------------------------------

    def types(self, into: list[TypeNode]) -> None:
        start = self.starts[self.position]
        self.position += 1
        while not self.accept("END_TYPE"):
            kind = self.kinds[self.position]
            if kind == ";":
                self.position += 1
                continue
            if kind in TOP or kind in SECTIONS or kind in ("END_PROGRAM", "END_FUNCTION", "END_FUNCTION_BLOCK"):
                self.report("ST2003", start, start + 4, "TYPE is not closed by END_TYPE", f"{self.found()} comes first")
                return
            begin = self.position
            count = len(into)
            self.nesting = 0
            try:
                self._type(into)
            except SyntaxRecovery:
                self.has_all_names &= len(into) > count
                self._skip_declaration(begin)

    def _type(self, into: list[TypeNode]) -> None:
        name, start, end = self.expect_name("the name of a type")
        specification: Specification = WrongNode(start, end)
        initial: InitialNode | None = None
        try:
            self.expect(":", "after the name of the type")
            specification = self.specification()
            if self.accept(":="):
                initial = self.initial()
            if self.kinds[self.position - 1] in ("END_STRUCT", ";"):
                self.accept(";")
            else:
                self.semicolon(DECLARATION_ANCHORS)
        finally:
            into.append(TypeNode(name, specification, initial, start, end))
