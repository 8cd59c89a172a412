"""Check that a module is well formed: names resolve, types agree. For tests, and to explain a refused build.

Front ends guarantee what this checks, so that builds do not pay for it; any finding is our error, not the user's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from emulators.errors import InternalError
from emulators.native.emit_types import integer_range
from emulators.native.intrinsics import INTRINSICS
from emulators.native.ir import (
    FAULT_VALUES,
    AddressOf,
    AndThen,
    Argument,
    Array,
    Assign,
    Binary,
    BinaryOperator,
    Bit,
    Break,
    Call,
    Compare,
    Const,
    Continue,
    Conversion,
    Convert,
    Copy,
    CountedLoop,
    CountOutcome,
    CountPoint,
    Element,
    Expression,
    Fault,
    FormalParameter,
    Function,
    If,
    Intrinsic,
    Load,
    Local,
    Member,
    Module,
    OrElse,
    Overlay,
    Parameter,
    Place,
    Return,
    Run,
    RunGuarded,
    RuntimeCall,
    Scalar,
    Select,
    Statement,
    Struct,
    Switch,
    Table,
    Type,
    Unary,
    While,
    Zero,
)
from emulators.native.runtime_functions import RUNTIME_FUNCTIONS
from emulators.native.walk import call_order, place_indices, place_root, statements_of

__all__ = ["verify"]

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_BITWISE = (BinaryOperator.AND, BinaryOperator.OR, BinaryOperator.XOR)
_FLOATING = (
    BinaryOperator.ADD,
    BinaryOperator.SUBTRACT,
    BinaryOperator.MULTIPLY,
    BinaryOperator.DIVIDE,
    BinaryOperator.MODULO,
    BinaryOperator.FLOOR_DIVIDE,
    BinaryOperator.FLOOR_MODULO,
)


def verify(module: Module) -> None:
    """Raise InternalError with every finding about a module that is not well formed."""
    findings = _check_structs(module)
    names = [function.name for function in module.functions]
    findings += [
        f"two functions are named {name}" for name in sorted({name for name in names if names.count(name) > 1})
    ]
    functions = {function.name: function for function in module.functions}
    for function in module.functions:
        checker = _FunctionCheck(module, functions, function)
        checker.run()
        findings += [f"{function.name}: {finding}" for finding in checker.findings]
    if not findings:
        call_order(module)
        return
    raise InternalError("the module is not well formed:\n" + "\n".join(findings))


def _check_structs(module: Module) -> list[str]:
    findings: list[str] = []
    known: set[Struct] = set()
    names: set[str] = set()
    for struct in module.structs:
        if struct.name in names:
            findings.append(f"two structures are named {struct.name}")
        names.add(struct.name)
        fields = [member.name for member in struct.fields]
        if len(set(fields)) < len(fields):
            findings.append(f"structure {struct.name} has two fields of one name")
        findings.extend(
            f"structure {struct.name}: '{word}' is no C identifier"
            for word in (struct.name, *fields)
            if not _IDENTIFIER.match(word)
        )
        for member in struct.fields:
            of = member.type
            while isinstance(of, Array):
                if of.length < 1:
                    findings.append(f"structure {struct.name}: {member.name} has {of.length} elements")
                of = of.element
            if isinstance(of, Struct) and of not in known:
                findings.append(f"structure {struct.name}: {of.name} is not listed before it")
        known.add(struct)
    return findings


class _FunctionCheck:
    def __init__(self, module: Module, functions: dict[str, Function], function: Function) -> None:
        self.module = module
        self.functions = functions
        self.function = function
        self.findings: list[str] = []
        self._locals = {local.name: local.type for local in function.locals}
        self._parameters = {parameter.name: parameter for parameter in function.parameters}

    def run(self) -> None:
        names = [*self._locals, *self._parameters]
        if len(set(names)) < len(self.function.locals) + len(self.function.parameters):
            self.report("a name is used twice")
        for name in (self.function.name, *names):
            if not _IDENTIFIER.match(name):
                self.report(f"'{name}' is no C identifier")
        for parameter in self.function.parameters:
            if not parameter.by_reference and not isinstance(parameter.type, Scalar):
                self.report(f"parameter {parameter.name} is an aggregate by value")
        self._body(self.function.body, in_loop=False)

    def report(self, text: str) -> None:
        self.findings.append(text)

    def require(self, is_so: bool, text: str) -> None:
        if not is_so:
            self.report(text)

    def _body(self, body: Sequence[Statement], *, in_loop: bool) -> None:
        for statement in body:
            self._statement(statement, in_loop=in_loop)

    def _statement(self, statement: Statement, *, in_loop: bool) -> None:
        match statement:
            case Assign(place, expression):
                of = self.place(place)
                self.require(isinstance(of, Scalar), "an aggregate is assigned, not copied")
                self.require(self.value(expression) is of, f"{_name(expression.type)} is assigned to {_name(of)}")
                root_is_table = isinstance(place_root(place), Table)
                self.require(not root_is_table, "a table is written")
            case Copy(target, source):
                first, second = self.place(target), self.place(source)
                self.require(first == second and not isinstance(first, Scalar), "a copy between different types")
            case Zero(place):
                self.place(place)
            case If():
                self._chain(statement, in_loop=in_loop)
            case While(condition, body):
                self.condition(condition)
                self._body(body, in_loop=True)
            case CountedLoop(counter, first_value, end, body):
                of = self.place(counter)
                self.require(of in (Scalar.I32, Scalar.I64), "the counter of a loop is I32 or I64")
                for bound in (first_value, end):
                    self.require(self.value(bound) is of, "a bound of a loop has another type than its counter")
                self._body(body, in_loop=True)
                for inner in statements_of(body):
                    if isinstance(inner, Assign) and inner.place == counter:
                        self.report(f"the counter {counter.name} is assigned in its loop")
            case Switch(selector, cases, default):
                of = self.value(selector)
                self.require(not of.is_float, "a switch on a float")
                for case in cases:
                    self._body(case.body, in_loop=in_loop)
                self._body(default, in_loop=in_loop)
            case Break() | Continue():
                self.require(in_loop, "Break or Continue outside a loop")
            case Return(expression):
                found = None if expression is None else self.value(expression)
                self.require(found is self.function.returns, "Return gives another type than the function")
            case Run(name, arguments):
                self.call(name, arguments)
            case RunGuarded():
                self._run_guarded(statement, in_loop=in_loop)
            case Fault(_, values_given):
                for value in values_given:
                    self.require(self.value(value) is Scalar.I64, "a value of Fault is not I64")
                self.require(len(values_given) <= FAULT_VALUES.length, "Fault has too many values")
            case CountPoint(index):
                self.require(0 <= index < len(self.module.points), f"there is no coverage point {index}")
            case CountOutcome(condition, if_true, if_false, when):
                for index in (if_true, if_false):
                    self.require(0 <= index < len(self.module.points), f"there is no coverage point {index}")
                self.condition(condition)
                if when is not None:
                    self.condition(when)
            case RuntimeCall(name, arguments, target_place):
                self.require(name in RUNTIME_FUNCTIONS, f"there is no runtime function {name}")
                self._arguments(arguments)
                if target_place is not None:
                    self.place(target_place)

    def _run_guarded(self, statement: RunGuarded, *, in_loop: bool) -> None:
        self.call(statement.function, statement.arguments)
        self.require(self.place(statement.code) is Scalar.I32, "the code of RunGuarded is not I32")
        self.require(self.place(statement.site) is Scalar.I32, "the site of RunGuarded is not I32")
        self.require(self.place(statement.values) == FAULT_VALUES, "the values of RunGuarded are not 3 I64")
        self._body(statement.on_fault, in_loop=in_loop)

    def _chain(self, statement: If, *, in_loop: bool) -> None:
        """Check a chain of ELSIF in a loop, as it may be longer than Python's stack."""
        while True:
            self.condition(statement.condition)
            self._body(statement.then, in_loop=in_loop)
            if not statement.orelse:
                return
            self._body(statement.orelse[:-1], in_loop=in_loop)
            following = statement.orelse[-1]
            if not isinstance(following, If):
                self._statement(following, in_loop=in_loop)
                return
            statement = following

    def condition(self, expression: Expression) -> None:
        self.require(self.value(expression) is Scalar.BOOL, "a condition is not BOOL")

    def call(self, name: str, arguments: Sequence[Expression | AddressOf]) -> Scalar | None:
        function = self.functions.get(name)
        if function is None:
            self.report(f"there is no function {name}")
            return None
        if len(arguments) != len(function.parameters):
            self.report(f"{name} takes {len(function.parameters)} arguments, got {len(arguments)}")
            return function.returns
        for argument, parameter in zip(arguments, function.parameters, strict=True):
            self._argument(name, argument, parameter)
        return function.returns

    def _argument(self, name: str, argument: Expression | AddressOf, parameter: FormalParameter) -> None:
        where = f"argument {parameter.name} of {name}"
        if isinstance(argument, AddressOf):
            self.require(parameter.by_reference, f"{where} is by value")
            self.require(not isinstance(argument.place, Bit), f"{where} is a bit")
            self.require(self.place(argument.place) == parameter.type, f"{where} has another type")
        else:
            self.require(not parameter.by_reference, f"{where} is by reference")
            self.require(self.value(argument) is parameter.type, f"{where} has another type")

    def _arguments(self, arguments: Sequence[Expression | AddressOf]) -> None:
        for argument in arguments:
            if isinstance(argument, AddressOf):
                self.place(argument.place)
            else:
                self.value(argument)

    def place(self, place: Place) -> Type:
        """Check a place and return its type."""
        for index in place_indices(place):
            self.require(self.value(index).is_integer, "an index is no integer")
        found: Type | None
        match place:
            case Local(name):
                found = self._locals.get(name)
            case Argument(name):
                parameter = self._parameters.get(name)
                found = parameter.type if parameter is not None and parameter.by_reference else None
            case Member(base, name):
                of = self.place(base)
                members = {member.name: member.type for member in of.fields} if isinstance(of, Struct) else {}
                found = members.get(name)
            case Element(base):
                of = self.place(base)
                found = of.element if isinstance(of, Array) else None
            case Table(name, element, values):
                found = Array(element, len(values))
            case Overlay(base, offset, scalar):
                of = self.place(base)
                is_inside = isinstance(of, Array) and of.element is Scalar.U8 and offset + scalar.size <= of.length
                found = scalar if is_inside else None
            case Bit(base, bit):
                of = self.place(base)
                is_bit = isinstance(of, Scalar) and of.is_integer and 0 <= bit < of.size * 8
                found = Scalar.BOOL if is_bit else None
        if found != place.type:
            self.report(
                f"{type(place).__name__} {getattr(place, 'name', '')} is {_name(found)}, not {_name(place.type)}"
            )
        return place.type

    def value(self, expression: Expression) -> Scalar:
        """Check an expression, the left spine in a loop, and return its type."""
        spine: list[Expression] = []
        while isinstance(expression, Binary | AndThen | OrElse):
            spine.append(expression)
            expression = expression.left
        self._node(expression)
        for node in reversed(spine):
            self._node(node)
        return spine[0].type if spine else expression.type

    def _node(self, node: Expression) -> None:
        match node:
            case Const(value, of):
                fits = of.is_float or integer_range(of)[0] <= value <= integer_range(of)[1]
                self.require(fits, f"constant {value} does not fit {of.label}")
            case Load(place, of):
                self.require(self.place(place) is of, "a load has another type than its place")
            case Parameter(name, of):
                parameter = self._parameters.get(name)
                is_known = parameter is not None and not parameter.by_reference and parameter.type is of
                self.require(is_known, f"there is no value parameter {name} of type {of.label}")
            case Unary(_, operand, of):
                self.require(self.value(operand) is of, "an operand has another type than its operator")
            case Binary():
                self._binary(node)
            case Compare(_, left, right):
                self.require(self.value(left) is self.value(right), "a comparison of different types")
            case AndThen() | OrElse():
                self.require(node.left.type is Scalar.BOOL, "and, or: the left side is not BOOL")
                self.condition(node.right)
            case Select(condition, then, orelse, of):
                self.condition(condition)
                self.require(self.value(then) is of and self.value(orelse) is of, "a choice between different types")
            case Convert():
                self._convert(node)
            case Intrinsic():
                self._intrinsic(node)
            case Call(name, arguments, of):
                self.require(self.call(name, arguments) is of, f"{name} does not return {of.label}")

    def _binary(self, node: Binary) -> None:
        right = self.value(node.right)
        of = node.type
        self.require(node.left.type is of, f"{node.operator.value}: the left operand is not {of.label}")
        if node.operator in (BinaryOperator.SHIFT_LEFT, BinaryOperator.SHIFT_RIGHT):
            self.require(of.is_integer and right.is_integer, "a shift of something that is no integer")
            return
        self.require(right is of, f"{node.operator.value}: the right operand is not {of.label}")
        if of is Scalar.BOOL:
            self.require(node.operator in _BITWISE, f"{node.operator.value} on BOOL")
        elif of.is_float:
            self.require(node.operator in _FLOATING, f"{node.operator.value} on floats")

    def _convert(self, node: Convert) -> None:
        source, target = self.value(node.operand), node.type
        match node.how:
            case Conversion.WRAP:
                is_right = not source.is_float and not target.is_float
            case Conversion.TRAP:
                is_right = not source.is_float and target.is_integer
            case Conversion.TO_FLOAT:
                is_right = target.is_float
            case Conversion.BITS:
                is_right = source.size == target.size
            case _:
                is_right = source.is_float and target.is_integer
        self.require(is_right, f"{node.how.value} from {source.label} to {target.label}")

    def _intrinsic(self, node: Intrinsic) -> None:
        entry = INTRINSICS.get(node.name)
        if entry is None:
            self.report(f"there is no intrinsic {node.name}")
            return
        found = tuple(self.value(argument) for argument in node.arguments)
        narrow = tuple(Scalar.F32 if of is Scalar.F64 else of for of in entry.parameters)
        self.require(found in (entry.parameters, narrow), f"{node.name} has other arguments")
        results = (entry.result, Scalar.F32) if entry.result is Scalar.F64 else (entry.result,)
        self.require(node.type in results, f"{node.name} has another result")


def _name(of: Type | None) -> str:
    match of:
        case Scalar():
            return of.label
        case Struct():
            return of.name
        case Array(element, length):
            return f"array of {length} {_name(element)}"
        case _:
            return "nothing"
