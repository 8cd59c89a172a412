"""What stops native code stops plain Python too, with the same code at the same place of the component."""

from __future__ import annotations

import pytest

from emulators.native.ir import FaultCode

CLASS = """
class Part(Component):
    PHASE = Phase.ACTUATOR
    a: Input[float] = port()
    b: Input[float] = port()
    m: Input[int] = port()
    n: Input[int] = port()
    ok: Input[bool] = port()
    x: State[float] = state()
    k: State[int] = state()
    cells: State[Floats] = array(4, 1.5)

    def tick(self, step_s: float) -> None:
        {statement}
"""
BIG = 2**62
ROWS = [
    ("float_division", "self.x = self.a / self.b", {"a": 1.0, "b": 0.0}, FaultCode.DIVISION_BY_ZERO, 18),
    ("float_floor", "self.x = self.a // self.b", {"a": 1.0, "b": 0.0}, FaultCode.DIVISION_BY_ZERO, 18),
    ("float_modulo", "self.x = self.a % self.b", {"a": 1.0, "b": -0.0}, FaultCode.DIVISION_BY_ZERO, 18),
    ("int_floor", "self.k = self.m // self.n", {"m": 1, "n": 0}, FaultCode.DIVISION_BY_ZERO, 18),
    ("int_modulo", "self.k = 7 + self.m % self.n", {"m": 1, "n": 0}, FaultCode.DIVISION_BY_ZERO, 22),
    ("augmented", "self.x /= self.b", {"b": 0.0}, FaultCode.DIVISION_BY_ZERO, 9),
    ("add", "self.k = self.m + self.n", {"m": BIG, "n": BIG}, FaultCode.OVERFLOW, 18),
    ("subtract", "self.k = self.m - self.n", {"m": -BIG - BIG, "n": 1}, FaultCode.OVERFLOW, 18),
    ("multiply", "self.k = 1 + self.m * self.n", {"m": BIG, "n": 2}, FaultCode.OVERFLOW, 22),
    ("floor_overflow", "self.k = self.m // self.n", {"m": -BIG - BIG, "n": -1}, FaultCode.OVERFLOW, 18),
    ("negate", "self.k = -self.m", {"m": -BIG - BIG}, FaultCode.OVERFLOW, 18),
    ("absolute", "self.k = abs(self.m)", {"m": -BIG - BIG}, FaultCode.OVERFLOW, 18),
    ("augmented_add", "self.k += self.m; self.k += self.n", {"m": BIG, "n": BIG}, FaultCode.OVERFLOW, 27),
    ("shift", "self.k = self.m << 3", {"m": BIG}, FaultCode.OVERFLOW, 18),
    ("truncate", "self.k = int(self.a)", {"a": 1e19}, FaultCode.CONVERSION, 18),
    ("truncate_nan", "self.k = int(self.a)", {"a": float("nan")}, FaultCode.CONVERSION, 18),
    ("round", "self.k = round(self.a)", {"a": float("-inf")}, FaultCode.CONVERSION, 18),
    ("index_high", "self.x = self.cells[self.m]", {"m": 4}, FaultCode.INDEX_OUT_OF_BOUNDS, 18),
    ("index_negative", "self.cells[self.m] = 2.0", {"m": -1}, FaultCode.INDEX_OUT_OF_BOUNDS, 9),
    ("sqrt", "self.x = 1.0 + sqrt(self.a)", {"a": -1e-9}, FaultCode.DOMAIN, 24),
    ("log", "self.x = log(self.a)", {"a": 0.0}, FaultCode.DOMAIN, 18),
    ("assertion", "assert self.ok, 'must be ok'", {}, FaultCode.ASSERTION, 9),
    ("endless", "while not self.ok: self.k += 1", {}, FaultCode.LOOP_BUDGET, 9),
    ("long_range", "for i in range(self.m): self.k += i", {"m": BIG}, FaultCode.LOOP_BUDGET, 18),
    ("long_range_back", "for i in range(self.m, 0, -2): self.k += i", {"m": BIG}, FaultCode.LOOP_BUDGET, 18),
]


@pytest.mark.parametrize(("statement", "values", "code", "column"), [row[1:] for row in ROWS], ids=[r[0] for r in ROWS])
def test_fault_is_the_same_in_both_executors(write_classes, run_methods, statement, values, code, column):
    cls = write_classes(CLASS.format(statement=statement))("Part")
    run = run_methods([cls])

    native, python = run.native("Part", "tick", values, 0.01), run.python("Part", "tick", values, 0.01)

    assert native == python
    found_code, span = native["fault"]
    assert (found_code, span.file, span.line, span.column) == (code, "parts_0.py", 16, column)


def test_fault_in_a_helper_function_is_where_the_helper_divides(write_classes, run_methods):
    text = """
    def share(part: float, whole: float) -> float:
        return part / whole

    class Part(Component):
        part: Input[float] = port()
        whole: Input[float] = port()
        pct: Output[float] = port()

        def outputs(self) -> None:
            self.pct = 100.0 * share(self.part, self.whole)
    """
    run = run_methods([write_classes(text)("Part")])

    native, python = run.native("Part", "outputs", {}), run.python("Part", "outputs", {})

    assert native == python
    assert str(native["fault"][1]) == "parts_0.py:5:12"
