"""Pages of the component compiler's diagnostics: what each code means, a class that shows it, one that is accepted."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["RULES", "ComponentRule"]


@dataclass(frozen=True, slots=True)
class ComponentRule:
    """One diagnostic; the classes stand below ``import math`` and ``from emulators.component import *``."""

    code: str
    title: str
    meaning: str
    failing: str
    passing: str


RULES = (
    ComponentRule(
        "PC1001",
        "statement that the subset does not have",
        (
            "Methods have assignments, if, for over range, while, break, continue, return, assert, pass and "
            "calls. Everything else has no form in native code, or would hide what runs in a step."
        ),
        """\
class Part(Component):
    x: State[float] = state()

    def tick(self, step_s: float) -> None:
        try:
            self.x = 1.0 / self.x
        except ZeroDivisionError:
            self.x = 0.0
""",
        """\
class Part(Component):
    x: State[float] = state()

    def tick(self, step_s: float) -> None:
        if self.x == 0.0:
            self.x = 0.0
        else:
            self.x = 1.0 / self.x
""",
    ),
    ComponentRule(
        "PC1002",
        "expression that the subset does not have",
        (
            "Values are float, int and bool; there are no strings, lists or dictionaries. Arrays are members, "
            "read and written element by element."
        ),
        """\
class Part(Component):
    x: State[float] = state()
    cells: State[Floats] = array(4)

    def tick(self, step_s: float) -> None:
        y = [self.x, self.x]
""",
        """\
class Part(Component):
    x: State[float] = state()
    cells: State[Floats] = array(4)

    def tick(self, step_s: float) -> None:
        self.cells[0] = self.x
        self.cells[1] = self.x
""",
    ),
    ComponentRule(
        "PC1003",
        "power operator",
        (
            "x**2 and x*x differ in the last bit for about one value in a thousand, and the power function of "
            "the platform differs from machine to machine."
        ),
        """\
class Part(Component):
    x: State[float] = state()

    def tick(self, step_s: float) -> None:
        self.x = self.x ** 2
""",
        """\
class Part(Component):
    x: State[float] = state()

    def tick(self, step_s: float) -> None:
        self.x = self.x * self.x
""",
    ),
    ComponentRule(
        "PC1004",
        "name or function that native code cannot know",
        (
            "Free names are constants of the module, helper functions written with def, and the functions of "
            "emulators.component. The functions of math, numpy and random have other bits in native code, or "
            "none."
        ),
        """\
class Part(Component):
    x: State[float] = state()

    def tick(self, step_s: float) -> None:
        self.x = math.exp(-step_s)
""",
        """\
class Part(Component):
    x: State[float] = state()

    def tick(self, step_s: float) -> None:
        self.x = exp(-step_s)
""",
    ),
    ComponentRule(
        "PC1005",
        "types that do not fit",
        (
            "A member or variable is float, int or bool for good. Only arithmetic turns an int operand into a "
            "float by itself, as Python does; a constant has to be written as what it is."
        ),
        """\
class Part(Component):
    x: State[float] = state()

    def tick(self, step_s: float) -> None:
        self.x = 0
""",
        """\
class Part(Component):
    x: State[float] = state()

    def tick(self, step_s: float) -> None:
        self.x = 0.0
""",
    ),
    ComponentRule(
        "PC1006",
        "condition that is not bool",
        ("Conditions, 'and', 'or' and 'not' take bools: whether a number counts as true is written out."),
        """\
class Part(Component):
    x: State[float] = state()
    count: Input[int] = port()

    def tick(self, step_s: float) -> None:
        if self.count:
            self.x = 1.0
""",
        """\
class Part(Component):
    x: State[float] = state()
    count: Input[int] = port()

    def tick(self, step_s: float) -> None:
        if self.count != 0:
            self.x = 1.0
""",
    ),
    ComponentRule(
        "PC1007",
        "variable that may have no value here",
        (
            "A local variable is used where some path has not set it: Python would raise an error there, native "
            "code has no such state."
        ),
        """\
class Part(Component):
    x: State[float] = state()
    on: Input[bool] = port()

    def tick(self, step_s: float) -> None:
        if self.on:
            y = 1.0
        self.x = y
""",
        """\
class Part(Component):
    x: State[float] = state()
    on: Input[bool] = port()

    def tick(self, step_s: float) -> None:
        y = 0.0
        if self.on:
            y = 1.0
        self.x = y
