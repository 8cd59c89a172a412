"""Calls of helper functions and of other methods of the class."""

from __future__ import annotations

import ast
import typing
from types import FunctionType

from emulators.component.advice import python_name
from emulators.component.expressions import ExpressionLowering
from emulators.component.refusals import RefusalError
from emulators.component.scope import LoweredFunction
from emulators.component.source import FunctionSource, SourceMissingError, function_source
from emulators.errors import did_you_mean
from emulators.native import ir
from emulators.native.ir import Scalar

__all__ = ["CallLowering", "signature_of"]

_SCALARS = {float: Scalar.F64, int: Scalar.I64, bool: Scalar.BOOL, type(None): None, None: None}


def signature_of(source: FunctionSource, *, is_method: bool) -> tuple[tuple[tuple[str, Scalar], ...], Scalar | None]:
    """Return parameters (without ``self``) and result of a function.

    Raises:
        RefusalError: an annotation is missing or is not float, int or bool.
    """
    arguments = source.node.args
    if arguments.vararg or arguments.kwarg or arguments.kwonlyargs or arguments.defaults or source.node.decorator_list:
        message = f"'{source.node.name}' has defaults, keyword-only parameters, '*' or a decorator"
        raise RefusalError(source.node, "PC1012", message, "write plain positional parameters instead")
    try:
        hints = typing.get_type_hints(source.function, dict(source.names))
    except NameError as error:
        raise RefusalError(source.node, "PC1012", f"annotation of '{source.node.name}': {error}") from error
    names_ = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)][1 if is_method else 0 :]
    parameters: list[tuple[str, Scalar]] = []
    for name in names_:
        scalar = _SCALARS.get(hints.get(name, ...))
        if scalar is None:
            message = f"parameter '{name}' of '{source.node.name}' is not annotated float, int or bool"
            raise RefusalError(source.node, "PC1012", message, f"write '{name}: float' instead")
        parameters.append((name, scalar))
    returned = hints.get("return", ...)
    if returned not in _SCALARS:
        message = f"result of '{source.node.name}' is not annotated float, int, bool or None"
        raise RefusalError(source.node, "PC1012", message, f"write 'def {source.node.name}(…) -> float:' instead")
    return tuple(parameters), _SCALARS[returned]


class CallLowering(ExpressionLowering):
    """Adds calls to the expressions."""

    def lower_callee(self, source: FunctionSource, *, is_method: bool) -> LoweredFunction:
        """Return another function of the component, compiled.

        Raises:
            RefusalError: it is recursive; silent when its findings are reported already.
        """
        from emulators.component.functions_of_class import lower_function  # the callee is lowered like its caller

        found = lower_function(self.scope, source, is_method=is_method)
        if found is None:
            raise RefusalError(source.node, "", "")
        return found

    def helper_call(self, node: ast.Call, target: object) -> ir.Expression:
        if not isinstance(target, FunctionType):
            raise RefusalError(
                node, "PC1004", f"'{ast.unparse(node.func)}' is not written in Python", "write it with def"
            )
        try:
            source = function_source(target)
        except SourceMissingError as error:
            raise RefusalError(node, "PC1014", str(error), "write it with def in a file") from error
        self.refuse_recursion(node, f"{target.__module__}.{target.__qualname__}")
        callee = self.lower_callee(source, is_method=False)
        self.helpers.add(target)
        arguments = self.arguments(node, callee)
        if callee.returns is None:
            raise RefusalError(
                node, "PC1012", f"'{target.__name__}' returns nothing", "let it return a float, int or bool"
            )
        return ir.Call(callee.function.name, tuple(arguments), callee.returns, self.span(node))

    def method_call(self, node: ast.Call, name: str) -> ir.Call | ir.Run:
        method = getattr(self.scope.cls, name, None)
        if not isinstance(method, FunctionType):
            known = [key for key in dir(self.scope.cls) if isinstance(getattr(self.scope.cls, key), FunctionType)]
            raise RefusalError(
                node, "PC1010", f"{self.scope.cls.__name__} has no method '{name}'", did_you_mean(name, known)
            )
        self.refuse_recursion(node, f"self.{name}")
        callee = self.lower_callee(function_source(method), is_method=True)
        if callee.returns is not None and callee.writes:
            message = f"'self.{name}' returns a value and writes self.{min(callee.writes)}"
            raise RefusalError(node, "PC1012", message, "let a method either return a value or write members")
        self.reads |= callee.reads
        self.writes |= callee.writes
        instance = ir.AddressOf(ir.Argument("self", self.scope.struct))
        arguments = (instance, *self.arguments(node, callee))
        if callee.returns is None:
            return ir.Run(callee.function.name, arguments, self.span(node))
        return ir.Call(callee.function.name, arguments, callee.returns, self.span(node))

    def arguments(self, node: ast.Call, callee: LoweredFunction) -> list[ir.Expression]:
        if len(node.args) != len(callee.parameters):
            form = ", ".join(f"{name}: {python_name(scalar)}" for name, scalar in callee.parameters)
            message = f"'{ast.unparse(node.func)}' takes {len(callee.parameters)} arguments, here are {len(node.args)}"
            raise RefusalError(node, "PC1002", message, f"it is declared as ({form})")
        pairs = zip(node.args, callee.parameters, strict=True)
        return [self.typed(argument, scalar, f"parameter '{name}'") for argument, (name, scalar) in pairs]

    def refuse_recursion(self, node: ast.Call, key: str) -> None:
        if key in self.scope.in_progress:
            raise RefusalError(node, "PC1012", f"'{ast.unparse(node.func)}' calls itself", "write a loop instead")
