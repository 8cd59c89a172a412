"""Timeline files survive a round trip, look the same every time, and point at each mistake."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulators.cell.tape import Operation
from emulators.errors import DescriptionError
from emulators.timebase import NS_PER_S
from hil.scenario.timeline import Event, Timeline
from hil.scenario.timeline_file import FailureRecord, render_timeline_file
from hil.scenario.timeline_reader import load_timeline, parse_timeline_file

RECORD = FailureRecord(
    test="test_line.py::test_jam",
    rig="rigs/line.toml",
    requirements=("FDS-3.1", "FDS-3.2"),
    seed=7,
    scenarios=412,
    reduction_runs=31,
    robustness=-3.1,
    message="LEVEL 93.1 %",
    hashes={"program": "a91f", "rig": "77aa"},
)

EXPECTED = """\
{
  "format": 1,
  "failure": {
    "test": "test_line.py::test_jam",
    "rig": "rigs/line.toml",
    "requirements": [
      "FDS-3.1",
      "FDS-3.2"
    ],
    "seed": 7,
    "scenarios": 412,
    "reduction_runs": 31,
    "robustness": -3.1,
    "message": "LEVEL 93.1 %",
    "hashes": {
      "program": "a91f",
      "rig": "77aa"
    }
  },
  "seed": 12,
  "duration_ns": 60000000000,
  "events": [
    {"time_ns": 0, "operation": "write", "target": "START", "value": true, "until_ns": 500000000, "source": "press"},
    {"time_ns": 12000000000, "operation": "fault", "target": "LT-101.stuck", "value": 61.2}
  ]
}
"""


def example() -> Timeline:
    press = Event(0, Operation.WRITE, "START", True, NS_PER_S // 2, source="press")
    stuck = Event(12 * NS_PER_S, Operation.FAULT, "LT-101.stuck", 61.2)
    return Timeline(60 * NS_PER_S, (press, stuck), seed=12)


def test_a_timeline_file_has_one_line_an_event() -> None:
    assert render_timeline_file(example(), RECORD) == EXPECTED


def test_a_failure_record_survives_a_round_trip() -> None:
    timeline, record = parse_timeline_file(EXPECTED, "a.json")

    assert timeline == example()
    assert record == RECORD


def test_an_infinite_robustness_is_left_out() -> None:
    text = render_timeline_file(example(), FailureRecord("t", "r", robustness=float("-inf")))

    record = parse_timeline_file(text, "a.json")[1]

    assert record is not None
    assert record.robustness is None


events = st.builds(
    Event,
    time_ns=st.integers(0, 10**12),
    operation=st.sampled_from(list(Operation)),
    target=st.text(min_size=1, max_size=8),
    value=st.one_of(st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text()),
    source=st.text(max_size=5),
    is_fixed=st.booleans(),
)


@settings(derandomize=True, max_examples=60, deadline=None)
@given(st.lists(events, max_size=4), st.one_of(st.none(), st.integers(0, 2**63)))
def test_every_timeline_survives_a_round_trip(drawn: list[Event], seed: int | None) -> None:
    timeline = Timeline(10**12, tuple(drawn), seed)

    text = render_timeline_file(timeline)

    assert parse_timeline_file(text, "a.json") == (timeline, None)
    assert render_timeline_file(parse_timeline_file(text, "a.json")[0]) == text


def findings(text: str) -> list[str]:
    with pytest.raises(DescriptionError) as caught:
        parse_timeline_file(text, "a.json")
    return str(caught.value).splitlines()


def test_all_mistakes_of_a_file_are_reported_at_once_with_line_and_column() -> None:
    text = """{
  "format": 1,
  "duration_ns": 1000,
  "evnts": [],
  "events": [
    {"time_ns": 5, "operation": "wirte", "target": "A", "value": 1},
    {"time_ns": 5000, "operation": "write", "target": "A", "value": [1]},
    {"time_ns": -3, "operation": "write"}
  ]
}"""

    assert findings(text) == [
        "a.json:4:3: unknown key 'evnts' in a timeline file; did you mean 'events'?",
        "a.json:6:33: unknown operation 'wirte'; did you mean 'write'?",
        "a.json:7:17: the event lies after the end of the run at 1000 ns",
        "a.json:7:69: 'value' must be a number, a text, true or false",
        "a.json:8:17: 'time_ns' must be an integer of at least 0",
        "a.json:8:5: an event needs 'target'",
    ]


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("", "a.json:1:1: not JSON: the document ends too early"),
        ("[]", "a.json:1:1: a timeline file is an object in braces"),
        ('{"format": 1,\n "format": 1}', "a.json:2:2: not JSON: key 'format' is given twice; first at a.json:1:2"),
        ('{"format" 1}', "a.json:1:11: not JSON: expected ':' after the key 'format'"),
        ('{"format": one}', "a.json:1:12: not JSON: 'one' is no value; strings need quotes"),
        ('{"format": NaN}', "a.json:1:12: not JSON: 'NaN' is no value; strings need quotes"),
        ('{"format": "1', "a.json:1:12: not JSON: the string does not end on its line"),
        ("{} x", "a.json:1:4: not JSON: something follows the end of the document; remove it"),
        ("[" * 100, "a.json:1:66: not JSON: nested deeper than 64 levels"),
        ('{"format": 2, "duration_ns": 1, "events": []}', "a.json:1:12: format 2 is newer than 1; update plc-hil"),
        ('{"format": 1, "duration_ns": 1}', "a.json:1:1: a timeline file needs 'events'"),
        (
            '{"format": 1, "duration_ns": 9, "events": [{"time_ns": 1, "operation": "write", "target": "A", '
            '"value": 1.5, "until_ns": 2}]}',
            "a.json:1:44: write of A at 1 ns ends; say in 'rest' what is written then",
        ),
    ],
    ids=[
        "empty",
        "list",
        "twice",
        "no colon",
        "bare word",
        "NaN",
        "open string",
        "rest",
        "deep",
        "newer",
        "no events",
        "no rest",
    ],
)
def test_a_mistake_is_pointed_at(text: str, finding: str) -> None:
    assert findings(text) == [finding]


def test_a_file_is_loaded_from_disk(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(EXPECTED, encoding="utf-8")

    assert load_timeline(path) == example()
