"""Compiles a component class: its members become a structure, its methods functions over one instance."""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Iterator, Mapping
from functools import cache
from types import FunctionType, MappingProxyType
from typing import Any, cast

from emulators.component.base import BUILT_IN_MEMBERS, Component, Member, members_of
from emulators.component.declarations import Phase, Role
from emulators.component.functions_of_class import flow_of, lower_function
from emulators.component.generated import defaults_function, stage_functions
from emulators.component.refusals import RefusalError
from emulators.component.scope import ClassScope, LoweredFunction
from emulators.component.source import FunctionSource, SourceMissingError, class_span, function_source
from emulators.component.unit import ComponentUnit
from emulators.errors import CompileError, Diagnostic
from emulators.native import ir
from emulators.native.ir import Scalar

__all__ = ["compile_component"]

ENTRY_METHODS = ("start", "outputs", "derivatives", "tick")


def compile_component(cls: type[Component]) -> ComponentUnit:
    """Return a component class compiled to IR; the same class gives the same object.

    Raises:
        CompileError: what the Python subset refuses, all findings at once, with what to write instead.
    """
    return _compile_once(cast(Any, cls))


@cache
def _compile_once(cls: Any) -> ComponentUnit:
    span = class_span(cls)
    try:
        members = members_of(cls)
        sources = {source.node.name: source for source in _method_sources(cls)}
    except TypeError as error:
        raise CompileError([Diagnostic(span, "PC1015", str(error))]) from error
    except SourceMissingError as error:
        raise CompileError([Diagnostic(span, "PC1014", str(error), "write the class in a file")]) from error
    continuous = _continuous_states(members, sources)
    name = _unit_name(cls)
    der_is_local = "derivatives" in sources and _can_be_copied(sources["derivatives"].node)
    struct = _struct(name, members, () if der_is_local else continuous, continuous, sources)
    scope = ClassScope(cls, name, members, struct, der_is_local)
    entries = {method: sources[method] for method in ENTRY_METHODS if method in sources}
    for source in entries.values():
        lower_function(scope, source, is_method=True)
    if not scope.diagnostics:
        _check_effects(scope, entries)
        _check_completeness(scope, entries, continuous)
    if scope.diagnostics:
        raise CompileError(sorted(scope.diagnostics, key=lambda diagnostic: diagnostic.span))
    return _unit(scope, entries, continuous)


def _unit(scope: ClassScope, entries: Mapping[str, FunctionSource], continuous: tuple[str, ...]) -> ComponentUnit:
    span = class_span(scope.cls)
    methods = {name: lowered for name, lowered in scope.methods.items() if lowered is not None}
    helpers = tuple(lowered for lowered in scope.helpers.values() if lowered is not None)
    functions = [lowered.function for lowered in (*helpers, *methods.values())]
    functions.append(defaults_function(f"{scope.prefix}_defaults", scope.struct, scope.members.values(), span))
    if continuous:
        derivatives = methods["derivatives"].function
        if scope.der_is_local:
            functions.remove(derivatives)
        functions += stage_functions(scope.prefix, scope.struct, continuous, derivatives, is_copied=scope.der_is_local)
    reads = {name: methods[name].reads & _names(scope.members, Role.INPUT) for name in entries}
    return ComponentUnit(
        scope.cls,
        scope.prefix,
        scope.struct,
        tuple(functions),
        scope.members,
        continuous,
        MappingProxyType(_feed_through(scope, methods)),
        MappingProxyType(reads),
        MappingProxyType(methods),
        helpers,
        span,
    )


def _method_sources(cls: type[Component]) -> Iterator[FunctionSource]:
    """Yield every method that the class or its bases below Component define, the overriding ones only."""
    for name in dir(cls):
        method = getattr(cls, name)
        if isinstance(method, FunctionType) and getattr(Component, name, None) is not method:
            yield function_source(method)


def _unit_name(cls: type[Component]) -> str:
    """Return ``component_tank``; a class outside the library gets a hash of its place, so that names never meet."""
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", cls.__name__).lower()
    if cls.__module__.split(".")[0] == "emulators":
        return f"component_{snake}"
    place = f"{cls.__module__}:{cls.__qualname__}"
    return f"component_{snake}_{hashlib.sha256(place.encode()).hexdigest()[:6]}"


def _continuous_states(members: Mapping[str, Member], sources: Mapping[str, FunctionSource]) -> tuple[str, ...]:
    derived = {
        node.attr
        for source in sources.values()
        for node in ast.walk(source.node)
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "self.der"
    }
    return tuple(
        member.name
        for member in members.values()
        if member.name in derived and member.role is Role.STATE and member.scalar is Scalar.F64 and not member.length
    )


