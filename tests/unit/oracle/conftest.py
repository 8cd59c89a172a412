"""A plain evaluator of formulas, by the definition, row by row: slow, and the judge of the fast one."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pytest

from hil.oracle.bounds import TimeBound
from hil.oracle.comparisons import Comparison
from hil.oracle.edges import Changed, Rose
from hil.oracle.logic import And, Equivalent, Implies, Literal, Not, Or
from hil.oracle.past import Historically, Once, Since
from hil.oracle.temporal import Always, Eventually, Until
from hil.oracle.terms import Arithmetic, Constant, Extremum, Magnitude, Previous, Signal
from hil.oracle.tree import Formula, Term
from hil.trace import ColumnKind, Trace

FULL = 100.0
Reading = tuple[Any, Any]


class Plain:
    """Reads a formula on one row: (worst, best); the two differ where the trace does not decide."""

    def __init__(self, trace: Trace, *, is_truth: bool, tolerance_ns: int = 0) -> None:
        self.trace = trace
        self.times = [int(time) for time in trace.time_ns]
        self.is_truth = is_truth
        self.tolerance_ns = tolerance_ns
        self.bottom, self.top = (False, True) if is_truth else (-FULL, FULL)

    def invert(self, reading: Reading) -> Reading:
        low, high = reading
        return (not high, not low) if self.is_truth else (-high, -low)

    def of_truth(self, truth: bool) -> Reading:
        value = truth if self.is_truth else (FULL if truth else -FULL)
        return (value, value)

    def some(self, readings: Iterable[Reading]) -> Reading:
        items = list(readings)
        return (max((low for low, _ in items), default=self.bottom), max((h for _, h in items), default=self.bottom))

    def every(self, readings: Iterable[Reading]) -> Reading:
        items = list(readings)
        return (min((low for low, _ in items), default=self.top), min((h for _, h in items), default=self.top))

    def number(self, term: Formula | Term, row: int) -> float:
        match term:
            case Signal(name=name):
                return float(self.trace[name][row])
            case Constant(number=number):
                return float(number)
            case Arithmetic(operator="+", left=left, right=right):
                return self.number(left, row) + self.number(right, row)
            case Arithmetic(operator="-", left=left, right=right):
                return self.number(left, row) - self.number(right, row)
            case Arithmetic(operator="*", left=left, right=right):
                return self.number(left, row) * self.number(right, row)
            case Magnitude(operand=operand):
                return abs(self.number(operand, row))
            case Extremum(word=word, items=items):
                numbers = [self.number(item, row) for item in items]
                return math.nan if any(map(math.isnan, numbers)) else (min if word == "min" else max)(numbers)
            case Previous(operand=operand):
                return self.number(operand, max(0, row - 1))
        raise AssertionError(term)

    def span(self, term: Formula | Term) -> tuple[float, float] | None:
        match term:
            case Signal(name=name):
                digital = self.trace.kind(name) is ColumnKind.DIGITAL
                return (0.0, 1.0) if digital else self.trace.description(name).eu_range
            case Constant(number=number):
                return (number, number)
            case Previous(operand=operand):
                return self.span(operand)
        operands = [self.span(operand) for operand in term.operands()]
        if None in operands:
            return None
        match term:
            case Magnitude():
                low, high = operands[0]
                return (0.0 if low <= 0 <= high else min(abs(low), abs(high)), max(abs(low), abs(high)))
            case Extremum(word=word):
                choose = min if word == "min" else max
                return (choose(low for low, _ in operands), choose(high for _, high in operands))
            case Arithmetic(operator=operator):
                calculate = {"+": lambda x, y: x + y, "-": lambda x, y: x - y, "*": lambda x, y: x * y}[operator]
                corners = [calculate(x, y) for x in operands[0] for y in operands[1]]
                return (min(corners), max(corners))
        raise AssertionError(term)

    def comparison(self, formula: Comparison, row: int) -> Reading:
        left, right = self.number(formula.left, row), self.number(formula.right, row)
        truths = {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}
        truths |= {"==": left == right, "!=": left != right}
        truth = truths[formula.operator]
        margin = right - left if formula.operator[0] == "<" else left - right
        if self.is_truth or formula.operator in ("==", "!=") or math.isnan(margin):
            return self.of_truth(truth)
        spans = [self.span(formula.left), self.span(formula.right)]
        width = max((span[1] - span[0] for span in spans if span is not None), default=0.0)
        value = max(-FULL, min(FULL, margin * (FULL / width) if width else margin))
        return (value, value)

    def ahead(self, window: tuple[int, int | None], row: int) -> tuple[list[int], bool]:
        """Rows of a future window, and whether something of it was not recorded."""
        start_ns, end_ns = window
        first = self.times[row] + start_ns
        last = self.times[-1] if end_ns is None else self.times[row] + end_ns
        rows = [other for other, time in enumerate(self.times) if first <= time <= last]
        return rows, end_ns is not None and (last > self.times[-1] or not rows)

    def behind(self, window: tuple[int, int | None], row: int) -> tuple[list[int], bool]:
        start_ns, end_ns = window
        last = self.times[row] - start_ns
        first = self.times[0] if end_ns is None else self.times[row] - end_ns
        rows = [other for other, time in enumerate(self.times) if first <= time <= last]
        return rows, end_ns is not None and not rows and first >= self.times[0]

    def bound(self, bound: TimeBound, *, is_widened: bool) -> tuple[int, int | None]:
        slack = self.tolerance_ns if bound.tolerance_ns is None else bound.tolerance_ns
        return bound.widened(slack) if is_widened else bound.narrowed(slack)

    def read(self, f: Formula | Term, row: int, positive: bool = True) -> Reading:
        match f:
            case Literal(truth=truth):
                return self.of_truth(truth)
            case Signal(name=name):
                return self.of_truth(bool(self.trace[name][row]))
            case Comparison():
                return self.comparison(f, row)
            case Not(operand=operand):
                return self.invert(self.read(operand, row, not positive))
            case And(left=left, right=right):
                return self.every([self.read(left, row, positive), self.read(right, row, positive)])
            case Or(left=left, right=right):
                return self.some([self.read(left, row, positive), self.read(right, row, positive)])
            case Implies(trigger=left, response=right):
                return self.some([self.invert(self.read(left, row, not positive)), self.read(right, row, positive)])
            case Equivalent(left=left, right=right):
                return self.read((left >> right) & (right >> left), row, positive)
            case Previous(operand=operand):
                return self.read(operand, max(0, row - 1), positive)
            case Rose(operand=operand):
                if row == 0:
                    return self.of_truth(False)
                before = self.invert(self.read(operand, row - 1, not positive))
                return self.every([self.read(operand, row, positive), before])
            case Changed(operand=operand):
                now, before = self.number(operand, row), self.number(operand, max(0, row - 1))
                return self.of_truth(now != before and not (math.isnan(now) and math.isnan(before)))
        return self.read_temporal(f, row, positive)

    def read_temporal(self, f: Formula | Term, row: int, positive: bool) -> Reading:
        match f:
            case Eventually(operand=operand, bound=bound):
                rows, unseen = self.ahead(self.bound(bound, is_widened=positive), row)
                reading = self.some(self.read(operand, other, positive) for other in rows)
                return (reading[0], self.top) if unseen else reading
            case Always(operand=operand, bound=bound):
                rows, unseen = self.ahead(self.bound(bound, is_widened=not positive), row)
                reading = self.every(self.read(operand, other, positive) for other in rows)
                return (self.bottom, reading[1]) if unseen else reading
            case Once(operand=operand, bound=bound):
                rows, unseen = self.behind(self.bound(bound, is_widened=positive), row)
                reading = self.some(self.read(operand, other, positive) for other in rows)
                return (self.bottom, self.top) if unseen else reading
            case Historically(operand=operand, bound=bound):
                rows, unseen = self.behind(self.bound(bound, is_widened=not positive), row)
                reading = self.every(self.read(operand, other, positive) for other in rows)
                return (self.bottom, self.top) if unseen else reading
            case Since(holding=holding, start=start):
                return self.some(
                    self.every(
                        [self.read(start, other, positive)]
                        + [self.read(holding, later, positive) for later in range(other + 1, row + 1)]
                    )
                    for other in range(row + 1)
                )
            case Until(holding=holding, goal=goal, bound=bound):
                window = self.bound(bound, is_widened=positive)
                rows, unseen = self.ahead(window, row)
                held = {o: self.every(self.read(holding, i, positive) for i in range(row, o)) for o in rows}
                reading = self.some(self.every([self.read(goal, other, positive), held[other]]) for other in rows)
                if not unseen:
                    return reading
                last = self.times[row] + (window[1] or 0)
                before = [i for i in range(row, len(self.times)) if self.times[i] <= last]
                return (reading[0], max(reading[1], self.every(self.read(holding, i, positive) for i in before)[1]))
        raise AssertionError(f)


@pytest.fixture(scope="session")
def plain_reading() -> Callable[..., tuple[np.ndarray, np.ndarray]]:
    """Return worst and best reading of a formula on each row, by the definition."""

    def read(formula: Formula, trace: Trace, *, is_truth: bool, tolerance_ns: int = 0) -> tuple[np.ndarray, np.ndarray]:
        plain = Plain(trace, is_truth=is_truth, tolerance_ns=tolerance_ns)
        readings = [plain.read(formula, row) for row in range(len(trace))]
        dtype = bool if is_truth else float
        return np.array([low for low, _ in readings], dtype), np.array([high for _, high in readings], dtype)

    return read
