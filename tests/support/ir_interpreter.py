"""Plain evaluator of IR modules: the judge over tcc and gcc, which share our emitter. Slow; for tests only."""

from __future__ import annotations

import math
import struct as packing

from emulators.native import INTRINSICS, struct_layout
from emulators.native.ir import (
    AddressOf,
    AndThen,
    Argument,
    Assign,
    Binary,
    BinaryOperator,
    Bit,
    Break,
    Call,
    Compare,
    Comparison,
    Const,
    Continue,
    Conversion,
    Convert,
    Copy,
    CountedLoop,
    CountOutcome,
    CountPoint,
    Element,
    Fault,
    FaultCode,
    Field,
    If,
    Intrinsic,
    Load,
    Local,
    Member,
    OrElse,
    Overflow,
    Overlay,
    Parameter,
    Return,
    Run,
    RunGuarded,
    Scalar,
    Select,
    Struct,
    Switch,
    Table,
    Unary,
    UnaryOperator,
    While,
    Zero,
)

CODES = {
    Scalar.BOOL: "<B",
    Scalar.I8: "<b",
    Scalar.I16: "<h",
    Scalar.I32: "<i",
    Scalar.I64: "<q",
    Scalar.U8: "<B",
    Scalar.U16: "<H",
    Scalar.U32: "<I",
    Scalar.U64: "<Q",
    Scalar.F32: "<f",
    Scalar.F64: "<d",
}


class Faulted(Exception):  # noqa: N818  # a fault is what the IR calls it
    def __init__(self, code, span, values=()):
        super().__init__(code, span, values)
        self.code, self.span = code, span
        self.values = tuple((*values, 0, 0, 0)[:3])


class _Leave(Exception):  # noqa: N818
    pass


class _GoOn(Exception):  # noqa: N818
    pass


class _Done(Exception):  # noqa: N818
    pass


def bounds(of):
    if of is Scalar.BOOL:
        return 0, 1
    bits = of.size * 8
    return (-(1 << bits - 1), (1 << bits - 1) - 1) if of.is_signed else (0, (1 << bits) - 1)


def wrap(value, of):
    low, high = bounds(of)
    return (value - low) % (high - low + 1) + low


def to_f32(value):
    try:
        return packing.unpack("<f", packing.pack("<f", value))[0]
    except OverflowError:
        return math.copysign(math.inf, value)


def rounded(value, of):
    return to_f32(value) if of is Scalar.F32 else value


def f64_bits(value):
    if value != value:
        return 0x7FF8 << 48
    return packing.unpack("<q", packing.pack("<d", value))[0]


def as_value(value, of):
    """Return an operand as it stands among the values of a fault."""
    return f64_bits(value) if of.is_float else wrap(value, Scalar.I64)


class TooLong(Exception):  # noqa: N818
    """The program takes more statements than a test has patience for."""


class Interpreter:
    """Runs functions of a module; references are pairs of a bytearray and an offset."""

    def __init__(self, module, *, budget=10_000_000, patience=20_000):
        self.patience = patience
        self.functions = {function.name: function for function in module.functions}
        self.budget = budget
        self._layouts = {}

    def measure(self, of):
        if of not in self._layouts:
            self._layouts[of] = struct_layout(Struct("probe", (Field("it", of),)))
        return self._layouts[of]

    def size(self, of):
        return self.measure(of).measure(of)[0]

    def call(self, name, *arguments):
        """Return the value of a function; raises Faulted."""
        function = self.functions[name]
        frame = _Frame(self, function, arguments)
        try:
            frame.body(function.body)
        except _Done as done:
            return done.args[0]
        return None if function.returns is None else 0


