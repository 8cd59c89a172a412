"""Modbus over ptys: real descriptors, a paced line."""

from __future__ import annotations

import errno
import fcntl
import os
import select
import struct
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest
from pymodbus import FramerType
from pymodbus.client import ModbusSerialClient

from emulators.modbus import serial_port
from emulators.modbus.ascii import AsciiLine
from emulators.modbus.checksums import with_crc
from emulators.modbus.device import ModbusDevice
from emulators.modbus.endpoint_url import serial_url
from emulators.modbus.mbap import UnitDirectory
from emulators.modbus.memory import UnitMemory
from emulators.modbus.rtu import RtuLine
from emulators.modbus.rtu_stream import RtuStream
from emulators.modbus.serial_port import PtyPort, TtyPort, set_line
from emulators.modbus.serial_server import ModbusSerialServer
from emulators.modbus.serial_settings import Parity, SerialSettings
from emulators.serving.loop_thread import EventLoopThread
from hil.targets.modbus_url import ModbusUrl

DEADLINE_S = 60.0
LINE = SerialSettings(9600, Parity.NONE, 1)
FAST_LINE = SerialSettings(115_200, Parity.NONE, 1)
READ_TEN = with_crc(bytes.fromhex("01 03 0000 000A"))
TEN_ZEROS = with_crc(bytes.fromhex("01 03 14") + bytes(20))
READ_ONE = with_crc(bytes.fromhex("02 03 0000 0001"))
ONE_ZERO = with_crc(bytes.fromhex("02 03 02 0000"))

TIOCGEXCL = 0x80045440

Serve = Callable[..., ModbusSerialServer]


def devices() -> UnitDirectory:
    return UnitDirectory({unit_id: ModbusDevice(UnitMemory.of_size(1000)) for unit_id in (1, 2)})


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serve a framing on a port; all are stopped at the end."""
    with EventLoopThread() as thread, ExitStack() as cleanup:

        def start(port, framing) -> ModbusSerialServer:
            server = ModbusSerialServer(port, lambda: framing)
            thread.run(server.start(), deadline_s=DEADLINE_S)
            cleanup.callback(lambda: thread.run(server.stop(), deadline_s=DEADLINE_S))
            return server

        yield start


@pytest.fixture
def open_port() -> Iterator[Callable[[str, SerialSettings], int]]:
    """Open a client's end of a pty, set as given."""
    with ExitStack() as cleanup:

        def open_path(path: str, settings: SerialSettings) -> int:
            descriptor = os.open(path, os.O_RDWR | os.O_NOCTTY)
            cleanup.callback(os.close, descriptor)
            set_line(descriptor, settings)
            return descriptor

        yield open_path


def receive(descriptor: int, size: int, *, deadline_s: float = DEADLINE_S) -> bytes:
    received, end_s = b"", time.monotonic() + deadline_s
    while len(received) < size and select.select([descriptor], [], [], max(0.0, end_s - time.monotonic()))[0]:
        received += os.read(descriptor, size - len(received))
    return received


def is_alone(server: ModbusSerialServer, count: int) -> bool:
    """Whether so many frames have been dealt with, the line is silent and no client there."""
    return server.framing.frame_count == count and server.framing.due_ns is None and not server.port.has_client


def wait_until(is_so: Callable[[], bool], *, deadline_s: float = DEADLINE_S) -> None:
    end_s = time.monotonic() + deadline_s
    while not is_so():
        assert time.monotonic() < end_s
        select.select([], [], [], 0.001)


@pytest.mark.parametrize(
    ("make", "framer"), [(RtuLine, FramerType.RTU), (AsciiLine, FramerType.ASCII)], ids=["rtu", "ascii"]
)
def test_pymodbus_reads_and_writes_over_a_pty(serve: Serve, make, framer: FramerType) -> None:
    server = serve(PtyPort(FAST_LINE), make(devices(), FAST_LINE))
    client = ModbusSerialClient(
        server.port.path, framer=framer, baudrate=115_200, parity="N", stopbits=1, timeout=60, retries=0
    )
    assert client.connect()

    client.write_registers(10, [1, 2, 0xFFFF], device_id=2)
    registers = client.read_holding_registers(10, count=3, device_id=2).registers
    others = client.read_holding_registers(10, count=3, device_id=1).registers
    refusal = client.read_holding_registers(999, count=2, device_id=1)
    client.close()

    assert (registers, others, refusal.exception_code) == ([1, 2, 0xFFFF], [0, 0, 0], 2)


