"""Laws of formulas on random traces: as by the definition, dualities, monotony, sign and truth."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hil.oracle import (
    Evaluation,
    Formula,
    Signal,
    TimeBound,
    always,
    changed,
    eventually,
    fell,
    greatest,
    historically,
    once,
    previous,
    rose,
    since,
    until,
)
from hil.oracle.algebra import ROBUSTNESS, TRUTH, Bounds
from hil.trace import ColumnDescription, Trace, TraceMeta

LAW = settings(derandomize=True, max_examples=75, deadline=None)

A, B, COUNT, P, Q = (Signal(name) for name in ("A", "B", "COUNT", "P", "Q"))


@st.composite
def traces(draw: st.DrawFn) -> Trace:
    rows = draw(st.integers(1, 14))
    uneven = st.lists(st.integers(1, 25), min_size=rows, max_size=rows)
    distances = draw(st.just([10] * rows) | uneven)
    numbers = st.sampled_from([0.0, 20.0, 49.5, 50.0, 51.0, 80.0, float("nan")])
    bits = st.lists(st.integers(0, 1), min_size=rows, max_size=rows)
    columns = {
        "A": np.array(draw(st.lists(numbers, min_size=rows, max_size=rows))),
        "B": np.array(draw(st.lists(numbers, min_size=rows, max_size=rows)), dtype=np.float32),
        "COUNT": np.array(draw(st.lists(st.integers(-3, 3), min_size=rows, max_size=rows)), dtype=np.int16),
        "P": np.array(draw(bits), dtype=np.uint8),
        "Q": np.array(draw(bits), dtype=np.uint8),
    }
    meta = TraceMeta(columns={"A": ColumnDescription("%", (0.0, 200.0)), "B": ColumnDescription("%", (0.0, 100.0))})
    return Trace(columns, np.cumsum(distances), meta)


def bounds() -> st.SearchStrategy[TimeBound]:
    points = st.integers(0, 60)
    finite = st.tuples(points, points).map(lambda pair: TimeBound(min(pair), max(pair)))
    return finite | points.map(lambda end: TimeBound(0, end)) | points.map(lambda start: TimeBound(start, None))


def atoms() -> st.SearchStrategy[Formula]:
    comparisons = [A > 50, B <= 50, A < B, COUNT == 2, COUNT != B, abs(A - B) >= 20, COUNT * 2 + 1 > 0]
    others = [P, Q, previous(A) > 20, previous(P), changed(COUNT), changed(A), greatest(A, B) > 50, P == Q]
    return st.sampled_from(comparisons + others)


def _larger(parts: st.SearchStrategy[Formula]) -> st.SearchStrategy[Formula]:
    unary = st.sampled_from([lambda f: ~f, rose, fell])
    binary = st.sampled_from([lambda f, g: f & g, lambda f, g: f | g, lambda f, g: f >> g])
    timed = st.sampled_from([always, eventually, historically, once])
    return st.one_of(
        st.builds(lambda operator, f: operator(f), unary, parts),
        st.builds(lambda operator, f, g: operator(f, g), binary, parts, parts),
        st.builds(lambda operator, f, bound: operator(f, bound), timed, parts, bounds()),
        st.builds(until, parts, parts, bounds()),
        st.builds(since, parts, parts),
    )


def formulas() -> st.SearchStrategy[Formula]:
    return st.recursive(atoms(), _larger, max_leaves=5)


def truth(formula: Formula, trace: Trace, tolerance_ns: int = 0) -> Bounds:
    return Evaluation(trace, tolerance_ns=tolerance_ns).read(formula, TRUTH)


def margin(formula: Formula, trace: Trace, tolerance_ns: int = 0) -> Bounds:
    return Evaluation(trace, tolerance_ns=tolerance_ns).read(formula, ROBUSTNESS)


def same(left: Bounds, right: Bounds) -> bool:
    return np.array_equal(left.lower, right.lower) and np.array_equal(left.upper, right.upper)


@settings(LAW, max_examples=250)
@given(formula=formulas(), trace=traces(), tolerance_ns=st.sampled_from([0, 0, 3, 10]))
def test_truth_is_what_the_definition_says(
    plain_reading: Callable[..., tuple[np.ndarray, np.ndarray]], formula: Formula, trace: Trace, tolerance_ns: int
) -> None:
    expected = plain_reading(formula, trace, is_truth=True, tolerance_ns=tolerance_ns)

    found = truth(formula, trace, tolerance_ns)

    assert found.lower.tolist() == expected[0].tolist()
    assert found.upper.tolist() == expected[1].tolist()


@settings(LAW, max_examples=250)
@given(formula=formulas(), trace=traces(), tolerance_ns=st.sampled_from([0, 0, 3, 10]))
def test_robustness_is_what_the_definition_says(
    plain_reading: Callable[..., tuple[np.ndarray, np.ndarray]], formula: Formula, trace: Trace, tolerance_ns: int
) -> None:
    expected = plain_reading(formula, trace, is_truth=False, tolerance_ns=tolerance_ns)

    found = margin(formula, trace, tolerance_ns)

    assert np.allclose(found.lower, expected[0])
    assert np.allclose(found.upper, expected[1])


@LAW
@given(formula=formulas(), trace=traces())
def test_the_sign_of_robustness_is_the_truth(formula: Formula, trace: Trace) -> None:
    robustness, holds = margin(formula, trace), truth(formula, trace)

    assert holds.lower[robustness.lower > 0].all()
    assert not holds.lower[robustness.lower < 0].any()
    assert holds.upper[robustness.upper > 0].all()
    assert not holds.upper[robustness.upper < 0].any()


@LAW
@given(formula=formulas(), trace=traces())
def test_the_worst_reading_is_never_better_than_the_best(formula: Formula, trace: Trace) -> None:
    robustness, holds = margin(formula, trace), truth(formula, trace)

    assert (robustness.lower <= robustness.upper).all()
    assert (holds.lower <= holds.upper).all()


@LAW
@given(formula=formulas(), bound=bounds(), trace=traces(), reading=st.sampled_from([truth, margin]))
def test_always_is_not_eventually_not(formula: Formula, bound: TimeBound, trace: Trace, reading: Callable) -> None:
    assert same(reading(always(formula, bound), trace, 3), reading(~eventually(~formula, bound), trace, 3))
    assert same(reading(historically(formula, bound), trace, 3), reading(~once(~formula, bound), trace, 3))


@LAW
@given(left=formulas(), right=formulas(), trace=traces(), reading=st.sampled_from([truth, margin]))
def test_de_morgan_and_implication(left: Formula, right: Formula, trace: Trace, reading: Callable) -> None:
    assert same(reading(~(left & right), trace), reading(~left | ~right, trace))
    assert same(reading(left >> right, trace), reading(~left | right, trace))
    assert same(reading(~~left, trace), reading(left, trace))


@LAW
@given(formula=formulas(), bound=bounds(), trace=traces(), reading=st.sampled_from([truth, margin]))
def test_eventually_is_true_until(formula: Formula, bound: TimeBound, trace: Trace, reading: Callable) -> None:
    from hil.oracle.logic import Literal

    held = reading(until(Literal(True), formula, bound), trace)
    found = reading(eventually(formula, bound), trace)

    assert np.array_equal(np.minimum(found.lower, 1), np.minimum(held.lower, 1))
    assert np.array_equal(np.minimum(found.upper, 1), np.minimum(held.upper, 1))


@LAW
@given(formula=formulas(), end=st.integers(0, 40), more=st.integers(0, 30), trace=traces())
def test_a_longer_window_makes_eventually_easier_and_always_harder(
    formula: Formula, end: int, more: int, trace: Trace
) -> None:
    short, long = TimeBound(0, end), TimeBound(0, end + more)

    assert (margin(eventually(formula, short), trace).lower <= margin(eventually(formula, long), trace).lower).all()
    assert (margin(always(formula, short), trace).upper >= margin(always(formula, long), trace).upper).all()


@LAW
@given(formula=formulas(), bound=bounds(), trace=traces(), tolerance_ns=st.integers(0, 20))
def test_tolerance_favours_the_tested_system(
    formula: Formula, bound: TimeBound, trace: Trace, tolerance_ns: int
) -> None:
    demand = always((A > 50) >> eventually(P & always(Q, bound), bound))

    strict, lenient = truth(demand, trace), truth(demand, trace, tolerance_ns)

    assert (strict.lower <= lenient.upper).all()


@LAW
@given(formula=formulas(), trace=traces(), rows=st.integers(1, 14))
def test_what_a_part_of_the_run_decides_the_whole_run_confirms(formula: Formula, trace: Trace, rows: int) -> None:
    bounded = eventually(P, TimeBound(5, 30)) & always(A > 20, TimeBound(0, 25)) | until(P, Q, TimeBound(10, 40))
    part = Trace({name: trace[name][:rows] for name in trace}, trace.time_ns[:rows], trace.meta)

    early, late = margin(bounded, part), margin(bounded, trace)

    assert (early.lower <= late.lower[: len(part)]).all()
    assert (late.upper[: len(part)] <= early.upper).all()


@pytest.mark.parametrize("step_is_known", [True, False])
def test_even_rows_and_searched_rows_give_the_same(step_is_known: bool) -> None:
    rng = np.random.default_rng(5)
    trace = Trace({"P": (rng.random(300) < 0.1).astype(np.uint8)}, np.arange(300) * 10)
    trace.even_step_ns = 10 if step_is_known else None

    found = truth(eventually(P, TimeBound(15, 170)), trace)

    ones = np.flatnonzero(trace["P"])
    expected = [bool(((ones >= row + 2) & (ones <= row + 17)).any()) for row in range(300)]
    assert found.lower.tolist() == expected
