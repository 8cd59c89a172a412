"""Statements of the Python subset, lowered to IR: assignments, if, for over range, while, return, assert."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from emulators.component.advice import conversion_advice, python_name
from emulators.component.calls import CallLowering
from emulators.component.declarations import Role
from emulators.component.expressions import scalar_of
from emulators.component.generated import der_local
from emulators.component.refusals import RefusalError
from emulators.component.scope import LOOP_LIMIT, ClassScope
from emulators.component.source import FunctionSource
from emulators.native import ir
from emulators.native.ir import BinaryOperator, Comparison, Conversion, Scalar

__all__ = ["StatementLowering"]

F64, I64, BOOL = Scalar.F64, Scalar.I64, Scalar.BOOL


class StatementLowering(CallLowering):
    """Lowers the body of one function."""

    def __init__(self, scope: ClassScope, source: FunctionSource, *, is_method: bool, returns: Scalar | None) -> None:
        super().__init__(scope, source, is_method=is_method)
        self.returns = returns
        self.locals: dict[str, ir.Local] = {}
        self.loop_names: list[str] = []
        self.fresh_count = 0

    def fresh(self, stem: str, scalar: Scalar) -> ir.Local:
        self.fresh_count += 1
        return self.declare(f"{stem}_{self.fresh_count}_", scalar)

    def declare(self, name: str, scalar: Scalar) -> ir.Local:
        local = ir.Local(name, scalar)
        self.locals[name] = local
        return local

    # --- blocks -----------------------------------------------------------------------------------------------------

    def block(self, body: Sequence[ast.stmt]) -> tuple[ir.Statement, ...]:
        """Return the IR of statements; a refused one is reported and left out."""
        lowered: list[ir.Statement] = []
        for statement in body:
            try:
                lowered.extend(self.statement(statement))
            except RefusalError as refused:
                self.scope.report(self.source, refused)
                self.poison(statement)
        return tuple(lowered)

    def poison(self, statement: ast.stmt) -> None:
        """Let variables that a refused statement would have set cause no further findings."""
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id not in self.variables:
                self.variables[node.id] = None

    def statement(self, node: ast.stmt) -> list[ir.Statement]:
        match node:
            case ast.Assign(targets=[target]):
                return self.assignment(node, target, node.value)
            case ast.Assign():
                raise RefusalError(node, "PC1001", "two targets of one value", "write one assignment for each instead")
            case ast.AnnAssign():
                return self.annotated(node)
            case ast.AugAssign():
                return self.augmented(node)
            case ast.If():
                condition = self.condition(node.test)
                return [ir.If(condition, self.block(node.body), self.block(node.orelse), self.span(node))]
            case ast.For():
                return self.for_range(node)
            case ast.While():
                return self.while_loop(node)
            case ast.Return():
                return self.returned(node)
            case ast.Expr():
                return self.bare_expression(node)
            case ast.Assert():
                self.need(node, "assert")
                failed = ir.Unary(ir.UnaryOperator.NOT, self.condition(node.test), BOOL)
                return [ir.If(failed, (ir.Fault(ir.FaultCode.ASSERTION, (), self.span(node)),), (), self.span(node))]
            case ast.Pass():
                return []
            case ast.Break():
                return [ir.Break()]
            case ast.Continue():
                return [ir.Continue()]
        name = _STATEMENT_NAMES.get(type(node), type(node).__name__)
        raise RefusalError(node, "PC1001", f"'{name}' is not in the subset", _STATEMENT_ADVICE.get(type(node), ""))

    def bare_expression(self, node: ast.Expr) -> list[ir.Statement]:
        value = node.value
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            return []
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and self.is_method:
            if ast.unparse(value.func.value) == "self":
                found = self.method_call(value, value.func.attr)
                if isinstance(found, ir.Run):
                    return [found]
        elif isinstance(value, ast.Call):
            self.value(value)
        raise RefusalError(
            node, "PC1001", f"the value of '{ast.unparse(value)}' is not used", "assign it, or leave it out"
        )

    # --- assignments ------------------------------------------------------------------------------------------------

    def assignment(self, node: ast.stmt, target: ast.expr, value_node: ast.expr) -> list[ir.Statement]:
        if isinstance(target, ast.Tuple | ast.List):
            raise RefusalError(target, "PC1001", "several targets at once", "write one assignment for each instead")
        return self.store(node, target, value_node, self.value(value_node))

    def store(self, node: ast.stmt, target: ast.expr, value_node: ast.expr, value: ir.Expression) -> list[ir.Statement]:
        if isinstance(target, ast.Name):
            return [ir.Assign(self.variable(target, value_node, value), value, self.span(node))]
        place = self.target(target)
        self.same_as(scalar_of(place.type), f"'{ast.unparse(target)}'", value_node, value)
        return [ir.Assign(place, value, self.span(node))]

    def same_as(self, wanted: Scalar, what: str, node: ast.expr, value: ir.Expression) -> None:
        if value.type is not wanted:
            message = f"{what} is {python_name(wanted)}, this is {python_name(value.type)}"
            raise RefusalError(node, "PC1005", message, conversion_advice(node, value, wanted))

    def variable(self, target: ast.Name, value_node: ast.expr, value: ir.Expression) -> ir.Local:
        if target.id in self.loop_names:
            raise RefusalError(
                target, "PC1011", f"loop variable '{target.id}' is set in its loop", "use another variable"
            )
        known = self.variables.get(target.id)
        if known is None:
            known = self.declare(target.id, value.type)
            self.variables[target.id] = known
        if isinstance(known, ir.Parameter):
            raise RefusalError(target, "PC1009", f"parameter '{target.id}' is set", "use a variable of its own instead")
        self.same_as(scalar_of(known.type), f"variable '{target.id}'", value_node, value)
        return known

    def target(self, node: ast.expr) -> ir.Place:
        """Return the place of ``self.member``, ``self.der.state`` or ``self.array[index]``."""
        if isinstance(node, ast.Subscript):
            place = self.element(node, is_write=True)
            if isinstance(node.value, ast.Attribute):
                self.writes.add(node.value.attr)
            return place
        if not isinstance(node, ast.Attribute) or not self.is_method:
            raise RefusalError(
                node, "PC1001", f"'{ast.unparse(node)}' cannot be set", "set members and local variables only"
            )
        if ast.unparse(node.value) == "self.der":
            self.writes.add(f"der.{node.attr}")
            member = self.scope.members.get(node.attr)
            if member is None or member.role is not Role.STATE or member.scalar is not F64 or member.length:
                raise RefusalError(
                    node, "PC1016", f"'{node.attr}' is no single float state", "declare it as State[float]"
                )
            if self.scope.der_is_local:
                return self.declare(der_local(node.attr).name, F64)
            return self.field(f"der_{node.attr}", F64)
        if ast.unparse(node.value) != "self":
            raise RefusalError(node, "PC1001", f"'{ast.unparse(node)}' cannot be set", "set members of self only")
        member = self.member(node)
        if member.length:
            raise RefusalError(
                node, "PC1002", f"'self.{member.name}' is an array", "set its elements in a for loop instead"
            )
        self.writes.add(member.name)
        return self.field(member.name, member.scalar)

    def annotated(self, node: ast.AnnAssign) -> list[ir.Statement]:
        if node.value is None:
            raise RefusalError(node, "PC1001", "annotation without a value", "give the variable its first value here")
        return self.assignment(node, node.target, node.value)

    def augmented(self, node: ast.AugAssign) -> list[ir.Statement]:
        if isinstance(node.target, ast.Name) and self.variables.get(node.target.id, ...) is ...:
            raise RefusalError(node, "", "")  # the data flow reports it
        value = self.binary(node, node.target, node.op, node.value)
        self.need(node, "int64" if value.type is I64 else "")
        return self.store(node, node.target, node.value, value)

    def returned(self, node: ast.Return) -> list[ir.Statement]:
        if self.returns is None:
            if node.value is not None:
                raise RefusalError(node, "PC1001", f"'{self.source.node.name}' returns a value", "write 'return' alone")
            return [ir.Return()]
        if node.value is None:
            raise RefusalError(
                node, "PC1005", f"'{self.source.node.name}' returns {python_name(self.returns)}, here nothing"
            )
        return [ir.Return(self.typed(node.value, self.returns, "the result"))]

    # --- loops ------------------------------------------------------------------------------------------------------

    def while_loop(self, node: ast.While) -> list[ir.Statement]:
        if node.orelse:
            raise RefusalError(
                node, "PC1001", "'else' of a loop is not in the subset", "set a bool before 'break' instead"
            )
        turns = self.fresh("turns", I64)
        self.need(node, "turns")
        one_more = ir.Binary(BinaryOperator.ADD, ir.Load(turns, I64), ir.Const(1, I64), I64)
        too_many = ir.Compare(Comparison.GT, ir.Load(turns, I64), ir.Const(LOOP_LIMIT, I64))
        stop = ir.Fault(ir.FaultCode.LOOP_BUDGET, (), self.span(node))
        count = (ir.Assign(turns, one_more, self.span(node)), ir.If(too_many, (stop,), (), self.span(node)))
        condition = self.condition(node.test)
        loop = ir.While(condition, (*count, *self.block(node.body)), budgeted=False, span=self.span(node))
        return [ir.Assign(turns, ir.Const(0, I64), self.span(node)), loop]

    def for_range(self, node: ast.For) -> list[ir.Statement]:
        call = node.iter
        if node.orelse:
            raise RefusalError(
                node, "PC1001", "'else' of a loop is not in the subset", "set a bool before 'break' instead"
            )
        is_range = isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "range"
        if not isinstance(call, ast.Call) or not is_range or not isinstance(node.target, ast.Name):
            text = f"'for {ast.unparse(node.target)} in {ast.unparse(call)}' is not in the subset"
            raise RefusalError(node, "PC1011", text, "write 'for i in range(len(self.array))' and index with i instead")
        if not 1 <= len(call.args) <= 3 or call.keywords:
            raise RefusalError(call, "PC1011", "range takes one to three arguments")
        first, end, step = self.range_arguments(call)
        self.enter_loop(node.target, first, end, step)
        before: list[ir.Statement] = []
        if not (isinstance(first, ir.Const) and isinstance(end, ir.Const)):
            self.need(call, "range")
            before, first, end = self.limited_bounds(call, first, end)
        counter = self.declare(node.target.id, I64)
        if step != 1:
            loop = self.strided_loop(node, counter, first, end, step)
        else:
            loop = [ir.CountedLoop(counter, first, end, self.block(node.body), False, self.span(node))]
        self.loop_names.pop()
        self.ranges.pop(node.target.id, None)
        return [*before, *loop]

    def range_arguments(self, call: ast.Call) -> tuple[ir.Expression, ir.Expression, int]:
        values = [self.typed(argument, I64, "a bound of range") for argument in call.args]
        step = values[2] if len(values) == 3 else ir.Const(1, I64)
        if not isinstance(step, ir.Const) or step.value == 0:
            raise RefusalError(
                call, "PC1011", "step of range that is not a constant, or 0", "write a constant step instead"
            )
        first = values[0] if len(values) > 1 else ir.Const(0, I64)
        return first, values[1] if len(values) > 1 else values[0], int(step.value)

    def enter_loop(self, target: ast.Name, first: ir.Expression, end: ir.Expression, step: int) -> None:
        known = self.variables.get(target.id)
        if target.id in self.loop_names or isinstance(known, ir.Parameter) or (known and known.type is not I64):
            raise RefusalError(
                target, "PC1011", f"'{target.id}' is in use already", "give the loop a variable of its own"
            )
        if isinstance(first, ir.Const) and isinstance(end, ir.Const):
            turns = range(int(first.value), int(end.value), step)
            if len(turns) > LOOP_LIMIT:
                raise RefusalError(
                    target, "PC1011", f"loop of {len(turns)} turns", f"at most {LOOP_LIMIT} are possible"
                )
            if turns:
                self.ranges[target.id] = (min(turns[0], turns[-1]), max(turns[0], turns[-1]))
        self.variables[target.id] = ir.Local(target.id, I64)
        self.loop_names.append(target.id)

    def limited_bounds(
        self, call: ast.Call, first: ir.Expression, end: ir.Expression
    ) -> tuple[list[ir.Statement], ir.Expression, ir.Expression]:
        """Evaluate bounds that are not constant once, and stop with a fault when they are too far apart."""
        span = self.span(call)
        low, high = self.fresh("first", I64), self.fresh("end", I64)
        lower, upper = ir.Load(low, I64), ir.Load(high, I64)
        stop = ir.Fault(ir.FaultCode.LOOP_BUDGET, (), span)
        before: list[ir.Statement] = [ir.Assign(low, first, span), ir.Assign(high, end, span)]
        before.append(ir.If(ir.OrElse(_is_far(lower, upper), _is_far(upper, lower)), (stop,), (), span))
        return before, lower, upper

    def strided_loop(
        self, node: ast.For, counter: ir.Local, first: ir.Expression, end: ir.Expression, step: int
    ) -> list[ir.Statement]:
        """Return a loop over the number of turns that sets the loop variable at the start of each."""
        span = self.span(node)
        turn = self.fresh("turn", I64)
        distance = ir.Binary(BinaryOperator.SUBTRACT, end, first, I64)
        if step < 0:
            distance = ir.Binary(BinaryOperator.SUBTRACT, first, end, I64)
        size = ir.Const(abs(step), I64)
        rounded = ir.Binary(BinaryOperator.ADD, distance, ir.Const(abs(step) - 1, I64), I64)
        turns = ir.Binary(BinaryOperator.FLOOR_DIVIDE, rounded, size, I64, span=span)
        offset = ir.Binary(BinaryOperator.MULTIPLY, ir.Load(turn, I64), ir.Const(step, I64), I64)
        index = ir.Assign(counter, ir.Binary(BinaryOperator.ADD, first, offset, I64), span)
        if isinstance(first, ir.Const) and isinstance(end, ir.Const):
            turns_: ir.Expression = ir.Const(len(range(int(first.value), int(end.value), step)), I64)
        else:
            turns_ = turns
        return [ir.CountedLoop(turn, ir.Const(0, I64), turns_, (index, *self.block(node.body)), False, span)]


def _is_far(low: ir.Expression, high: ir.Expression) -> ir.Expression:
    """Return if ``high`` is more than LOOP_LIMIT above ``low``."""
    distance = ir.Convert(ir.Binary(BinaryOperator.SUBTRACT, high, low, I64), Scalar.U64, Conversion.WRAP)
    limit = ir.Const(LOOP_LIMIT, Scalar.U64)
    return ir.AndThen(ir.Compare(Comparison.GT, high, low), ir.Compare(Comparison.GT, distance, limit))


_STATEMENT_NAMES: dict[type[ast.stmt], str] = {
    ast.Try: "try",
    ast.With: "with",
    ast.Raise: "raise",
    ast.Match: "match",
    ast.FunctionDef: "def in a method",
    ast.ClassDef: "class in a method",
    ast.Import: "import in a method",
    ast.ImportFrom: "import in a method",
    ast.Global: "global",
    ast.Nonlocal: "nonlocal",
    ast.Delete: "del",
}
_STATEMENT_ADVICE: dict[type[ast.stmt], str] = {
    ast.Try: "write 'if' before the operation instead",
    ast.Raise: "write 'assert condition' instead",
    ast.Match: "write 'if' and 'elif' instead",
    ast.FunctionDef: "write it at module level instead",
    ast.Import: "write it at the top of the module instead",
    ast.ImportFrom: "write it at the top of the module instead",
    ast.Global: "keep the value in a State instead",
    ast.Delete: "leave it out",
}