class _Frame:
    def __init__(self, interpreter, function, arguments):
        self.interpreter = interpreter
        self.arguments = {item.name: value for item, value in zip(function.parameters, arguments, strict=True)}
        self.locals = {item.name: (bytearray(interpreter.size(item.type)), 0) for item in function.locals}

    # --- places

    def locate(self, place):
        """Return buffer and offset of a place."""
        match place:
            case Local(name):
                return self.locals[name]
            case Argument(name):
                return self.arguments[name]
            case Member(base, name):
                buffer, offset = self.locate(base)
                inner = self.interpreter.measure(base.type)
                return buffer, offset + inner.entry(f"it.{name}").offset
            case Element(base, index):
                buffer, offset = self.locate(base)
                at = self.value(index)
                length = base.type.length
                if place.checked and not 0 <= at < length:
                    values = (wrap(at + place.lower, Scalar.I64), place.lower, place.lower + length - 1)
                    raise Faulted(FaultCode.INDEX_OUT_OF_BOUNDS, place.span, values)
                return buffer, offset + at * self.interpreter.size(place.type)
            case Overlay(base, byte_offset):
                buffer, offset = self.locate(base)
                return buffer, offset + byte_offset

    def load(self, place):
        match place:
            case Bit(base, bit):
                return bool(self.load(base) >> bit & 1)
            case Element(Table(_, element, values), index):
                at = self.value(index)
                if place.checked and not 0 <= at < len(values):
                    raise Faulted(FaultCode.INDEX_OUT_OF_BOUNDS, place.span, (at, 0, len(values) - 1))
                return rounded(values[at], element) if element.is_float else values[at]
        buffer, offset = self.locate(place)
        value = packing.unpack_from(CODES[place.type], buffer, offset)[0]
        return bool(value) if place.type is Scalar.BOOL else value

    def store(self, place, value):
        if isinstance(place, Bit):
            of = place.base.type
            buffer, offset = self.locate(place.base)
            old = packing.unpack_from(CODES[of], buffer, offset)[0]
            new = wrap(old & ~(1 << place.bit) | (int(value) << place.bit), of)
            packing.pack_into(CODES[of], buffer, offset, new)
            return
        buffer, offset = self.locate(place)
        if place.type.is_float:
            value = rounded(float(value), place.type)
        packing.pack_into(CODES[place.type], buffer, offset, value)

    # --- expressions

    def value(self, node):
        match node:
            case Const(value, of):
                return rounded(float(value), of) if of.is_float else value
            case Load(place):
                return self.load(place)
            case Parameter(name):
                return self.arguments[name]
            case Unary():
                return self.unary(node)
            case Binary():
                return self.binary(node)
            case Compare(operator, left, right):
                return compare(operator, self.value(left), self.value(right))
            case AndThen(left, right):
                return self.value(left) and self.value(right)
            case OrElse(left, right):
                return self.value(left) or self.value(right)
            case Select(condition, then, orelse):
                return self.value(then) if self.value(condition) else self.value(orelse)
            case Convert():
                return convert(node, self.value(node.operand))
            case Intrinsic(name, arguments, of):
                values = [self.value(argument) for argument in arguments]
                try:
                    return (
                        rounded(INTRINSICS[name].twin(*values), of) if of.is_float else INTRINSICS[name].twin(*values)
                    )
                except ValueError:
                    raise Faulted(FaultCode.DOMAIN, node.span, map(f64_bits, values)) from None
            case Call(name, arguments):
                return self.interpreter.call(name, *self.passed(arguments))

    def passed(self, arguments):
        return [self.locate(item.place) if isinstance(item, AddressOf) else self.value(item) for item in arguments]

    def unary(self, node):
        value, of = self.value(node.operand), node.type
        if node.operator is UnaryOperator.NOT:
            return not value if of is Scalar.BOOL else wrap(~value, of)
        if of.is_float:
            return -value
        low, high = bounds(of)
        if node.overflow is Overflow.TRAP and not low <= -value <= high:
            raise Faulted(FaultCode.OVERFLOW, node.span, (as_value(value, of), as_value(value, of)))
        return wrap(-value, of)

    def binary(self, node):
        left, right, of = self.value(node.left), self.value(node.right), node.type
        if of.is_float:
            return rounded(float_binary(node, left, right), of)
        if of is Scalar.BOOL:
            return bool(integer_binary(node, int(left), int(right)))
        exact = integer_binary(node, left, right)
        low, high = bounds(of)
        can_trap = node.operator not in (BinaryOperator.SHIFT_LEFT, BinaryOperator.SHIFT_RIGHT)
        if can_trap and node.overflow is Overflow.TRAP and not low <= exact <= high:
            raise Faulted(FaultCode.OVERFLOW, node.span, (as_value(left, of), as_value(right, of)))
        return wrap(exact, of)

    # --- statements

    def body(self, statements):
        for statement in statements:
            self.statement(statement)

    def statement(self, node):
        self.interpreter.patience -= 1
        if self.interpreter.patience < 0:
            raise TooLong
        match node:
            case Assign(place, expression):
                self.store(place, self.value(expression))
            case Copy(target, source):
                buffer, offset = self.locate(source)
                size = self.interpreter.size(source.type)
                data = bytes(buffer[offset : offset + size])
                buffer, offset = self.locate(target)
                buffer[offset : offset + size] = data
            case Zero(place):
                if isinstance(place, Bit):
                    self.store(place, False)
                    return
                buffer, offset = self.locate(place)
                size = self.interpreter.size(place.type)
                buffer[offset : offset + size] = bytes(size)
            case If(condition, then, orelse):
                self.body(then if self.value(condition) else orelse)
            case While(condition, body):
                while self.value(condition):
                    if node.budgeted:
                        self.spend(node)
                    if not self.turn(body):
                        break
            case CountedLoop(counter, first, end, body):
                at, end = self.value(first), self.value(end)
                self.store(counter, at)
                while at < end:
                    if node.budgeted:
                        self.spend(node)
                    if not self.turn(body):
                        break
                    at += 1
                    self.store(counter, at)
            case Switch(selector, cases, default):
                at = int(self.value(selector))
                for case in cases:
                    if any(low <= at <= high for low, high in case.ranges):
                        self.body(case.body)
                        return
                self.body(default)
            case Break():
                raise _Leave
            case Continue():
                raise _GoOn
            case Return(expression):
                raise _Done(None if expression is None else self.value(expression))
            case Run(name, arguments):
                self.interpreter.call(name, *self.passed(arguments))
            case RunGuarded():
                self.run_guarded(node)
            case Fault(code, values, span):
                raise Faulted(code, span, [self.value(value) for value in values])
            case CountPoint() | CountOutcome():
                pass

    def turn(self, body):
        try:
            self.body(body)
        except _Leave:
            return False
        except _GoOn:
            pass
        return True

    def spend(self, node):
        self.interpreter.budget -= 1
        if self.interpreter.budget < 0:
            raise Faulted(FaultCode.LOOP_BUDGET, node.span)

    def run_guarded(self, node):
        arguments = self.passed(node.arguments)
        saved = self.interpreter.budget
        if node.budget is not None:
            self.interpreter.budget = node.budget
        try:
            self.interpreter.call(node.function, *arguments)
        except Faulted as fault:
            if node.budget is not None:
                self.interpreter.budget = saved
            self.store(node.code, int(fault.code))
            buffer, offset = self.locate(node.values)
            packing.pack_into("<3q", buffer, offset, *fault.values)
            self.body(node.on_fault)
        if node.budget is not None:
            self.interpreter.budget = saved


