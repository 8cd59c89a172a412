"""Links: a controller scans a Modbus device of the plant in plant time, over a wire that can fail."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from link_cells import DEVICE_MAP, DEVICE_PARTS, LINK_PROGRAM, link_rig
from small_cells import MS, SmallCells, event, fault, force, release, restart

from emulators.cell import Cell, Operation, TapeEvent, TargetError, TargetKind
from emulators.errors import DescriptionError

PROTOCOLS = ("modbus-tcp", "modbus-rtu")
COLUMNS = (
    *("PLC1.seen", "PLC1.level", "PLC1.echo", "PLC1.odd", "PLC1.comm_error", "PLC1.age"),
    *("M.wanted", "M.gain", "M.enabled", "BUS.requests", "BUS.failures", "BUS.exception_code", "BUS.injections"),
)
A_BIT_OF_EVERYTHING = (
    fault(300 * MS, "BUS.delay", "time=20ms jitter=60ms probability=0.7"),
    fault(700 * MS, "BUS.corrupt", "values=random probability=0.5"),
    fault(1100 * MS, "BUS.no_response", "probability=0.3"),
    fault(1500 * MS, "BUS.duplicate", True),
    event(1800 * MS, Operation.LINK, "BUS", "down"),
    event(2200 * MS, Operation.LINK, "BUS", "up"),
    fault(2500 * MS, "BUS.corrupt", None),
)


def cell_of(cells: SmallCells, link: str = "", *, executor: str = "tcc", seed: int | None = None, **rig: str) -> Cell:
    files = {"parts_py": DEVICE_PARTS, "PLC1_st": LINK_PROGRAM, "map_toml": DEVICE_MAP}
    return cells.cell(link_rig(link, **rig), executor=executor, seed=seed, **files)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Cell]:
    """Return the cell of a protocol at time 0; it is built once."""
    cells = {}

    def at_time_0(protocol: str) -> Cell:
        if protocol not in cells:
            cells[protocol] = cell_of(SmallCells(tmp_path_factory.mktemp("cell")), protocol=protocol)
        cells[protocol].reset()
        return cells[protocol]

    return at_time_0


def rows(cell: Cell, n_steps: int, *events: TapeEvent, columns: tuple[str, ...] = COLUMNS) -> dict[str, Any]:
    recording = cell.run(n_steps, tape=events, columns=columns)
    return {name: recording.columns[name].tolist() for name in columns}


def test_the_controller_sees_the_device_as_the_last_scan_found_it(cells: SmallCells) -> None:
    seen = rows(cell_of(cells), 100)

    assert seen["PLC1.seen"] == [0, *[1] * 9, *(n // 10 * 10 for n in range(10, 100))]
    assert seen["PLC1.level"][50] == 25.0
    assert seen["PLC1.echo"][50] == 40.0, "what was written a scan ago, with its scale both ways"
    assert seen["PLC1.odd"][:12] == [0, *[1] * 9, 0, 0]


def test_a_scan_of_nothing_but_registers_finds_the_device_as_it_is_now(cells: SmallCells) -> None:
    device_map = "\n".join(line for line in DEVICE_MAP.splitlines() if "COUNT" in line or "tag" not in line)
    unknown = re.compile(".*BUS[.](?!COUNT|error|age).*")
    files = {"parts_py": DEVICE_PARTS, "PLC1_st": LINK_PROGRAM, "map_toml": device_map}

    seen = rows(cells.cell(unknown.sub("", link_rig()), executor="tcc", **files), 60, columns=("PLC1.seen",))

    assert seen["PLC1.seen"][15::10] == [10, 20, 30, 40, 50]


def test_what_the_controller_writes_acts_in_the_step_after_the_scan(cells: SmallCells) -> None:
    seen = rows(cell_of(cells), 40)

    assert seen["M.wanted"][:22] == [0, *[1] * 9, *[10] * 10, 20, 20]
    assert seen["M.gain"][0:2] == [1.0, 2.5]
    assert (seen["M.enabled"][29], seen["M.enabled"][30]) == (0, 1)


def test_a_scan_takes_its_time_on_a_serial_line(cells: SmallCells) -> None:
    seen = rows(cell_of(cells, protocol="modbus-rtu"), 40)

    assert (seen["PLC1.odd"][2], seen["PLC1.seen"][2], seen["PLC1.seen"][3]) == (1, 0, 2)
    assert seen["M.wanted"][5:10] == [0, 0, 0, 7, 7]


def test_values_of_the_device_itself_are_scanned_too(cells: SmallCells) -> None:
    seen = rows(cell_of(cells), 55, columns=("PLC1.serial", "PLC1.clock"))

    assert set(seen["PLC1.serial"][1:]) == {4711}
    assert seen["PLC1.clock"][-1] == 5


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_silence_makes_an_error_until_a_scan_is_good_again(cells: SmallCells, protocol: str) -> None:
    on, off = fault(300 * MS, "BUS.no_response", True), fault(1000 * MS, "BUS.no_response", None)

    seen = rows(cell_of(cells, protocol=protocol), 150, on, off)

    assert not any(seen["PLC1.comm_error"][:30])
    first = seen["PLC1.comm_error"].index(1)
    assert 34 <= first <= 37, "one time-out after the first request that stays without an answer"
    assert all(seen["PLC1.comm_error"][first:100])
    assert not any(seen["PLC1.comm_error"][120:])
    assert seen["PLC1.age"][99] > 0.6
    assert seen["PLC1.age"][-1] < 0.12
    assert len(set(seen["PLC1.seen"][35:100])) == 1, "the last value stays"


def test_retries_hide_a_single_loss(cells: SmallCells) -> None:
    lost = fault(300 * MS, "BUS.no_response", "count=1")

    patient, hasty = rows(cell_of(cells, "retries = 1"), 100, lost), rows(cell_of(cells), 100, lost)

    assert (max(patient["PLC1.comm_error"]), max(hasty["PLC1.comm_error"])) == (0, 1)
    assert (patient["BUS.failures"][-1], hasty["BUS.failures"][-1]) == (0, 1)
    assert patient["BUS.injections"][-1] == hasty["BUS.injections"][-1] == 1


# fault, options, whether the scan fails, what PLC1.seen then is: "old", "new" or anything else
EFFECTS = [
    ("no_response", "", True, "old"),
    ("no_response", "lost=answer", True, "old"),
    ("unit_off", "", True, "old"),
    ("short_read", "", True, "old"),
    ("exception", "code=2", True, "old"),
    ("busy", "", True, "old"),
    ("corrupt", "values=zero address=0", False, 0),
    ("corrupt", "values=ones address=0", False, 65535),
    ("stale_reply", "transaction=old", True, "old"),
    ("wrong_function", "", True, "old"),
    ("wrong_unit", "", True, "old"),
    ("truncate", "", True, "old"),
    ("delay", "time=20ms", False, "new"),
    ("delay", "time=60ms", True, "old"),
    ("dribble", "gap=1ms", False, "new"),
    ("duplicate", "", False, "new"),  # on a serial line the second answer runs into the next request
    ("half_close", "", True, "old"),
    ("reset", "", True, "old"),
    ("reset", "when=after", False, "new"),
    ("wrong_transaction_id", "", True, "old"),
    ("bad_checksum", "", True, "old"),
    ("down", "", True, "old"),
]
ONLY_ON = {
    **dict.fromkeys(("half_close", "reset", "wrong_transaction_id", "duplicate"), "modbus-tcp"),
    "bad_checksum": "modbus-rtu",
}


@pytest.mark.parametrize(
    ("protocol", "name", "options", "fails", "sees"),
    [
        pytest.param(protocol, *row, id=f"{protocol} {row[0]} {row[1]}".strip())
        for protocol in PROTOCOLS
        for row in EFFECTS
        if ONLY_ON.get(row[0], protocol) == protocol and not (protocol == "modbus-rtu" and row[1] == "transaction=old")
    ],
)
def test_a_fault_of_the_wire_has_its_effect(
    built: Callable[[str], Cell], protocol: str, name: str, options: str, fails: bool, sees: str | int
) -> None:
    cell = built(protocol)
    cell.run(205)
    before = cell.read("PLC1.seen")

    cell.run(60, tape=[fault(2060 * MS, f"BUS.{name}", f"{options} function=4" if name != "down" else True)])

    expected = {"old": before, "new": cell.read("M.count")}.get(str(sees), sees)
    assert cell.read("BUS.error") is fails
    assert cell.read("PLC1.seen") == pytest.approx(expected, abs=20)
    assert (cell.read("PLC1.seen") == before) is (sees == "old")


def test_an_exception_response_leaves_its_code(cells: SmallCells) -> None:
    seen = rows(cell_of(cells), 60, fault(300 * MS, "BUS.exception", "6 function=4 count=1"))

    assert seen["BUS.exception_code"][30:32] == [6, 6]


def test_a_late_answer_on_a_serial_line_is_taken_for_the_next(cells: SmallCells) -> None:
    late = fault(2060 * MS, "BUS.delay", "time=80ms address=0..3 function=4")
    cell = cell_of(cells, "retries = 1", protocol="modbus-rtu")
    cell.run(205)

    seen = rows(cell, 20, late)

    first = next(row for row, value in enumerate(seen["PLC1.seen"]) if value != seen["PLC1.seen"][0])
    assert 206 + first - seen["PLC1.seen"][first] >= 8, "the answer to the first try answers the second"
    assert seen["BUS.failures"][first] == 0


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_run_has_the_same_bits_on_every_executor_and_in_any_pieces(cells: SmallCells, protocol: str) -> None:
    whole = rows(cell_of(cells, protocol=protocol), 300, *A_BIT_OF_EVERYTHING)
    python = rows(cell_of(cells, protocol=protocol, executor="python"), 300, *A_BIT_OF_EVERYTHING)
    cell, pieces = cell_of(cells, protocol=protocol), []
    for first, last in ((0, 1), (1, 34), (34, 35), (35, 180), (180, 300)):
        due = [each for each in A_BIT_OF_EVERYTHING if first * 10 * MS < each.time_ns <= last * 10 * MS]
        pieces.append(rows(cell, last - first, *due))

    assert whole == python
    assert whole == {name: [value for piece in pieces for value in piece[name]] for name in COLUMNS}
    assert whole["BUS.injections"][-1] > 10


def test_a_reset_gives_the_same_run_and_another_seed_another_one(cells: SmallCells) -> None:
    cell = cell_of(cells)

    first = rows(cell, 300, *A_BIT_OF_EVERYTHING)
    cell.reset()
    again = rows(cell, 300, *A_BIT_OF_EVERYTHING)
    cell.reset(seed=99)
    other = rows(cell, 300, *A_BIT_OF_EVERYTHING)

    assert first == again
    assert first["PLC1.seen"] != other["PLC1.seen"]


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("at_step", [31, 75, 121, 185])
def test_a_snapshot_and_a_fork_go_on_with_what_is_under_way(
    built: Callable[[str], Cell], protocol: str, at_step: int
) -> None:
    cell = built(protocol)
    later = [each for each in A_BIT_OF_EVERYTHING if each.time_ns > at_step * 10 * MS]
    cell.run(at_step, tape=[each for each in A_BIT_OF_EVERYTHING if each not in later])
    snapshot, twin = cell.snapshot(), cell.fork()

    first = rows(cell, 300 - at_step, *later)
    injections = tuple(cell.wires["BUS"].injections)
    cell.restore(snapshot)
    again = rows(cell, 300 - at_step, *later)
    forked = rows(twin, 300 - at_step, *later)

    assert first == again == forked
    assert injections == tuple(cell.wires["BUS"].injections) == tuple(twin.wires["BUS"].injections)


def test_a_rig_switches_faults_of_a_link_on_from_the_start(cells: SmallCells) -> None:
    rule = '[[links.BUS.faults]]\nfault = "busy"\nfunction = 4\naddress = "30"\nfrom = "200 ms"\nuntil = "500 ms"\n'
    cell = cell_of(cells, rule)

    seen = rows(cell, 100)
    cell.reset()
    again = rows(cell, 100)

    assert [seen["BUS.exception_code"].index(6), seen["PLC1.comm_error"].index(1)] == [20, 20]
    assert [each.time_ns // MS for each in cell.wires["BUS"].injections] == [200, 300, 400]
    assert seen == again


def test_every_injection_is_kept_with_its_exchange(cells: SmallCells) -> None:
    cell = cell_of(cells)
    cell.run(100, tape=[fault(300 * MS, "BUS.busy", "function=4 address=30 count=2")])

    kept = cell.wires["BUS"].injections

    assert [(each.time_ns, each.function_code, each.address, each.rule) for each in kept] == [
        (300 * MS, 4, 30, "busy function=4 address=30"),
        (400 * MS, 4, 30, "busy function=4 address=30"),
    ]


def test_injections_happen_again_without_their_rules(cells: SmallCells) -> None:
    cell = cell_of(cells)
    first = rows(cell, 300, *A_BIT_OF_EVERYTHING[:4])
    injections = tuple(cell.wires["BUS"].injections)

    cell.reset()
    cell.wires["BUS"].replay(injections)
    again = rows(cell, 300)

    assert again == first
    assert tuple(cell.wires["BUS"].injections) == injections


def test_a_controller_without_power_is_silent_and_scans_when_it_is_back(cells: SmallCells) -> None:
    off, on = restart(305 * MS, "PLC1", "power_off"), restart(605 * MS, "PLC1", "power_on")

    seen = rows(cell_of(cells), 100, off, on)

    assert len(set(seen["BUS.requests"][32:60])) == 1
    assert seen["BUS.requests"][62] == seen["BUS.requests"][58] + 6
    assert seen["PLC1.seen"][-1] >= 80


def test_an_input_from_a_link_can_be_forced(cells: SmallCells) -> None:
    seen = rows(cell_of(cells), 60, force(200 * MS, "PLC1.seen", -7), release(400 * MS, "PLC1.seen"))

    assert (seen["PLC1.seen"][18], seen["PLC1.seen"][25], seen["PLC1.seen"][45]) == (10, -7, 40)


def test_a_value_outside_the_range_of_the_register_is_refused_by_the_device(cells: SmallCells) -> None:
    cell = cell_of(cells)

    cell.run(60, tape=[force(200 * MS, "PLC1.wanted", 20_001)])

    assert cell.read("BUS.exception_code") == 3
    assert cell.read("M.wanted") == 10


def test_a_link_reaches_a_controller_through_the_tags_of_the_rig(cells: SmallCells) -> None:
    rig = """
