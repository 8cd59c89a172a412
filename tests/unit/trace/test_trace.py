"""Columns, windows, digest and refusals of a trace."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hil.trace import ColumnDescription, ColumnKind, Trace, TraceMeta


def test_a_trace_gives_columns_by_name_in_the_order_recorded() -> None:
    trace = Trace({"LEVEL": np.array([1.0, 2.0]), "RUN": np.array([True, False])}, np.array([10, 20]))

    assert trace.names == ("LEVEL", "RUN")
    assert trace["LEVEL"].tolist() == [1.0, 2.0]
    assert trace["RUN"].tolist() == [1, 0]
    assert trace["RUN"].dtype == np.uint8
    assert (trace.kind("LEVEL"), trace.kind("RUN")) == (ColumnKind.ANALOG, ColumnKind.DIGITAL)


def test_an_unknown_column_is_answered_with_the_closest_name() -> None:
    trace = Trace({"LEVEL": np.zeros(1)}, np.array([0]))

    with pytest.raises(KeyError, match="did you mean 'LEVEL'"):
        trace["LEVLE"]


def test_the_arrays_of_a_trace_cannot_be_written() -> None:
    trace = Trace({"LEVEL": np.zeros(2)}, np.array([0, 1]))

    with pytest.raises(ValueError, match="read-only"):
        trace["LEVEL"][0] = 1.0


@pytest.mark.parametrize(
    ("columns", "time_ns", "message"),
    [
        ({"X": np.zeros((2, 2))}, [0, 1], "column X has shape"),
        ({"X": np.array(["a", "b"])}, [0, 1], "column X has shape"),
        ({"X": np.zeros(3)}, [0, 1], "column X has 3 rows but the trace has 2"),
        ({"X": np.array([0, 2], dtype=np.uint8)}, [0, 1], "digital column X holds 2"),
        ({"X": np.zeros(3)}, [0, 5, 5], "time of row 2"),
        ({"X": np.zeros(3)}, [0, 5, 4], "time of row 2"),
    ],
    ids=["two_dimensions", "text", "wrong_length", "digital_two", "time_stands", "time_runs_back"],
)
def test_a_trace_refuses_what_it_cannot_judge(columns: dict[str, np.ndarray], time_ns: list[int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Trace(columns, np.array(time_ns))


def test_a_byte_that_counts_is_analog_when_the_meta_says_so() -> None:
    meta = TraceMeta(columns={"STEP": ColumnDescription(kind=ColumnKind.ANALOG)})

    trace = Trace({"STEP": np.array([0, 7], dtype=np.uint8)}, np.array([0, 1]), meta)

    assert trace.kind("STEP") is ColumnKind.ANALOG


def test_a_reversed_range_is_refused() -> None:
    with pytest.raises(ValueError, match="the lower number comes first"):
        ColumnDescription(eu_range=(5.0, 0.0))


def test_even_rows_are_found_and_uneven_ones_too() -> None:
    assert Trace({}, np.array([10, 20, 30])).even_step_ns == 10
    assert Trace({}, np.array([10, 20, 31])).even_step_ns is None
    assert Trace({}, np.array([10]), TraceMeta(step_ns=5)).even_step_ns == 5


def test_a_window_holds_the_rows_between_two_times_both_included() -> None:
    trace = Trace({"X": np.arange(5.0)}, np.arange(5) * 10)

    assert trace.window(10, 30)["X"].tolist() == [1.0, 2.0, 3.0]
    assert trace.row_at(29) == 2
    assert trace.row_at(-1) == 0


def test_the_digest_does_not_depend_on_the_order_of_columns_or_the_executor() -> None:
    level, run, time_ns = np.array([1.0, -0.0]), np.array([0, 1], dtype=np.uint8), np.array([1, 2])
    one = Trace({"A": level, "B": run}, time_ns, TraceMeta(executor="tcc"))
    other = Trace({"B": run.astype(bool), "A": level}, time_ns, TraceMeta(executor="gcc", seed=3))

    assert one.sha256() == other.sha256()


@pytest.mark.parametrize(
    "other",
    [
        Trace({"A": np.array([1.0, 0.0])}, np.array([1, 2])),
        Trace({"A": np.array([1.0, -0.0], dtype=np.float32)}, np.array([1, 2])),
        Trace({"A": np.array([1.0, -0.0])}, np.array([1, 3])),
        Trace({"a": np.array([1.0, -0.0])}, np.array([1, 2])),
    ],
    ids=["one_bit", "type", "time", "name"],
)
def test_the_digest_changes_with_content(other: Trace) -> None:
    assert Trace({"A": np.array([1.0, -0.0])}, np.array([1, 2])).sha256() != other.sha256()


def test_the_digest_of_a_known_trace_never_changes() -> None:
    trace = Trace({"LEVEL": np.array([0.5, 1.5]), "RUN": np.array([1, 0], dtype=np.uint8)}, np.array([10, 20]))

    assert trace.sha256() == "9ea3797f3dc52d133edc0e5f77e080b4daa2d3a0364feaf5512f0214972a7ddb"


@settings(derandomize=True, max_examples=30, deadline=None)
@given(st.lists(st.floats(width=32), max_size=5), st.integers(0, 2**32))
def test_a_pickled_trace_is_the_same_trace(values: list[float], seed: int) -> None:
    meta = TraceMeta(seed=seed, columns={"X": ColumnDescription("%", (0, 1))})
    trace = Trace({"X": np.array(values, dtype=np.float32)}, np.arange(len(values)), meta)

    copy = pickle.loads(pickle.dumps(trace))

    assert copy.sha256() == trace.sha256()
    assert copy.meta.to_json() == trace.meta.to_json()