def compare(operator, left, right):
    match operator:
        case Comparison.EQ:
            return left == right
        case Comparison.NE:
            return left != right
        case Comparison.LT:
            return left < right
        case Comparison.LE:
            return left <= right
        case Comparison.GT:
            return left > right
        case Comparison.GE:
            return left >= right


def integer_binary(node, left, right):
    operators = BinaryOperator
    match node.operator:
        case operators.ADD:
            return left + right
        case operators.SUBTRACT:
            return left - right
        case operators.MULTIPLY:
            return left * right
        case operators.AND:
            return left & right
        case operators.OR:
            return left | right
        case operators.XOR:
            return left ^ right
        case operators.SHIFT_LEFT:
            return left << right if 0 <= right < node.type.size * 8 else 0
        case operators.SHIFT_RIGHT:
            return left >> (right if 0 <= right < node.type.size * 8 else 64)
    if right == 0:
        raise Faulted(FaultCode.DIVISION_BY_ZERO, node.span, (as_value(left, node.type),))
    match node.operator:
        case operators.FLOOR_DIVIDE:
            return left // right
        case operators.FLOOR_MODULO:
            return left % right
    quotient = abs(left) // abs(right)
    quotient = quotient if (left < 0) == (right < 0) else -quotient
    return quotient if node.operator is operators.DIVIDE else left - quotient * right