[controllers.PLC1]
language = "st"
sources = "PLC1.st"
[controllers.PLC2]
language = "st"
sources = "PLC2.st"
[controllers.PLC2.inputs]
seen = "NET.COUNT"
[controllers.PLC2.outputs]
"NET.SETPOINT" = "wanted"
[tags.COUNT]
signal = "PLC1.n"
[tags.SETPOINT]
signal = "PLC1.setpoint"
writable = true
[links.NET]
protocol = "modbus-tcp"
controller = "PLC2"
map = "map.toml"
latency = "25 ms"
jitter = "5 ms"
"""
    programs = {
        "PLC1_st": "PROGRAM Main VAR n, setpoint : DINT; END_VAR n := n + 1; END_PROGRAM",
        "PLC2_st": "PROGRAM Main VAR seen, wanted : DINT; END_VAR wanted := seen * 2; END_PROGRAM",
    }
    registers = 'format = 1\n[[register]]\ntag = "COUNT"\nreference = 30001\ntype = "int32"\n'
    registers += '[[register]]\ntag = "SETPOINT"\nreference = 40001\ntype = "int32"\naccess = "rw"\n'

    cell = cells.cell(rig, map_toml=registers, **programs)
    cell.run(200)

    assert cell.read("PLC2.seen") == 193, "the device answers 25 to 30 ms later with what it has then"
    assert cell.read("PLC1.setpoint") == 2 * 183


def test_the_catalogue_names_the_wire_its_registers_and_its_status(cells: SmallCells) -> None:
    cell = cell_of(cells)

    targets = cell.blueprint.directory.targets

    assert targets["BUS"].kind is TargetKind.LINK
    assert {"down", "no_response", "delay", "corrupt"} <= {each.name for each in targets["BUS"].faults}
    assert (targets["BUS.LEVEL"].type, targets["BUS.ODD"].type, targets["BUS.age_s"].unit) == ("f64", "bool", "s")
    assert not targets["BUS.error"].writable


@pytest.mark.parametrize(
    ("target", "value", "says"),
    [
        ("BUS.no_respons", True, "did you mean 'no_response'"),
        ("BUS.bad_checksum", True, "BUS has no fault 'bad_checksum'"),
        ("BUS.delay", "time=fast", "time: "),
        ("BUS.down", 3, "a wire is down or not"),
        ("BUZ.delay", True, "has no fault 'BUZ.delay'"),
    ],
)
def test_a_fault_that_the_wire_cannot_have_is_refused(
    cells: SmallCells, target: str, value: str | bool | int, says: str
) -> None:
    cell = cell_of(cells)

    with pytest.raises(TargetError, match=says):
        cell.run(1, tape=[fault(0, target, value)])
    with pytest.raises(TargetError, match=says):
        cell.check(fault(0, target, value))


@pytest.mark.parametrize("name", ["BUS.LEVEL", "BUS.error", "PLC1.seen"])
def test_what_the_link_says_cannot_be_written(cells: SmallCells, name: str) -> None:
    with pytest.raises(TargetError, match="cannot be written"):
        cell_of(cells).run(1, tape=[event(0, Operation.WRITE, name, 1)])


ST = 'language = "st"\nsources = "PLC1.st"\n'
MISTAKES = {
    "unknown register": ({"inputs": 'gain = "BUS.LEVL"'}, "no register 'LEVL' to read; did you mean 'LEVEL'"),
    "read-only register": ({"outputs": '"BUS.COUNT" = "n"'}, "no register 'COUNT' to write"),
    "read and written": ({"inputs": 'gain = "BUS.GAIN"'}, "BUS.GAIN is read and written"),
    "with a timing": ({"inputs": 'gain = { from = "BUS.GAIN", delay = "20 ms" }'}, "a link has its own timing"),
    "wrong type": ({"inputs": 'enabled = "BUS.LEVEL"'}, "cannot feed"),
    "key of another protocol": ({"link": "baud_rate = 9600"}, "a link of modbus-tcp has no baud_rate"),
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


def test_a_value_of_the_device_itself_may_follow_one_of_its_twin(cells: SmallCells) -> None:
    follows = DEVICE_MAP.replace("initial = 4711", 'behaviour = { kind = "mirror", of = "COUNT" }')

    cell = cells.cell(link_rig(), parts_py=DEVICE_PARTS, PLC1_st=LINK_PROGRAM, map_toml=follows)
    cell.run(102)

    assert cell.read("PLC1.serial") == 100


def test_a_link_may_not_write_what_the_plant_drives(cells: SmallCells) -> None:
    driven = '[plant.M]\ninputs = { wanted = "C.count" }\n'
    rig = link_rig('[plant.C]\ncomponent = "parts.py:Meter"\n').replace("[plant.M]\n", driven)

    with pytest.raises(DescriptionError, match=r"link BUS writes WANTED, but M\.wanted has a source"):
        cells.blueprint(rig, parts_py=DEVICE_PARTS, PLC1_st=LINK_PROGRAM, map_toml=DEVICE_MAP)


def test_a_cell_without_links_copies_no_link_state(cells: SmallCells) -> None:
    cell = cells.loop()

    assert cell.snapshot().links == ()
    assert cell.wires == {}
    assert np.array_equal(cell.snapshot().block, cell.block)
