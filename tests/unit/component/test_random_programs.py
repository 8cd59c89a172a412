"""Random methods of the subset give the same bits, or the same fault at the same place, in every executor."""

from __future__ import annotations

import random

import pytest

from emulators.native import Executor, available_executors

HEAD = """
LIMIT = 7
RATIO = 0.3


def blend(x: float, y: float, share: float) -> float:
    if share > 1.0:
        return y
    return x + share * (y - x)


def steps(n: int) -> int:
    total = 0
    for i in range(1, 6):
        total += i * (n % 11)
    return total


class Base(Component):
    PHASE = Phase.ACTUATOR
    SHARE = 0.125
    a: Input[float] = port()
    b: Input[float] = port()
    m: Input[int] = port()
    n: Input[int] = port()
    p: Input[bool] = port()
    q: Input[bool] = port()
    x: State[float] = state()
    y: State[float] = state()
    k: State[int] = state()
    j: State[int] = state()
    on: State[bool] = state()
    off: State[bool] = state()
    cells: State[Floats] = array(5, 0.5)
    counts: State[Ints] = array(3, 2)

    def half(self, z: float) -> float:
        return self.a * 0.5 + z
"""
FLOATS = ["0.0", "1.0", "-2.5", "0.1", "1e300", "3.0", "RATIO", "self.SHARE", "self.a", "self.b", "self.x", "self.y"]
INTS = ["0", "1", "-3", "LIMIT", "(1 << 40)", "self.m", "self.n", "self.k", "self.j", "len(self.cells)"]
BOOLS = ["True", "self.p", "self.q", "self.on", "self.off"]


class Writer:
    """Draws expressions and statements as source text."""

    def __init__(self, seed: int) -> None:
        self.source = random.Random(seed)
        self.loops: list[str] = []
        self.names = 0

    def pick(self, *choices):
        chosen = self.source.choice(choices)
        return chosen() if callable(chosen) else chosen

    def float_(self, depth: int) -> str:
        if depth == 0:
            return self.source.choice(FLOATS)
        return self.pick(
            lambda: f"({self.float_(depth - 1)} {self.pick('+', '-', '*', '/', '//', '%')} {self.float_(depth - 1)})",
            lambda: f"({self.float_(depth - 1)} {self.pick('+', '-', '*')} {self.int_(depth - 1)})",
            lambda: f"{self.pick('min', 'max')}({self.float_(depth - 1)}, {self.float_(depth - 1)}, {self.float_(0)})",
            lambda: f"({self.float_(depth - 1)} if {self.bool_(depth - 1)} else {self.float_(depth - 1)})",
            lambda: f"{self.pick('abs', 'sqrt', 'exp', 'sin', 'floor', 'tanh', '-')}({self.float_(depth - 1)})",
            lambda: f"{self.pick('power', 'fmod', 'copysign', 'atan2')}({self.float_(depth - 1)}, {self.float_(0)})",
            lambda: f"blend({self.float_(depth - 1)}, {self.float_(0)}, {self.float_(0)})",
            lambda: f"self.half({self.float_(depth - 1)})",
            lambda: f"float({self.source.choice((self.int_, self.bool_))(depth - 1)})",
            lambda: f"gauss(self.seed, {self.int_(depth - 1)}, self.noise_channel)",
            lambda: f"self.cells[{self.int_(0)} % 5]",
        )

    def int_(self, depth: int) -> str:
        if depth == 0:
            return self.source.choice([*INTS, *self.loops])
        return self.pick(
            lambda: (
                f"({self.int_(depth - 1)} {self.pick('+', '-', '*', '//', '%', '&', '|', '^')} {self.int_(depth - 1)})"
            ),
            lambda: f"{self.pick('min', 'max')}({self.int_(depth - 1)}, {self.int_(depth - 1)})",
            lambda: f"({self.int_(depth - 1)} if {self.bool_(depth - 1)} else {self.int_(depth - 1)})",
            lambda: f"{self.pick('abs', '-', '~')}({self.int_(depth - 1)})",
            lambda: f"{self.pick('int', 'round')}({self.float_(depth - 1)})",
            lambda: f"(({self.int_(depth - 1)}) {self.pick('<<', '>>')} {self.pick('1', '5', '31')})",
            lambda: f"steps({self.int_(depth - 1)})",
            lambda: f"int({self.bool_(depth - 1)})",
            lambda: f"self.counts[(self.m ^ {self.int_(0)}) % 4]",
        )

    def bool_(self, depth: int) -> str:
        if depth == 0:
            return self.source.choice(BOOLS)
        order = self.pick("<", "<=", ">", ">=", "==", "!=")
        return self.pick(
            lambda: f"({self.float_(depth - 1)} {order} {self.float_(depth - 1)})",
            lambda: f"({self.int_(depth - 1)} {order} {self.int_(depth - 1)} {order} {self.int_(0)})",
            lambda: f"({self.bool_(depth - 1)} {self.pick('and', 'or', '==', '!=', '^')} {self.bool_(depth - 1)})",
            lambda: f"(not {self.bool_(depth - 1)})",
            lambda: f"bool({self.source.choice((self.int_, self.float_))(depth - 1)})",
            lambda: f"isfinite({self.float_(depth - 1)})",
        )

    def assignment(self) -> str:
        return self.pick(
            lambda: f"self.{self.pick('x', 'y')} {self.pick('=', '+=', '-=', '*=')} {self.float_(2)}",
            lambda: f"self.{self.pick('k', 'j')} {self.pick('=', '+=', '//=')} {self.int_(2)}",
            lambda: f"self.{self.pick('on', 'off')} = {self.bool_(2)}",
            lambda: f"self.cells[{self.int_(1)} % len(self.cells)] = {self.float_(1)}",
            lambda: f"self.counts[{self.pick('0', '1', '2')}] += {self.int_(1)}",
        )

    def block(self, depth: int, indent: str, *, in_loop: bool = False) -> list[str]:
        lines: list[str] = []
        for _ in range(self.source.randint(1, 3)):
            lines += self.statement(depth, indent, in_loop=in_loop)
        return lines

    def statement(self, depth: int, indent: str, *, in_loop: bool) -> list[str]:
        inner = indent + "    "
        kind = self.source.randint(0, 9) if depth else 0
        if kind == 5:
            lines = [f"{indent}if {self.bool_(2)}:", *self.block(depth - 1, inner, in_loop=in_loop)]
            if self.source.random() < 0.6:
                lines += [f"{indent}else:", *self.block(depth - 1, inner, in_loop=in_loop)]
            return lines
        if kind in (6, 7):
            self.names += 1
            name, bounds = f"i{self.names}", self.pick("len(self.cells)", "self.m % 9", "8, self.n % 5, -2", "2, 12, 3")
            self.loops.append(name)
            body = self.block(depth - 1, inner, in_loop=True)
            self.loops.pop()
            return [f"{indent}for {name} in range({bounds}):", *body]
        if kind == 8:
            self.names += 1
            name = f"w{self.names}"
            body = self.block(depth - 1, inner, in_loop=True)
            head = [f"{indent}{name} = 0", f"{indent}while {name} < 6 and {self.bool_(1)}:", f"{inner}{name} += 1"]
            return [*head, *body]
        if kind == 9 and in_loop:
            return [f"{indent}if {self.bool_(1)}:", f"{inner}{self.pick('break', 'continue')}"]
        if kind == 9:
            return [f"{indent}if {self.bool_(2)}:", f"{inner}return"]
        return [f"{indent}{self.assignment()}"]


