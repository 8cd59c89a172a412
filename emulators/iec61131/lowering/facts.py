"""What is known about integer variables at a point of a body: from assignments, conditions and bounds checks.

Facts are kept for variables that only this body can change: VAR and VAR_TEMP that are not located and never passed by
reference. They hold until the variable is assigned; a branch or loop that assigns it ends them. Between two scans
anything may be written from outside, so a body starts without facts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from emulators.iec61131 import tree
from emulators.iec61131.lowering.function_builder import FunctionBuilder
from emulators.iec61131.lowering.machine_types import is_located
from emulators.iec61131.lowering.ranges import Interval, interval, type_range
from emulators.iec61131.lowering.walk import calls_users_function, nodes, root_variable, written_places
from emulators.iec61131.types import ArrayType, Section, Variable

__all__ = ["after_statement", "assume", "find_tracked", "forget_written", "turns_of_while"]

Operator = tree.BinaryOperator
_MIRRORED = {
    Operator.LESS: Operator.GREATER,
    Operator.LESS_EQUAL: Operator.GREATER_EQUAL,
    Operator.GREATER: Operator.LESS,
    Operator.GREATER_EQUAL: Operator.LESS_EQUAL,
    Operator.EQUAL: Operator.EQUAL,
}


def find_tracked(pou: tree.Pou) -> frozenset[Variable]:
    """Return the variables of a unit that facts may be kept about."""
    passed = {root_variable(node.place) for node in nodes(pou.body) if isinstance(node, tree.InOutArgument)}
    return frozenset(
        variable
        for variable in pou.variables
        if variable.section in (Section.VAR, Section.TEMP)
        and not is_located(variable)
        and variable not in passed
        and type_range(variable.type) is not None
    )


def forget_written(b: FunctionBuilder, statements: Iterable[tree.Statement | tree.Expression]) -> None:
    """Drop what is known about every variable that these may assign."""
    for place in written_places(tuple(statements)):
        root = root_variable(place)
        if root is not None:
            b.intervals.pop(root, None)


def after_statement(b: FunctionBuilder, node: tree.Statement, assigned: Interval | None) -> None:
    """Bring the facts past a simple statement; ``assigned`` is the interval of what an assignment assigned."""
    forget_written(b, (node,))
    if not isinstance(node, tree.Assignment):
        return
    target = node.target
    if not calls_users_function(node.value) and not calls_users_function(target):
        for variable, bounds in _checked_indices(b, (node.value, target)):
            if not isinstance(target, tree.Name) or target.variable is not variable:
                _narrow(b, variable, bounds)
    if isinstance(target, tree.Name) and target.variable in b.tracked and assigned is not None:
        b.intervals[target.variable] = assigned


def assume(b: FunctionBuilder, condition: tree.Expression) -> None:
    """Take in what holds after a condition was found TRUE."""
    if not calls_users_function(condition):
        _assume_pure(b, condition)


def _assume_pure(b: FunctionBuilder, condition: tree.Expression) -> None:
    """The same of a condition that changes no variable."""
    match condition:
        case tree.Binary(Operator.AND | Operator.AND_THEN, left, right):
            _assume_pure(b, left)
            _assume_pure(b, right)
        case tree.Binary(operator, left, right) if operator.is_comparison:
            for variable, bounds in _checked_indices(b, (left, right)):
                _narrow(b, variable, bounds)
            _assume_comparison(b, operator, left, right)
            if operator in _MIRRORED:
                _assume_comparison(b, _MIRRORED[operator], right, left)


def _assume_comparison(b: FunctionBuilder, operator: Operator, left: tree.Expression, right: tree.Expression) -> None:
    variable = _tracked_name(b, left)
    limit = interval(b, right)
    if variable is None or limit is None:
        return
    whole = type_range(variable.type)
    assert whole is not None
    match operator:
        case Operator.LESS:
            _narrow(b, variable, (whole[0], limit[1] - 1))
        case Operator.LESS_EQUAL:
            _narrow(b, variable, (whole[0], limit[1]))
        case Operator.GREATER:
            _narrow(b, variable, (limit[0] + 1, whole[1]))
        case Operator.GREATER_EQUAL:
            _narrow(b, variable, (limit[0], whole[1]))
        case Operator.EQUAL:
            _narrow(b, variable, limit)


def _tracked_name(b: FunctionBuilder, node: tree.Expression) -> Variable | None:
    """Return the variable that an expression is, behind conversions that keep its value."""
    while isinstance(node, tree.Convert) and node.type is not None and type_range(node.type) is not None:
        node = node.operand
    return node.variable if isinstance(node, tree.Name) and node.variable in b.tracked else None


def _narrow(b: FunctionBuilder, variable: Variable, bounds: Interval) -> None:
    known = b.intervals.get(variable) or type_range(variable.type)
    assert known is not None
    low, high = max(known[0], bounds[0]), min(known[1], bounds[1])
    if low <= high:
        b.intervals[variable] = (low, high)


def _checked_indices(b: FunctionBuilder, expressions: Iterable[tree.Expression]) -> Iterator[tuple[Variable, Interval]]:
    """Yield tracked variables that were indices of arrays, with the bounds they must have kept."""
    for expression in expressions:
        for node in _surely_evaluated(expression):
            if isinstance(node, tree.Element) and isinstance(node.base.type, ArrayType):
                for index, bounds in zip(node.indices, node.base.type.bounds, strict=True):
                    variable = _tracked_name(b, index)
                    if variable is not None:
                        yield variable, bounds


def _surely_evaluated(root: tree.Expression) -> Iterator[object]:
    """Yield the nodes of an expression that are evaluated whenever it is."""
    if isinstance(root, tree.Binary) and root.operator in (Operator.AND_THEN, Operator.OR_ELSE):
        yield from _surely_evaluated(root.left)
        return
    found = list(nodes(root))
    if not any(map(_may_skip, found)):
        yield from found


def _may_skip(node: object) -> bool:
    """Return whether a node may leave a part of itself unevaluated."""
    if isinstance(node, tree.Binary):
        return node.operator in (Operator.AND_THEN, Operator.OR_ELSE)
    return isinstance(node, tree.StandardCall) and node.enable is not None


# --- loops that end --------------------------------------------------------------------------------------------------


def turns_of_while(b: FunctionBuilder, node: tree.While) -> int | None:
    """Return a bound of the turns of a loop that counts a variable past a limit of its condition, or None.

    The variable must be stepped by a constant once in every turn and assigned nowhere else; the facts before the
    loop bound where it starts.
    """
    if calls_users_function(node.condition) or any(isinstance(found, tree.Continue) for found in nodes(node.body)):
        return None
    bounds = [_turns_by(b, node, condition) for condition in _conjunction(node.condition)]
    return min((bound for bound in bounds if bound is not None), default=None)


def _conjunction(condition: tree.Expression) -> Iterator[tree.Expression]:
    if isinstance(condition, tree.Binary) and condition.operator in (Operator.AND, Operator.AND_THEN):
        yield from _conjunction(condition.left)
        yield from _conjunction(condition.right)
    else:
        yield condition


def _turns_by(b: FunctionBuilder, node: tree.While, condition: tree.Expression) -> int | None:
    if not isinstance(condition, tree.Binary) or not isinstance(condition.right, tree.Literal):
        return None
    variable = _tracked_name(b, condition.left)
    step = _step(node.body, variable) if variable is not None else None
    whole = type_range(variable.type) if variable is not None else None
    if variable is None or step is None or whole is None:
        return None
    start, limit = b.intervals.get(variable, whole), int(condition.right.value)
    match condition.operator:
        case Operator.GREATER | Operator.GREATER_EQUAL if step < 0:
            last = limit + (condition.operator is Operator.GREATER)
            return max(0, start[1] - last) // -step + 1 if last + step >= whole[0] else None
        case Operator.LESS | Operator.LESS_EQUAL if step > 0:
            last = limit - (condition.operator is Operator.LESS)
            return max(0, last - start[0]) // step + 1 if last + step <= whole[1] else None
    return None


def _step(body: tuple[tree.Statement, ...], variable: Variable) -> int | None:
    """Return the constant by which every turn steps the variable, if nothing else assigns it."""
    writes = [place for place in written_places(body) if root_variable(place) is variable]
    if len(writes) != 1:
        return None
    for statement in body:
        match statement:
            case tree.Assignment(tree.Name(target), tree.Binary(operator, tree.Name(left), tree.Literal(value))) if (
                target is variable and left is variable
            ):
                if operator is Operator.ADD:
                    return int(value)
                return -int(value) if operator is Operator.SUBTRACT else None
    return None