def float_binary(node, left, right):
    operators = BinaryOperator
    match node.operator:
        case operators.ADD:
            return left + right
        case operators.SUBTRACT:
            return left - right
        case operators.MULTIPLY:
            return left * right
        case operators.DIVIDE if node.overflow is Overflow.WRAP and right == 0:
            if left == 0 or left != left:
                return math.nan
            return math.copysign(math.inf, left) * math.copysign(1.0, right)
    if right == 0:
        raise Faulted(FaultCode.DIVISION_BY_ZERO, node.span, (as_value(left, node.type),))
    match node.operator:
        case operators.DIVIDE:
            return left / right
        case operators.MODULO:
            return math.nan if math.isinf(left) else math.fmod(left, right)
        case operators.FLOOR_DIVIDE:
            return left // right
        case operators.FLOOR_MODULO:
            return left % right


def convert(node, value):
    source, target = node.operand.type, node.type
    low, high = bounds(target) if not target.is_float else (0, 0)
    match node.how:
        case Conversion.WRAP:
            return value != 0 if target is Scalar.BOOL else wrap(int(value), target)
        case Conversion.TRAP:
            if not low <= int(value) <= high:
                raise Faulted(FaultCode.OVERFLOW, node.span, (as_value(int(value), source),))
            return int(value)
        case Conversion.TO_FLOAT:
            return whole_to_float(int(value), target) if not source.is_float else rounded(value, target)
        case Conversion.BITS:
            return bits_of(value, source, target)
    is_round = node.how in (Conversion.ROUND_EVEN, Conversion.ROUND_EVEN_SATURATE)
    is_guarded = node.how in (Conversion.ROUND_EVEN, Conversion.TRUNCATE)
    if not math.isfinite(value):
        if is_guarded:
            raise Faulted(FaultCode.CONVERSION, node.span, (f64_bits(value),))
        return 0 if value != value else (high if value > 0 else low)
    whole = round(value) if is_round else int(value)
    if is_guarded and not low <= whole <= high:
        raise Faulted(FaultCode.CONVERSION, node.span, (f64_bits(value),))
    return min(max(whole, low), high)


def whole_to_float(value, target):
    if target is Scalar.F64:
        return float(value)
    nearest = to_f32(float(value))
    bits = packing.unpack("<I", packing.pack("<f", nearest))[0]
    candidates = [packing.unpack("<f", packing.pack("<I", bits + step))[0] for step in (-1, 0, 1) if bits + step >= 0]
    candidates = [item for item in candidates if math.isfinite(item)]
    return min(
        candidates, key=lambda item: (abs(int(item) - value), packing.unpack("<I", packing.pack("<f", item))[0] & 1)
    )


def bits_of(value, source, target):
    if source.is_float == target.is_float:
        return value if source.is_float else wrap(value, target)
    if source.is_float and value != value:
        return wrap(0x7FF8 << 48 if source.size == 8 else 0x7FC0 << 16, target)
    unsigned = {4: "<I", 8: "<Q"}[source.size]
    if source.is_float:
        return wrap(packing.unpack(unsigned, packing.pack(CODES[source], value))[0], target)
    return packing.unpack(CODES[target], packing.pack(CODES[source], value))[0]
