"""Modules of several front ends as one."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Sequence

from emulators.errors import InternalError
from emulators.native.ir import (
    Array,
    CountedLoop,
    CountOutcome,
    CountPoint,
    CoveragePoint,
    Function,
    If,
    Module,
    RunGuarded,
    Scalar,
    Statement,
    Struct,
    Switch,
    SwitchCase,
    Type,
    While,
)
from emulators.native.walk import called_functions

__all__ = ["link_modules"]


def link_modules(modules: Sequence[Module], *, exported: Collection[str] | None = None) -> Module:
    """Return one module with everything of the given ones, in their order.

    A structure used by several modules is one object there and here. Coverage points are renumbered. With
    ``exported`` only these functions can be called from Python, and what they do not reach is left out: less to
    compile, and a C compiler inlines what is called from one place only.

    Raises:
        InternalError: two structures, or two functions, have one name.
    """
    structs: dict[str, Struct] = {}
    functions: dict[str, Function] = {}
    points: list[CoveragePoint] = []
    parts: frozenset[str] = frozenset()
    for module in modules:
        for struct in module.structs:
            _add_struct(structs, struct)
        for function in module.functions:
            if function.name in functions:
                raise InternalError(f"two functions are named {function.name}")
            body = _renumbered(function.body, len(points)) if points and module.points else function.body
            functions[function.name] = function if body is function.body else dataclasses.replace(function, body=body)
        points.extend(module.points)
        parts |= module.runtime_parts
    if exported is not None:
        functions = _reached(functions, exported)
    return Module(tuple(structs.values()), tuple(functions.values()), tuple(points), parts)


def _reached(functions: dict[str, Function], exported: Collection[str]) -> dict[str, Function]:
    """Return the exported functions and what they call, in the order of the module."""
    pending = [name for name in functions if name in exported]
    reached = set(pending)
    while pending:
        for callee in called_functions(functions[pending.pop()]):
            if callee not in reached and callee in functions:
                reached.add(callee)
                pending.append(callee)
    return {
        name: function
        if function.exported == (name in exported)
        else dataclasses.replace(function, exported=name in exported)
        for name, function in functions.items()
        if name in reached
    }


def _add_struct(structs: dict[str, Struct], struct: Struct) -> None:
    known = structs.get(struct.name)
    if known is struct:
        return
    if known is not None:
        raise InternalError(f"two structures are named {struct.name}")
    for member in struct.fields:
        _add_structs_of(structs, member.type)
    structs[struct.name] = struct


def _add_structs_of(structs: dict[str, Struct], of: Type) -> None:
    while isinstance(of, Array):
        of = of.element
    if not isinstance(of, Scalar):
        _add_struct(structs, of)


def _renumbered(body: tuple[Statement, ...], shift: int) -> tuple[Statement, ...]:
    return tuple(_renumber(statement, shift) for statement in body)


def _renumber_chain(statement: If, shift: int) -> If:
    """Renumber a chain of ELSIF from its end, as it may be longer than Python's stack."""
    chain = [statement]
    while chain[-1].orelse and isinstance(following := chain[-1].orelse[-1], If):
        chain.append(following)
    last = chain.pop()
    result = dataclasses.replace(last, then=_renumbered(last.then, shift), orelse=_renumbered(last.orelse, shift))
    while chain:
        outer = chain.pop()
        orelse = (*_renumbered(outer.orelse[:-1], shift), result)
        result = dataclasses.replace(outer, then=_renumbered(outer.then, shift), orelse=orelse)
    return result


def _renumber(statement: Statement, shift: int) -> Statement:
    match statement:
        case CountPoint(index):
            return CountPoint(index + shift)
        case CountOutcome(if_true=if_true, if_false=if_false):
            return dataclasses.replace(statement, if_true=if_true + shift, if_false=if_false + shift)
        case If():
            return _renumber_chain(statement, shift)
        case While() | CountedLoop():
            return dataclasses.replace(statement, body=_renumbered(statement.body, shift))
        case Switch():
            cases = tuple(SwitchCase(case.ranges, _renumbered(case.body, shift)) for case in statement.cases)
            return dataclasses.replace(statement, cases=cases, default=_renumbered(statement.default, shift))
        case RunGuarded():
            return dataclasses.replace(statement, on_fault=_renumbered(statement.on_fault, shift))
        case _:
            return statement
