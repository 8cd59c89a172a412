"""Keeps scalar variables of a block or program in machine locals while a loop runs.

C compilers cannot keep a member of the instance in a register over the cold calls of guards and of the loop budget.
So an outermost loop reads the variables it uses into locals first and writes those it assigns back when it is left,
by its end, EXIT or RETURN. After a fault inside the loop they hold what they held before it.

Only variables that nothing else can reach while the body runs are kept so: VAR, and inputs and outputs of units that
have no VAR_IN_OUT (which could be bound to them).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from emulators.iec61131 import tree
from emulators.iec61131.lowering.function_builder import FunctionBuilder
from emulators.iec61131.lowering.machine_types import is_scalar, scalar_of
from emulators.iec61131.lowering.walk import nodes, root_variable, written_places
from emulators.iec61131.types import Section, Variable
from emulators.native import ir

__all__ = ["promoted"]


@contextmanager
def promoted(b: FunctionBuilder, loop: tree.For | tree.While | tree.Repeat) -> Iterator[None]:
    """Lower an outermost loop inside this block to have its variables in locals."""
    if b.loops:
        yield
        return
    written = {root_variable(place) for place in written_places((loop,))}
    saved = dict(b.bindings)
    back: list[ir.Statement] = []
    for variable in _candidates(b, loop):
        member = b.binding(variable)
        scalar = scalar_of(variable.type)
        local = ir.Local(f"{variable.name}__{b.next_number()}", scalar)
        b.locals.append(local)
        assert isinstance(member, ir.Member)
        b.emit(ir.Assign(local, ir.Load(member, scalar)))
        if variable in written:
            back.append(ir.Assign(member, ir.Load(local, scalar)))
        b.bindings[variable] = local
    b.write_back = tuple(back)
    yield
    b.bindings = saved
    b.write_back = ()
    b.emit(*back)


def _candidates(b: FunctionBuilder, loop: tree.For | tree.While | tree.Repeat) -> list[Variable]:
    """Return the variables of the loop to keep, in order of appearance."""
    sections = (Section.VAR, Section.INPUT, Section.OUTPUT) if b.has_no_in_outs else (Section.VAR,)
    by_reference = {root_variable(node.place) for node in nodes(loop) if isinstance(node, tree.InOutArgument)}
    found: dict[Variable, None] = {}
    for node in nodes(loop):
        if isinstance(node, tree.Name):
            variable = node.variable
            is_member = isinstance(b.bindings.get(variable), ir.Member)
            if is_member and is_scalar(variable.type) and variable.section in sections:
                found.setdefault(variable)
    return [variable for variable in found if variable not in by_reference]
