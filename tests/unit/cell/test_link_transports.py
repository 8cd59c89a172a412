"""What the transport of a link changes for the controller: how soon it learns of a failure, and what it believes."""

from __future__ import annotations

import pytest
from link_cells import LINK_PROTOCOLS, LinkedCells, rows
from small_cells import MS, event, fault

from emulators.cell import Operation

NO_RETRY, ONE_RETRY = "", "retries = 1"


@pytest.mark.parametrize("protocol", LINK_PROTOCOLS)
def test_a_cut_wire_is_refused_at_once_only_where_there_is_a_connection(linked: LinkedCells, protocol: str) -> None:
    seen = rows(linked(protocol), 65, event(300 * MS, Operation.LINK, "BUS", "down"))

    six_in_each_of_four_scans, one_each_50_ms = (24,), (6, 7)
    is_refused = protocol in ("modbus-tcp", "modbus-rtu-over-tcp")
    assert seen["BUS.failures"][-1] in (six_in_each_of_four_scans if is_refused else one_each_50_ms)


@pytest.mark.parametrize("protocol", LINK_PROTOCOLS)
def test_a_wire_that_is_cut_from_the_start_works_once_it_is_whole(linked: LinkedCells, protocol: str) -> None:
    down, up = event(0, Operation.LINK, "BUS", "down"), event(300 * MS, Operation.LINK, "BUS", "up")

    seen = rows(linked(protocol), 120, down, up)

    assert seen["PLC1.comm_error"][29] == 1
    assert seen["PLC1.comm_error"][-1] == 0
    assert seen["PLC1.seen"][-1] > 100


@pytest.mark.parametrize("protocol", LINK_PROTOCOLS)
def test_only_transaction_ids_tell_a_late_answer_from_the_one_that_is_awaited(
    linked: LinkedCells, protocol: str
) -> None:
    cell = linked(protocol, ONE_RETRY)
    cell.run(205)

    seen = rows(cell, 40, fault(2060 * MS, "BUS.delay", "time=60ms address=0..3 function=4 count=1"))

    first = next(row for row, value in enumerate(seen["PLC1.seen"]) if value != seen["PLC1.seen"][0])
    age = 206 + first - seen["PLC1.seen"][first]
    assert (age >= 6) is (protocol not in ("modbus-tcp", "modbus-udp"))
    assert seen["BUS.failures"][-1] == 0


@pytest.mark.parametrize(("link", "is_hidden"), [(NO_RETRY, False), (ONE_RETRY, True)])
def test_a_lost_datagram_is_missed_for_the_time_out_and_asked_for_again(
    linked: LinkedCells, link: str, is_hidden: bool
) -> None:
    seen = rows(linked("modbus-udp", link), 60, fault(200 * MS, "BUS.no_response", "function=4 address=0 count=1"))

    assert (max(seen["PLC1.comm_error"]) == 0) is is_hidden
    assert seen["PLC1.seen"][27] == (25 if is_hidden else 10)


def test_a_datagram_that_is_cut_short_spoils_no_other(linked: LinkedCells) -> None:
    seen = rows(linked("modbus-udp"), 60, fault(200 * MS, "BUS.truncate", "by=3 count=1"))

    assert seen["BUS.failures"][-1] == 1
    assert seen["PLC1.seen"][-1] == 50


def test_an_answer_in_datagrams_of_one_byte_each_is_none(linked: LinkedCells) -> None:
    cell = linked("modbus-udp")

    cell.run(60, tape=[fault(200 * MS, "BUS.dribble", "gap=1ms")])

    assert cell.read("BUS.error")


def test_bad_lrcs_are_no_answers(linked: LinkedCells) -> None:
    seen = rows(linked("modbus-ascii"), 60, fault(0, "BUS.bad_checksum", True))

    assert seen["PLC1.seen"][-1] == 0
    assert seen["BUS.failures"][-1] == seen["BUS.injections"][-1] - 1 > 3
