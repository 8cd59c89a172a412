"""Random well-formed IR modules for differential tests; the same seed gives the same module."""

from __future__ import annotations

import math
import random

from emulators.errors import SourceSpan
from emulators.native.ir import (
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
    Comparison,
    Const,
    Continue,
    Conversion,
    Convert,
    Copy,
    CountedLoop,
    Element,
    Fault,
    FaultCode,
    Field,
    FormalParameter,
    Function,
    If,
    Intrinsic,
    Load,
    Local,
    Member,
    Module,
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
    SwitchCase,
    Table,
    Unary,
    UnaryOperator,
    While,
    Zero,
)

INTEGERS = [item for item in Scalar if item.is_integer]
FLOATS = [Scalar.F32, Scalar.F64]
PART = Struct("part", (Field("kind", Scalar.U8), Field("size", Scalar.F64), Field("code", Scalar.I32)))
STATE = Struct(
    "state",
    (
        *(Field(f"v_{item.label}", item) for item in Scalar),
        *(Field(f"a_{item.label}", Array(item, 5)) for item in Scalar),
        Field("parts", Array(PART, 3)),
        Field("image", Array(Scalar.U8, 16)),
        Field("code", Scalar.I32),
        Field("site", Scalar.I32),
        Field("values", Array(Scalar.I64, 3)),
    ),
)
DIVIDING = (BinaryOperator.DIVIDE, BinaryOperator.MODULO, BinaryOperator.FLOOR_DIVIDE, BinaryOperator.FLOOR_MODULO)
STATE_ARGUMENT = Argument("state", STATE)
INTERESTING = (0, 1, 2, 3, 5, 7, -1, -2, 100, 127, 128, 255, 256, 32767, 65535, 1 << 31, (1 << 31) - 1, 1 << 32)
TABLES = (
    Table("squares", Scalar.I32, (0, 1, 4, 9, 16), Array(Scalar.I32, 5)),
    Table("curve", Scalar.F64, (0.0, -0.0, 0.1, math.inf, math.nan), Array(Scalar.F64, 5)),
)


def member(name, of):
    return Member(STATE_ARGUMENT, name, of)


