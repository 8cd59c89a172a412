"""Locals that need no zero at the start, as the function sets them before it reads them (tcc removes no dead store)."""

from __future__ import annotations

from emulators.native.ir import (
    AddressOf,
    Assign,
    Call,
    CountedLoop,
    Element,
    Expression,
    Function,
    Load,
    Local,
    Place,
    Run,
    RunGuarded,
    RuntimeCall,
    Scalar,
    Statement,
)
from emulators.native.walk import expressions_of, place_root, statements_of

__all__ = ["locals_set_before_use"]


def locals_set_before_use(function: Function) -> frozenset[str]:
    """Return scalar locals whose first mention, on the top level of the body, sets them whole."""
    open_names = {local.name for local in function.locals if isinstance(local.type, Scalar)}
    ready: set[str] = set()
    for statement in function.body:
        if not open_names:
            break
        target = _set_local(statement)
        head = set().union(*(_mentioned(node) for node in expressions_of(statement)))
        if target in open_names and target not in head:
            ready.add(target)
            open_names.discard(target)
        open_names -= head
        for inner in statements_of((statement,)):
            open_names -= _all_names(inner)
    return frozenset(ready)


def _set_local(statement: Statement) -> str | None:
    match statement:
        case Assign(Local(name)):
            return name
        case CountedLoop(Local(name)):
            return name
        case _:
            return None


def _place_names(place: Place) -> set[str]:
    root = place_root(place)
    return {root.name} if isinstance(root, Local) else set()


def _mentioned(node: Expression) -> set[str]:
    match node:
        case Load(place):
            return _place_names(place)
        case Call(_, arguments):
            return set().union(*(_place_names(item.place) for item in arguments if isinstance(item, AddressOf)))
        case _:
            return set()


def _all_names(statement: Statement) -> set[str]:
    names = set().union(*(_mentioned(node) for node in expressions_of(statement)))
    match statement:
        case Run() | RunGuarded() | RuntimeCall():
            for item in statement.arguments:
                if isinstance(item, AddressOf):
                    names |= _place_names(item.place)
    for attribute in ("place", "target", "source", "counter", "code", "site", "values"):
        place = getattr(statement, attribute, None)
        if isinstance(place, Local | Element) or hasattr(place, "base"):
            names |= _place_names(place)  # type: ignore[arg-type]  # hasattr base: a place
    return names
