"""How the wire of a link fails: each fault over each transport, switched on by a rig or by events."""

from __future__ import annotations

import pytest
from link_cells import LINK_PROTOCOLS, LinkedCells, rows
from small_cells import MS, fault

from emulators.cell import TargetError
from emulators.modbus.faults.kinds import faults_on

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
    ("garble", "", True, "old"),
    ("garble", "characters=3", True, "old"),
    ("down", "", True, "old"),
]


def is_possible(protocol: str, name: str, options: str) -> bool:
    """Whether a wire has the fault, and it does there what the table says."""
    if name == "duplicate":
        return protocol not in ("modbus-rtu", "modbus-ascii")
    if name == "dribble":
        return protocol != "modbus-udp"  # each byte in a datagram of its own, and none of them a frame
    has_transactions = protocol in ("modbus-tcp", "modbus-udp")
    return name == "down" or (name in faults_on(protocol) and (options != "transaction=old" or has_transactions))


@pytest.mark.parametrize(
    ("protocol", "name", "options", "fails", "sees"),
    [
        pytest.param(protocol, *row, id=f"{protocol} {row[0]} {row[1]}".strip())
        for protocol in LINK_PROTOCOLS
        for row in EFFECTS
        if is_possible(protocol, *row[:2])
    ],
)
def test_a_fault_of_the_wire_has_its_effect(
    linked: LinkedCells, protocol: str, name: str, options: str, fails: bool, sees: str | int
) -> None:
    cell = linked(protocol)
    cell.run(205)
    before = cell.read("PLC1.seen")

    cell.run(60, tape=[fault(2060 * MS, f"BUS.{name}", f"{options} function=4" if name != "down" else True)])

    expected = {"old": before, "new": cell.read("M.count")}.get(str(sees), sees)
    assert cell.read("BUS.error") is fails
    assert cell.read("PLC1.seen") == pytest.approx(expected, abs=20)
    assert (cell.read("PLC1.seen") == before) is (sees == "old")


def test_a_rig_switches_faults_of_a_link_on_from_the_start(linked: LinkedCells) -> None:
    rule = '[[links.BUS.faults]]\nfault = "busy"\nfunction = 4\naddress = "30"\nfrom = "200 ms"\nuntil = "500 ms"\n'
    cell = linked("modbus-tcp", rule)

    seen = rows(cell, 100)
    cell.reset()
    again = rows(cell, 100)

    assert [seen["BUS.exception_code"].index(6), seen["PLC1.comm_error"].index(1)] == [20, 20]
    assert [each.time_ns // MS for each in cell.wires["BUS"].injections] == [200, 300, 400]
    assert seen == again


def test_every_injection_is_kept_with_its_exchange(linked: LinkedCells) -> None:
    cell = linked()
    cell.run(100, tape=[fault(300 * MS, "BUS.busy", "function=4 address=30 count=2")])

    kept = cell.wires["BUS"].injections

    assert [(each.time_ns, each.function_code, each.address, each.rule) for each in kept] == [
        (300 * MS, 4, 30, "busy function=4 address=30"),
        (400 * MS, 4, 30, "busy function=4 address=30"),
    ]


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
    linked: LinkedCells, target: str, value: str | bool | int, says: str
) -> None:
    cell = linked()

    with pytest.raises(TargetError, match=says):
        cell.run(1, tape=[fault(0, target, value)])
    with pytest.raises(TargetError, match=says):
        cell.check(fault(0, target, value))
