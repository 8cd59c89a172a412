"""Wireshark's dissectors as judges of our frames: what they find in our answers is what the clauses say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pytest
from modbus_rows import (
    CONVERSATION_ROWS,
    DATA_ROWS,
    FILE_ROWS,
    IDENTITY_ROWS,
    LIMIT_ROWS,
    STATUS_ROWS,
    conformance_device,
)
from modbus_stream_rows import frame
from outside_clients import program, run
from pcap import Capture

from emulators.modbus.checksums import with_crc
from emulators.modbus.mbap import MbapConnection, UnitDirectory
from emulators.modbus.rtu_stream import RtuStream

pytestmark = pytest.mark.outside

PORT = 502
MBAP = ("-d", f"udp.port=={PORT},mbudp")
RTU = ("-d", f"tcp.port=={PORT},mbrtu", "-o", "mbrtu.crc_verification:TRUE")
VERDICTS = ("_ws.malformed", "_ws.expert.message", "mbrtu.crc16.status")

Row = tuple[str, dict[str, str]]
Exchange = Callable[[Capture, int, str], None]

# request to a fresh conformance device, what the dissector finds in the answer
EXCHANGES: list[Row] = [
    ("01 0000 000A", {"byte_cnt": "2", "bitval": "1,0,0,1,0,0,1,0,0,1"}),
    ("02 0000 0008", {"byte_cnt": "1", "bitval": "1,0,0,0,0,1,0,0"}),
    ("03 006B 0003", {"byte_cnt": "6", "regnum16": "107,108,109", "regval_uint16": "363,364,365"}),
    ("04 0008 0002", {"byte_cnt": "4", "regnum16": "8,9", "regval_uint16": "520,521"}),
    ("05 0004 FF00", {"reference_num": "4", "data": "ff00", "padding": "0x00"}),
    ("06 0001 0003", {"reference_num": "1", "data": "0003"}),
    ("07", {"data": "00"}),
    ("08 0000 A537", {"diagnostic_code": "0", "diagnostic.return_query_data.echo": "a537"}),
    ("08 0001 FF00", {"diagnostic_code": "1", "diagnostic.restart_communication_option": "0xff00"}),
    ("08 0002 0000", {"diagnostic_code": "2", "diagnostic.return_diag_register": "0x0000"}),
    ("08 0003 3B00", {"diagnostic_code": "3", "diagnostic.ascii_input_delimiter": "0x3b"}),
    ("08 000B 0000", {"diagnostic_code": "11", "diagnostic.bus_message_count": "1"}),
    ("08 000D 0000", {"diagnostic_code": "13", "diagnostic.bus_exception_error_count": "0"}),
    ("0B", {"ev_status": "0x0000", "ev_count": "0"}),
    ("0C", {"byte_cnt": "7", "ev_status": "0x0000", "ev_count": "0", "ev_msg_count": "1", "event": "128"}),
    ("0F 0013 000A 02 CD01", {"reference_num": "19", "bit_cnt": "10"}),
    ("10 0001 0002 04 000A 0102", {"reference_num": "1", "word_cnt": "2"}),
    ("11", {"data": "050a2bff0102"}),
    ("14 07 06 0004 0001 0002", {"byte_cnt": "6,5", "reference_type": "6", "data": "04010402"}),
    (
        "15 09 06 0004 0007 0001 06AF",
        {
            "byte_cnt": "9",
            "reference_type": "6",
            "reference_num_32": str((4 << 16) + 7),
            "word_cnt": "1",
            "data": "06af",
        },
    ),
    ("16 0004 00F2 0025", {"reference_num": "4", "and_mask": "0x00f2", "or_mask": "0x0025"}),
    ("17 0003 0002 0004 0001 02 ABCD", {"byte_cnt": "4", "data": "0103abcd"}),
    ("18 04DE", {"byte_cnt_16": "6", "word_cnt": "2", "data": "01b81284"}),
    (
        "2B 0E 01 00",
        {
            "mei": "14",
            "read_device_id": "1",
            "conformity_level": "0x83",
            "more_follows": "0x00",
            "num_objects": "3",
            "next_object_id": "0",
            "object_id": "0,1,2",
            "object_str_value": "Company,Product XX,V2.11",
            "objects_len": "7,10,5",
        },
    ),
    ("03 0000 0000", {"exception_code": "3"}),
    ("06 FFFF 0000", {"exception_code": "2"}),
    ("63", {"exception_code": "1"}),
]
FIELDS = sorted({name for _, found in EXCHANGES for name in found})
TOLD_ON_RTU = [row for row in EXCHANGES if row[0][:2] in ("01", "02", "03", "04", "0F", "10", "63")]
"""Without a transaction id the dissector takes no other function's answer for an answer."""


