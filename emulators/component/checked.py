"""The plain Python executor of a component: the user's own source with the guards of native code added.

Python has integers without end, negative indices and loops without budget; native code has not. The methods are
compiled from the user's syntax tree with checks around exactly those operations, under the user's file name and line
numbers, so that ``pdb`` steps through the source as it is written.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Mapping
from functools import cache
from types import CodeType, FunctionType, TracebackType
from typing import Any, TypeVar

from emulators.component.base import Component
from emulators.component.constants import INT64_MAX, INT64_MIN
from emulators.component.names import static_value
from emulators.component.scope import LOOP_LIMIT, Check, LoweredFunction, NodeKey, node_key
from emulators.component.unit import ComponentUnit
from emulators.errors import SourceSpan
from emulators.native.faults import NativeFault
from emulators.native.ir import FaultCode

__all__ = ["checked_class", "fault_of"]

N = TypeVar("N", bound=ast.AST)

_FILE = "_checked_file"


class _GuardError(Exception):
    def __init__(self, code: FaultCode, message: str) -> None:
        super().__init__(message)
        self.code = code


def _check_int64(value: int) -> int:
    if INT64_MIN <= value <= INT64_MAX:
        return value
    raise _GuardError(FaultCode.OVERFLOW, f"{value} does not fit i64")


def _check_truncate(value: float) -> int:
    if value != value or not -9.223372036854775808e18 <= value < 9.223372036854775808e18:
        raise _GuardError(FaultCode.CONVERSION, f"{value!r} has no value of type i64")
    return int(value)


def _check_round(value: float) -> int:
    if value != value or not -9.223372036854775808e18 <= value < 9.223372036854775808e18:
        raise _GuardError(FaultCode.CONVERSION, f"{value!r} has no value of type i64")
    return round(value)


def _check_index(index: int, length: int) -> int:
    if 0 <= index < length:
        return index
    raise _GuardError(FaultCode.INDEX_OUT_OF_BOUNDS, f"index {index} is outside 0..{length - 1}")


def _check_range(*bounds: int) -> range:
    turns = range(*bounds)
    if abs(turns.stop - turns.start) > LOOP_LIMIT:
        raise _GuardError(FaultCode.LOOP_BUDGET, f"the loop makes more than {LOOP_LIMIT} turns")
    return turns


def _check_turn(turns: int) -> int:
    if turns >= LOOP_LIMIT:
        raise _GuardError(FaultCode.LOOP_BUDGET, f"the loop makes more than {LOOP_LIMIT} turns")
    return turns + 1


def _check_true(condition: bool) -> None:
    if not condition:
        raise _GuardError(FaultCode.ASSERTION, "assertion failed")


_GUARDS: dict[str, Any] = {
    guard.__name__: guard
    for guard in (
        _check_int64,
        _check_truncate,
        _check_round,
        _check_index,
        _check_range,
        _check_turn,
        _check_true,
    )
}
_REPLACED_CALLS = {"truncate": "_check_truncate", "round": "_check_round", "range": "_check_range"}


@cache
def checked_class(unit: ComponentUnit) -> type[Component]:
    """Return a subclass of the component whose methods fault where native code does."""
    helpers = {lowered.source.function: lowered for lowered in unit.helpers}
    compiled = {_helper_name(lowered): _function(lowered, helpers) for lowered in helpers.values()}
    methods = {name: _function(lowered, helpers) for name, lowered in unit.methods.items()}
    for function in (*compiled.values(), *methods.values()):
        function.__globals__.update(compiled)
    return type(unit.cls.__name__, (unit.cls,), {**methods, "__module__": unit.cls.__module__})


def _helper_name(lowered: LoweredFunction) -> str:
    return f"_checked_{lowered.function.name}"


def _function(lowered: LoweredFunction, helpers: Mapping[FunctionType, LoweredFunction]) -> FunctionType:
    """Return one function of the user with its guards."""
    source = lowered.source
    node = _Guarding(lowered.checks, source.names, helpers).visit(copy.deepcopy(source.node))
    node.decorator_list = []
    node.returns = None
    for argument in (*node.args.posonlyargs, *node.args.args):
        argument.annotation = None
    module = ast.fix_missing_locations(ast.Module([node], []))
    code = compile(module, source.function.__code__.co_filename, "exec", dont_inherit=True)
    inner = next(constant for constant in code.co_consts if isinstance(constant, CodeType))
    return FunctionType(inner, {**source.names, **_GUARDS, _FILE: source.file}, source.node.name)


class _Guarding(ast.NodeTransformer):
    """Adds guards to a copy of the user's tree."""

    def __init__(
        self,
        checks: Mapping[NodeKey, Check],
        names: Mapping[str, Any],
        helpers: Mapping[FunctionType, LoweredFunction],
    ) -> None:
        self.checks = checks
        self.names = names
        self.helpers = helpers
        self.loop_count = 0

    def generic_visit(self, node: ast.AST) -> ast.AST:
        check = self.checks.get(node_key(node))
        visited = super().generic_visit(node)
        if isinstance(visited, ast.Call):
            target = static_value(visited.func, self.names)
            if isinstance(target, FunctionType) and target in self.helpers:
                visited.func = _located(ast.Name(_helper_name(self.helpers[target]), ast.Load()), visited.func)
        if check is None or not isinstance(visited, ast.expr):
            return visited
        if check.kind == "int64":
            return _guard("_check_int64", visited, visited)
        if check.kind == "index" and isinstance(visited, ast.Subscript):
            length = ast.Constant(check.length)
            visited.slice = _guard("_check_index", visited, visited.slice, length)
        elif check.kind in _REPLACED_CALLS and isinstance(visited, ast.Call):
            visited.func = _located(ast.Name(_REPLACED_CALLS[check.kind], ast.Load()), visited.func)
        return visited

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:  # name is the protocol of NodeTransformer
        check = self.checks.get(node_key(node))
        target = node.target
        loaded: ast.expr = copy.deepcopy(target)
        setattr(loaded, "ctx", ast.Load())  # noqa: B010  # the field exists on each kind of target
        operation: ast.expr = _located(ast.BinOp(self.visit(loaded), node.op, self.visit(node.value)), node)
        if check is not None and check.kind == "int64":
            operation = _guard("_check_int64", node, operation)
        return _located(ast.Assign([self.visit(target)], operation), node)

    def visit_Assert(self, node: ast.Assert) -> ast.AST:  # name is the protocol of NodeTransformer
        return _located(ast.Expr(_guard("_check_true", node, self.visit(node.test))), node)

    def visit_While(self, node: ast.While) -> list[ast.stmt]:  # name is the protocol of NodeTransformer
        self.loop_count += 1
        name = f"_turns_{self.loop_count}"
        visited = self.generic_visit(node)
        assert isinstance(visited, ast.While)
        before = _located(ast.Assign([ast.Name(name, ast.Store())], ast.Constant(0)), node)
        turn = _guard("_check_turn", node, _located(ast.Name(name, ast.Load()), node))
        visited.body.insert(0, _located(ast.Assign([_located(ast.Name(name, ast.Store()), node)], turn), node))
        return [before, visited]


