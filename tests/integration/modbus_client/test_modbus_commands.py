"""``hil modbus`` against our own device over loopback."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from emulators.description import load_register_map
from hil.assembly.blank_devices import blank_devices
from hil.assembly.device_places import DevicePlace
from hil.assembly.devices import running_devices
from hil.cli.main import main

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run ``hil modbus`` and return exit code, output and messages."""

    def run_command(*arguments: str) -> tuple[int, str, str]:
        code = main(["modbus", *arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run_command


@pytest.fixture
def map_file(tmp_path: Path, meter_text: str) -> str:
    file = tmp_path / "meter.toml"
    file.write_text(meter_text, encoding="utf-8")
    return str(file)


def test_read_prints_value_name_and_unit(run, meter_url, map_file):
    assert run("read", meter_url, "VOLTAGE", "MODE", "RUN", "--map", map_file) == (
        0,
        "VOLTAGE  230.5 V\nMODE     heat (1)\nRUN      true\n",
        "",
    )


def test_read_takes_addresses_without_a_map(run, meter_url):
    code, out, _ = run("read", meter_url, "input:0:float32:little", "40001..40002", "coil:4", "--json")

    assert code == 0
    assert json.loads(out) == {"input:0": 230.5, "holding:0": 200, "holding:1": 1, "coil:4": True}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["read", "URL"], "say what to read"),
        (["read", "URL", "LEVEL"], "give its register map with --map"),
        (["read", "URL", "VOLTAGES", "--map", "MAP"], "did you mean 'VOLTAGE'?"),
        (["read", "plc:502", "coil:0"], "is no Modbus address"),
        (["write", "URL", "SP", "--map", "MAP"], "write NAME=VALUE"),
        (["write", "URL", "holding:0..1=5"], "write one at a time"),
        (["scan", "URL", "--units", "5..300"], "inside 0..255"),
        (["diff", "URL", "holding:0"], "compare with what?"),
        (["diff", "URL", "--map", "MAP", "--at", "3s"], "--at is a moment of a recording"),
        (["record", "URL", "coil:4", "--to", "MAP"], "--overwrite replaces it"),
    ],
)
def test_wrong_usage_says_what_to_write(run, meter_url, map_file, arguments, message):
    places = {"URL": meter_url, "MAP": map_file}

    code, _, err = run(*(places.get(argument, argument) for argument in arguments))

    assert code == 2
    assert message in err


def test_a_wrong_name_of_a_subcommand_is_wrong_usage(run):
    assert run("reed")[0] == 2


def test_write_prints_what_the_device_then_says(run, map_file):
    with running_devices([load_register_map(map_file)]) as device:
        code, out, _ = run("write", device.url, "SP=55.5", "MODE=cool", "UNLOCK=7", "RUN=off", "--map", map_file)

    assert (code, out) == (0, "SP  55.5 degC\nMODE  cool (2)\nUNLOCK  written\nRUN  false\n")


def test_write_takes_negative_numbers_and_addresses(run):
    with blank_devices(10, DevicePlace()) as (url,):
        assert run("write", url, "holding:4:int32=-70000", "coil:2=true")[:2] == (
            0,
            "holding:4  -70000\ncoil:2  true\n",
        )


def test_nothing_is_written_when_one_value_is_wrong(run, meter_url, map_file):
    code, out, err = run("write", meter_url, "MODE=off", "SP=101", "--map", map_file)

    assert (code, out) == (1, "")
    assert "101 is outside 0..100 degC" in err
    assert run("read", meter_url, "MODE", "--map", map_file)[1] == "MODE  heat (1)\n"


def test_another_machine_is_written_only_when_allowed(run, map_file):
    code, _, err = run("write", "modbus-tcp://192.0.2.1/1", "SP=1", "--map", map_file)

    assert code == 1
    assert "--allow-host 192.0.2.1" in err


def test_dump_shows_each_place_and_each_refusal(run, meter_url):
    code, out, _ = run("dump", meter_url, "holding:0..2")

    assert code == 1
    assert out.splitlines() == [
        "reference  address  table    tag        type    value",
        "40001      0        holding  holding:0  uint16  200",
        "40002      1        holding  holding:1  uint16  1",
        "40003      2        holding  holding:2  uint16  (ILLEGAL DATA ADDRESS (0x02))",
    ]


def test_dump_of_a_map_has_every_readable_value(run, meter_url, map_file):
    code, out, _ = run("dump", meter_url, "--map", map_file, "--json")

    rows = {row["tag"]: row for row in json.loads(out)}
    assert code == 0
    assert "UNLOCK" not in rows
    assert (rows["SP"]["reference"], rows["SP"]["value"], rows["SP"]["unit"]) == ("40001", 20.0, "degC")
    assert (rows["GEAR"]["bit"], rows["GEAR"]["value"]) == (8, 5)


def test_scan_finds_every_range_also_values_that_cannot_be_halved(run, meter_url):
    code, out, _ = run("scan", meter_url, "--addresses", "0..40", "--rate", "100000", "--json")

    (unit,) = json.loads(out)
    assert code == 0
    assert (unit["unit"], unit["identification"]) == (1, ["Example", "M1", "2.0"])
    assert [(each["table"], each["first"], each["last"]) for each in unit["ranges"]] == [
        ("coil", 4, 4),
        ("discrete", 9, 9),
        ("input", 0, 1),
        ("input", 10, 13),
        ("holding", 0, 1),
        ("holding", 4, 7),
        ("holding", 20, 20),
        ("holding", 30, 31),
    ]


def test_scan_prints_ranges_that_dump_takes(run):
    with blank_devices(200, DevicePlace(unit_id=7)) as (url,):
        code, out, _ = run("scan", url, "--units", "5..9", "--table", "holding", "--rate", "100000")
        ranges = out.splitlines()[1].split()[0]

        assert (code, out) == (0, f"{url}  plc-hil emulated-device 1.0\n  holding:0..199  200\n")
        assert run("dump", url, ranges)[0] == 0


def test_scan_of_a_unit_that_is_not_there_finds_nobody(run):
    with blank_devices(10, DevicePlace(unit_id=7)) as (url,):
        code, out, err = run("scan", url, "--units", "8..9", "--rate", "100000")

    assert (code, out) == (1, "")
    assert "no unit answers" in err


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
    assert (code, out.splitlines()[1].split()) == (1, ["SP", "20", "20.4", "values", "differ"])


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
