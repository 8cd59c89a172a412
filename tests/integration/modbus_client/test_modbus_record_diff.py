"""``hil modbus record|diff`` against our own devices over loopback: what is recorded can be emulated."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from emulators.description import load_register_map
from hil.assembly.device_places import DevicePlace
from hil.assembly.devices import running_devices
from hil.assembly.register_maps import load_any_map
from hil.resources import shipped_devices


def test_a_device_does_not_differ_from_its_map(run, meter_url, map_file):
    assert run("diff", meter_url, "--map", map_file) == (0, "", "")


def test_diff_names_what_is_not_as_the_map_says(run, map_file):
    with running_devices([load_register_map(map_file)]) as device:
        run("write", device.url, "holding:30:int32=12", "coil:4=false")
        code, out, _ = run("diff", device.url, "--map", map_file, "--json")

    assert code == 1
    assert json.loads(out) == [
        {"tag": "COUNT", "left": 12, "right": -7, "reason": "not the value in the map"},
        {"tag": "RUN", "left": False, "right": True, "reason": "not the value in the map"},
    ]


def test_diff_of_two_devices_shows_both_values(run, meter_url, map_file):
    with running_devices([load_register_map(map_file)]) as other:
        equal = run("diff", meter_url, other.url, "--map", map_file)
        run("write", other.url, "SP=20.4", "--map", map_file)
        code, out, _ = run("diff", meter_url, other.url, "--map", map_file)
        near = run("diff", meter_url, other.url, "--map", map_file, "--tolerance", "0.5")

    assert (equal, near[0]) == ((0, "", ""), 0)
    assert (code, out.splitlines()[1].split()) == (1, ["SP", "20", "degC", "20.4", "degC", "values", "differ"])


def test_diff_leaves_out_what_is_ignored_or_near(run, meter_url, map_file):
    with running_devices([load_register_map(map_file)]) as other:
        run("write", other.url, "SP=20.4", "RUN=off", "MODE=cool", "--map", map_file)
        two = (meter_url, other.url, "--map", map_file)
        code, out, _ = run("diff", *two, "--ignore", "R*", "--tolerance", "S?=3%", "--csv")
        nothing = run("diff", *two, "--ignore", "R*", "--ignore", "MODE", "--tolerance", "S?=3%")

    assert (code, out) == (1, "tag,left,right,reason\nMODE,1,2,values differ\n")
    assert nothing == (0, "", "")


@pytest.mark.parametrize("profile", shipped_devices())
def test_every_profile_can_be_captured_and_emulated_as_it_was(run, tmp_path, profile):
    site = tmp_path / "site"
    with running_devices([load_any_map(profile).register_map]) as device:
        recorded = run("record", device.url, "--map", profile, "--to", str(site), "--for", "1ms")
    with running_devices([load_register_map(f"{site}.toml")]) as emulated:
        with_recording = run("diff", emulated.url, f"{site}.csv", "--map", f"{site}.toml")
        with_map = run("diff", emulated.url, "--map", f"{site}.toml")

    assert (recorded[0], recorded[2]) == (0, "")
    assert (with_recording, with_map) == ((0, "", ""),) * 2


def test_a_recorded_profile_moves_again_as_it_was_recorded(run, tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    period = ("--every", "40ms")
    with running_devices([load_any_map("flow_meter").register_map]) as device:
        run("record", device.url, "--map", "flow_meter", "--to", str(first), "--for", "480ms", *period)
    with running_devices([load_register_map(f"{first}.toml")]) as emulated:
        run("record", emulated.url, "--map", f"{first}.toml", "--to", str(second), "--for", "320ms", *period)

    recorded, replayed = columns(first), columns(second)
    moving = {tag for tag, values in replayed.items() if len(set(values)) > 1} - {"time_s"}

    assert moving
    assert list(recorded) == list(replayed)
    assert all(is_part_of_a_round(replayed[tag], recorded[tag]) for tag in recorded if tag != "time_s")


def columns(stem: Path) -> dict[str, list[str]]:
    rows = list(csv.reader(Path(f"{stem}.csv").read_text().splitlines()))
    return {name: [row[index] for row in rows[1:]] for index, name in enumerate(rows[0])}


def is_part_of_a_round(values: list[str], round_of: list[str]) -> bool:
    """Whether values come in the order of another list that is gone through again and again, repeats left out."""
    steps = [value for index, value in enumerate(values) if index == 0 or value != values[index - 1]]
    rounds = iter(2 * round_of)
    return all(any(value == each for each in rounds) for value in steps)


@pytest.mark.parametrize("names", [["--map"], ["input:0..1", "holding:0..1", "holding:4..7", "coil:4", "discrete:9"]])
def test_a_recorded_device_can_be_emulated_and_shows_no_difference(run, meter_url, map_file, tmp_path, names):
    asked = ["--map", map_file] if names == ["--map"] else names
    site = tmp_path / "site"

    recorded = run("record", meter_url, *asked, "--to", str(site), "--for", "20ms", "--every", "10ms")
    with running_devices([load_register_map(f"{site}.toml")]) as emulated:
        with_device = run("diff", meter_url, emulated.url, "--map", f"{site}.toml")
        with_recording = run("diff", emulated.url, f"{site}.csv", "--map", f"{site}.toml")
        with_map = run("diff", emulated.url, "--map", f"{site}.toml")

    assert recorded[0] == 0
    assert (with_device, with_recording, with_map) == ((0, "", ""),) * 3


def test_a_recorded_map_keeps_the_form_of_its_entries_and_the_identity(run, meter_url, map_file, tmp_path):
    site = tmp_path / "site"
    run("record", meter_url, "--map", map_file, "--to", str(site), "--for", "1ms", "--every", "1ms")

    before, after = load_register_map(map_file), load_register_map(f"{site}.toml")

    def form(each):
        order = each.word_order, each.byte_order
        scaling = each.scale, each.offset, each.unit, each.eu_range, each.names
        return each.tag, each.table, each.address, each.type, each.bit, order, scaling, each.access, each.initial

    assert [form(each) for each in after.entries] == [form(each) for each in before.entries]
    assert dict(after.identity) == dict(before.identity)
    assert after.half_values is before.half_values


def test_what_the_device_refuses_is_said_and_left_out(run, meter_url, tmp_path):
    site = tmp_path / "site"

    code, out, err = run("record", meter_url, "holding:1..3", "coil:4", "--to", str(site), "--for", "1ms")

    assert code == 0
    assert f"{site}.toml, {site}.csv: 2 values, 0 of them moved, 1 reading" in out
    assert err == "left out: HOLDING_2, HOLDING_3: ILLEGAL DATA ADDRESS (0x02)\n"
    assert [entry.tag for entry in load_register_map(f"{site}.toml").entries] == ["HOLDING_1", "COIL_4"]


def test_a_device_that_refuses_everything_leaves_no_files(run, meter_url, tmp_path):
    code, _, err = run("record", meter_url, "holding:2..3", "--to", str(tmp_path / "site"), "--for", "1ms")

    assert (code, "answered ILLEGAL DATA ADDRESS" in err) == (1, True)
    assert list(tmp_path.iterdir()) == []


def test_a_recorded_device_keeps_its_unit_id_and_is_compared_by_its_own_map(run, meter_map, tmp_path):
    site = tmp_path / "site"
    with running_devices([meter_map], place=DevicePlace(unit_id=9)) as device:
        run("record", device.url, "--to", str(site), "--for", "1ms", "holding:0..1")
    with running_devices([load_register_map(f"{site}.toml")]) as emulated:
        with_recording = run("diff", emulated.url, f"{site}.csv")
        run("write", emulated.url, "holding:1=2")
        code, out, _ = run("diff", emulated.url, f"{site}.csv", "--csv")

    assert emulated.url.endswith("/9")
    assert with_recording == (0, "", "")
    assert (code, out) == (1, "tag,left,right,reason\nHOLDING_1,2,1,values differ\n")


def test_an_address_without_a_unit_means_that_of_the_map(run, meter_map, meter_text, tmp_path):
    own = tmp_path / "own.toml"
    own.write_text(meter_text.replace("format = 1\n", "format = 1\nunit_id = 9\n"))
    with running_devices([load_register_map(own)]) as device:
        bare = device.url.rpartition("/")[0]
        by_map = run("read", bare, "MODE", "--map", str(own))
        by_address = run("read", f"{bare}/1", "MODE", "--map", str(own))
        recorded = run("record", bare, "MODE", "--map", str(own), "--to", str(tmp_path / "site"), "--for", "1ms")

    assert by_map == (0, "MODE  heat (1)\n", "")
    assert (by_address[0], recorded[0]) == (1, 0)
    assert load_register_map(tmp_path / "site.toml").unit_id == 9


SCALED = """format = 1
register = [
    { tag = "A", reference = 40001, type = "int16", scale_factor = "SF", initial = 12.5 },
    { tag = "B", reference = 40002, type = "int16", initial = 3 },
    { tag = "SF", reference = 40009, type = "int16", initial = -1 },
]
"""


def test_a_recorded_value_keeps_its_scale_factor_also_when_it_is_asked_for_alone(run, tmp_path):
    own, site, dumped = (tmp_path / f"{name}.toml" for name in ("own", "site", "dumped"))
    own.write_text(SCALED)
    with running_devices([load_register_map(own)]) as device:
        run("record", device.url, "A", "--map", str(own), "--to", str(site), "--for", "1ms")
        dumped.write_text(run("dump", device.url, "A", "--map", str(own), "--toml")[1])

    for written in (site, dumped):
        tags = {entry.tag: (entry.initial, entry.scale) for entry in load_register_map(written).entries}
        assert tags == {"A": (12.5, 0.1), "SF": (-1, 1.0)}