class Generator:
    """Draws one module; each node that can fault gets a line of its own, so that faults can be told apart."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.line = 0
        self.functions = []
        self.counters = []
        self.locals = []
        self.loop_depth = 0

    def span(self):
        self.line += 1
        return SourceSpan("random.st", self.line, 1)

    def pick(self, items):
        return self.random.choice(items)

    def chance(self, probability):
        return self.random.random() < probability

    # --- expressions

    def const(self, of):
        if of is Scalar.BOOL:
            return Const(self.chance(0.5), of)
        if of.is_float:
            value = self.pick((0.0, -0.0, 1.0, 0.1, -2.5, 1e10, 3.5, self.random.uniform(-100, 100)))
            return Const(value, of)
        bits = of.size * 8
        low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if of.is_signed else (0, (1 << bits) - 1)
        value = self.pick((*INTERESTING, low, high, self.random.randint(low, high)))
        return Const(min(max(value, low), high), of)

    def leaf(self, of):
        roll = self.random.random()
        if roll < 0.3:
            return self.const(of)
        if roll < 0.4 and of is Scalar.I64:
            return Parameter("n", of)
        if roll < 0.5 and of is Scalar.F64:
            return Parameter("x", of)
        if roll < 0.6 and of is Scalar.I64 and self.counters:
            return Load(self.pick(self.counters), of)
        return Load(self.place(of, 1), of)

    def place(self, of, depth, *, to_write=False):
        roll = self.random.random()
        if roll < 0.25:
            candidates = [item for item in self.locals if item.type is of]
            if candidates:
                return self.pick(candidates)
        if roll < 0.45:
            return Element(
                member(f"a_{of.label}", Array(of, 5)), self.index(depth), of, True, self.pick((0, 1)), self.span()
            )
        if roll < 0.55 and of in (Scalar.U8, Scalar.F64, Scalar.I32):
            name = {Scalar.U8: "kind", Scalar.F64: "size", Scalar.I32: "code"}[of]
            return Member(
                Element(member("parts", Array(PART, 3)), self.index(depth), PART, True, 0, self.span()), name, of
            )
        if roll < 0.65 and not (of is Scalar.BOOL or of.is_float):
            offset = self.random.randrange(16 // of.size) * of.size
            return Overlay(member("image", Array(Scalar.U8, 16)), offset, of)
        if roll < 0.65 and of is Scalar.BOOL:
            inner = self.pick(INTEGERS)
            return Bit(self.place(inner, 0, to_write=to_write), self.random.randrange(inner.size * 8))
        if roll < 0.7 and not to_write:
            for table in TABLES:
                if table.element is of:
                    return Element(table, self.index(depth), of, True, 0, self.span())
        return member(f"v_{of.label}", of)

    def index(self, depth):
        if depth <= 0 or self.chance(0.5):
            return Const(self.random.randrange(3), Scalar.I64)
        if self.counters and self.chance(0.6):
            return Load(self.pick(self.counters), Scalar.I64)
        of = self.pick(INTEGERS)
        if self.chance(0.95):
            return Binary(BinaryOperator.AND, self.expression(of, depth - 1), Const(self.pick((1, 2, 2, 3)), of), of)
        return self.expression(of, depth - 1)

    def expression(self, of, depth):
        if depth <= 0 or self.chance(0.15):
            return self.leaf(of)
        roll = self.random.random()
        if roll < 0.1:
            return Select(
                self.expression(Scalar.BOOL, depth - 1),
                self.expression(of, depth - 1),
                self.expression(of, depth - 1),
                of,
            )
        if roll < 0.2 and self.functions:
            found = self.call(of, depth)
            if found is not None:
                return found
        if of is Scalar.BOOL:
            return self.condition(depth)
        if of.is_float:
            return self.float_expression(of, depth)
        return self.integer_expression(of, depth)

    def condition(self, depth):
        roll = self.random.random()
        if roll < 0.45:
            of = self.pick(list(Scalar))
            return Compare(self.pick(list(Comparison)), self.expression(of, depth - 1), self.expression(of, depth - 1))
        if roll < 0.6:
            return AndThen(
                self.condition(depth - 1) if depth > 1 else self.leaf(Scalar.BOOL),
                self.expression(Scalar.BOOL, depth - 1),
            )
        if roll < 0.75:
            return OrElse(self.expression(Scalar.BOOL, depth - 1), self.expression(Scalar.BOOL, depth - 1))
        if roll < 0.85:
            operator = self.pick((BinaryOperator.AND, BinaryOperator.OR, BinaryOperator.XOR))
            return Binary(
                operator, self.expression(Scalar.BOOL, depth - 1), self.expression(Scalar.BOOL, depth - 1), Scalar.BOOL
            )
        if roll < 0.92:
            return Convert(self.expression(self.pick(INTEGERS), depth - 1), Scalar.BOOL, Conversion.WRAP, self.span())
        return Unary(UnaryOperator.NOT, self.expression(Scalar.BOOL, depth - 1), Scalar.BOOL)

    def integer_expression(self, of, depth):
        roll = self.random.random()
        overflow = self.pick((Overflow.WRAP, Overflow.WRAP, Overflow.TRAP))
        if roll < 0.12:
            operator = self.pick(list(UnaryOperator))
            return Unary(operator, self.expression(of, depth - 1), of, overflow, self.span())
        if roll < 0.4:
            return self.conversion(of, depth)
        operator = self.pick(list(BinaryOperator))
        if operator in (BinaryOperator.SHIFT_LEFT, BinaryOperator.SHIFT_RIGHT):
            count = self.pick((Scalar.I64, Scalar.U8, Scalar.I16))
            right = Binary(BinaryOperator.AND, self.expression(count, depth - 1), Const(15, count), count)
            right = right if self.chance(0.7) else self.expression(count, depth - 1)
            return Binary(operator, self.expression(of, depth - 1), right, of, Overflow.WRAP, self.span())
        right = self.expression(of, depth - 1)
        if operator in DIVIDING and self.chance(0.9):
            right = Binary(BinaryOperator.OR, right, Const(1, of), of)
        if self.chance(0.7):
            overflow = Overflow.WRAP
        return Binary(operator, self.expression(of, depth - 1), right, of, overflow, self.span())

    def conversion(self, of, depth):
        roll = self.random.random()
        if roll < 0.4:
            source = self.pick([*INTEGERS, Scalar.BOOL])
            how = self.pick((*[Conversion.WRAP] * 8, Conversion.TRAP))
            return Convert(self.expression(source, depth - 1), of, how, self.span())
        if roll < 0.5 and of.size >= 4:
            source = Scalar.F32 if of.size == 4 else Scalar.F64
            return Convert(self.expression(source, depth - 1), of, Conversion.BITS, self.span())
        saturating = (Conversion.ROUND_EVEN_SATURATE, Conversion.TRUNCATE_SATURATE)
        how = self.pick((*saturating * 5, Conversion.ROUND_EVEN, Conversion.TRUNCATE))
        return Convert(self.expression(self.pick(FLOATS), depth - 1), of, how, self.span())

    def float_expression(self, of, depth):
        roll = self.random.random()
        if roll < 0.1:
            return Unary(UnaryOperator.NEGATE, self.expression(of, depth - 1), of)
        if roll < 0.25:
            source = self.pick([*INTEGERS, *FLOATS])
            return Convert(self.expression(source, depth - 1), of, Conversion.TO_FLOAT, self.span())
        if roll < 0.3:
            source = Scalar.U32 if of is Scalar.F32 else Scalar.I64
            return Convert(self.expression(source, depth - 1), of, Conversion.BITS, self.span())
        if roll < 0.5:
            name = self.pick(
                ("floor", "fabs", "exp", "sin", "atan2", "fmin_py", "fmax_py", "tanh", "round_even", "isnan")
            )
            if name == "isnan":
                root = Intrinsic("fabs", (self.expression(of, depth - 1),), of)
                return Intrinsic(self.pick(("sqrt", "log")), (root,), of, self.span())
            count = 2 if name in ("atan2", "fmin_py", "fmax_py") else 1
            return Intrinsic(name, tuple(self.expression(of, depth - 1) for _ in range(count)), of, self.span())
        operator = self.pick(
            (
                BinaryOperator.ADD,
                BinaryOperator.SUBTRACT,
                BinaryOperator.MULTIPLY,
                BinaryOperator.DIVIDE,
                BinaryOperator.MODULO,
                BinaryOperator.FLOOR_DIVIDE,
                BinaryOperator.FLOOR_MODULO,
            )
        )
        overflow = Overflow.WRAP
        right = self.expression(of, depth - 1)
        if operator is BinaryOperator.DIVIDE and self.chance(0.2):
            overflow = Overflow.TRAP
        elif operator in DIVIDING and self.chance(0.8):
            right = Select(Compare(Comparison.EQ, right, Const(0.0, of)), Const(0.5, of), right, of)
        return Binary(operator, self.expression(of, depth - 1), right, of, overflow, self.span())

    def call(self, of, depth):
        candidates = [item for item in self.functions if item.returns is of]
        if not candidates:
            return None
        return Call(self.pick(candidates).name, self.call_arguments(depth), of, self.span())

    def call_arguments(self, depth):
        return (
            AddressOf(STATE_ARGUMENT),
            self.expression(Scalar.I64, depth - 2),
            self.expression(Scalar.F64, depth - 2),
            AddressOf(self.place_of_f64(depth)),
        )

    def place_of_f64(self, depth):
        return Argument("out", Scalar.F64) if self.chance(0.3) else self.place(Scalar.F64, depth - 2, to_write=True)

    # --- statements

    def body(self, depth, size):
        return tuple(self.statement(depth) for _ in range(self.random.randint(1, size)))

    def statement(self, depth):
        roll = self.random.random()
        if depth <= 0 or roll < 0.5:
            of = self.pick(list(Scalar))
            return Assign(self.place(of, 2, to_write=True), self.expression(of, self.pick((1, 2, 3, 4))), self.span())
        if roll < 0.62:
            orelse = self.body(depth - 1, 2) if self.chance(0.6) else ()
            return If(self.expression(Scalar.BOOL, 3), self.body(depth - 1, 2), orelse, self.span())
        if roll < 0.7:
            return self.switch(depth)
        if roll < 0.8:
            return self.loop(depth)
        if roll < 0.85 and self.loop_depth:
            return If(self.expression(Scalar.BOOL, 2), (self.pick((Break(), Continue())),))
        if roll < 0.9 and self.functions:
            return self.run()
        if roll < 0.93:
            first, second = (
                Element(member("parts", Array(PART, 3)), self.index(1), PART, True, 0, self.span()) for _ in range(2)
            )
            return Copy(first, second, self.span())
        if roll < 0.95:
            return Zero(self.pick((member("a_i32", Array(Scalar.I32, 5)), self.place(Scalar.F64, 1, to_write=True))))
        if roll < 0.96:
            return If(
                self.expression(Scalar.BOOL, 3),
                (Fault(FaultCode.ASSERTION, (self.expression(Scalar.I64, 2),), self.span()),),
            )
        return Assign(Argument("out", Scalar.F64), self.expression(Scalar.F64, 3), self.span())

    def switch(self, depth):
        of = self.pick([*INTEGERS, Scalar.BOOL])
        cases = []
        for _ in range(self.random.randint(1, 12)):
            low = self.random.randint(-20, 40)
            cases.append(SwitchCase(((low, low + self.pick((0, 0, 0, 3))),), self.body(depth - 1, 1)))
        return Switch(self.expression(of, 2), tuple(cases), self.body(depth - 1, 1), self.span())

    def loop(self, depth):
        self.loop_depth += 1
        if self.chance(0.6):
            counter = Local(f"i{len(self.loop_locals)}", Scalar.I64)
            self.loop_locals.append(counter)
            end = (
                Const(5, Scalar.I64)
                if self.chance(0.6)
                else Binary(BinaryOperator.AND, self.expression(Scalar.I64, 2), Const(7, Scalar.I64), Scalar.I64)
            )
            self.counters.append(counter)
            body = self.body(depth - 1, 3)
            self.counters.remove(counter)
            statement = CountedLoop(
                counter, Const(self.pick((0, 0, 1, -2)), Scalar.I64), end, body, self.chance(0.3), self.span()
            )
        else:
            statement = While(self.expression(Scalar.BOOL, 3), self.body(depth - 1, 3), True, self.span())
        self.loop_depth -= 1
        return statement

    def run(self):
        function = self.pick(self.functions)
        if self.chance(0.5):
            return Run(function.name, self.call_arguments(3), self.span())
        places = (member("code", Scalar.I32), member("site", Scalar.I32), member("values", Array(Scalar.I64, 3)))
        budget = self.pick((None, 5, 100))
        return RunGuarded(function.name, self.call_arguments(3), *places, self.body(0, 2), budget, self.span())

    def function(self, name):
        self.locals = [Local(f"l_{item.label}", item) for item in self.random.sample(list(Scalar), 4)]
        self.loop_locals = []
        self.counters, self.loop_depth = [], 0
        returns = self.pick([None, *Scalar])
        body = self.body(3, 5)
        if returns is not None:
            body = (*body, Return(self.expression(returns, 3)))
        parameters = (
            FormalParameter("state", STATE, True),
            FormalParameter("n", Scalar.I64),
            FormalParameter("x", Scalar.F64),
            FormalParameter("out", Scalar.F64, True),
        )
        return Function(name, parameters, body, (*self.locals, *self.loop_locals), returns, True, self.span())

    def module(self, count):
        functions = []
        for index in range(count):
            functions.append(self.function(f"f{index}"))
            # few of them are called, so that loops around calls stay short
            self.functions = functions[:4]
        return Module((PART, STATE), tuple(functions))


def random_module(seed, count=12):
    """Return a module of ``count`` exported functions over the structure STATE."""
    return Generator(seed).module(count)
