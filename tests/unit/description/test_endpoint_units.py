"""Several units behind one endpoint of a rig: how they are written, what is found wrong, and where."""

from __future__ import annotations

import pytest

from emulators.description import load_rig, read_rig
from emulators.description.characters import CharacterEntry
from emulators.description.source import Findings
from emulators.errors import DescriptionError

OWN = 'controller = "PLC1"\nmap = "map.toml"'
METER = """format = 1
[twin]
component = "energy_meter"
[[register]]
tag = "POWER"
signal = "power_w"
reference = 30001
type = "float32"
[[register]]
tag = "SERIAL"
reference = 30003
type = "uint16"
initial = 7
[[register]]
tag = "LATER"
reference = 30004
type = "uint16"
behaviour = { kind = "mirror", of = "SERIAL", delay = "1 s" }
"""
PLAIN = METER.replace('[twin]\ncomponent = "energy_meter"\n', "").replace('signal = "power_w"', "initial = 1.5")


def units(*tables: str) -> str:
    return "\n".join(f"[[endpoints.units]]\n{table}" for table in tables)


def rig_with(project, tables: str, endpoint: str = ""):
    (project.folder / "meter.toml").write_text(METER)
    (project.folder / "plain.toml").write_text(PLAIN)
    project.change("rig.toml", OWN, f"{endpoint}\n{tables}")
    return load_rig("rig.toml")


def findings(project, tables: str, endpoint: str = "") -> list[str]:
    with pytest.raises(DescriptionError) as caught:
        rig_with(project, tables, endpoint)
    return [str(diagnostic) for diagnostic in caught.value.diagnostics]


def test_units_have_ids_names_maps_and_times_of_their_own(project) -> None:
    rig = rig_with(
        project,
        units(
            'unit_id = 3\nname = "M-1"\nmap = "meter.toml"\nlatency = "20 ms"',
            'unit_id = 7\nname = "M-2"\nmap = "plain.toml"\njitter = "1 ms"',
            'unit_id = 9\nmap = "map.toml"',
        ),
        'latency = "5 ms"',
    )

    found = rig.endpoints[0].units

    assert [(unit.unit_id, unit.name) for unit in found] == [(3, "M-1"), (7, "M-2"), (9, "")]
    assert [(unit.latency_ns, unit.jitter_ns) for unit in found] == [
        (20_000_000, 0),
        (5_000_000, 1_000_000),
        (5_000_000, 0),
    ]
    assert rig.endpoints[0].controller == ""


def test_named_unit_brings_its_twin_and_has_its_name_before_its_tags(project) -> None:
    rig = rig_with(project, units(*(f'unit_id = {n}\nname = "M-{n}"\nmap = "meter.toml"' for n in (1, 2))))

    maps = rig.endpoints[0].register_maps

    assert [entry.tag for each in maps for entry in each.entries] == [
        *("M-1.POWER", "M-1.SERIAL", "M-1.LATER"),
        *("M-2.POWER", "M-2.SERIAL", "M-2.LATER"),
    ]
    assert maps[1].entries[2].behaviour.text("of") == "M-2.SERIAL"
    assert [each.name for each in rig.plant[-2:]] == ["M-1", "M-2"]
    assert rig.tag("M-2.POWER").tag.signal == "M-2.power_w"


def test_what_a_named_unit_takes_from_the_rig_may_have_its_name_in_front(project) -> None:
    project.change(
        "rig.toml",
        '[tags."LIC-101.SP"]',
        '[tags."M-1.LEVEL"]\nsignal = "T-101.level_m"\nunit = "%"\n[tags."LIC-101.SP"]',
    )

    rig = rig_with(project, units('unit_id = 1\nname = "M-1"\nmap = "map.toml"'))

    assert [entry.tag for entry in rig.endpoints[0].register_maps[0].entries][:2] == ["M-1.LEVEL", "LIC-101.SP"]


LINES = '[[endpoints.lines]]\nname = "A"\nbaud_rate = 9600\nparity = "none"\n[[endpoints.lines]]\nname = "B"\n'


def on_line(unit_id: int, line: str, further: str = "") -> str:
    return f'unit_id = {unit_id}\nmap = "map.toml"\nline = "{line}"\n{further}'


