"""Questions about subtrees of the typed tree that several parts of the lowering ask."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

from emulators.iec61131 import tree
from emulators.iec61131.types import Section, Variable

__all__ = ["calls_users_function", "nodes", "root_variable", "written_places"]

_NOT_BELOW = ("span", "type", "variable", "parameter", "operator", "function", "ranges", "address")
_FIELDS_BELOW: dict[type, tuple[str, ...]] = {
    node_class: tuple(
        f.name
        for f in dataclasses.fields(node_class)
        if f.name not in _NOT_BELOW or (f.name == "variable" and node_class is tree.For)
    )
    for node_class in vars(tree).values()
    if isinstance(node_class, type) and dataclasses.is_dataclass(node_class)
}
"""Of every class of the typed tree the attributes that hold nodes below it."""


def nodes(root: object) -> Iterator[object]:
    """Yield a node and all nodes below it, parents first; chains may nest deep, so there is no recursion."""
    pending = [root]
    while pending:
        node = pending.pop()
        if isinstance(node, tuple):
            pending.extend(reversed(node))
            continue
        below = _FIELDS_BELOW.get(type(node))
        if below is not None:
            yield node
            pending.extend(getattr(node, name) for name in reversed(below))


def calls_users_function(node: tree.Expression | tree.Place) -> bool:
    """Return whether evaluating the expression may change variables."""
    return any(isinstance(found, tree.FunctionCall) for found in nodes(node))


def root_variable(place: tree.Place) -> Variable | None:
    """Return the variable a place is part of; None for a direct address."""
    while not isinstance(place, tree.Name):
        if isinstance(place, tree.AddressAccess):
            return None
        place = place.base
    return place.variable


def written_places(body: Sequence[tree.Statement | tree.Expression]) -> Iterator[tree.Place]:
    """Yield every place that the statements assign or pass by reference."""
    for node in nodes(tuple(body)):
        match node:
            case tree.Assignment(target):
                yield target
            case tree.OutputArgument(_, target):
                yield target
            case tree.InOutArgument(_, place):
                yield place
            case tree.For(variable):
                yield variable
            case tree.FunctionBlockCall(instance):
                yield instance
        match node:
            case tree.FunctionCall(enable_output=enable_output) | tree.StandardCall(enable_output=enable_output):
                yield from () if enable_output is None else (enable_output,)
            case tree.FunctionBlockCall(enable_output=enable_output):
                yield from () if enable_output is None else (enable_output,)
        if isinstance(node, tree.StandardCall):
            yield from (place for _, place in node.outputs)


def is_local(variable: Variable | None) -> bool:
    """Return whether a variable of a function lives on its stack."""
    return variable is not None and variable.owner != "" and variable.section is not Section.IN_OUT