def _can_be_copied(derivatives: ast.FunctionDef) -> bool:
    """Return if the body may stand inside another function: it neither returns early nor leaves work to methods."""
    return not any(
        isinstance(node, ast.Return) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call))
        for node in ast.walk(derivatives)
    )


def _struct(
    name: str,
    members: Mapping[str, Member],
    derived: tuple[str, ...],
    continuous: tuple[str, ...],
    sources: Mapping[str, FunctionSource],
) -> ir.Struct:
    used = {
        node.attr
        for source in sources.values()
        for node in ast.walk(source.node)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self"
    }
    fields = [ir.Field(built_in, Scalar.I64) for built_in in BUILT_IN_MEMBERS if built_in in used]
    for member in sorted(members.values(), key=lambda member: list(Role).index(member.role)):
        type_ = ir.Array(member.scalar, member.length) if member.length else member.scalar
        fields.append(ir.Field(member.name, type_))
    fields += [ir.Field(f"der_{state}", Scalar.F64) for state in derived]
    fields += [ir.Field(f"{prefix}_{state}", Scalar.F64) for prefix in ("base", "sum") for state in continuous]
    return ir.Struct(name, tuple(fields))


def _names(members: Mapping[str, Member], *roles: Role) -> frozenset[str]:
    return frozenset(member.name for member in members.values() if member.role in roles)


# --- what each method may write ---------------------------------------------------------------------------------------


def _check_effects(scope: ClassScope, entries: Mapping[str, FunctionSource]) -> None:
    states = _names(scope.members, Role.STATE)
    outputs = _names(scope.members, Role.OUTPUT)
    set_by_outputs = _writes(scope, "outputs")
    allowed = {
        "start": (states | outputs, "states and outputs"),
        "outputs": (outputs, "outputs"),
        "derivatives": (frozenset(f"der.{name}" for name in states), "self.der.<state>"),
        "tick": (states | outputs - set_by_outputs, "states, and outputs that outputs() does not set"),
    }
    for name, source in entries.items():
        may, text = allowed[name]
        for written in sorted(_writes(scope, name) - may):
            node = _writing_node(source.node, written)
            message = f"{name}() may not set 'self.{written}'"
            scope.report(source, RefusalError(node, "PC1009", message, f"it may set {text}"))


def _writes(scope: ClassScope, method: str) -> frozenset[str]:
    lowered = scope.methods.get(method)
    return lowered.writes if lowered is not None else frozenset()


def _writing_node(function: ast.FunctionDef, written: str) -> ast.AST:
    for node in ast.walk(function):
        if isinstance(node, ast.Attribute) and ast.unparse(node) == f"self.{written}":
            return node
    return function


def _check_completeness(scope: ClassScope, entries: Mapping[str, FunctionSource], continuous: tuple[str, ...]) -> None:
    span = class_span(scope.cls)
    for output in sorted(_names(scope.members, Role.OUTPUT) - _writes(scope, "outputs") - _writes(scope, "tick")):
        scope.diagnostics.append(
            Diagnostic(span, "PC1008", f"output '{output}' is never set", "set it in outputs(), or in tick()")
        )
    wanted = {
        "outputs": [f"self.{name}" for name in sorted(_writes(scope, "outputs"))],
        "derivatives": [f"der.{name}" for name in continuous],
    }
    for method, names in wanted.items():
        lowered = scope.methods.get(method)
        at_end = flow_of(scope, lowered, outputs_are_fresh=False).at_end if lowered is not None else None
        for name in names:
            if at_end is not None and name not in at_end:
                message = f"'{name.replace('der.', 'self.der.')}' is not set on every path through {method}()"
                node = _writing_node(entries[method].node, name.removeprefix("self."))
                scope.report(
                    entries[method], RefusalError(node, "PC1008", message, "set it above the 'if', or in 'else' too")
                )
    if continuous and scope.cls.PHASE is not Phase.PROCESS:
        message = f"{scope.cls.PHASE.name} component has the continuous state '{continuous[0]}'"
        scope.diagnostics.append(Diagnostic(span, "PC1016", message, "write its exact update in tick() instead"))
    if continuous and "derivatives" not in entries and not scope.diagnostics:
        message = f"'{continuous[0]}' has a derivative, but there is no derivatives()"
        scope.diagnostics.append(Diagnostic(span, "PC1016", message, "set self.der in derivatives()"))


def _feed_through(scope: ClassScope, methods: Mapping[str, LoweredFunction]) -> dict[str, frozenset[str]]:
    outputs = _names(scope.members, Role.OUTPUT)
    found = dict.fromkeys(sorted(outputs), frozenset[str]())
    if "outputs" in methods:
        at_end = flow_of(scope, methods["outputs"], outputs_are_fresh=True).at_end or {}
        found |= {name: at_end[f"self.{name}"] for name in sorted(outputs) if f"self.{name}" in at_end}
    return found
