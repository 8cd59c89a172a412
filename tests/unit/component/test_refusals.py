"""What the subset refuses: one row a rule, with code, place and what to write instead."""

from __future__ import annotations

import pytest

from emulators.component import compile_component
from emulators.component.rules import RULES
from emulators.errors import CompileError

CLASS = """
import math
import random
import time

NAMES = ["a"]


def untyped(x):
    return x


def recursive(n: int) -> int:
    return recursive(n - 1)


def endless(n: int) -> int:
    if n > 0:
        return 1


class Part(Component):
    x: State[float] = state()
    k: State[int] = state()
    on: State[bool] = state()
    cells: State[Floats] = array(4)
    a: Input[float] = port()
    n: Input[int] = port()
    p: Input[bool] = port()
    area: Param[float] = param(1.0)
    leak: Fault[float] = fault(0.0)
    out: Output[float] = port()

    def outputs(self) -> None:
        self.out = self.x

    def write_and_return(self) -> float:
        self.x = 1.0
        return 2.0

    def nothing(self) -> None:
        self.k = 1

    def tick(self, step_s: float) -> None:
        {statement}
"""
LINE = 47
# id, statement, code, column, words of the message or hint
ROWS = [
    ("power", "self.x = self.a ** 2", "PC1003", 18, "self.a * self.a"),
    ("math_exp", "self.x = math.exp(self.a)", "PC1004", 18, "from emulators.component import exp"),
    ("math_floor", "self.x = math.floor(self.a)", "PC1004", 18, "from emulators.component import floor"),
    ("math_gamma", "self.x = math.gamma(self.a)", "PC1004", 18, "not in the subset"),
    ("math_pow", "self.x = math.pow(self.a, 2.0)", "PC1004", 18, "import power"),
    ("random", "self.x = random.random()", "PC1004", 18, "gauss or uniform"),
    ("clock", "self.x = time.monotonic()", "PC1004", 18, "pass it as an input"),
    ("print", "print(self.x)", "PC1004", 9, "pdb"),
    ("unknown_name", "self.x = stp_s", "PC1004", 18, "did you mean 'step_s'?"),
    ("unknown_function", "self.x = clamp(self.a)", "PC1004", 18, "import it"),
    ("captured_list", "self.x = NAMES", "PC1004", 18, "not a float, int or bool"),
    ("int_to_float_member", "self.x = 0", "PC1005", 18, "write '0.0' instead"),
    ("int_name_to_float", "self.x = self.n", "PC1005", 18, "write 'float(self.n)' instead"),
    ("float_to_int", "self.k = self.a", "PC1005", 18, "write 'int(self.a)' instead"),
    ("float_to_bool", "self.on = self.a", "PC1005", 19, "write 'self.a != 0.0' instead"),
    ("bool_to_float", "self.x = self.p", "PC1005", 18, "write '1.0 if self.p else 0.0' instead"),
    ("bool_arithmetic", "self.k = 1 + self.p", "PC1005", 22, "write 'int(self.p)' instead"),
    ("negated_bool", "self.k = -self.p", "PC1005", 18, "'not' or 'int(…)'"),
    ("int_division", "self.x = self.n / self.k", "PC1005", 18, "float(self.n) / float(self.k)"),
    ("mixed_minimum", "self.x = min(self.a, 0)", "PC1005", 30, "write '0.0' instead"),
    ("mixed_choice", "self.x = 1.0 if self.p else 0", "PC1005", 37, "write '0.0' instead"),
    ("mixed_comparison", "self.on = self.a < self.n", "PC1005", 28, "write 'float(self.n)' instead"),
    ("ordered_bools", "self.on = self.p < self.on", "PC1005", 19, "'and', 'or', 'not'"),
    ("variable_changes_type", "y = 0; y = y + 0.5", "PC1005", 20, "variable 'y' is int"),
    ("argument_type", "self.x = sqrt(4)", "PC1005", 23, "write '4.0' instead"),
    ("float_index", "self.x = self.cells[self.a]", "PC1005", 29, "an index is int"),
    ("scalar_indexed", "self.x = self.a[0]", "PC1005", 18, "write 'self.a' instead"),
    ("float_bits", "self.k = self.k & self.a", "PC1005", 18, "two ints or two bools"),
    ("float_condition", "if self.a: self.k = 1", "PC1006", 12, "write 'self.a != 0.0' instead"),
    ("int_condition", "while self.n: self.k = 1", "PC1006", 15, "write 'self.n != 0' instead"),
    ("int_and", "self.on = self.p and self.n", "PC1006", 30, "write 'self.n != 0' instead"),
    ("unset_variable", "if self.p: y = 1.0\n        self.x = y", "PC1007", 18, "set it on every path"),
    ("unset_after_loop", "for i in range(3): pass\n        self.k = i", "PC1007", 18, "'i' may have no value"),
    ("unset_augmented", "y += 1.0", "PC1007", 9, "set it on every path"),
    ("no_value", "self.k = endless(self.n)", "PC1008", 1, "can end without a value"),
    ("write_input", "self.a = 1.0", "PC1009", 9, "it may set states"),
    ("write_parameter", "self.area = 1.0", "PC1009", 9, "tick() may not set 'self.area'"),
    ("write_fault", "self.leak = 1.0", "PC1009", 9, "tick() may not set 'self.leak'"),
    ("write_output_twice", "self.out = 1.0", "PC1009", 9, "outputs() does not set"),
    ("write_derivative", "self.der.x = 1.0", "PC1009", 9, "tick() may not set 'self.der.x'"),
    ("set_argument", "step_s = 1.0", "PC1009", 9, "use a variable of its own"),
    ("unknown_member", "self.x = self.levl", "PC1010", 18, "declares no member 'levl'"),
    ("unknown_method", "self.nothin()", "PC1010", 9, "did you mean 'nothing'?"),
    ("for_each", "for cell in self.cells: self.x += cell", "PC1011", 9, "for i in range(len(self.array))"),
    ("loop_variable_set", "for i in range(3): i = 5", "PC1011", 28, "use another variable"),
    ("variable_step", "for i in range(0, 9, self.n): self.k = i", "PC1011", 18, "constant step"),
    ("long_loop", "for i in range(1000000): self.k = i", "PC1011", 13, "at most 100000"),
    (
        "same_loop_variable",
        "for i in range(3):\n            for i in range(3): pass",
        "PC1011",
        17,
        "variable of its own",
    ),
    ("untyped_helper", "self.x = untyped(self.a)", "PC1012", 1, "write 'x: float' instead"),
    ("recursive_helper", "self.k = recursive(self.n)", "PC1012", 12, "write a loop instead"),
    ("effect_and_value", "self.x = self.write_and_return()", "PC1012", 18, "either return a value or write members"),
    ("huge_constant", "self.k = 9223372036854775808", "PC1013", 18, "does not fit 64 bits"),
    ("string", "self.x = 'high'", "PC1002", 18, "a float, int or bool"),
    ("comprehension", "self.x = sum([c for c in self.cells])", "PC1004", 18, "function of your own"),
    ("list", "y = [1.0, 2.0]", "PC1002", 13, "array(length)"),
    ("lambda", "y = lambda z: z", "PC1002", 13, "def"),
    ("walrus", "self.k = (y := 3)", "PC1002", 19, "assignment of its own"),
    ("identity", "self.on = self.a is self.x", "PC1002", 19, "'=='"),
    ("keyword_argument", "self.x = sqrt(x=1.0)", "PC1002", 18, "by position"),
    ("argument_count", "self.x = sqrt(1.0, 2.0)", "PC1002", 18, "takes 1 arguments"),
    ("rounded_digits", "self.x = round(self.a, 2)", "PC1002", 18, "write round(x)"),
    ("constant_index", "self.x = self.cells[4]", "PC1002", 18, "0..3"),
    ("array_as_value", "self.x = self.cells", "PC1002", 18, "self.cells[index]"),
    ("shift_by_variable", "self.k = self.n << self.k", "PC1002", 18, "by something else than a constant"),
    ("try", "try: pass\n        except ValueError: pass", "PC1001", 9, "write 'if' before"),
    ("raise", "raise ValueError", "PC1001", 9, "assert"),
    ("with", "with open('x'): pass", "PC1001", 9, "'with' is not in the subset"),
    ("swap", "self.x, self.k = self.x, self.k", "PC1001", 9, "one assignment for each"),
    ("chained_assignment", "self.x = y = 1.0", "PC1001", 9, "one assignment for each"),
    ("import", "import math", "PC1001", 9, "top of the module"),
    ("loop_else", "for i in range(3): pass\n        else: pass", "PC1001", 9, "set a bool before"),
    ("unused_value", "sqrt(self.a)", "PC1001", 9, "assign it"),
    ("returned_value", "return 1.0", "PC1001", 9, "write 'return' alone"),
    ("foreign_attribute", "random.seed = 1", "PC1001", 9, "members of self only"),
]


