"""Lanes keep what an eye can see: every change, every spike, the ends."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from hil.report.lanes import MAX_POINTS, LaneKind, lanes_of
from hil.trace import Trace


def _trace(values: np.ndarray) -> Trace:
    return Trace({"X": values}, np.arange(len(values)) * 10)


def test_the_kind_of_a_lane_follows_its_column(failing_trace: Trace) -> None:
    lanes = lanes_of(failing_trace, ["P-101.RUN", "LEVEL", "STATE", "COUNT"])

    assert [lane.kind for lane in lanes] == [LaneKind.DIGITAL, LaneKind.ANALOG, LaneKind.NAMED, LaneKind.STEPS]
    assert [lane.text_of(1) for lane in lanes] == ["on", "1", "FILL & HOLD", "1"]


def test_a_long_noisy_lane_is_thinned_and_keeps_its_spike() -> None:
    rng = np.random.default_rng(1)
    values = rng.random(60_000)
    values[31_234] = 99.0

    lane = lanes_of(_trace(values), ["X"])[0]

    assert len(lane.values) <= MAX_POINTS
    assert lane.values.max() == 99.0
    assert (lane.time_ns[0], lane.time_ns[-1]) == (0, 599_990)


def test_a_constant_lane_is_two_points() -> None:
    assert len(lanes_of(_trace(np.full(60_000, 5.0)), ["X"])[0].values) == 2


@settings(derandomize=True, max_examples=80, deadline=None)
@given(st.lists(st.integers(0, 1), min_size=1, max_size=60))
def test_a_digital_lane_says_at_every_row_what_was_recorded(bits: list[int]) -> None:
    lane = lanes_of(_trace(np.array(bits, dtype=np.uint8)), ["X"])[0]

    assert [lane.value_at(row * 10) for row in range(len(bits))] == bits


@settings(derandomize=True, max_examples=80, deadline=None)
@given(st.lists(st.sampled_from([0.0, 1.0, 2.0, 5.0]), min_size=1, max_size=60))
def test_straight_lines_between_the_points_of_an_analog_lane_are_the_record(values: list[float]) -> None:
    lane = lanes_of(_trace(np.array(values)), ["X"])[0]

    drawn = np.interp(np.arange(len(values)) * 10, lane.time_ns, lane.values)

    assert drawn.tolist() == values


def test_a_lane_with_nan_is_thinned_too() -> None:
    values = np.random.default_rng(2).random(20_000)
    values[::3] = np.nan

    lane = lanes_of(_trace(values), ["X"])[0]

    assert len(lane.values) <= MAX_POINTS
    assert lane.text_of(float("nan")) == "–"


def test_limits_belong_to_the_lane_of_their_signal(failing_trace: Trace) -> None:
    level, run = lanes_of(failing_trace, ["LEVEL", "P-101.RUN"], limits=[("LEVEL", 90.0), ("P-101.RUN", 0.0)])

    assert (level.limits, run.limits) == ((90.0,), ())
