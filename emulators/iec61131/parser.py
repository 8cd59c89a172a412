"""One file to a ``FileNode``: program organisation units and configurations around the other parsers."""

from __future__ import annotations

from emulators.iec61131.declaration_parser import DECLARATION_ANCHORS, POUS, SECTIONS, TOP, DeclarationParser
from emulators.iec61131.findings import Findings
from emulators.iec61131.lexer import Tokens
from emulators.iec61131.statement_parser import UNSUPPORTED_ENDS
from emulators.iec61131.syntax import (
    ConfigurationNode,
    ExpressionNode,
    FileNode,
    PouNode,
    ProgramInstanceNode,
    ResourceNode,
    Specification,
    TaskNode,
    WrongNode,
)
from emulators.iec61131.token_stream import SyntaxRecovery

__all__ = ["parse"]

_SFC_WORDS = frozenset({"INITIAL_STEP", "STEP", "TRANSITION", "ACTION"})
_IL_WORDS = frozenset({"LD", "LDN", "ST", "STN", "CAL", "CALC", "CALCN", "JMP", "S", "R"})
_IL_OPERANDS = frozenset(
    {"NAME", "INTEGER", "REAL", "BASED", "TYPED", "DURATION", "TRUE", "FALSE", "ADDRESS", "STRING"}
)


def parse(tokens: Tokens, findings: Findings) -> FileNode:
    """Return the syntax tree of one file; whatever is wrong is reported and left out."""
    return _FileParser(tokens, findings).file()