@pytest.mark.parametrize(("statement", "code", "column", "words"), [r[1:] for r in ROWS], ids=[r[0] for r in ROWS])
def test_statement_is_refused_with_what_to_write_instead(write_classes, statement, code, column, words):
    cls = write_classes(CLASS.format(statement=statement))("Part")

    with pytest.raises(CompileError) as caught:
        compile_component(cls)

    (diagnostic,) = caught.value.diagnostics
    assert (diagnostic.code, diagnostic.span.column, diagnostic.span.file) == (code, column, "parts_0.py")
    assert words in str(diagnostic)


# what stands in a class of its own: id, text, code, line, words
CLASS_ROWS = [
    (
        "output_never_set",
        "class Part(Component):\n    out: Output[float] = port()\n",
        "PC1008",
        4,
        "output 'out' is never set",
    ),
    (
        "output_on_one_path",
        "class Part(Component):\n    p: Input[bool] = port()\n    out: Output[float] = port()\n"
        "    def outputs(self) -> None:\n        if self.p:\n            self.out = 1.0\n",
        "PC1008",
        9,
        "in 'else' too",
    ),
    (
        "output_read_before_set",
        "class Part(Component):\n    out: Output[float] = port()\n"
        "    def outputs(self) -> None:\n        self.out = self.out + 1.0\n",
        "PC1009",
        7,
        "keep the last value in a State",
    ),
    (
        "derivative_on_one_path",
        "class Part(Component):\n    p: Input[bool] = port()\n    x: State[float] = state()\n"
        "    def derivatives(self) -> None:\n        if self.p:\n            self.der.x = 1.0\n",
        "PC1008",
        9,
        "'self.der.x' is not set on every path",
    ),
    (
        "derivative_of_an_int",
        "class Part(Component):\n    k: State[int] = state()\n"
        "    def derivatives(self) -> None:\n        self.der.k = 1.0\n",
        "PC1016",
        7,
        "declare it as State[float]",
    ),
    (
        "continuous_sensor",
        "class Part(Component):\n    PHASE = Phase.SENSOR\n    x: State[float] = state()\n"
        "    def derivatives(self) -> None:\n        self.der.x = 1.0\n",
        "PC1016",
        4,
        "write its exact update in tick()",
    ),
    ("no_role", "class Part(Component):\n    x: float = state()\n", "PC1015", 4, "without its role"),
    ("no_annotation", "class Part(Component):\n    x = state()\n", "PC1015", 4, "has no annotation"),
    ("no_declaration", "class Part(Component):\n    x: State[float] = 0.0\n", "PC1015", 4, "has no declaration"),
    ("string_member", "class Part(Component):\n    x: State[str] = state()\n", "PC1015", 4, "float, int or bool"),
    ("array_input", "class Part(Component):\n    x: Input[Floats] = array(3)\n", "PC1015", 4, "arrays are states"),
    ("range", "class Part(Component):\n    x: Param[float] = param(1.0, low=2.0, high=1.0)\n", "PC1015", 4, "swap"),
    ("default", "class Part(Component):\n    x: Param[int] = param(0.5)\n", "PC1015", 4, "default 0.5 is not"),
    ("default_range", "class Part(Component):\n    x: Param[float] = param(5.0, high=1.0)\n", "PC1015", 4, "outside"),
    ("reserved", "class Part(Component):\n    der_x: State[float] = state()\n", "PC1015", 4, "choose another"),
]


