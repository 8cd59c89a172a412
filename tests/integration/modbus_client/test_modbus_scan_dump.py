"""``hil modbus scan|identify|dump`` against our own device over loopback."""

from __future__ import annotations

import json

import pytest

from emulators.description import load_register_map
from hil.assembly.blank_devices import blank_devices
from hil.assembly.device_places import DevicePlace
from hil.targets.modbus_client import ModbusClient


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


def test_a_dumped_map_holds_the_values_and_shows_no_difference(run, meter_url, map_file, tmp_path):
    dumped = tmp_path / "now.toml"
    dumped.write_text(run("dump", meter_url, "--map", map_file, "--toml")[1], encoding="utf-8")

    described = load_register_map(dumped)

    assert {entry.tag: entry.initial for entry in described.entries}["SERIAL"] == "AB-1234"
    assert described.identity["vendor_name"] == "Example"
    assert run("diff", meter_url, "--map", str(dumped)) == (0, "", "")


def test_a_dump_as_a_map_says_what_it_will_not_have(run, meter_url):
    code, out, err = run("dump", meter_url, "holding:1..2", "--toml")
    nothing = run("dump", meter_url, "holding:2", "--toml")

    assert (code, err) == (1, "left out: holding:2: ILLEGAL DATA ADDRESS (0x02)\n")
    assert out.count("tag = ") == 1
    assert nothing[:2] == (1, "")
    assert "read of holding:2 answered ILLEGAL DATA ADDRESS (0x02)" in nothing[2]


def test_a_dump_as_csv_has_places_values_and_refusals(run, meter_url):
    assert run("dump", meter_url, "holding:1..2", "--csv")[1].splitlines() == [
        "reference,address,bit,table,tag,type,value,unit,error",
        "40002,1,,holding,holding:1,uint16,1,,",
        "40003,2,,holding,holding:2,uint16,,,ILLEGAL DATA ADDRESS (0x02)",
    ]


def test_identify_asks_both_functions(run, meter_url):
    assert run("identify", meter_url) == (
        0,
        f"{meter_url}\n"
        "  vendor_name       Example\n  product_code      M1\n  revision          2.0\n  server_id         01 FF\n",
        "",
    )
    assert run("identify", meter_url, "--units", "1..2", "--json")[1].startswith('[{"unit": 1, "identity": {"vendor')
    assert run("identify", meter_url.removesuffix("1") + "9")[::2] == (
        1,
        f"{meter_url.removesuffix('1')}9: no unit says who it is\n",
    )


def test_scan_finds_every_range_also_values_that_cannot_be_halved(run, meter_url):
    code, out, _ = run("scan", meter_url, "--addresses", "0..40", "--rate", "100000", "--json")

    (unit,) = json.loads(out)
    assert code == 0
    assert (unit["unit"], unit["identity"]) == (
        1,
        {"vendor_name": "Example", "product_code": "M1", "revision": "2.0", "server_id": "01 FF"},
    )
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


@pytest.mark.parametrize(
    ("units", "reads", "expected"),
    [
        ("1", 0, ""),
        ("1..2", 1, "  nothing found yet\n"),
        ("1", 1, "  nothing found yet\n"),
        ("1", 2, "  holding:0..124  125\n"),
    ],
)
def test_an_interrupted_scan_prints_what_it_has_found(run, monkeypatch, units, reads, expected):
    answered, read = iter(range(reads)), ModbusClient.read

    def read_until_interrupted(*arguments, **options):
        if next(answered, None) is None:
            raise KeyboardInterrupt
        return read(*arguments, **options)

    monkeypatch.setattr(ModbusClient, "read", read_until_interrupted)
    with blank_devices(200, DevicePlace()) as blank:
        code, out, err = run("scan", blank.url, "--table", "holding", "--rate", "100000", "--units", units)

    assert (code, err) == (130, "hil: interrupted\n")
    assert out.partition("\n")[2] == expected


def test_scan_prints_ranges_that_dump_takes(run):
    with blank_devices(200, DevicePlace(unit_id=7)) as blank:
        code, out, _ = run("scan", blank.url, "--units", "5..9", "--table", "holding", "--rate", "100000")
        ranges = out.splitlines()[1].split()[0]

        assert (code, out) == (
            0,
            f"{blank.url}  plc-hil emulated-device 1.0 (server id 01 FF)\n  holding:0..199  200\n",
        )
        assert run("dump", blank.url, ranges)[0] == 0


def test_scan_of_a_unit_that_is_not_there_finds_nobody(run):
    with blank_devices(10, DevicePlace(unit_id=7)) as blank:
        code, out, err = run("scan", blank.url, "--units", "8..9", "--rate", "100000")

    assert (code, out) == (1, "")
    assert "no unit answers" in err
