"""Blocks: IF, CASE, FOR, WHILE, REPEAT, and the jumps out of them."""

from __future__ import annotations

from emulators.iec61131.statement_parser import ANCHORS, OPENERS, UNIT_ENDS, StatementParser
from emulators.iec61131.syntax import (
    CaseBranchNode,
    CaseNode,
    ExpressionNode,
    ForNode,
    IfBranchNode,
    IfNode,
    JumpNode,
    LoopNode,
    RangeNode,
    StatementNode,
    WrongNode,
)
from emulators.iec61131.token_stream import SyntaxRecovery

__all__ = ["BlockParser"]


class BlockParser(StatementParser):
    """Parses statements that contain statements."""

    def _jump(self) -> StatementNode:
        kind, start = self.kinds[self.position], self.starts[self.position]
        self.position += 1
        end = self.previous_end()
        self.semicolon(ANCHORS)
        return JumpNode(kind, start, end)

    # --- conditions and loops ---

    def _if(self) -> StatementNode:
        start = self.starts[self.position]
        branches: list[IfBranchNode] = []
        orelse: list[StatementNode] | None = None
        closers = frozenset({"ELSIF", "ELSE", "END_IF"})
        self.position += 1
        while True:
            condition = self.condition("THEN", "after the condition")
            branches.append(IfBranchNode(condition, self.statements(closers)))
            if not self.accept("ELSIF"):
                break
        if self.kinds[self.position] == "ELSE":
            orelse = self._else("IF", frozenset({"END_IF"}))
        return IfNode(branches, orelse, start, self.end_block("IF", start))

    def _else(self, opener: str, closers: frozenset[str]) -> list[StatementNode]:
        """Return the statements after ELSE, which is at the cursor."""
        self.position += 1
        if opener == "CASE":
            self.accept(":")  # some write ELSE: in a CASE
        return self.statements(closers)

    def _while(self) -> StatementNode:
        start = self.starts[self.position]
        self.position += 1
        condition = self.condition("DO", "after the condition")
        body = self.statements(frozenset({"END_WHILE"}))
        return LoopNode("WHILE", condition, body, start, self.end_block("WHILE", start))

    def _repeat(self) -> StatementNode:
        start = self.starts[self.position]
        self.position += 1
        body = self.statements(frozenset({"UNTIL", "END_REPEAT"}))
        condition: ExpressionNode = WrongNode(start, start)
        if self.accept("UNTIL"):
            nesting = self.nesting
            try:
                condition = self.expression()
                self.accept(";")
                if self.kinds[self.position] != "END_REPEAT" and not self.starts_line():
                    raise self.fail_expected("'END_REPEAT'")
            except SyntaxRecovery:
                self.nesting = nesting
                self.skip_to_closer("END_REPEAT")
                self.accept(";")
        elif self.kinds[self.position] == "END_REPEAT":
            here = self.starts[self.position]
            self.report("ST2001", here, self.token_end(), "expected 'UNTIL' before 'END_REPEAT'")
        return LoopNode("REPEAT", condition, body, start, self.end_block("REPEAT", start))

    def _for(self) -> StatementNode:
        start = self.starts[self.position]
        nesting = self.nesting
        self.position += 1
        wrong = WrongNode(start, start)
        variable: ExpressionNode = wrong
        first: ExpressionNode = wrong
        last: ExpressionNode = wrong
        step: ExpressionNode | None = None
        try:
            variable = self._operand()
            self.expect(":=", "after the variable of FOR")
            first = self.expression()
            self.expect("TO")
            last = self.expression()
            if self.accept("BY"):
                step = self.expression()
            if self.kinds[self.position] != "DO" and not self.starts_line():
                raise self.fail_expected("'DO'")
            self.bridge("DO")
        except SyntaxRecovery:
            self.nesting = nesting
            self.skip_to_closer("DO")
            self.accept("DO")
            last = wrong
        body = self.statements(frozenset({"END_FOR"}))
        return ForNode(variable, first, last, step, body, start, self.end_block("FOR", start))

    # --- CASE --------------------------------------------------------------------------------------------------------

    def _case(self) -> StatementNode:
        start = self.starts[self.position]
        self.position += 1
        selector = self.condition("OF", "after the selector")
        branches: list[CaseBranchNode] = []
        orelse: list[StatementNode] | None = None
        closers = frozenset({"ELSE", "END_CASE"})
        while True:
            self.accept(";")
            kind = self.kinds[self.position]
            if self.at_label(kind):
                branches.append(self._case_branch(closers))
            elif kind == "ELSE" and orelse is None:
                orelse = self._else("CASE", frozenset({"END_CASE"}))
            elif kind == "END_CASE" or kind in UNIT_ENDS:
                break
            else:
                if kind in OPENERS or kind == "NAME":
                    begin = self.starts[self.position]
                    self.report("ST2013", begin, self.token_end(), "statement before the first label of CASE")
                before = self.position
                self.statements(closers, in_case=True)
                if self.position == before and self.kinds[before] != "ELSE":
                    break
                if self.position == before:
                    self.report("ST2004", self.starts[before], self.token_end(), "second ELSE in one CASE")
                    self.position += 1
        return CaseNode(selector, branches, orelse, start, self.end_block("CASE", start))

    def _case_branch(self, closers: frozenset[str]) -> CaseBranchNode:
        start = self.starts[self.position]
        labels: list[RangeNode] = []
        nesting = self.nesting
        try:
            labels.append(self.range_of_values())
            while self.accept(","):
                labels.append(self.range_of_values())
            end = self.previous_end()
            self.expect(":", "after the label of CASE")
        except SyntaxRecovery:
            self.nesting = nesting
            self.skip_to_closer(":")
            if not self.accept(":") and self.starts[self.position] == start:
                self.position += 1
            labels.append(RangeNode(WrongNode(start, start), None, start, start))
            end = self.previous_end()
        return CaseBranchNode(labels, self.statements(closers, in_case=True), start, end)


BlockParser.block_handlers = {
    "IF": BlockParser._if,
    "CASE": BlockParser._case,
    "FOR": BlockParser._for,
    "WHILE": BlockParser._while,
    "REPEAT": BlockParser._repeat,
    "EXIT": BlockParser._jump,
    "CONTINUE": BlockParser._jump,
    "RETURN": BlockParser._jump,
}