class _FileParser(DeclarationParser):
    def file(self) -> FileNode:
        node = FileNode([], [], [], [])
        while (kind := self.kinds[self.position]) != "END":
            begin = self.position
            self.nesting = 0
            self.closers.clear()
            try:
                self._top_level(kind, node)
            except SyntaxRecovery:
                self.has_all_names = False
                self._skip_to_top(begin)
        node.has_all_names = self.has_all_names
        return node

    def _top_level(self, kind: str, node: FileNode) -> None:
        if kind in POUS:
            node.pous.append(self._pou(kind))
        elif kind == "TYPE":
            self.types(node.types)
        elif kind in ("VAR_GLOBAL", "VAR_CONFIG"):
            node.sections.append(self.section())
        elif kind == "CONFIGURATION":
            node.configurations.append(self._configuration())
        elif kind == ";":
            self.position += 1
        else:
            self._refuse_at_top(kind)

    def _refuse_at_top(self, kind: str) -> None:
        start, end = self.starts[self.position], self.token_end()
        word = self.word()
        if kind in SECTIONS:
            self.report("ST2011", start, end, f"{kind} outside a program, function block or function")
            self.section()
            return
        if kind == "NAME" and word in UNSUPPORTED_ENDS:
            self.has_all_names = False
            raise self.skip_unsupported(word, start, end)
        if kind.startswith("END_"):
            self.report("ST2004", start, end, f"{kind} closes nothing")
            self.is_whole = False
            self.position += 1
            return
        if kind == "WRONG":
            raise SyntaxRecovery
        raise self.fail(
            "ST2014",
            start,
            end,
            f"expected a declaration, found {self.found()}",
            "PROGRAM, FUNCTION, FUNCTION_BLOCK, TYPE, VAR_GLOBAL or CONFIGURATION stands here",
        )

    def _skip_to_top(self, begin: int) -> None:
        self.is_whole = False
        if self.position == begin:
            self.position += 1
        elif self.texts[self.position - 1].upper() in UNSUPPORTED_ENDS.values():
            return
        while self.kinds[self.position] not in TOP:
            if self.kinds[self.position] == "NAME" and self.word() in UNSUPPORTED_ENDS and self.starts_line():
                return
            self.position += 1

    # --- program organisation units ----------------------------------------------------------------------------------

    def _pou(self, kind: str) -> PouNode:
        keyword_start = self.starts[self.position]
        self.position += 1
        whole_so_far, self.is_whole = self.is_whole, True
        name, start, end = self.expect_name(f"the name of the {kind.lower().replace('_', ' ')}")
        result: Specification | None = None
        pou = PouNode(kind, name, None, [], [], start, end)
        try:
            if self.word() in ("EXTENDS", "IMPLEMENTS"):
                raise self.fail(
                    "ST2010", self.starts[self.position], self.token_end(), f"{self.word()} is not supported yet"
                )
            if self.accept(":"):
                if kind != "FUNCTION":
                    self.report("ST2001", self.previous_end() - 1, self.previous_end(), f"a {kind} has no result type")
                result = self.specification()
            self.accept(";")
        except SyntaxRecovery:
            self.nesting = 0
            result = WrongNode(start, end)
            while self.kinds[self.position] in ("NAME", ",", ".") and not self.starts_line():
                self.position += 1
        pou.result = result
        outer_names, self.has_all_names = self.has_all_names, True
        self.stray_sections = []
        self._pou_contents(pou, kind, keyword_start)
        pou.sections += self.stray_sections
        pou.is_whole, self.is_whole = self.is_whole, whole_so_far
        pou.has_all_names, self.has_all_names = self.has_all_names, outer_names
        return pou

    def _pou_contents(self, pou: PouNode, kind: str, keyword_start: int) -> None:
        closer = f"END_{kind}"
        while self.kinds[self.position] in SECTIONS:
            try:
                pou.sections.append(self.section())
            except SyntaxRecovery:
                self.nesting = 0
                self.has_all_names = False
        if self._skip_other_language(closer):
            pou.has_all_names = False
        while True:
            pou.body += self.statements(frozenset({closer}))
            if self.kinds[self.position] == "NAME":
                continue
            break
        if self.accept(closer):
            self.accept(";")
            return
        hint = f"{self.found()} in line {self.tokens.line_of(self.starts[self.position])} comes first"
        if self.kinds[self.position] == "END":
            hint = "the file ends before it"
        self.report("ST2003", keyword_start, keyword_start + len(kind), f"{kind} is not closed by {closer}", hint)
        if self.kinds[self.position] in ("END_PROGRAM", "END_FUNCTION", "END_FUNCTION_BLOCK"):
            self.position += 1

    def _skip_other_language(self, closer: str) -> bool:
        """Report a body in IL or SFC, once, and skip it."""
        word = self.word()
        language = ""
        if word in _SFC_WORDS and self.kinds[self.position] == "NAME" and self.peek() in ("NAME", "("):
            language = "Sequential Function Chart"
        elif word in _IL_WORDS and self.kinds[self.position] == "NAME" and self.peek() in _IL_OPERANDS:
            language = "Instruction List"
        if not language:
            return False
        start = self.starts[self.position]
        self.report("ST2010", start, self.token_end(), f"{language} is not supported yet")
        self.is_whole = False
        while self.kinds[self.position] not in (closer, "END"):
            self.position += 1
        return True

    # --- configuration -----------------------------------------------------------------------------------------------

    def _configuration(self) -> ConfigurationNode:
        keyword_start = self.starts[self.position]
        self.position += 1
        name, start, end = self.expect_name("the name of the configuration")
        node = ConfigurationNode(name, [], [], start, end)
        implicit = ResourceNode("", [], [], [], start, end)
        while not self.accept("END_CONFIGURATION"):
            begin = self.position
            try:
                if self.kinds[begin] in SECTIONS:
                    node.sections.append(self.section())
                elif self.word() == "RESOURCE":
                    node.resources.append(self._resource())
                elif not self._resource_item(implicit):
                    self._unclosed_or_fail("CONFIGURATION", keyword_start)
                    break
            except SyntaxRecovery:
                self.nesting = 0
                self._skip_configuration_item(begin)
        if implicit.tasks or implicit.programs:
            node.resources.append(implicit)
        self.accept(";")
        return node

    def _unclosed_or_fail(self, opener: str, start: int) -> None:
        """Report a block that another declaration or the end of the file cuts off; else fail at the cursor."""
        if self.kinds[self.position] in TOP or self.kinds[self.position].startswith("END_"):
            hint = f"{self.found()} in line {self.tokens.line_of(self.starts[self.position])} comes first"
            self.report("ST2003", start, start + len(opener), f"{opener} is not closed by END_{opener}", hint)
            self.is_whole = False
            return
        raise self.fail_expected("TASK, PROGRAM, RESOURCE or VAR_GLOBAL")

    def _skip_configuration_item(self, begin: int) -> None:
        if self.position == begin:
            self.position += 1
        while self.kinds[self.position] not in (";", "END", "END_RESOURCE", "END_CONFIGURATION", *SECTIONS):
            if self.starts_line() and self.word() in ("TASK", "PROGRAM", "RESOURCE"):
                return
            self.position += 1
        self.accept(";")

    def _resource(self) -> ResourceNode:
        keyword_start = self.starts[self.position]
        self.position += 1
        name, start, end = self.expect_name("the name of the resource")
        node = ResourceNode(name, [], [], [], start, end)
        if self.word() == "ON":
            self.position += 1
            self.expect_name("the type of the resource")
        while not self.accept("END_RESOURCE"):
            begin = self.position
            try:
                if self.kinds[begin] in SECTIONS:
                    node.sections.append(self.section())
                elif not self._resource_item(node):
                    self._unclosed_or_fail("RESOURCE", keyword_start)
                    break
            except SyntaxRecovery:
                self.nesting = 0
                self._skip_configuration_item(begin)
        self.accept(";")
        return node

    def _resource_item(self, node: ResourceNode) -> bool:
        if self.kinds[self.position] == ";":
            self.position += 1
        elif self.word() == "TASK":
            node.tasks.append(self._task())
        elif self.kinds[self.position] == "PROGRAM":
            node.programs.append(self._program_instance())
        else:
            return False
        return True

    def _task(self) -> TaskNode:
        self.position += 1
        name, start, end = self.expect_name("the name of the task")
        properties: list[tuple[str, int, ExpressionNode]] = []
        self.expect("(", "after the name of the task")
        while self.kinds[self.position] != ")":
            key, key_start, _ = self.expect_name("INTERVAL, PRIORITY or SINGLE")
            self.expect(":=")
            properties.append((key, key_start, self.expression()))
            if not self.accept(","):
                break
        self.close(")")
        self.semicolon(DECLARATION_ANCHORS)
        return TaskNode(name, properties, start, end)

    def _program_instance(self) -> ProgramInstanceNode:
        self.position += 1
        is_retain = self.word() == "RETAIN"
        if self.word() in ("RETAIN", "NON_RETAIN"):
            self.position += 1
        name, start, end = self.expect_name("the name of the program instance")
        task, task_start = "", start
        if self.word() == "WITH":
            self.position += 1
            task, task_start, _ = self.expect_name("the name of a task")
        self.expect(":", "and the name of a PROGRAM")
        program, program_start, _ = self.expect_name("the name of a PROGRAM")
        arguments = self.arguments() if self.kinds[self.position] == "(" else []
        self.semicolon(DECLARATION_ANCHORS)
        return ProgramInstanceNode(name, task, task_start, program, program_start, arguments, is_retain, start, end)
