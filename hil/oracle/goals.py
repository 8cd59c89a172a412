"""Coverage goals: what a suite should reach at least once; a test cannot refute "possible", a goal stays open."""

from __future__ import annotations

from dataclasses import dataclass

from hil.oracle.evaluation import Evaluation
from hil.oracle.tree import Formula, as_formula
from hil.trace.trace import Trace

__all__ = ["Goal", "reachable", "repeatable"]


@dataclass(frozen=True, slots=True, eq=False)
class Goal:
    """A state that some run should reach, ``times`` times in one run."""

    name: str
    formula: Formula
    times: int = 1

    def is_reached(self, trace: Trace) -> bool:
        """Return whether one run reaches the goal; stretches of rows are counted, not rows."""
        truth = Evaluation(trace).truth(self.formula)
        stretches = int((truth[1:] & ~truth[:-1]).sum()) + int(truth[:1].sum())
        return stretches >= self.times


def reachable(formula: Formula) -> Goal:
    """PLCverif "reachability": it is possible that the formula becomes true."""
    formula = as_formula(formula)
    return Goal(f"{formula} is reached", formula)


def repeatable(formula: Formula) -> Goal:
    """PLCverif "repeatability": it is possible that the formula becomes true again."""
    formula = as_formula(formula)
    return Goal(f"{formula} is reached again", formula, times=2)
