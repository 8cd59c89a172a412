"""What a cell says about its links, and what is wrong with the way in which a rig describes them."""

from __future__ import annotations

import pytest
from link_cells import DEVICE_MAP, DEVICE_PARTS, LINK_PROGRAM, LinkedCells, link_rig
from small_cells import SmallCells, event

from emulators.cell import Operation, TargetError, TargetKind
from emulators.errors import DescriptionError


def test_the_catalogue_names_the_wire_its_registers_and_its_status(linked: LinkedCells) -> None:
    cell = linked()

    targets = cell.blueprint.directory.targets

    assert targets["BUS"].kind is TargetKind.LINK
    assert {"down", "no_response", "delay", "corrupt"} <= {each.name for each in targets["BUS"].faults}
    assert (targets["BUS.LEVEL"].type, targets["BUS.ODD"].type, targets["BUS.age_s"].unit) == ("f64", "bool", "s")
    assert not targets["BUS.error"].writable


@pytest.mark.parametrize("name", ["BUS.LEVEL", "BUS.error", "PLC1.seen"])
def test_what_the_link_says_cannot_be_written(linked: LinkedCells, name: str) -> None:
    with pytest.raises(TargetError, match="cannot be written"):
        linked().run(1, tape=[event(0, Operation.WRITE, name, 1)])


ST = 'language = "st"\nsources = "PLC1.st"\n'
MISTAKES = {
    "unknown register": ({"inputs": 'gain = "BUS.LEVL"'}, "no register 'LEVL' to read; did you mean 'LEVEL'"),
    "read-only register": ({"outputs": '"BUS.COUNT" = "n"'}, "no register 'COUNT' to write"),
    "read and written": ({"inputs": 'gain = "BUS.GAIN"'}, "BUS.GAIN is read and written"),
    "with a timing": ({"inputs": 'gain = { from = "BUS.GAIN", delay = "20 ms" }'}, "a link has its own timing"),
    "wrong type": ({"inputs": 'enabled = "BUS.LEVEL"'}, "cannot feed"),
    "key of another protocol": ({"link": "baud_rate = 9600"}, "a link of modbus-tcp has no baud_rate"),
    "transport without time": (
        {"protocol": "modbus-tls"},
        'link BUS has no TLS: in plant time there is no handshake; write protocol = "modbus-tcp"',
    ),
    "all units of no line": ({"protocol": "modbus-rtu", "link": "unit_id = 0"}, "unit_id 0 means all units on a line"),
    "wrong period": ({"link": "timeouts = 3"}, "unknown key 'timeouts'"),
    "fault of another protocol": (
        {"link": '[[links.BUS.faults]]\nfault = "bad_checksum"'},
        "a wire of modbus-tcp cannot have the fault 'bad_checksum'",
    ),
    "foreign controller": (
        {"link": f"[controllers.PLC2]\n{ST}[controllers.PLC2.inputs]\nn = 'BUS.COUNT'"},
        "link BUS belongs to PLC1",
    ),
    "same name": ({"link": '[plant.BUS]\ncomponent = "parts.py:Meter"'}, "BUS is a link and a plant component"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_reported_with_its_place(cells: SmallCells, mistake: str) -> None:
    extra, says = MISTAKES[mistake]
    rig = link_rig(**extra)

    with pytest.raises(DescriptionError, match=says) as caught:
        cells.blueprint(rig, parts_py=DEVICE_PARTS, PLC1_st=LINK_PROGRAM, map_toml=DEVICE_MAP)

    assert ".toml:" in str(caught.value)


def test_a_device_that_is_not_there_and_a_map_without_one_are_reported(cells: SmallCells) -> None:
    files = {"parts_py": DEVICE_PARTS, "PLC1_st": LINK_PROGRAM, "map_toml": DEVICE_MAP}

    with pytest.raises(DescriptionError, match="no plant component 'N'"):
        cells.blueprint(link_rig().replace('device = "M"', 'device = "N"'), **files)
    with pytest.raises(DescriptionError, match="names signals of a twin"):
        cells.blueprint(link_rig().replace('device = "M"', ""), **files)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('type = "float32" },', 'type = "string[4]" },', "tag LEVEL is no text"),
        ('signal = "echo"', 'signal = "ecko"', r"there is no signal 'M\.ecko' for register ECHO; did you mean"),
        ("initial = 4711", 'behaviour = { kind = "mirror", of = "COUMT" }', "SERIAL follows 'COUMT'"),
    ],
)
def test_a_map_that_does_not_fit_the_device_is_reported(cells: SmallCells, old: str, new: str, says: str) -> None:
    wrong = DEVICE_MAP.replace(old, new, 1)
    rig = link_rig().replace('level = "BUS.LEVEL"\n', "")

    with pytest.raises(DescriptionError, match=says):
        cells.blueprint(rig, parts_py=DEVICE_PARTS, PLC1_st=LINK_PROGRAM, map_toml=wrong)


def test_a_link_may_not_write_what_the_plant_drives(cells: SmallCells) -> None:
    driven = '[plant.M]\ninputs = { wanted = "C.count" }\n'
    rig = link_rig('[plant.C]\ncomponent = "parts.py:Meter"\n').replace("[plant.M]\n", driven)

    with pytest.raises(DescriptionError, match=r"link BUS writes WANTED, but M\.wanted has a source"):
        cells.blueprint(rig, parts_py=DEVICE_PARTS, PLC1_st=LINK_PROGRAM, map_toml=DEVICE_MAP)
