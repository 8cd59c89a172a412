"""Which inputs each output depends on within one call, found from the source."""

from __future__ import annotations

import pytest

from emulators.component import compile_component

CLASS = """
def twice(x: float) -> float:
    return 2.0 * x


class Part(Component):
    a: Input[float] = port()
    b: Input[float] = port()
    c: Input[float] = port()
    p: Input[bool] = port()
    s: State[float] = state()
    gain: Param[float] = param(1.0)
    x: Output[float] = port()
    y: Output[float] = port()

    def of_c(self) -> float:
        return self.c

    def set_y(self) -> None:
        self.y = self.b

    def outputs(self) -> None:
{body}
"""
# id, body, inputs of x, inputs of y
ROWS = [
    ("state_only", "self.x = self.s; self.y = self.gain", "", ""),
    ("direct", "self.x = self.a + self.s; self.y = self.b", "a", "b"),
    ("through_variable", "z = self.a\nself.x = z\nz = self.b\nself.y = z", "a", "b"),
    ("through_helper", "self.x = twice(self.a); self.y = twice(1.0)", "a", ""),
    ("through_method", "self.x = self.of_c(); self.y = self.b", "c", "b"),
    ("set_by_method", "self.set_y()\nself.x = self.y", "b", "b"),
    ("condition", "self.x = 0.0\nif self.p:\n    self.x = 1.0\nself.y = self.s", "p", ""),
    ("both_branches", "if self.p:\n    self.x = self.a\nelse:\n    self.x = self.b\nself.y = self.c", "abp", "c"),
    ("choice", "self.x = self.a if self.p else self.s\nself.y = 0.0", "ap", ""),
    ("early_return", "self.x = self.a\nself.y = 0.0\nif self.p:\n    return\nself.y = 1.0", "a", "p"),
    ("loop", "z = 0.0\nfor i in range(3):\n    z += self.a\nself.x = z\nself.y = 0.0", "a", ""),
    (
        "carried_by_a_loop",
        "z = 0.0\nw = 0.0\nfor i in range(3):\n    w = z\n    z = self.a\nself.x = w\nself.y = 0.0",
        "a",
        "",
    ),
    (
        "break",
        "z = 0.0\nfor i in range(3):\n    if self.p:\n        break\n    z += 1.0\nself.x = z\nself.y = self.b",
        "p",
        "bp",
    ),
    ("overwritten", "self.x = self.a\nself.x = self.b\nself.y = self.x", "b", "b"),
]


@pytest.mark.parametrize(("body", "x", "y"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_feed_through_is_found(write_classes, body, x, y):
    indented = "\n".join(" " * 8 + line for line in body.splitlines())

    unit = compile_component(write_classes(CLASS.format(body=indented))("Part"))

    assert (set(unit.feed_through["x"]), set(unit.feed_through["y"])) == (set(x), set(y))


def test_output_of_tick_has_no_feed_through(write_classes):
    text = """
    class Part(Component):
        a: Input[float] = port()
        x: Output[float] = port()

        def tick(self, step_s: float) -> None:
            self.x = self.a
    """

    unit = compile_component(write_classes(text)("Part"))

    assert unit.feed_through == {"x": frozenset()}
    assert unit.reads == {"tick": frozenset({"a"})}
