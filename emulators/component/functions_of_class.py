"""Compiles single functions: methods of a component class and the pure helper functions they call."""

from __future__ import annotations

from emulators.component.calls import signature_of
from emulators.component.declarations import Role
from emulators.component.flow import Flow, analyse_flow
from emulators.component.refusals import RefusalError
from emulators.component.scope import ClassScope, LoweredFunction
from emulators.component.source import FunctionSource
from emulators.component.statements import StatementLowering
from emulators.native import ir

__all__ = ["flow_of", "lower_function"]


def lower_function(scope: ClassScope, source: FunctionSource, *, is_method: bool) -> LoweredFunction | None:
    """Return a function compiled, from the scope if it was before; None when it was refused (findings in the scope)."""
    name = source.node.name
    function = source.function
    if is_method and name in scope.methods:
        return scope.methods[name]
    if not is_method and function in scope.helpers:
        return scope.helpers[function]
    key = f"self.{name}" if is_method else f"{function.__module__}.{function.__qualname__}"
    found_before = len(scope.diagnostics)
    scope.in_progress.add(key)
    try:
        lowered: LoweredFunction | None = _lower(scope, source, is_method=is_method)
    except RefusalError as refused:
        scope.report(source, refused)
        lowered = None
    scope.in_progress.discard(key)
    if len(scope.diagnostics) > found_before:
        lowered = None
    if is_method:
        scope.methods[name] = lowered
    else:
        scope.helpers[function] = lowered
    return lowered


def _lower(scope: ClassScope, source: FunctionSource, *, is_method: bool) -> LoweredFunction:
    parameters, returns = signature_of(source, is_method=is_method)
    lowering = StatementLowering(scope, source, is_method=is_method, returns=returns)
    formal: list[ir.FormalParameter] = []
    if is_method:
        formal.append(ir.FormalParameter("self", scope.struct, by_reference=True))
    for name, scalar in parameters:
        formal.append(ir.FormalParameter(name, scalar))
        lowering.variables[name] = ir.Parameter(name, scalar)
    body = lowering.block(source.node.body)
    name = f"{scope.prefix}_{source.node.name}" if is_method else helper_name(source)
    function = ir.Function(
        name,
        tuple(formal),
        body,
        tuple(lowering.locals.values()),
        returns,
        span=source.span(source.node),
        is_inline=True,
    )
    lowered = LoweredFunction(
        source,
        function,
        parameters,
        returns,
        lowering.checks,
        frozenset(lowering.reads),
        frozenset(lowering.writes),
        frozenset(lowering.helpers),
    )
    flow = flow_of(scope, lowered, outputs_are_fresh=is_method and source.node.name == "outputs")
    for refused in flow.refusals:
        scope.report(source, refused)
    if returns is not None and flow.falls_through:
        message = f"'{source.node.name}' can end without a value"
        scope.report(source, RefusalError(source.node, "PC1008", message, "write a return at its end"))
    return lowered


def helper_name(source: FunctionSource) -> str:
    """Return the C name of a helper function: its module and name."""
    return f"{source.function.__module__}_{source.function.__qualname__}".replace(".", "_").replace("<locals>", "local")


def flow_of(scope: ClassScope, lowered: LoweredFunction, *, outputs_are_fresh: bool) -> Flow:
    """Return the data flow of a compiled function."""
    return analyse_flow(
        lowered.source.node,
        [name for name, _ in lowered.parameters],
        scope.members,
        outputs_are_fresh=outputs_are_fresh,
        effect_of_method=lambda name: _effect_of(scope, name),
    )


def _effect_of(scope: ClassScope, method: str) -> tuple[frozenset[str], frozenset[str]]:
    lowered = scope.methods.get(method)
    if lowered is None:
        return frozenset(), frozenset()
    at_end = flow_of(scope, lowered, outputs_are_fresh=False).at_end or {}
    inputs = (name for name in lowered.reads if name in scope.members and scope.members[name].role is Role.INPUT)
    return frozenset(inputs), frozenset(name for name in at_end if name.startswith(("self.", "der.")))