def test_gateway_has_lines_a_queue_and_a_time_out(project) -> None:
    rig = rig_with(
        project,
        LINES
        + units(on_line(3, "A"), on_line(3, "A", "conflicts = true"), on_line(4, "B"), 'unit_id = 5\nmap = "map.toml"'),
        'unit_timeout = "300 ms"\nqueue = 4',
    )

    endpoint = rig.endpoints[0]
    gateway = endpoint.transport.gateway

    assert (gateway.unit_timeout_ns, gateway.queue) == (300_000_000, 4)
    assert [(line.name, line.protocol, line.characters) for line in gateway.lines] == [
        ("A", "modbus-rtu", CharacterEntry(9600, "none", 1, 8)),
        ("B", "modbus-rtu", CharacterEntry(19_200, "even", 1, 8)),
    ]
    assert [(unit.unit_id, unit.line, unit.is_rival) for unit in endpoint.units] == [
        (3, "A", False),
        (3, "A", True),
        (4, "B", False),
        (5, "", False),
    ]


def test_line_of_a_gateway_may_speak_ascii_and_fail_from_the_start(project) -> None:
    line = '[[endpoints.lines]]\nname = "C"\nprotocol = "modbus-ascii"\n'
    fault = '[[endpoints.lines.faults]]\nfault = "truncate"\nby = 3\n'

    endpoint = rig_with(project, line + fault + units(on_line(3, "C"))).endpoints[0]

    (entry,) = endpoint.transport.gateway.lines
    assert (entry.protocol, entry.characters) == ("modbus-ascii", CharacterEntry(data_bits=7))
    assert [(rule.fault.value, [(each.name, each.value) for each in rule.options]) for rule in entry.faults] == [
        ("truncate", [("by", 3)])
    ]
    assert endpoint.faults == ()


def test_gateway_with_lines_waits_a_second_unless_told_otherwise(project) -> None:
    with_lines = rig_with(project, LINES + units(on_line(3, "A"), on_line(4, "B"))).endpoints[0].transport.gateway

    assert (with_lines.unit_timeout_ns, with_lines.queue) == (1_000_000_000, 16)


TCP, RTU = 'protocol = "modbus-tcp"', 'protocol = "modbus-rtu"'


# the units, further keys of the endpoint, what is found
MISTAKES = [
    (
        units('unit_id = 3\nmap = "map.toml"', 'unit_id = 3\nmap = "map.toml"'),
        "",
        "rig.toml:54:11: unit id 3 is already taken at rig.toml:51:11; give each unit an id of its own",
    ),
    (units('unit = 3\nmap = "map.toml"'), "", "rig.toml:51:1: unknown key 'unit' in the unit; did you mean 'unit_id'?"),
    (units("unit_id = 3"), "", "the unit lacks the key map"),
    (units('unit_id = 3\nmap = "mpa.toml"'), "", "rig.toml:52:7: there is no file mpa.toml"),
    (units('unit_id = 256\nmap = "map.toml"'), "", "unit_id 256 is outside 0..255"),
    (units('unit_id = 3\nmap = "map.toml"\nlatency = 20'), "", "latency must be a duration"),
    (units('unit_id = 3\nmap = "map.toml"\nname = "M 1"'), "", "'M 1' is not a name for a unit"),
    (units('unit_id = 3\nmap = "map.toml"'), "unit_id = 4", "the endpoint has units and a unit_id of its own"),
    (units('unit_id = 3\nmap = "map.toml"'), 'map = "map.toml"', "the endpoint has units and a map of its own"),
    (
        units(*(f'unit_id = {n}\nname = "M"\nmap = "plain.toml"' for n in (1, 2))),
        "",
        "unit M is already defined at rig.toml:51:11; rename one of the two",
    ),
    (units('unit_id = 1\nname = "T-101"\nmap = "plain.toml"'), "", "T-101 is a unit and a plant component"),
    (
        units(*(f'unit_id = {n}\nmap = "plain.toml"' for n in (1, 2))),
        "",
        "units 1 and 2 both have POWER as a value of their own; give each unit a name",
    ),
    (
        units(*(f'unit_id = {n}\nmap = "map.toml"' for n in (1, 2))),
        'unknown_unit = "device"',
        "none is the device that answers for all; write",
    ),
    (
        LINES + units(on_line(3, "A")),
        'unknown_unit = "device"',
        "a gateway and several units look at unit ids: none is the device",
    ),
    (LINES + units(on_line(3, "C")), "", "the endpoint has no line 'C'; declare it with [[endpoints.lines]]"),
    (LINES + units(on_line(3, "A")), "", "rig.toml:55:8: no unit is on line B; name it in a unit, or drop it"),
    (LINES.replace('"B"', '"A"') + units(on_line(3, "A")), "", "line A is already defined at rig.toml:51:8"),
    (LINES.replace('"B"', '"B 2"') + units(on_line(3, "A")), "", "rig.toml:55:8: 'B 2' is not a name for a line; use"),
    (LINES.replace('"B"', '"injections"') + units(on_line(3, "A")), "", "'injections' is the count of the endpoint's"),
    (LINES + 'protocol = "modbus-asci"\n' + units(on_line(3, "A")), "", "did you mean 'modbus-ascii'?"),
    (LINES + "data_bits = 7\n" + units(on_line(3, "A")), "", "data_bits 7 is outside 8..8"),
    (LINES + units(on_line(250, "A"), on_line(4, "B")), "", "unit_id 250 is outside 1..247"),
    (
        LINES + units(on_line(3, "A"), on_line(3, "B")),
        "",
        "give each unit an id of its own; on a line conflicts = true lets their answers collide",
    ),
    (
        LINES + units(on_line(3, "A"), on_line(4, "B", "conflicts = true")),
        "",
        "no unit before this one has unit id 4 on its line; drop conflicts",
    ),
    (
        units('unit_id = 3\nmap = "map.toml"', 'unit_id = 3\nmap = "map.toml"\nconflicts = true'),
        "",
        "only units on a serial line whose time is emulated can have an id that another one has too",
    ),
    (LINES, 'controller = "PLC1"\nmap = "map.toml"', "no unit is on line A; add units with line"),
    (units('unit_id = 3\nmap = "map.toml"'), "queue = -1", "queue -1 is outside 0..100000"),
    ("", 'controller = "PLC1"', "the endpoint lacks the key map"),
    ("", 'map = "map.toml"', "the endpoint lacks the key controller"),
]


