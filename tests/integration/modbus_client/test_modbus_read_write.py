"""``hil modbus read|write`` against our own device over loopback, and what all subcommands take."""

from __future__ import annotations

import json
import re

import pytest

from emulators.description import load_register_map
from hil.assembly.blank_devices import blank_devices
from hil.assembly.device_places import DevicePlace
from hil.assembly.devices import running_devices
from hil.targets.modbus_client import ModbusClient


def test_read_prints_value_name_and_unit(run, meter_url, map_file):
    assert run("read", meter_url, "VOLTAGE", "MODE", "RUN", "--map", map_file) == (
        0,
        "VOLTAGE  230.5 V\nMODE     heat (1)\nRUN      true\n",
        "",
    )


def test_read_takes_patterns_of_tags(run, meter_url, map_file):
    code, out, _ = run("read", meter_url, "*O[DL]*", "RUN", "--map", map_file, "--json")

    assert (code, list(json.loads(out))) == (0, ["VOLTAGE", "MODE", "RUN"])


def test_read_takes_addresses_without_a_map(run, meter_url):
    code, out, _ = run("read", meter_url, "input:0:float32:little", "40001..40002", "coil:4", "--json")

    assert code == 0
    assert json.loads(out) == {"input:0": 230.5, "40001": 200, "40002": 1, "coil:4": True}


def test_read_shows_what_the_device_gives_and_tells_what_it_refuses(run, meter_url, map_file):
    code, out, err = run("read", meter_url, "MODE", "holding:2", "--map", map_file)

    assert (code, out) == (1, "MODE       heat (1)\nholding:2  (ILLEGAL DATA ADDRESS (0x02))\n")
    assert err == f"{meter_url}: read of holding:2 answered ILLEGAL DATA ADDRESS (0x02)\n"


def test_read_as_csv_has_whole_precision_and_the_unit(run, meter_url, map_file):
    assert run("read", meter_url, "VOLTAGE", "RUN", "--map", map_file, "--csv") == (
        0,
        "name,value,unit\nVOLTAGE,230.5,V\nRUN,true,\n",
        "",
    )


def test_read_every_period_prints_a_line_a_reading(run, meter_url, map_file):
    asked = ("read", meter_url, "VOLTAGE", "MODE", "--map", map_file, "--every", "1ms", "--count", "3")

    table, as_csv, as_json = run(*asked), run(*asked, "--csv"), run(*asked, "--json")

    assert (table[0], as_csv[0], as_json[0]) == (0, 0, 0)
    assert re.sub(r"\d{4}-.*Z", "T", table[1]) == "T\n  VOLTAGE  230.5 V\n  MODE     heat (1)\n" * 3
    assert re.sub(r"\d{4}-.*Z", "T", as_csv[1]) == "time,VOLTAGE,MODE\n" + "T,230.5,1\n" * 3
    assert [json.loads(line)["values"] for line in as_json[1].splitlines()] == [{"VOLTAGE": 230.5, "MODE": 1}] * 3


def test_read_every_period_fails_when_one_value_was_refused(run, meter_url):
    code, out, _ = run("read", meter_url, "holding:2", "--every", "1ms", "--for", "2ms", "--json")

    assert code == 1
    assert json.loads(out.splitlines()[0])["values"] == {"holding:2": None}


def test_two_names_of_one_place_are_both_read(run, meter_url, map_file):
    assert run("read", meter_url, "MODE", "40002", "--map", map_file)[1] == "MODE   heat (1)\n40002  1\n"


def test_limits_of_a_device_are_kept(run, meter_url, map_file, monkeypatch):
    counts: list[int] = []
    read = ModbusClient.read
    monkeypatch.setattr(ModbusClient, "read", lambda *asked: counts.append(asked[3]) or read(*asked))

    code = run("read", meter_url, "--map", map_file, "--max-registers", "4", "--max-gap", "0")[0]

    assert (code, max(counts)) == (0, 4)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["read", "URL", "coil:0", "--count", "3"], "give --every too"),
        (
            ["read", "URL", "7"],
            "write holding:7 (from 0, as on the wire) or a reference of five or six digits such as 40007",
        ),
        (["diff", "URL", "--map", "MAP", "--tolerance", "much"], "write 0.5, 2%"),
        (["read", "URL", "coil:0", "--max-registers", "126"], "1<=x<=125"),
        (["read", "URL"], "say what to read"),
        (["read", "URL", "LEVEL"], "give its register map with --map"),
        (["read", "URL", "VOLTAGES", "--map", "MAP"], "did you mean 'VOLTAGE'?"),
        (["read", "plc:502", "coil:0"], "is no Modbus address"),
        (["write", "URL", "SP", "--map", "MAP"], "write NAME=VALUE"),
        (["write", "URL", "MO*=1", "--map", "MAP"], "the map has no tag 'MO*'"),
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

    assert (code, out) == (0, "SP  55.5 degC\nMODE  cool (2)\nUNLOCK  written; it cannot be read back\nRUN  false\n")


def test_write_takes_negative_numbers_and_addresses(run):
    with blank_devices(10, DevicePlace()) as blank:
        assert run("write", blank.url, "holding:4:int32=-70000", "coil:2=true")[:2] == (
            0,
            "holding:4  -70000\ncoil:2  true\n",
        )


def test_a_dry_run_says_what_would_be_written_where_and_sends_nothing(run, map_file):
    nobody = "modbus-tcp://192.0.2.1/1"

    code, out, _ = run("write", nobody, "SP=55.5", "GEAR=3", "RUN=on", "--map", map_file, "--dry-run")

    assert (code, out.splitlines()) == (
        0,
        [
            "SP  55.5 degC  would go to holding:0 as 022B",
            "GEAR  3  would go to holding:20 from bit 8",
            "RUN  true  would go to coil:4",
        ],
    )


def test_a_value_that_reads_back_as_another_is_told(run, meter_url, map_file, monkeypatch):
    monkeypatch.setattr(ModbusClient, "write_registers", lambda *_: None)  # a device that says yes and does nothing

    code, out, err = run("write", meter_url, "MODE=cool", "SP=20.0", "--map", map_file)

    assert (code, out) == (1, "MODE  heat (1)\nSP  20 degC\n")
    assert err == f"{meter_url}: MODE reads back as heat (1), not cool (2)\n"


def test_nothing_is_written_when_one_value_is_wrong(run, meter_url, map_file):
    code, out, err = run("write", meter_url, "MODE=off", "SP=101", "--map", map_file)

    assert (code, out) == (1, "")
    assert "101 is outside 0..100 degC" in err
    assert run("read", meter_url, "MODE", "--map", map_file)[1] == "MODE  heat (1)\n"


def test_another_machine_is_written_only_when_allowed(run, map_file):
    code, _, err = run("write", "modbus-tcp://192.0.2.1/1", "SP=1", "--map", map_file)

    assert code == 1
    assert "--allow-host 192.0.2.1" in err
