"""What a cell says about a line that links share, and what is wrong with the way in which a rig describes it."""

from __future__ import annotations

import pytest
from link_cells import DEVICE_MAP, DEVICE_PARTS, LINE_PROGRAM, LinkedCells, line_rig
from small_cells import MS, SmallCells, fault

from emulators.cell import TargetError, TargetKind
from emulators.errors import DescriptionError

BROADCAST = '[links.ALL]\nline = "COM"\nunit_id = 0\nmap = "map.toml"\n'
OUTPUTS = "[controllers.PLC1.outputs]\n"
WAITING = 'waiting = "COM.waiting"'


def test_the_catalogue_names_the_wire_of_the_line_and_its_status(linked: LinkedCells) -> None:
    rig = line_rig(extra=f'{OUTPUTS}"ALL.WANTED" = "common"\n{BROADCAST}')

    targets = linked.of(rig, LINE_PROGRAM).blueprint.directory.targets

    assert targets["COM"].kind is TargetKind.LINK
    assert targets["COM"].description == "modbus-rtu line of PLC1"
    assert {"down", "no_response", "bad_checksum"} <= {each.name for each in targets["COM"].faults}
    assert (targets["COM.waiting"].type, targets["COM.waiting"].writable) == ("i64", False)
    assert targets["ALL"].faults == (), "a broadcast has no wire of its own"


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("COM.reset", "COM has no fault 'reset'"),
        ("COM.no_respons", "did you mean 'no_response'"),
        ("ALL.no_response", "has no fault 'ALL.no_response'"),
    ],
)
def test_a_fault_that_a_line_cannot_have_is_refused(linked: LinkedCells, target: str, says: str) -> None:
    cell = linked.of(line_rig(extra=f'{OUTPUTS}"ALL.WANTED" = "common"\n{BROADCAST}'), LINE_PROGRAM)

    with pytest.raises(TargetError, match=says):
        cell.run(1, tape=[fault(10 * MS, target, True)])


# what is replaced in the rig, by what, the place of the finding as the text that stands there, the finding
MISTAKES = {
    "no such line": ('line = "COM"\nunit_id = 1', 'line = "COMM"', '"COMM"', "no line 'COMM'; did you mean 'COM'?"),
    "no line at all": ("[lines.COM]", "[lines.X]", '"COM"', "no line 'COM'; declare it: [lines.COM]"),
    "another baud rate": (
        'device = "M2"',
        'device = "M2"\nbaud_rate = 9600',
        "baud_rate = 9600",
        "has the baud_rate of",
    ),
    "another controller": ('device = "M2"', 'device = "M2"\ncontroller = "P"', 'controller = "P"', "the controller of"),
    "same unit": ("unit_id = 2", "unit_id = 1 # too", "1 # too", "unit 1 of line COM is link U1 already"),
    "same unit unsaid": ("unit_id = 2\n", "", "U2]", "unit 1 of line COM is link U1 already"),
    "nobody on it": ("[links.U1]", '[lines.B]\ncontroller = "PLC1"\n[links.U1]', "B]", "no unit is on line B"),
    "network protocol": ("parity", 'protocol = "modbus-tcp"\nparity', '"modbus-tcp"', "did you mean 'modbus-rtu'"),
    "seven bits of RTU": ("parity", "data_bits = 7\nparity", "7\n", "data_bits 7 is outside 8..8"),
    "no such controller": ('"PLC1"\nbaud', '"PLC9"\nbaud', '"PLC9"', "no controller 'PLC9'; did you mean 'PLC1'?"),
    "no controller": ('controller = "PLC1"\nbaud', "baud", "[lines.COM]", "line COM lacks the key controller"),
    "fault of streams": (
        "parity",
        'faults = [{ fault = "reset" }]\nparity',
        '"reset"',
        "a wire of modbus-rtu cannot have the fault 'reset'",
    ),
    "status": (WAITING, 'waiting = "COM.waitng"', '"COM.waitng"', "line COM has no 'waitng'; did you mean 'waiting'?"),
    "status driven": ("[lines.COM]", f'{OUTPUTS}"COM.waiting" = "n"\n[lines.COM]', '"COM.waiting" =', "can be driven"),
    "with a timing": (WAITING, 'waiting = { from = "COM.waiting", delay = "1 s" }', '"COM.w', "has its own timing"),
    "name taken": (
        "[lines.COM]",
        '[plant.COM]\ncomponent = "parts.py:Meter"\n[lines.COM]',
        "COM]\ncontr",
        "is a line and",
    ),
    "name of a link": ("[links.U1]", f"{BROADCAST.replace('ALL', 'COM')}[links.U1]", "COM]\nline", "a link and a line"),
    "broadcast is read": (WAITING, f'waiting = "ALL.COUNT"\n{BROADCAST}', '"ALL.COUNT"', "which nobody answers"),
    "broadcast has a device": (
        "[links.U1]",
        f'{BROADCAST}device = "M1"\n[links.U1]',
        'device = "M1"\n[',
        "has no device",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_reported_with_its_place(cells: SmallCells, mistake: str) -> None:
    right, wrong, place, says = MISTAKES[mistake]
    assert right in line_rig()
    rig = line_rig().replace(right, wrong, 1)

    with pytest.raises(DescriptionError) as caught:
        cells.blueprint(rig, parts_py=DEVICE_PARTS, PLC1_st=LINE_PROGRAM, map_toml=DEVICE_MAP)

    found = next(each for each in caught.value.diagnostics if says in str(each))
    lines = (cells.folder / "rig.toml").read_text().splitlines(keepends=True)
    assert "".join([lines[found.span.line - 1][found.span.column - 1 :], *lines[found.span.line :]]).startswith(place)
