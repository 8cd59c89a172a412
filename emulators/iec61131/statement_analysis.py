"""Statements: one unit's body to typed statements."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from emulators.iec61131 import tree
from emulators.iec61131.expression_analysis import ExpressionAnalyser
from emulators.iec61131.expression_base import Untyped
from emulators.iec61131.place_analysis import is_whole_value
from emulators.iec61131.syntax import (
    AssignmentNode,
    CallNode,
    CallStatementNode,
    CaseBranchNode,
    CaseNode,
    ExpressionNode,
    ForNode,
    IfNode,
    JumpNode,
    LoopNode,
    RangeNode,
    StatementNode,
    WrongNode,
)
from emulators.iec61131.types import (
    Elementary,
    EnumerationType,
    IecType,
    Kind,
    type_name,
    underlying,
)

__all__ = ["StatementAnalyser"]


class StatementAnalyser(ExpressionAnalyser):
    """Analyses the statements of one unit."""

    loop_depth = 0

    def body(self, nodes: Sequence[StatementNode]) -> tuple[tree.Statement, ...]:
        """Return the statements that are right; the others were reported."""
        statements: list[tree.Statement] = []
        for node in nodes:
            statement = self._statement(node)
            if statement is not None:
                statements.append(statement)
        self._warn_unreachable(nodes)
        return tuple(statements)

    def _warn_unreachable(self, nodes: Sequence[StatementNode]) -> None:
        for before, after in pairwise(nodes):
            if isinstance(before, JumpNode):
                hint = f"{before.kind} in line {self.scope.tokens.line_of(before.start)} leaves before it"
                self.scope.report("ST4002", after, "this statement is never reached", hint)
                return

    def _statement(self, node: StatementNode) -> tree.Statement | None:
        match node:
            case AssignmentNode():
                return self._assignment(node)
            case CallStatementNode():
                return self.call_statement(node.call) if isinstance(node.call, CallNode) else None
            case IfNode():
                return self._if(node)
            case CaseNode():
                return self._case(node)
            case ForNode():
                return self._for(node)
            case LoopNode():
                return self._loop(node)
            case JumpNode():
                return self._jump(node)

    # --- assignments -----------------------------------------------------------------------------------------------

    def _assignment(self, node: AssignmentNode) -> tree.Statement | None:
        target = self.target(node.target)
        if target is None:
            self.expression(node.value)
            return None
        purpose = f"assign {{}} to {type_name(target.type)}{_named(target)}"
        if not is_whole_value(target.type):
            self.scope.report(
                "ST3024", node.target, f"{type_name(target.type)} cannot be assigned", "call the instance"
            )
            self.expression(node.value)
            return None
        value = self.value(node.value, target.type, purpose)
        return None if value is None else tree.Assignment(target, value, self.scope.span(node))

    # --- branches --------------------------------------------------------------------------------------------------

    def _if(self, node: IfNode) -> tree.Statement | None:
        branches: list[tree.IfBranch] = []
        is_right = True
        for branch in node.branches:
            condition = self.condition(branch.condition, "the condition of IF")
            body = self.body(branch.body)
            if condition is None:
                is_right = False
            else:
                branches.append(tree.IfBranch(condition, body, self.scope.span(branch.condition)))
        orelse = None if node.orelse is None else self.body(node.orelse)
        return tree.If(tuple(branches), orelse, self.scope.span(node)) if is_right else None

    def _case(self, node: CaseNode) -> tree.Statement | None:
        operand = self.expression(node.selector)
        selector = None if operand is None else self.typed(operand, node.selector)
        selector_type = None if selector is None else selector.type
        plain = None if selector_type is None else underlying(selector_type)
        if selector is not None:
            is_ordinal = isinstance(plain, Elementary) and (plain.is_integer or plain.kind is Kind.BITS)
            if not is_ordinal:
                shown = "no value" if selector_type is None else type_name(selector_type)
                message = f"the selector of CASE is an integer, a bit string or an enumeration, not {shown}"
                self.scope.report("ST3031", node.selector, message)
                selector = selector_type = None
        seen: list[tuple[int, int, CaseBranchNode]] = []
        branches = [self._case_branch(branch, selector_type, seen) for branch in node.branches]
        orelse = None if node.orelse is None else self.body(node.orelse)
        if isinstance(selector_type, EnumerationType) and node.orelse is None:
            self._warn_missing_values(node, selector_type, seen)
        if selector is None or any(branch is None for branch in branches):
            return None
        found = tuple(branch for branch in branches if branch is not None)
        return tree.Case(selector, found, orelse, self.scope.span(node))

    def _warn_missing_values(
        self, node: CaseNode, selector_type: EnumerationType, seen: Sequence[tuple[int, int, CaseBranchNode]]
    ) -> None:
        if any(isinstance(label.low, WrongNode) for branch in node.branches for label in branch.labels):
            return
        missing = [
            value.name for value in selector_type.values if not any(low <= value.value <= high for low, high, _ in seen)
        ]
        if missing:
            names = ", ".join(missing)
            message = f"CASE has no branch for {names} of {type_name(selector_type)}"
            self.scope.report_at("ST4009", node.start, len("CASE"), message, "add them or an ELSE")

    def _case_branch(
        self, node: CaseBranchNode, selector_type: IecType | None, seen: list[tuple[int, int, CaseBranchNode]]
    ) -> tree.CaseBranch | None:
        ranges: list[tree.CaseRange] = []
        for label in node.labels:
            limits = self._label(label, selector_type)
            if limits is None:
                continue
            low, high = limits
            overlap = next((each for each in seen if each[0] <= high and low <= each[1]), None)
            if overlap is not None:
                line = self.scope.tokens.line_of(overlap[2].start)
                self.scope.report("ST3032", label, "this label is covered already", f"see the label in line {line}")
                continue
            seen.append((low, high, node))
            ranges.append(tree.CaseRange(low, high, self.scope.span(label)))
        body = self.body(node.body)
        if len(ranges) != len(node.labels):
            return None
        return tree.CaseBranch(tuple(ranges), body, self.scope.span(node))

    def _label(self, node: RangeNode, selector_type: IecType | None) -> tuple[int, int] | None:
        low = self._label_value(node.low, selector_type)
        high = low if node.high is None else self._label_value(node.high, selector_type)
        if low is None or high is None:
            return None
        if low > high:
            self.scope.report("ST3029", node, f"label {low}..{high} is reversed", f"write {high}..{low}")
            return None
        return low, high

    def _label_value(self, node: ExpressionNode, selector_type: IecType | None) -> int | None:
        if selector_type is None:
            self.expression(node)
            return None
        plain = selector_type if isinstance(selector_type, EnumerationType) else underlying(selector_type)
        operand = self.expression(node, plain)
        if operand is None:
            return None
        if isinstance(operand, tree.Literal) and isinstance(operand.type, Elementary) and operand.type.is_integer:
            operand = Untyped(int(operand.value), operand.span)  # a typed constant labels a narrower selector, too
        literal = self.convert(operand, plain, node, f"use {{}} as a label for {type_name(plain)}")
        if literal is None:
            return None
        if not isinstance(literal, tree.Literal):
            self.scope.report("ST3027", node, "a label of CASE is constant", "use literals and CONSTANT variables")
            return None
        return int(literal.value)

    # --- loops -----------------------------------------------------------------------------------------------------

    def _for(self, node: ForNode) -> tree.Statement | None:
        variable = self.target(node.variable) if not isinstance(node.variable, WrongNode) else None
        plain = None if variable is None else underlying(variable.type)
        if variable is not None:
            is_integer = isinstance(plain, Elementary) and plain.is_integer
            if not is_integer or isinstance(variable.type, EnumerationType):
                message = f"the variable of FOR is an integer, not {type_name(variable.type)}"
                self.scope.report("ST3033", node.variable, message)
                variable = None
        first, last, step = self._for_limits(node, plain if variable is not None else None)
        pushed = isinstance(variable, tree.Name)
        if isinstance(variable, tree.Name):
            self.scope.loop_variables.append(variable.variable)
        self.loop_depth += 1
        body = self.body(node.body)
        self.loop_depth -= 1
        if pushed:
            self.scope.loop_variables.pop()
        if variable is None or first is None or last is None or step is None:
            return None
        self._warn_idle_loop(node, first, last, step)
        return tree.For(variable, first, last, step, body, self.scope.span(node))

    def _for_limits(
        self, node: ForNode, plain: IecType | None
    ) -> tuple[tree.Expression | None, tree.Expression | None, tree.Expression | None]:
        nodes = [node.first, node.last] + ([node.step] if node.step is not None else [])
        if plain is None:
            for each in nodes:
                self.expression(each)
            return None, None, None
        purposes = ("start FOR with {}", "end FOR with {}", "step FOR by {}")
        named = [f"{purpose} on a variable of {type_name(plain)}" for purpose in purposes]
        values = [self.value(each, plain, purpose) for each, purpose in zip(nodes, named, strict=False)]
        if node.step is None:
            values.append(tree.Literal(1, plain, self.scope.span(node.variable)))
        step = values[2]
        if isinstance(step, tree.Literal) and step.value == 0 and node.step is not None:
            self.scope.report("ST3037", node.step, "a step of 0 never ends the loop")
            return None, None, None
        return values[0], values[1], step

    def _warn_idle_loop(
        self, node: ForNode, first: tree.Expression, last: tree.Expression, step: tree.Expression
    ) -> None:
        if not all(isinstance(each, tree.Literal) for each in (first, last, step)):
            return
        assert isinstance(first, tree.Literal)
        assert isinstance(last, tree.Literal)
        assert isinstance(step, tree.Literal)
        low, high = int(first.value), int(last.value)
        if (low > high) if int(step.value) > 0 else (low < high):
            hint = "write BY -1 to count down" if int(step.value) > 0 else ""
            self.scope.report_at("ST4010", node.start, len("FOR"), f"FOR from {low} to {high} never runs", hint)

    def _loop(self, node: LoopNode) -> tree.Statement | None:
        if node.kind == "WHILE":
            condition = self.condition(node.condition, "the condition of WHILE")
            body = self._loop_body(node)
        else:
            body = self._loop_body(node)
            condition = self.condition(node.condition, "the condition of UNTIL")
        if condition is None:
            return None
        span = self.scope.span(node)
        return tree.While(condition, body, span) if node.kind == "WHILE" else tree.Repeat(body, condition, span)

    def _loop_body(self, node: LoopNode) -> tuple[tree.Statement, ...]:
        self.loop_depth += 1
        body = self.body(node.body)
        self.loop_depth -= 1
        return body

    def _jump(self, node: JumpNode) -> tree.Statement | None:
        span = self.scope.span(node)
        if node.kind == "RETURN":
            return tree.Return(span)
        if self.loop_depth == 0:
            self.scope.report("ST3038", node, f"{node.kind} stands outside a loop")
            return None
        return tree.Exit(span) if node.kind == "EXIT" else tree.Continue(span)


def _named(place: tree.Place) -> str:
    match place:
        case tree.Name():
            return f" '{place.variable.name}'"
        case tree.Field():
            return f" '{place.name}'"
        case tree.Member():
            return f" '{place.variable.name}'"
        case _:
            return ""
