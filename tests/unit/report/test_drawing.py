"""The drawing of a failing scenario: well-formed, labelled without overlaps, nothing outside its frame."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hil.report import EventMark, FailureDetail
from hil.report.drawing import WIDTH, draw_failure
from hil.report.scale import TimeAxis, ValueAxis, nice_ticks

SECOND_NS = 1_000_000_000


def _parts(failure: FailureDetail, kind: str) -> list[ElementTree.Element]:
    root = ElementTree.fromstring(draw_failure(failure, identifier="f"))
    return [part for part in root.iter() if part.get("class", "").split()[:1] == [kind]]


def test_every_lane_event_and_limit_is_drawn(failure: FailureDetail) -> None:
    names = ["".join(part.itertext()).replace("plant truth <level>", "") for part in _parts(failure, "name")]

    assert names == ["LEVEL %", "P-101.RUN", "LT-101 %", "STATE", "COUNT"]
    assert [part[0].tail for part in _parts(failure, "label")] == ["START pressed", "LT-101 stuck at 61.2 %"]
    assert [part.text for part in _parts(failure, "limit-text")] == ["90 %"]
    assert [part.text for part in _parts(failure, "named-text")] == ["IDLE", "FILL & HOLD"]


def test_the_values_of_the_explained_row_stand_at_the_right(failure: FailureDetail) -> None:
    assert [part.text for part in _parts(failure, "readout")] == ["93.1", "on", "61.2", "FILL & HOLD", "6"]


def test_the_violated_stretch_is_shaded_where_it_lies(failure: FailureDetail) -> None:
    shade, trigger = _parts(failure, "violated")[0], _parts(failure, "trigger")[0]

    left = float(shade.get("x"))
    assert left <= float(trigger.get("x1")) <= left + float(shade.get("width"))


def _boxes(failure: FailureDetail) -> list[tuple[float, float, float]]:
    boxes = []
    for label in _parts(failure, "label"):
        width, x = len(label[0].tail or "") * 6.0, float(label.get("x"))
        left = x - width if label.get("text-anchor") == "end" else x
        boxes.append((float(label.get("y")), left, left + width))
    return boxes


@settings(derandomize=True, max_examples=60, deadline=None)
@given(
    events=st.lists(
        st.tuples(st.integers(0, 60), st.text("abcdef <&", min_size=1, max_size=40), st.none() | st.integers(1, 20)),
        max_size=12,
    )
)
def test_labels_of_events_do_not_overlap_and_stay_inside(
    failure: FailureDetail, events: list[tuple[int, str, int | None]]
) -> None:
    marks = tuple(
        EventMark(at * SECOND_NS, text, until_ns=None if lasting is None else (at + lasting) * SECOND_NS)
        for at, text, lasting in events
    )

    boxes = sorted(_boxes(replace(failure, marks=marks)))

    assert len(boxes) == len(events)
    assert all(left >= 0 and right <= WIDTH for _, left, right in boxes)
    assert all(one[0] != two[0] or one[2] <= two[1] for one, two in pairwise(boxes))


def test_a_failure_without_lanes_is_still_a_drawing(failure: FailureDetail) -> None:
    assert draw_failure(replace(failure, lanes=()), identifier="f").startswith("<svg")


def test_times_have_round_ticks() -> None:
    axis = TimeAxis(3 * SECOND_NS, 58 * SECOND_NS, 0.0, 100.0)

    assert [text for _, text in axis.ticks()] == ["00:10", "00:20", "00:30", "00:40", "00:50"]
    assert [text for _, text in TimeAxis(0, 20_000_000, 0, 1).ticks()][:3] == ["00:00.000", "00:00.005", "00:00.010"]


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0, 100, [0, 50, 100]), (0, 80, [0, 40, 80]), (0, 103, [0, 50, 100]), (-20, 20, [-20, 0, 20]), (5, 5, [5])],
)
def test_numbers_have_round_ticks(low: float, high: float, expected: list[float]) -> None:
    assert nice_ticks(low, high, 3) == expected


@given(value=st.floats(), low=st.floats(-1e6, 1e6), width=st.floats(1e-3, 1e6))
@settings(derandomize=True, max_examples=60)
def test_no_value_is_drawn_outside_its_lane(value: float, low: float, width: float) -> None:
    assert 10.0 <= ValueAxis(low, low + width, 10.0, 90.0).y(value) <= 90.0
