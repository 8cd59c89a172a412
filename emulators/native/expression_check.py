"""Check of places and expressions for the verifier: names resolve, types agree."""

from __future__ import annotations

from collections.abc import Sequence

from emulators.native.emit_types import integer_range
from emulators.native.intrinsics import INTRINSICS
from emulators.native.ir import (
    AddressOf,
    AndThen,
    Argument,
    Array,
    Binary,
    BinaryOperator,
    Bit,
    Call,
    Compare,
    Const,
    Conversion,
    Convert,
    Element,
    Expression,
    FormalParameter,
    Function,
    Intrinsic,
    Load,
    Local,
    Member,
    Module,
    OrElse,
    Overlay,
    Parameter,
    Place,
    Scalar,
    Select,
    Struct,
    Table,
    Type,
    Unary,
)
from emulators.native.walk import place_indices

__all__ = ["ExpressionCheck", "name_of"]

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


class ExpressionCheck:
    """Findings about the expressions of one function, in ``findings``."""

    def __init__(self, module: Module, functions: dict[str, Function], function: Function) -> None:
        self.module = module
        self.functions = functions
        self.function = function
        self.findings: list[str] = []
        self.locals = {local.name: local.type for local in function.locals}
        self.parameters = {parameter.name: parameter for parameter in function.parameters}

    def report(self, text: str) -> None:
        """Add a finding."""
        self.findings.append(text)

    def require(self, is_so: bool, text: str) -> None:
        """Add a finding unless it is so."""
        if not is_so:
            self.report(text)

    def condition(self, expression: Expression) -> None:
        """Check an expression that must be BOOL."""
        self.require(self.value(expression) is Scalar.BOOL, "a condition is not BOOL")

    def call(self, name: str, arguments: Sequence[Expression | AddressOf]) -> Scalar | None:
        """Check a call of a function of the module and return the type of its result."""
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

    def check_arguments(self, arguments: Sequence[Expression | AddressOf]) -> None:
        """Check each argument for itself."""
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
                found = self.locals.get(name)
            case Argument(name):
                parameter = self.parameters.get(name)
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
                f"{type(place).__name__} {getattr(place, 'name', '')} is {name_of(found)}, not {name_of(place.type)}"
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
                parameter = self.parameters.get(name)
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


def name_of(of: Type | None) -> str:
    """Return a type as findings name it."""
    match of:
        case Scalar():
            return of.label
        case Struct():
            return of.name
        case Array(element, length):
            return f"array of {length} {name_of(element)}"
        case _:
            return "nothing"