def _guard(name: str, where: ast.AST, *arguments: ast.expr) -> ast.Call:
    return _located(ast.Call(_located(ast.Name(name, ast.Load()), where), list(arguments), []), where)


def _located(node: N, where: ast.AST) -> N:
    return ast.copy_location(node, where)


def fault_of(error: Exception) -> NativeFault | None:
    """Return an exception of a checked method as the fault that native code reports; None if it is none."""
    if isinstance(error, _GuardError):
        code = error.code
    elif isinstance(error, ZeroDivisionError):
        code = FaultCode.DIVISION_BY_ZERO
    elif isinstance(error, NativeFault):
        code = error.code
    elif isinstance(error, ArithmeticError | ValueError):
        code = FaultCode.DOMAIN
    else:
        return None
    span = _innermost_span(error.__traceback__)
    return NativeFault(code, span, str(error)) if span is not None else None


def _innermost_span(traceback: TracebackType | None) -> SourceSpan | None:
    span = None
    while traceback is not None:
        file = traceback.tb_frame.f_globals.get(_FILE)
        if file is not None:
            positions = list(traceback.tb_frame.f_code.co_positions())
            line, end_line, column, end_column = positions[traceback.tb_lasti // 2]
            span = SourceSpan(file, line or 0, (column or 0) + 1, end_line or 0, (end_column or 0) + 1)
        traceback = traceback.tb_next
    return span
