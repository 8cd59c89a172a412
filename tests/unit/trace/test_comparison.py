"""Where two traces first differ."""

from __future__ import annotations

import numpy as np
import pytest

from hil.trace import Trace, first_difference

TIME_NS = np.array([10_000_000, 20_000_000, 30_000_000])


def _trace(level: list[float], run: list[int]) -> Trace:
    return Trace({"LEVEL": np.array(level), "RUN": np.array(run, dtype=np.uint8)}, TIME_NS[: len(level)])


def test_equal_traces_have_no_difference_and_nan_equals_nan() -> None:
    left, right = _trace([1.0, float("nan"), 3.0], [0, 1, 1]), _trace([1.0, float("nan"), 3.0], [0, 1, 1])

    assert first_difference(left, right) is None


def test_the_earliest_difference_in_time_comes_first() -> None:
    difference = first_difference(_trace([1.0, 2.0, 3.0], [0, 1, 1]), _trace([1.0, 2.0, 4.0], [0, 0, 1]))

    assert difference is not None
    assert (difference.column, difference.row, difference.time_ns) == ("RUN", 1, 20_000_000)
    assert str(difference) == "RUN row 1, 00:00.0 (20000000 ns): 1 against 0"


def test_signed_zeros_differ_by_bits_but_not_within_a_tolerance() -> None:
    left, right = _trace([0.0, 1.0, 1.0], [0, 0, 0]), _trace([-0.0, 1.0, 1.05], [0, 0, 0])

    assert first_difference(left, right).row == 0
    assert first_difference(left, right, tolerance=0.01).row == 2
    assert first_difference(left, right, tolerance=0.1) is None


def test_infinities_are_equal_within_any_tolerance() -> None:
    left, right = _trace([float("inf")], [0]), _trace([float("inf")], [0])

    assert first_difference(left, right, tolerance=0.1) is None


@pytest.mark.parametrize(
    ("left", "right", "text"),
    [
        (_trace([1.0], [0]), _trace([1.0], [0]).select(["LEVEL"]), "column RUN is missing in the right trace"),
        (_trace([1.0], [0]).select(["RUN"]), _trace([1.0], [0]), "column LEVEL is missing in the left trace"),
        (_trace([1.0], [0]), _trace([1.0, 2.0], [0, 0]), "the left trace ends before row 1, 00:00.0 (20000000 ns)"),
    ],
    ids=["column_right", "column_left", "shorter"],
)
def test_missing_columns_and_rows_are_named(left: Trace, right: Trace, text: str) -> None:
    assert str(first_difference(left, right)) == text