@pytest.mark.parametrize("is_awaited", [True, False], ids=["left behind", "still to come"])
def test_answer_that_a_client_did_not_wait_for_is_not_what_the_next_one_reads(serve: Serve, is_awaited: bool) -> None:
    server = serve(PtyPort(FAST_LINE), RtuLine(devices(), FAST_LINE))
    path = server.path

    for number in range(5):
        impatient = os.open(path, os.O_RDWR | os.O_NOCTTY)
        set_line(impatient, FAST_LINE)
        os.write(impatient, READ_TEN)
        if is_awaited:
            receive(impatient, 1)
        os.close(impatient)
        wait_until(partial(is_alone, server, 2 * number + 1))
        next_one = os.open(path, os.O_RDWR | os.O_NOCTTY)
        os.write(next_one, READ_ONE)
        answer = receive(next_one, len(ONE_ZERO))
        os.close(next_one)

        assert answer == ONE_ZERO


def test_claim_to_the_port_ends_with_the_client_that_made_it(serve: Serve) -> None:
    server = serve(PtyPort(FAST_LINE), RtuLine(devices(), FAST_LINE))

    selfish = os.open(server.path, os.O_RDWR | os.O_NOCTTY)
    fcntl.ioctl(selfish, termios.TIOCEXCL)
    os.write(selfish, READ_ONE)
    os.close(selfish)
    wait_until(partial(is_alone, server, 1))
    next_one = os.open(server.path, os.O_RDWR | os.O_NOCTTY)
    is_claimed = struct.unpack("i", fcntl.ioctl(next_one, TIOCGEXCL, bytes(4)))[0]
    os.close(next_one)

    assert not is_claimed


def test_more_ptys_than_the_machine_watches_still_work(
    serve: Serve, open_port, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: str) -> None:
        raise OSError(errno.EMFILE, path)

    monkeypatch.setattr(serial_port, "PtyClients", refuse)
    server = serve(PtyPort(FAST_LINE), RtuLine(devices(), FAST_LINE))
    client = open_port(server.path, FAST_LINE)
    os.write(client, READ_ONE)

    assert receive(client, len(ONE_ZERO)) == ONE_ZERO


def test_paced_line_takes_the_time_that_9600_baud_take(serve: Serve, open_port) -> None:
    server = serve(PtyPort(LINE), RtuLine(devices(), LINE))
    client = open_port(server.port.path, LINE)
    line_s = (len(READ_TEN) + 3.5 + len(TEN_ZEROS)) * 10 / 9600

    start_s = time.monotonic()
    os.write(client, READ_TEN)
    answer = receive(client, len(TEN_ZEROS))
    took_s = time.monotonic() - start_s

    assert answer == TEN_ZEROS
    assert took_s >= line_s - 0.001


def test_frames_written_back_to_back_are_all_answered(serve: Serve, open_port) -> None:
    server = serve(PtyPort(FAST_LINE), RtuLine(devices(), FAST_LINE))
    client = open_port(server.port.path, FAST_LINE)

    os.write(client, READ_TEN * 10)

    assert receive(client, 10 * len(TEN_ZEROS)) == TEN_ZEROS * 10


def test_client_at_another_baud_rate_is_not_understood_until_it_is_set_right(serve: Serve, open_port) -> None:
    server = serve(PtyPort(FAST_LINE), RtuLine(devices(), FAST_LINE))
    client = open_port(server.port.path, SerialSettings(57_600, Parity.NONE, 1))

    os.write(client, READ_TEN)
    garbled = receive(client, 1, deadline_s=0.05)
    set_line(client, FAST_LINE)
    os.write(client, READ_TEN)
    understood = receive(client, len(TEN_ZEROS))

    assert (garbled, understood) == (b"", TEN_ZEROS)


