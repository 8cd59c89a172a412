"""The two readings of a formula: truth, and robustness in percent of range.

Truth is computed on bool arrays, robustness on float64 arrays, both by the same operators: ``join`` (or, maximum),
``meet`` (and, minimum), ``complement``. Robustness lies between -100 and 100. Of a boolean it is ±100, a full range;
of a comparison it is the distance to the limit in percent of the larger engineering range of the two sides (without
a known range in the unit of the signal). So -3.1 says "3.1 % of the range too high", and a minimum over mixed terms
compares like with like. A positive robustness means true, a negative one false; 0 is on the limit and may be either.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from hil.trace.trace import Array

__all__ = ["FULL_RANGE", "ROBUSTNESS", "TRUTH", "Algebra", "Bounds"]

FULL_RANGE = 100.0


class Bounds(NamedTuple):
    """Lowest and highest reading per row: they differ where the end of the trace leaves the row undecided.

    Exactly known readings share one array.
    """

    lower: Array
    upper: Array

    @property
    def is_exact(self) -> bool:
        return self.lower is self.upper


@dataclass(frozen=True, slots=True)
class Algebra:
    """Operators of one reading; ``bottom`` and ``top`` are worst and best, and stand for an unknown future."""

    is_truth: bool
    dtype: type[np.bool_] | type[np.float64]
    join: np.ufunc
    meet: np.ufunc
    negate: np.ufunc
    bottom: bool | float
    top: bool | float

    def exact(self, array: Array) -> Bounds:
        return Bounds(array, array)

    def combine(self, operator: np.ufunc, left: Bounds, right: Bounds) -> Bounds:
        """Return ``operator`` (join or meet) of two readings."""
        lower = operator(left.lower, right.lower)
        if left.is_exact and right.is_exact:
            return Bounds(lower, lower)
        return Bounds(lower, operator(left.upper, right.upper))

    def complement(self, operand: Bounds) -> Bounds:
        lower = self.negate(operand.upper)
        return Bounds(lower, lower) if operand.is_exact else Bounds(lower, self.negate(operand.lower))

    def from_truth(self, truth: Array) -> Array:
        """Return the reading of booleans: themselves, or plus and minus the full range."""
        return truth if self.is_truth else truth * (2.0 * FULL_RANGE) - FULL_RANGE

    def map(self, operand: Bounds, function: Callable[[Array], Array]) -> Bounds:
        """Return a function that keeps the order (a shift, say) applied to both readings."""
        lower = function(operand.lower)
        return Bounds(lower, lower) if operand.is_exact else Bounds(lower, function(operand.upper))


TRUTH = Algebra(True, np.bool_, np.logical_or, np.logical_and, np.logical_not, False, True)
ROBUSTNESS = Algebra(False, np.float64, np.maximum, np.minimum, np.negative, -FULL_RANGE, FULL_RANGE)
