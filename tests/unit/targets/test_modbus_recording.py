"""Recordings as files: what moved is played back, what stood still is an initial value."""

import csv
import gc
import math
import tracemalloc
from dataclasses import dataclass
from pathlib import Path

import pytest

from emulators.description import RegisterMapDescription, load_register_map
from emulators.description.register_map_reader import parse_register_map
from emulators.description.source import SourceFile
from emulators.errors import DescriptionError, LinkError
from emulators.modbus.own_values import OwnValues
from hil.targets.modbus_ranges import map_of_ranges
from hil.targets.modbus_recording import Recorder, load_recorded_values

SECOND_NS = 1_000_000_000


def number_map(*rows: tuple[str, str]) -> RegisterMapDescription:
    text = "format = 1\n" + "".join(
        f'[[register]]\ntag = "{tag}"\ntable = "holding"\naddress = {10 * index}\ntype = "{kind}"\n'
        for index, (tag, kind) in enumerate(rows)
    )
    return parse_register_map(SourceFile("map.toml", text))


@dataclass
class Recorded:
    """What was taken of a device, a reading a second, and its rows as they came and as they are in the end."""

    recorder: Recorder
    rows: list[list[str]]

    @property
    def settled(self) -> list[list[str]]:
        return list(self.recorder.settled(self.rows))


def recording(described: RegisterMapDescription, *samples: dict) -> Recorded:
    recorder = Recorder(described, "modbus-tcp://plc/1")
    return Recorded(recorder, [recorder.take(index * SECOND_NS, values) for index, values in enumerate(samples)])


def stored(recorded: Recorded, folder: Path) -> RegisterMapDescription:
    with (folder / "site.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(recorded.settled)
    (folder / "site.toml").write_text(recorded.recorder.map_text("site", "site.csv"), encoding="utf-8")
    return load_register_map(folder / "site.toml")


def test_what_moved_is_played_back_and_what_stood_still_is_not(tmp_path):
    described = number_map(("LEVEL", "float32"), ("SP", "int16"))
    recorded = recording(described, {"LEVEL": 1.5, "SP": 7}, {"LEVEL": 2.5, "SP": 7})

    level, setpoint = stored(recorded, tmp_path).entries

    assert (level.initial, level.behaviour.kind) == (1.5, "replay")
    assert (setpoint.initial, setpoint.behaviour) == (7, None)


def test_the_emulated_device_repeats_the_recording(tmp_path):
    described = number_map(("LEVEL", "float32"))
    samples = [{"LEVEL": value} for value in (1.5, 2.5, 4.0)]
    values = OwnValues(stored(recording(described, *samples), tmp_path).entries)

    seen = []
    for second in range(4):
        values.advance(second * SECOND_NS, SECOND_NS, lambda _: 0)
        seen.append(values.read("LEVEL"))

    assert seen == [1.5, 2.5, 4.0, 1.5]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("uint64", 2**64 - 1),
        ("int64", -(2**63)),
        ("float64", 1e-320),
        ("float32", 3.4028234663852886e38),
        ("bcd32", 12345678),
        ("string[40]", 'quote " back \\ tab \t bell \x07 del \x7f é'),
        ("string[4]", ""),
        ("float32", math.inf),
        ("float64", -math.inf),
    ],
)
def test_every_value_survives_the_map_file(tmp_path, kind, value):
    (entry,) = stored(recording(number_map(("VALUE", kind)), {"VALUE": value}), tmp_path).entries

    assert entry.initial == value


def test_a_value_that_was_infinite_starts_so_and_is_not_played_back(tmp_path):
    recorded = recording(number_map(("A", "float32")), {"A": math.inf}, {"A": 1.0})

    (entry,) = stored(recorded, tmp_path).entries

    assert (entry.initial, entry.behaviour) == (math.inf, None)


def test_a_lost_reading_keeps_the_value_before_it():
    recorded = recording(number_map(("A", "int16")), {"A": 1}, {"A": LinkError("silent")}, {}, {"A": 4})

    assert [row[1] for row in recorded.rows] == ["1", "1", "1", "4"]
    assert recorded.settled[:2] == [["time_s", "A"], ["0.000000000", "1"]]
    assert recorded.recorder.is_settled


def test_a_value_that_came_late_was_so_before(tmp_path):
    lost = LinkError("silent")
    described = number_map(("A", "int16"), ("NAME", "string[4]"), ("B", "int16"), ("C", "int16"))
    recorded = recording(
        described,
        {"A": lost, "NAME": "", "B": lost, "C": lost},
        {"A": lost, "NAME": "x", "B": 2, "C": lost},
        {"A": 4, "NAME": "x", "B": 3, "C": lost},
    )

    assert not recorded.recorder.is_settled
    assert recorded.settled == [
        ["time_s", "A", "NAME", "B"],
        ["0.000000000", "4", "", "2"],
        ["1.000000000", "4", "x", "2"],
        ["2.000000000", "4", "x", "3"],
    ]
    a, name, b = stored(recorded, tmp_path).entries
    assert ((a.initial, a.behaviour), name.initial) == ((4, None), "")
    assert (b.initial, b.behaviour.kind) == (2, "replay")