@pytest.mark.parametrize(("text", "code", "line", "words"), [r[1:] for r in CLASS_ROWS], ids=[r[0] for r in CLASS_ROWS])
def test_class_is_refused_with_what_to_write_instead(write_classes, text, code, line, words):
    cls = write_classes("\n" + text)("Part")

    with pytest.raises(CompileError) as caught:
        compile_component(cls)

    (diagnostic,) = caught.value.diagnostics
    assert (diagnostic.code, diagnostic.span.line) == (code, line)
    assert words in str(diagnostic)


def test_all_findings_come_at_once_in_the_order_of_the_text(write_classes):
    statement = "self.x = 0\n        y = math.exp(1.0)\n        self.x = y * 2.0\n        self.k = self.a ** 2"
    cls = write_classes(CLASS.format(statement=statement))("Part")

    with pytest.raises(CompileError) as caught:
        compile_component(cls)

    assert [(d.code, d.span.line - LINE) for d in caught.value.diagnostics] == [
        ("PC1005", 0),
        ("PC1004", 1),
        ("PC1003", 3),
    ]


@pytest.mark.parametrize("rule", RULES, ids=[rule.code for rule in RULES])
def test_page_of_a_code_shows_a_class_that_fails_so_and_one_that_passes(write_classes, rule):
    with pytest.raises(CompileError) as caught:
        compile_component(write_classes("import math\n" + rule.failing)("Part"))

    assert {diagnostic.code for diagnostic in caught.value.diagnostics} == {rule.code}
    assert compile_component(write_classes("import math\n" + rule.passing)("Part")).functions


def test_every_code_has_a_page_and_a_row():
    shown = {row[2] for row in (*ROWS, *CLASS_ROWS)}

    assert shown == {rule.code for rule in RULES}
