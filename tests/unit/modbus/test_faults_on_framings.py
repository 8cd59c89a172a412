"""Faults on serial lines and RTU over TCP, in virtual time."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from emulators.modbus.ascii import AsciiLine
from emulators.modbus.checksums import crc16, with_crc
from emulators.modbus.device import ModbusDevice
from emulators.modbus.faults.interface import Ending
from emulators.modbus.faults.kinds import FAULTS, faults_on
from emulators.modbus.faults.pipeline import FaultPipeline
from emulators.modbus.framing import Framing
from emulators.modbus.mbap import UnitDirectory
from emulators.modbus.memory import UnitMemory
from emulators.modbus.rtu import RtuLine
from emulators.modbus.rtu_frames import RTU_WIRE
from emulators.modbus.rtu_stream import RtuStream
from emulators.modbus.serial_settings import Parity, SerialSettings

LINE = SerialSettings(19_200, Parity.NONE, 1)
READ_ONE = with_crc(bytes.fromhex("01 03 0000 0001"))
ZERO = with_crc(bytes.fromhex("01 03 02 0000"))
MS = 1_000_000

Sent = list[tuple[int, bytes]]


def pipeline(name: str, value: bool | int | str = True) -> FaultPipeline:
    faults = FaultPipeline("line", seed=3)
    faults.switch(name, value)
    return faults


def rtu(faults: FaultPipeline) -> RtuLine:
    units = UnitDirectory({unit_id: ModbusDevice(UnitMemory.of_size(9)) for unit_id in (1, 2)})
    return RtuLine(units, LINE, faults)


def rtu_over_tcp(faults: FaultPipeline) -> RtuStream:
    return RtuStream(UnitDirectory({1: ModbusDevice(UnitMemory.of_size(9))}), faults.connect(RTU_WIRE, 0))


def sent(framing: Framing, request: bytes, time_ns: int = MS) -> Sent:
    """Return what leaves and when, after a request at ``time_ns``."""
    pieces = [(time_ns, framing.feed(request, time_ns))]
    while framing.due_ns is not None:
        time_ns = max(time_ns, framing.due_ns)
        pieces.append((time_ns, framing.poll(time_ns)))
    return [piece for piece in pieces if piece[1]]


def joined(pieces: Sent) -> bytes:
    return b"".join(piece for _, piece in pieces)


@pytest.mark.parametrize("make", [rtu, rtu_over_tcp])
def test_bad_checksum_spoils_the_crc_and_nothing_else(make: Callable[[FaultPipeline], Framing]) -> None:
    frame = joined(sent(make(pipeline("bad_checksum")), READ_ONE))

    assert frame[:-2] == ZERO[:-2]
    assert crc16(frame) != 0


def test_bad_checksum_spoils_the_lrc_of_an_ascii_frame() -> None:
    units = UnitDirectory({1: ModbusDevice(UnitMemory.of_size(9))})
    line = AsciiLine(units, LINE, pipeline("bad_checksum"))

    frame = joined(sent(line, b":010300000001FB\r\n"))

    assert (frame[:-4], frame[-2:]) == (b":0103020000", b"\r\n")
    assert frame[-4:-2] != b"FA"


# fault, value, what leaves
LINE_ROWS = [
    ("no_response", True, b""),
    ("busy", True, with_crc(bytes.fromhex("01 83 06"))),
    ("wrong_unit", True, with_crc(bytes.fromhex("02 03 02 0000"))),
    ("wrong_function", True, with_crc(bytes.fromhex("01 04 02 0000"))),
    ("corrupt", "ones", with_crc(bytes.fromhex("01 03 02 ffff"))),
    ("truncate", 3, ZERO[:-3]),
    ("duplicate", True, ZERO + ZERO),
    ("delay", "50ms", ZERO),
    ("dribble", "5ms", ZERO),
]


@pytest.mark.parametrize(("name", "value", "expected"), LINE_ROWS, ids=[row[0] for row in LINE_ROWS])
@pytest.mark.parametrize("make", [rtu, rtu_over_tcp])
def test_fault_changes_what_leaves_a_line(
    make: Callable[[FaultPipeline], Framing], name: str, value: bool | int | str, expected: bytes
) -> None:
    faults = pipeline(name, value)

    assert joined(sent(make(faults), READ_ONE)) == expected
    assert faults.injection_count == 1


def test_delay_adds_to_the_time_of_the_line() -> None:
    plain = sent(rtu(pipeline("delay", "0s")), READ_ONE)[-1][0]
    late = sent(rtu(pipeline("delay", "50ms")), READ_ONE)[-1][0]

    assert late - plain == pytest.approx(50 * MS, abs=MS)


def test_dribbled_answer_is_spread_over_its_gaps() -> None:
    pieces = sent(rtu(pipeline("dribble", "5ms")), READ_ONE)

    assert pieces[-1][0] - pieces[0][0] >= 5 * MS * (len(ZERO) - 1)
    assert len(pieces) == len(ZERO)


def test_only_the_named_unit_of_a_line_suffers() -> None:
    line = rtu(pipeline("no_response", "unit=1"))

    first = joined(sent(line, READ_ONE))
    second = joined(sent(line, with_crc(bytes.fromhex("02 03 0000 0001")), 500 * MS))

    assert (first, second) == (b"", with_crc(bytes.fromhex("02 03 02 0000")))


def test_broadcast_is_carried_out_and_nothing_of_it_can_be_spoilt() -> None:
    faults = pipeline("corrupt", "ones")
    line = rtu(faults)

    answered = joined(sent(line, with_crc(bytes.fromhex("00 06 0000 1234"))))
    faults.clear()
    value = joined(sent(line, READ_ONE, 500 * MS))

    assert (answered, value) == (b"", with_crc(bytes.fromhex("01 03 02 1234")))
    assert faults.injection_count == 0


def test_reset_of_rtu_over_tcp_ends_the_connection() -> None:
    stream = rtu_over_tcp(pipeline("reset", "after"))

    assert joined(sent(stream, READ_ONE)) == ZERO
    assert stream.ending is Ending.RESET


@pytest.mark.parametrize("protocol", ["modbus-rtu", "modbus-ascii", "modbus-udp", "modbus-rtu-over-tcp", "modbus-tls"])
def test_wires_offer_only_what_can_happen_to_them(protocol: str) -> None:
    offered = faults_on(protocol)

    assert {"no_response", "delay", "corrupt"} <= set(offered) < set(FAULTS)
    assert {"bad_checksum", "garble"}.isdisjoint(offered) == ("rtu" not in protocol and "ascii" not in protocol)
    assert ("tls_failure" in offered) == (protocol == "modbus-tls")
