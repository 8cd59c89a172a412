"""Evaluation of formulas on one trace: columns, windows and readings, each computed once."""

from __future__ import annotations

import numpy as np

from hil.oracle.algebra import ROBUSTNESS, TRUTH, Algebra, Bounds
from hil.oracle.bounds import TimeBound
from hil.oracle.comparisons import Comparison
from hil.oracle.tree import Formula, walk
from hil.oracle.windows import RowWindows, future_windows, past_windows
from hil.trace.meta import ColumnKind
from hil.trace.trace import Array, Trace

__all__ = ["Evaluation"]


class Evaluation:
    """Readings of formulas on a trace.

    Args:
        trace: the recorded run.
        tolerance_ns: slack of every time bound that does not carry its own; 0 in an emulated cell.
    """

    def __init__(self, trace: Trace, *, tolerance_ns: int = 0) -> None:
        self.trace = trace
        self.rows = len(trace)
        self.tolerance_ns = tolerance_ns
        self._readings: dict[tuple[int, bool, bool], tuple[Formula, Bounds]] = {}
        self._windows: dict[tuple[int, int, bool], RowWindows] = {}

    def truth(self, formula: Formula | str) -> Array:
        """Return the bool array of a digital column, or the rows on which a formula is certainly true.

        Raises:
            TypeError: the column is a number.
        """
        if isinstance(formula, Formula):
            return self.read(formula, TRUTH).lower
        if self.trace.kind(formula) is not ColumnKind.DIGITAL:
            raise TypeError(f"{formula} is a number, not true or false; compare it, for example {formula} > 0")
        return self.trace[formula].view(np.bool_)

    def robustness(self, formula: Formula) -> Bounds:
        """Return lowest and highest robustness per row, float64 in percent of range."""
        return self.read(formula, ROBUSTNESS)

    def read(self, formula: Formula, algebra: Algebra, *, positive: bool = True) -> Bounds:
        """Return a reading per row; ``positive`` says which way the tolerance of time bounds leans."""
        key = (id(formula), algebra.is_truth, positive)
        found = self._readings.get(key)
        if found is None:
            # the formula is kept with its reading, so that its id stays its own
            found = (formula, self._compute(formula, algebra, positive=positive))
            self._readings[key] = found
        return found[1]

    def _compute(self, formula: Formula, algebra: Algebra, *, positive: bool) -> Bounds:
        if algebra.is_truth or _has_margin(formula):
            return formula.read(self, algebra, positive=positive)
        return algebra.map(self.read(formula, TRUTH, positive=positive), algebra.from_truth)

    def numbers(self, name: str) -> Array:
        """Return a column as it was recorded."""
        return self.trace[name]

    def span(self, name: str) -> tuple[float, float] | None:
        """Return the engineering range of a column; 0..1 of a digital one."""
        if self.trace.kind(name) is ColumnKind.DIGITAL:
            return (0.0, 1.0)
        return self.trace.description(name).eu_range

    def window(self, bound: TimeBound, *, is_widened: bool) -> tuple[int, int | None]:
        """Return start and end in ns of a bound with its tolerance given to one side."""
        tolerance_ns = self.tolerance_ns if bound.tolerance_ns is None else bound.tolerance_ns
        return bound.widened(tolerance_ns) if is_widened else bound.narrowed(tolerance_ns)

    def future(self, start_ns: int, end_ns: int) -> RowWindows:
        return self._window_rows(start_ns, end_ns, is_past=False)

    def past(self, start_ns: int, end_ns: int) -> RowWindows:
        return self._window_rows(start_ns, end_ns, is_past=True)

    def _window_rows(self, start_ns: int, end_ns: int, *, is_past: bool) -> RowWindows:
        key = (start_ns, end_ns, is_past)
        if key not in self._windows:
            find = past_windows if is_past else future_windows
            self._windows[key] = find(self.trace.time_ns, self.trace.even_step_ns, start_ns, end_ns)
        return self._windows[key]


def _has_margin(formula: Formula) -> bool:
    """Return whether robustness can be anything but a full range: some comparison has a distance to its limit."""
    return any(isinstance(node, Comparison) and node.has_margin for node in walk(formula))