def test_client_with_another_parity_is_not_understood(serve: Serve, open_port) -> None:
    server = serve(PtyPort(FAST_LINE, far_end_parity=Parity.EVEN), RtuLine(devices(), FAST_LINE))
    client = open_port(server.port.path, FAST_LINE)

    os.write(client, READ_TEN)

    assert receive(client, 1, deadline_s=0.05) == b""


def test_client_may_close_the_pty_and_another_one_opens_it(serve: Serve, open_port) -> None:
    server = serve(PtyPort(FAST_LINE), RtuLine(devices(), FAST_LINE))
    os.close(os.open(server.port.path, os.O_RDWR | os.O_NOCTTY))
    client = open_port(server.port.path, FAST_LINE)

    os.write(client, READ_TEN)

    assert receive(client, len(TEN_ZEROS)) == TEN_ZEROS


def test_serial_port_answers_at_once_when_the_line_itself_takes_the_time(serve: Serve) -> None:
    master, slave = os.openpty()
    path = os.ttyname(slave)
    serve(TtyPort(path, FAST_LINE), RtuStream(devices(), silence_ns=FAST_LINE.t3_5_ns))

    os.write(master, READ_TEN)
    answer = receive(master, len(TEN_ZEROS))
    os.close(slave)

    assert answer == TEN_ZEROS


def test_port_whose_far_end_goes_away_is_given_up_with_a_reason(serve: Serve) -> None:
    master, slave = os.openpty()
    server = serve(TtyPort(os.ttyname(slave), FAST_LINE), RtuStream(devices()))
    os.close(slave)
    os.close(master)
    end_s = time.monotonic() + DEADLINE_S
    while server.failure is None and time.monotonic() < end_s:
        select.select([], [], [], 0.005)

    assert isinstance(server.failure, OSError)


def test_link_leads_to_the_pty_and_goes_with_it(tmp_path: Path) -> None:
    link = tmp_path / "ttyPLC1"
    link.symlink_to("/dev/pts/no-longer-there")
    port = PtyPort(LINE, link=str(link))

    port.open()
    client = os.open(link, os.O_RDWR | os.O_NOCTTY)
    is_terminal = os.isatty(client)
    os.close(client)
    port.close()

    assert is_terminal
    assert not link.is_symlink()


def test_link_from_the_present_folder_is_told_so_that_clients_elsewhere_find_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    port = PtyPort(LINE, link="plc bus")
    port.open()

    url = ModbusUrl.parse(serial_url("modbus-rtu", port.path, LINE, 3, is_pty=True))
    is_local = url.is_local
    port.close()

    assert url.path == str(tmp_path / "plc bus")
    assert is_local


def test_link_never_replaces_a_file(tmp_path: Path) -> None:
    path = tmp_path / "precious"
    path.write_text("kept")

    with pytest.raises(FileExistsError):
        PtyPort(LINE, link=str(path)).open()

    assert path.read_text() == "kept"


def test_line_with_parity_is_served_on_a_pty_that_knows_none(serve: Serve, open_port) -> None:
    line = SerialSettings(115_200, Parity.EVEN, 1)
    server = serve(PtyPort(line), RtuLine(devices(), line))
    client = open_port(server.port.path, FAST_LINE)

    os.write(client, READ_TEN)

    assert receive(client, len(TEN_ZEROS)) == TEN_ZEROS


@pytest.mark.parametrize(
    ("settings", "message"),
    [(SerialSettings(115_200, Parity.EVEN), "cannot be set to 115200 8E1"), (SerialSettings(12_345), "is none of 50")],
)
def test_port_that_cannot_be_set_so_says_why(settings: SerialSettings, message: str) -> None:
    master, slave = os.openpty()

    with pytest.raises(OSError, match=message):
        TtyPort(os.ttyname(slave), settings).open()
    os.close(master)
    os.close(slave)
