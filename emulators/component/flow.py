"""Data flow over the syntax tree: which inputs a value depends on, and whether it has a value on every path.

A state maps what has a value (``x``, ``self.level_m``, ``der.level_m``) to the inputs that it depends on, through data
and through the conditions that chose it. None stands for a point that is never reached.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from emulators.component.base import Member
from emulators.component.declarations import Role
from emulators.component.refusals import RefusalError

__all__ = ["Flow", "analyse_flow"]

Inputs = frozenset[str]
State = dict[str, Inputs]
MethodEffect = tuple[Inputs, frozenset[str]]
"""Inputs that a method reads, and what it sets on every path."""
NOTHING: Inputs = frozenset()


@dataclass(slots=True)
class Flow:
    """Result: the state where the function ends (None if it never does), refusals, and if it can end without return."""

    at_end: State | None
    refusals: list[RefusalError] = field(default_factory=list)
    falls_through: bool = True


def analyse_flow(
    node: ast.FunctionDef,
    parameters: Sequence[str],
    members: Mapping[str, Member],
    *,
    outputs_are_fresh: bool,
    effect_of_method: Callable[[str], MethodEffect],
) -> Flow:
    """Follow every path through a function.

    ``outputs_are_fresh``: an output has no value before the function sets it (``outputs()``).
    ``effect_of_method``: what another method of the class reads and sets.
    """
    walk = _Walk(members, outputs_are_fresh=outputs_are_fresh, effect_of_method=effect_of_method)
    walk.variables = {
        item.id for item in ast.walk(node) if isinstance(item, ast.Name) and isinstance(item.ctx, ast.Store)
    }
    last = walk.block(node.body, dict.fromkeys(parameters, NOTHING))
    return Flow(_merge([*walk.returned, last]), walk.refusals, last is not None)


class _Walk:
    def __init__(
        self,
        members: Mapping[str, Member],
        *,
        outputs_are_fresh: bool,
        effect_of_method: Callable[[str], MethodEffect],
    ) -> None:
        self.members = members
        self.outputs_are_fresh = outputs_are_fresh
        self.effect_of_method = effect_of_method
        self.variables: set[str] = set()
        self.control: Inputs = NOTHING  # of the conditions around this point
        self.escaped: Inputs = NOTHING  # of the conditions around a return, break or continue above it
        self.refusals: list[RefusalError] = []
        self.reported: set[tuple[int, int]] = set()
        self.returned: list[State | None] = []
        self.broken: list[list[State | None]] = []
        self.continued: list[list[State | None]] = []

    # --- statements -------------------------------------------------------------------------------------------------

    def block(self, body: Sequence[ast.stmt], state: State | None) -> State | None:
        for statement in body:
            if state is None:
                return None
            state = self.statement(statement, state)
        return state

    def statement(self, node: ast.stmt, state: State) -> State | None:
        match node:
            case ast.Assign(targets=targets, value=value):
                found = self.depends(value, state)
                for target in targets:
                    state = self.assigned(target, found, state)
                return state
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                return self.assigned(target, self.depends(value, state), state)
            case ast.AugAssign(target=target, value=value):
                found = self.depends(value, state) | self.depends(target, state)
                return self.assigned(target, found, state)
            case ast.If():
                return self.branches(node, state)
            case ast.While():
                return self.while_loop(node, state)
            case ast.For():
                return self.for_loop(node, state)
            case ast.Return():
                if node.value is not None:
                    self.depends(node.value, state)
                self.escaped |= self.control
                self.returned.append(state)
                return None
            case ast.Break() | ast.Continue():
                self.escaped |= self.control
                (self.broken if isinstance(node, ast.Break) else self.continued)[-1].append(state)
                return None
            case ast.Expr(value=value):
                return self.effects(value, state)
            case ast.Assert():
                self.depends(node.test, state)
        return state

    def effects(self, value: ast.expr, state: State) -> State:
        """Return the state after a call for its effects: ``self.method(…)``."""
        found = self.depends(value, state) | self.control | self.escaped
        if (
            isinstance(value, ast.Call)
            and isinstance(value.func, ast.Attribute)
            and _key(value.func).startswith("self.")
        ):
            return {**state, **dict.fromkeys(self.effect_of_method(value.func.attr)[1], found)}
        return state

    def assigned(self, target: ast.expr, found: Inputs, state: State) -> State:
        found |= self.control | self.escaped
        if isinstance(target, ast.Subscript):  # one element: the others stay
            name = _key(target.value)
            self.depends(target.slice, state)
            return {**state, name: state.get(name, NOTHING) | found} if name else state
        name = _key(target)
        return {**state, name: found} if name else state

    def branches(self, node: ast.If, state: State) -> State | None:
        outer = self.control
        self.control = outer | self.depends(node.test, state)
        chosen = self.control
        then = self.block(node.body, dict(state))
        orelse = self.block(node.orelse, dict(state))
        self.control = outer
        merged = _merge([then, orelse])
        if merged is None or then is None or orelse is None:
            return merged
        changed = {name for name in merged if then.get(name) != state.get(name) or orelse.get(name) != state.get(name)}
        return {name: found | chosen if name in changed else found for name, found in merged.items()}

    def while_loop(self, node: ast.While, state: State) -> State | None:
        is_endless = isinstance(node.test, ast.Constant) and node.test.value is True
        return self.loop(node.body, state, node.test, is_endless=is_endless)

    def for_loop(self, node: ast.For, state: State) -> State | None:
        arguments = node.iter.args if isinstance(node.iter, ast.Call) else []
        found = frozenset[str]().union(*(self.depends(argument, state) for argument in arguments))
        name = node.target.id if isinstance(node.target, ast.Name) else ""
        after = self.loop(node.body, {**state, name: found}, None, is_endless=False, control=found)
        if after is not None:
            after.pop(name, None)
        return after

    def loop(
        self,
        body: Sequence[ast.stmt],
        state: State,
        test: ast.expr | None,
        *,
        is_endless: bool,
        control: Inputs = NOTHING,
    ) -> State | None:
        outer = self.control
        self.broken.append([])
        self.continued.append([])
        current = dict(state)
        while True:
            condition = self.depends(test, current) if test is not None else NOTHING
            self.control = outer | condition | control
            escaped = self.escaped
            end = self.block(body, dict(current))
            merged = _merge([current, end, *self.continued[-1]]) or current
            if merged == current and escaped == self.escaped:
                break
            current = merged
        self.control = outer
        self.continued.pop()
        broken = self.broken.pop()
        return _merge(broken if is_endless else [current, *broken])

    # --- expressions ------------------------------------------------------------------------------------------------

    def depends(self, node: ast.expr | None, state: State) -> Inputs:
        """Return the inputs that an expression depends on; refuse what has no value."""
        if node is None:
            return NOTHING
        if isinstance(node, ast.Name):
            return self.variable(node, state)
        if isinstance(node, ast.Attribute):
            return self.attribute(node, state)
        if isinstance(node, ast.NamedExpr | ast.Lambda | ast.ListComp | ast.GeneratorExp | ast.SetComp | ast.DictComp):
            return NOTHING  # refused elsewhere
        if isinstance(node, ast.Call):
            found = frozenset[str]().union(*(self.depends(argument, state) for argument in node.args))
            if isinstance(node.func, ast.Attribute) and _key(node.func).startswith("self."):
                found |= self.effect_of_method(node.func.attr)[0]
            return found
        children = (child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr))
        return frozenset[str]().union(*(self.depends(child, state) for child in children))

    def variable(self, node: ast.Name, state: State) -> Inputs:
        if node.id in state:
            return state[node.id]
        if node.id in self.variables:
            self.refuse(
                node,
                "PC1007",
                f"variable '{node.id}' may have no value here",
                "set it on every path, before the 'if' or loop",
            )
        return NOTHING

    def attribute(self, node: ast.Attribute, state: State) -> Inputs:
        key = _key(node)
        if key in state:
            return state[key]
        member = self.members.get(node.attr) if key.startswith("self.") else None
        if member is None:
            return NOTHING
        if member.role is Role.INPUT:
            return frozenset((member.name,))
        if member.role is Role.OUTPUT and self.outputs_are_fresh:
            self.refuse(
                node,
                "PC1009",
                f"output '{member.name}' is read before it is set",
                "set it above, or keep the last value in a State",
            )
        return NOTHING

    def refuse(self, node: ast.expr, code: str, message: str, hint: str) -> None:
        place = (node.lineno, node.col_offset)
        if place not in self.reported:
            self.reported.add(place)
            self.refusals.append(RefusalError(node, code, message, hint))


def _key(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        base = _key(node.value)
        if base == "self":
            return f"self.{node.attr}"
        if base == "self.der":
            return f"der.{node.attr}"
    return ""


def _merge(states: Sequence[State | None]) -> State | None:
    """Return what has a value in every state that is reached, with the inputs of all."""
    reached = [state for state in states if state is not None]
    if not reached:
        return None
    names = set(reached[0]).intersection(*reached[1:])
    return {name: frozenset[str]().union(*(state[name] for state in reached)) for name in sorted(names)}
