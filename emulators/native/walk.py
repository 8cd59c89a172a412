"""Children of IR nodes, and what follows from them: who calls whom, who writes through references."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from emulators.errors import InternalError
from emulators.native.ir import (
    AddressOf,
    AndThen,
    Argument,
    Assign,
    Binary,
    Bit,
    Call,
    Compare,
    Convert,
    Copy,
    CountedLoop,
    CountOutcome,
    Element,
    Expression,
    Fault,
    Function,
    If,
    Intrinsic,
    Load,
    Member,
    Module,
    OrElse,
    Overlay,
    Place,
    Return,
    Run,
    RunGuarded,
    RuntimeCall,
    Select,
    Statement,
    Switch,
    Unary,
    While,
    Zero,
)

__all__ = [
    "argument_expressions",
    "call_order",
    "called_functions",
    "expressions_of",
    "inner_expressions",
    "place_indices",
    "place_root",
    "statements_of",
    "writing_functions",
]


def inner_expressions(expression: Expression) -> tuple[Expression, ...]:
    """Return the operands of an expression, in order of evaluation, indices of places included."""
    match expression:
        case Binary() | Compare() | AndThen() | OrElse():
            return expression.left, expression.right
        case Unary() | Convert():
            return (expression.operand,)
        case Load():
            return tuple(place_indices(expression.place))
        case Select():
            return expression.condition, expression.then, expression.orelse
        case Intrinsic():
            return expression.arguments
        case Call():
            return tuple(argument_expressions(expression.arguments))
        case _:
            return ()


def argument_expressions(arguments: Iterable[Expression | AddressOf]) -> Iterator[Expression]:
    """Yield what is evaluated for call arguments: values, and the indices of places passed by reference."""
    for argument in arguments:
        if isinstance(argument, AddressOf):
            yield from place_indices(argument.place)
        else:
            yield argument


def place_indices(place: Place) -> Iterator[Expression]:
    """Yield the index expressions of a place, outermost array first."""
    match place:
        case Element(base, index):
            yield from place_indices(base)
            yield index
        case Member(base) | Overlay(base) | Bit(base):
            yield from place_indices(base)


def place_root(place: Place) -> Place:
    """Return the variable, argument or table that a place is part of."""
    while isinstance(place, Member | Element | Overlay | Bit):
        place = place.base
    return place


def statements_of(body: Iterable[Statement]) -> Iterator[Statement]:
    """Yield every statement of a body, nested ones after the one that holds them."""
    pending = [iter(body)]
    while pending:
        statement = next(pending[-1], None)
        if statement is None:
            pending.pop()
            continue
        yield statement
        pending.extend(iter(inner) for inner in reversed(_inner_bodies(statement)) if inner)


def _inner_bodies(statement: Statement) -> tuple[tuple[Statement, ...], ...]:
    match statement:
        case If():
            return statement.then, statement.orelse
        case While() | CountedLoop():
            return (statement.body,)
        case Switch():
            return *(case.body for case in statement.cases), statement.default
        case RunGuarded():
            return (statement.on_fault,)
        case _:
            return ()


def _top_expressions(statement: Statement) -> Iterator[Expression]:
    match statement:
        case Assign():
            yield statement.expression
            yield from place_indices(statement.place)
        case Copy():
            yield from place_indices(statement.source)
            yield from place_indices(statement.target)
        case Zero():
            yield from place_indices(statement.place)
        case If() | While():
            yield statement.condition
        case CountOutcome():
            yield statement.condition
            if statement.when is not None:
                yield statement.when
        case CountedLoop():
            yield statement.first
            yield statement.end
        case Switch():
            yield statement.selector
        case Return():
            if statement.expression is not None:
                yield statement.expression
        case Run() | RuntimeCall():
            yield from argument_expressions(statement.arguments)
            if isinstance(statement, RuntimeCall) and statement.target is not None:
                yield from place_indices(statement.target)
        case RunGuarded():
            yield from argument_expressions(statement.arguments)
            for place in (statement.code, statement.site, statement.values):
                yield from place_indices(place)
        case Fault():
            yield from statement.values


def expressions_of(statement: Statement) -> Iterator[Expression]:
    """Yield every expression node of one statement itself (not of the statements nested in it)."""
    pending = list(_top_expressions(statement))
    while pending:
        expression = pending.pop()
        yield expression
        pending.extend(inner_expressions(expression))


def called_functions(function: Function) -> list[str]:
    """Return the names of the functions that a function calls, each once, in order of appearance."""
    names: dict[str, None] = {}
    for statement in statements_of(function.body):
        if isinstance(statement, Run | RunGuarded):
            names.setdefault(statement.function)
        for expression in expressions_of(statement):
            if isinstance(expression, Call):
                names.setdefault(expression.function)
    return list(names)


def call_order(module: Module) -> list[Function]:
    """Return the functions, callees first, otherwise in the order of the module.

    Raises:
        InternalError: a function is not there, or a function reaches itself (recursion has no bounded stack).
    """
    functions = {function.name: function for function in module.functions}
    callees = {name: called_functions(function) for name, function in functions.items()}
    order: list[Function] = []
    finished: set[str] = set()
    for start in functions:
        path: list[str] = []
        pending: list[tuple[str, bool]] = [(start, False)]
        while pending:
            name, is_done = pending.pop()
            if is_done:
                path.pop()
                if name not in finished:
                    finished.add(name)
                    order.append(functions[name])
                continue
            if name in finished:
                continue
            if name in path:
                raise InternalError(f"recursion in generated code: {' -> '.join([*path[path.index(name) :], name])}")
            path.append(name)
            pending.append((name, True))
            for callee in reversed(callees[name]):
                if callee not in functions:
                    raise InternalError(f"function {name} calls {callee}, which is not in the module")
                pending.append((callee, False))
    return order


def writing_functions(order: Iterable[Function]) -> frozenset[str]:
    """Return the names of functions that may write memory of their caller; ``order`` has callees first."""
    writing: set[str] = set()
    for function in order:
        if any(_writes(statement, writing) for statement in statements_of(function.body)):
            writing.add(function.name)
    return frozenset(writing)


def _writes(statement: Statement, writing: set[str]) -> bool:
    match statement:
        case Assign(place) | Zero(place) | Copy(place):
            if isinstance(place_root(place), Argument):
                return True
        case Run(name):
            if name in writing:
                return True
        case RunGuarded() | RuntimeCall():
            return True
    return any(isinstance(node, Call) and node.function in writing for node in expressions_of(statement))