def random_classes(seed: int, count: int) -> str:
    writer = Writer(seed)
    classes = [HEAD]
    for number in range(count):
        body = "\n".join(writer.block(2, "        "))
        classes.append(f"\nclass P{number}(Base):\n    def tick(self, step_s: float) -> None:\n{body}\n")
    return "\n".join(classes)


def random_values(source: random.Random) -> dict[str, object]:
    floats = [0.0, -0.0, 1.0, -1.0, 0.5, 1e-310, 1e308, float("inf"), float("nan"), 3.7, -12.25]
    ints = [0, 1, -1, 2, 7, -8, 2**31, 2**62, -(2**63), 2**63 - 1]
    values: dict[str, object] = {name: source.choice(floats) for name in ("a", "b", "x", "y")}
    values |= {name: source.choice(ints) if source.random() < 0.4 else source.randint(-20, 20) for name in "mnkj"}
    return values | {name: source.random() < 0.5 for name in ("p", "q", "on", "off")}


def check_random_programs(write_classes, run_methods, seed: int, executor: Executor, count: int) -> None:
    classes = write_classes(random_classes(seed, count))
    run = run_methods([classes(f"P{number}") for number in range(count)], executor)
    source = random.Random(seed)

    for number in range(count):
        for _ in range(8):
            values = random_values(source)
            assert run.native(f"P{number}", "tick", values, 0.01) == run.python(f"P{number}", "tick", values, 0.01)


@pytest.mark.parametrize("executor", available_executors(), ids=lambda executor: executor.value)
def test_random_methods_agree(write_classes, run_methods, executor):
    check_random_programs(write_classes, run_methods, 11, executor, {Executor.TCC: 60, Executor.GCC: 20}[executor])


@pytest.mark.campaign
@pytest.mark.parametrize("seed", range(40))
def test_many_random_methods_agree(write_classes, run_methods, seed):
    check_random_programs(write_classes, run_methods, 1000 + seed, Executor.TCC, 200)