def test_a_recorder_does_not_grow_with_the_readings():
    recorder = Recorder(number_map(("A", "float64"), ("B", "int16")), "there")

    def memory_after(count: int) -> int:
        for number in range(count):
            recorder.take(number, {"A": number / 3, "B": LinkError("silent")})
            recorder.fail(LinkError("silent"))
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        before = memory_after(100)
        assert memory_after(2_000) - before < 2_000
    finally:
        tracemalloc.stop()
    assert (recorder.count, recorder.failed_count) == (2_100, 2_100)


def test_what_the_device_never_gave_is_not_in_the_map(tmp_path):
    recorded = recording(number_map(("A", "int16"), ("B", "int16")), {"A": 1, "B": LinkError("refused")})

    assert [entry.tag for entry in stored(recorded, tmp_path).entries] == ["A"]


def test_a_recording_knows_what_it_cannot_play_back():
    lost = LinkError("refused")
    described = number_map(("A", "int16"), ("B", "int16"), ("NAME", "string[4]"), ("X", "float32"), ("Y", "float32"))
    recorded = recording(
        described,
        {"A": 1, "B": lost, "NAME": "on", "X": math.nan, "Y": math.nan},
        {"A": 2, "B": lost, "NAME": "off", "X": math.nan, "Y": 1.0},
    )

    recorder = recorded.recorder
    assert (recorder.read_tags, recorder.replayed_tags) == (("A", "NAME", "X", "Y"), ("A",))
    assert (recorder.frozen_tags, recorder.refused) == (("NAME", "Y"), {"B": lost})


def test_a_value_that_is_not_there_is_not_there_in_the_emulated_device(tmp_path):
    keys = 'table = "holding"\ntype = "int16"\nno_value = 0x8000\naddress = '
    described = parse_register_map(SourceFile("m.toml", f'format = 1\n[[register]]\ntag = "A"\n{keys}0\n'))
    floats = number_map(("B", "float32"))
    recorded = [recording(described, {"A": math.nan}), recording(floats, {"B": math.nan})]

    values = [OwnValues(stored(each, tmp_path).entries).read(tag) for each, tag in zip(recorded, "AB", strict=True)]

    assert all(math.isnan(value) for value in values)


def test_ranges_get_names_that_tags_may_have():
    ranges = map_of_ranges(["holding:100", "coil:3"])
    recorded = recording(ranges, {"holding:100": 5, "coil:3": True})

    assert [entry.tag for entry in recorded.recorder.register_map.entries] == ["HOLDING_100", "COIL_3"]
    assert recorded.settled == [["time_s", "HOLDING_100", "COIL_3"], ["0.000000000", "5", "true"]]


def test_recorded_values_are_those_of_the_last_line_not_after_the_time(tmp_path):
    described = number_map(("A", "int16"), ("NAME", "string[8]"))
    stored(recording(described, {"A": 1, "NAME": "x"}, {"A": 2, "NAME": "y,z"}), tmp_path)

    file = tmp_path / "site.csv"
    assert load_recorded_values(file, described, 0) == {"A": 1, "NAME": "x"}
    assert load_recorded_values(file, described, 5 * SECOND_NS) == {"A": 2, "NAME": "y,z"}


def test_a_recording_that_a_spreadsheet_has_saved_is_compared_with(tmp_path):
    file = tmp_path / "site.csv"
    file.write_text("time_s;A;B;\n0,0;1,5;true;\n2,5;-2,25;false;\n;;;\n", encoding="utf-8")
    described = number_map(("A", "float32"))

    values = [load_recorded_values(file, described, at_s * SECOND_NS) for at_s in (0, 3)]

    assert values == [{"A": 1.5}, {"A": -2.25}]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("A\n1\n", "no column 'time_s'"),
        ("time_s,B\n0,1\n", "none of the values asked for"),
        ("time_s,A\n1,1\n", "no line at that time"),
        ("time_s,A\n0,x\n", "'x' is no value of A"),
        ("time_s,A\nsoon,1\n", "no time in seconds"),
        ("time_s,A\n0\n", "1 cells, the header 2"),
    ],
)
def test_a_broken_recording_says_where(tmp_path, text, message):
    file = tmp_path / "site.csv"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(DescriptionError, match=message):
        load_recorded_values(file, number_map(("A", "int16")), 0)