def dissected(
    capture: Capture, folder: Path, fields: Sequence[str], *, options: Sequence[str] = MBAP
) -> list[list[str]]:
    """Return a row of texts for each packet; several values of a field are joined by commas."""
    file = folder / "frames.pcap"
    capture.write(file)
    command = [program("tshark"), "-r", str(file), *options, "-T", "fields", "-E", "occurrence=a", "-E", "aggregator=,"]
    printed = run(*command, *(part for field in fields for part in ("-e", field)))
    return [line.split("\t") for line in printed.splitlines()]


def over_tcp(capture: Capture, number: int, pdu: str) -> None:
    request = frame(pdu, transaction=number)
    capture.tcp(PORT, request, is_answer=False)
    capture.tcp(PORT, MbapConnection(directory()).feed(request), is_answer=True)


def over_udp(capture: Capture, number: int, pdu: str) -> None:
    request = frame(pdu, transaction=number)
    capture.udp(PORT, request, is_answer=False)
    capture.udp(PORT, MbapConnection(directory()).feed(request), is_answer=True)


def rtu_over_tcp(capture: Capture, number: int, pdu: str) -> None:
    request = with_crc(b"\x01" + bytes.fromhex(pdu))
    capture.tcp(PORT, request, is_answer=False)
    capture.tcp(PORT, RtuStream(directory()).feed(request, 0), is_answer=True)


def directory() -> UnitDirectory:
    return UnitDirectory({1: conformance_device()})


@pytest.mark.parametrize(
    ("exchange", "rows", "options"),
    [(over_tcp, EXCHANGES, MBAP), (over_udp, EXCHANGES, MBAP), (rtu_over_tcp, TOLD_ON_RTU, RTU)],
    ids=["tcp", "udp", "rtu over tcp"],
)
def test_tshark_finds_in_an_answer_what_its_clause_says(
    exchange: Exchange, rows: Sequence[Row], options: Sequence[str], tmp_path: Path
) -> None:
    capture = Capture()
    for number, (pdu, _) in enumerate(rows):
        exchange(capture, number, pdu)

    answers = dissected(capture, tmp_path, [f"modbus.{name}" for name in FIELDS], options=options)[1::2]

    for (pdu, expected), found in zip(rows, answers, strict=True):
        assert {name: text for name, text in zip(FIELDS, found, strict=True) if text} == expected, pdu


@pytest.mark.parametrize(
    ("exchange", "options", "crc"),
    [(over_tcp, MBAP, ""), (over_udp, MBAP, ""), (rtu_over_tcp, RTU, "1")],
    ids=["tcp", "udp", "rtu over tcp"],
)
def test_tshark_has_nothing_against_an_answer(
    exchange: Exchange, options: Sequence[str], crc: str, tmp_path: Path
) -> None:
    capture = Capture()
    for number, (pdu, _) in enumerate(EXCHANGES):
        exchange(capture, number, pdu)

    answers = dissected(capture, tmp_path, ["modbus.func_code", *VERDICTS], options=options)[1::2]

    assert answers == [[str(int(pdu[:2], 16)), "", "", crc] for pdu, _ in EXCHANGES]


def conversations() -> Iterable[tuple[str, str]]:
    """Yield requests and responses of all conformance rows whose response is no silence."""
    for row in (*DATA_ROWS, *LIMIT_ROWS, *CONVERSATION_ROWS, *STATUS_ROWS, *FILE_ROWS, *IDENTITY_ROWS):
        yield from ((request, response) for request, response in zip(row[1::2], row[2::2], strict=True) if response)


def test_tshark_takes_no_right_response_for_malformed_and_no_malformed_request_is_carried_out(tmp_path: Path) -> None:
    capture, said = Capture(), []
    for number, (request, response) in enumerate(conversations()):
        said += [request, response]
        capture.tcp(PORT, frame(request, transaction=number), is_answer=False)
        capture.tcp(PORT, frame(response, transaction=number), is_answer=True)

    bad = [
        int(number) - 1 for (number,) in dissected(capture, tmp_path, ["frame.number"], options=("-Y", "_ws.malformed"))
    ]

    assert len(bad) > 20
    assert {number % 2 for number in bad} == {0}  # requests
    assert {bytes.fromhex(said[number + 1])[1] for number in bad} == {3}