@pytest.mark.parametrize(("tables", "endpoint", "finding"), MISTAKES, ids=[row[2] for row in MISTAKES])
def test_mistake_is_told_with_its_place(project, tables: str, endpoint: str, finding: str) -> None:
    told = findings(project, tables, endpoint)

    assert any(finding in each for each in told), told


@pytest.mark.parametrize(
    "key", ['unit_timeout = "1 s"', "queue = 3", LINES.partition('[[endpoints.lines]]\nname = "B')[0]]
)
def test_serial_line_is_no_gateway(project, key: str) -> None:
    project.change("rig.toml", TCP, RTU)

    told = findings(
        project, key if "[[" in key else "", f'controller = "PLC1"\nmap = "map.toml"\n{key if "[[" not in key else ""}'
    )

    assert any("an endpoint of modbus-rtu has no" in each for each in told), told


@pytest.mark.parametrize(("key", "n_findings"), [("", 0), ("line_time = false", 1), ('serial_port = "/dev/ttyS0"', 1)])
def test_units_collide_only_where_the_time_of_the_line_is_emulated(project, key: str, n_findings: int) -> None:
    project.change("rig.toml", TCP, f"{RTU}\n{key}")
    tables = units('unit_id = 3\nmap = "map.toml"', 'unit_id = 3\nmap = "map.toml"\nconflicts = true')
    found = Findings()
    (project.folder / "meter.toml").write_text(METER)
    project.change("rig.toml", OWN, tables)

    read_rig("rig.toml", found)

    assert ["whose time is emulated" in str(each) for each in found.diagnostics] == [True] * n_findings


def test_line_has_two_wires_or_four(project) -> None:
    project.change("rig.toml", TCP, f"{RTU}\nwires = 3")

    assert "a line has 2 wires or 4" in findings(project, "", 'controller = "PLC1"\nmap = "map.toml"')[0]


def test_unit_id_0_is_the_broadcast_on_a_line(project) -> None:
    project.change("rig.toml", TCP, RTU)

    told = findings(project, units('unit_id = 0\nmap = "map.toml"', 'unit_id = 248\nmap = "map.toml"'))

    assert [each.partition(": ")[2] for each in told if "unit_id" in each] == [
        "unit_id 0 is outside 1..247; write a number in it",
        "unit_id 248 is outside 1..247; write a number in it",
    ]


def test_devices_need_no_plant_and_no_controller_beside_them(project) -> None:
    (project.folder / "meter.toml").write_text(METER)
    device = units('unit_id = 3\nname = "M-1"\nmap = "meter.toml"')
    head = 'format = 1\nname = "hall"\nstep = "10 ms"\n[[endpoints]]\nname = "hall"\nprotocol = "modbus-tcp"\n'
    (project.folder / "hall.toml").write_text(head + device)

    rig = load_rig("hall.toml")

    assert [entry.name for entry in rig.plant] == ["M-1"]