""",
    ),
    ComponentRule(
        "PC1008",
        "output or derivative that is not set on every path",
        (
            "outputs() has no memory: every output it sets must be set whatever the inputs are. The same holds "
            "for derivatives() and for functions that return a value."
        ),
        """\
class Part(Component):
    on: Input[bool] = port()
    x: Output[float] = port()

    def outputs(self) -> None:
        if self.on:
            self.x = 1.0
""",
        """\
class Part(Component):
    on: Input[bool] = port()
    x: Output[float] = port()

    def outputs(self) -> None:
        if self.on:
            self.x = 1.0
        else:
            self.x = 0.0
""",
    ),
    ComponentRule(
        "PC1009",
        "member that may not be read or written in this method",
        (
            "Inputs, parameters and faults come from outside. outputs() sets outputs, derivatives() sets "
            "self.der, tick() sets states and those outputs that outputs() does not set."
        ),
        """\
class Part(Component):
    x: State[float] = state()
    a: Input[float] = port()

    def tick(self, step_s: float) -> None:
        self.a = 0.0
""",
        """\
class Part(Component):
    x: State[float] = state()
    a: Input[float] = port()

    def tick(self, step_s: float) -> None:
        self.x = self.a
""",
    ),
    ComponentRule(
        "PC1010",
        "member that the class does not declare",
        (
            "Every member is declared in the class with its role, type and unit, so that it has a place in the "
            "state block."
        ),
        """\
class Part(Component):
    level_m: State[float] = state()

    def tick(self, step_s: float) -> None:
        self.levl_m = 0.0
""",
        """\
class Part(Component):
    level_m: State[float] = state()

    def tick(self, step_s: float) -> None:
        self.level_m = 0.0
""",
    ),
    ComponentRule(
        "PC1011",
        "loop whose end cannot be seen",
        ("for runs over range with a constant step and does not set its variable; at most 100,000 turns."),
        """\
class Part(Component):
    x: State[float] = state()
    cells: State[Floats] = array(4)

    def tick(self, step_s: float) -> None:
        for cell in self.cells:
            self.x += cell
""",
        """\
class Part(Component):
    x: State[float] = state()
    cells: State[Floats] = array(4)

    def tick(self, step_s: float) -> None:
        for i in range(len(self.cells)):
            self.x += self.cells[i]
""",
    ),
    ComponentRule(
        "PC1012",
        "helper function or method without full annotations, or recursive",
        (
            "Parameters and results of what a component calls are annotated float, int or bool. A method either "
            "returns a value or writes members."
        ),
        """\
class Part(Component):
    x: State[float] = state()

    def doubled(self, x):
        return 2.0 * x

    def tick(self, step_s: float) -> None:
        self.x = self.doubled(self.x)
""",
        """\
class Part(Component):
    x: State[float] = state()

    def tick(self, step_s: float) -> None:
        self.x = 2.0 * self.x
""",
    ),
    ComponentRule(
        "PC1013",
        "integer constant that 64 bits do not hold",
        ("An int is 64 bits with its sign; leaving them while running is a fault, a constant outside is refused."),
        """\
class Part(Component):
    k: State[int] = state()

    def tick(self, step_s: float) -> None:
        self.k = 18446744073709551615
""",
        """\
class Part(Component):
    k: State[int] = state()

    def tick(self, step_s: float) -> None:
        self.k = 9223372036854775807
""",
    ),
    ComponentRule(
        "PC1015",
        "declaration that contradicts itself",
        (
            "A member has a role as annotation (Input, Output, State, Param, Fault), a declaration (port, "
            "state, param, fault, array), a default of its type inside its range, and a name that is not "
            "reserved."
        ),
        """\
class Part(Component):
    x: State[float] = state(5.0, high=1.0)

    def tick(self, step_s: float) -> None:
        pass
""",
        """\
class Part(Component):
    x: State[float] = state(0.5, high=1.0)

    def tick(self, step_s: float) -> None:
        pass
""",
    ),
    ComponentRule(
        "PC1016",
        "continuous state where none can be",
        (
            "Only a process component integrates; sensors and actuators update their states in tick(). A "
            "continuous state is a single float."
        ),
        """\
class Part(Component):
    PHASE = Phase.SENSOR
    x: State[float] = state()

    def derivatives(self) -> None:
        self.der.x = -self.x
""",
        """\
class Part(Component):
    PHASE = Phase.PROCESS
    x: State[float] = state()

    def derivatives(self) -> None:
        self.der.x = -self.x
""",
    ),
)
"""In order of code; PC1014 (source text that cannot be read) has no page, since it has no text."""
