"""Nearly right streams over real sockets and ptys: every transport goes on, answers rightly and keeps nothing."""

from __future__ import annotations

import os
import random
import select
import socket
import tty
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial

import pytest
from modbus_fuzz import HeldBlocks, chunks, fuzzed_pdu
from modbus_rows import conformance_device

from emulators.modbus.ascii import AsciiLine, ascii_frame
from emulators.modbus.checksums import with_crc
from emulators.modbus.device import ModbusDevice
from emulators.modbus.mbap import MbapConnection, UnitDirectory
from emulators.modbus.rtu_frames import RTU_WIRE
from emulators.modbus.rtu_stream import RtuStream
from emulators.modbus.serial_port import PtyPort
from emulators.modbus.serial_server import ModbusSerialServer
from emulators.modbus.serial_settings import Parity, SerialSettings
from emulators.modbus.tcp import ModbusTcpServer, StreamKind
from emulators.modbus.udp import ModbusUdpServer
from emulators.serving.loop_thread import EventLoopThread

DEADLINE_S = 60.0
PAUSE_NS = 20_000_000  # after which RTU without line time gives a frame up
PATIENCE_S = 0.05  # of a client before it asks again
TRIES = 40
FLAT_BLOCKS = 2_000
FASTEST = SerialSettings(4_000_000, Parity.NONE)

Server = ModbusTcpServer | ModbusUdpServer | ModbusSerialServer
Enframe = Callable[[bytes], bytes]


def with_mbap(octets: bytes) -> bytes:
    return b"\xbe\xef\x00\x00" + len(octets).to_bytes(2, "big") + octets


def fuzzed(chance: random.Random, enframe: Enframe) -> bytes:
    """Return one to four frames; of four one has a byte changed, left out or put in."""
    frames = []
    for _ in range(chance.randint(1, 4)):
        frame = bytearray(enframe(bytes((chance.choice((1, 1, 1, 2, 0, 77)),)) + fuzzed_pdu(chance)))
        position = chance.randrange(len(frame))
        match chance.randrange(12):
            case 0:
                frame[position] ^= 1 << chance.randrange(8)
            case 1:
                del frame[position]
            case 2:
                frame.insert(position, chance.randrange(256))
        frames.append(bytes(frame))
    return b"".join(frames)


class Devices:
    """Units 1 and 2, the same each time they are made."""

    def __init__(self) -> None:
        self.first, second = conformance_device(), conformance_device(is_protected=True)
        self._all: tuple[ModbusDevice, ...] = (self.first, second)
        self.directory = UnitDirectory({1: self.first, 2: second})

    async def wake(self) -> bytes:
        """Undo what a legal request may have done; return the answer to a read of register 0 of unit 1."""
        for device in self._all:
            device.restart_communications(clear_log=False)
            device.ascii_delimiter = 0x0A
        return b"\x01\x03\x02" + self.first.memory.holding_registers.read(0, 1)


@contextmanager
def serving(server: Server) -> Iterator[EventLoopThread]:
    with EventLoopThread() as thread:
        thread.run(server.start(), deadline_s=DEADLINE_S)
        try:
            yield thread
        finally:
            thread.run(server.stop(), deadline_s=DEADLINE_S)


def received(descriptor: int, patience_s: float) -> bytes:
    """Return what comes until nothing has come for a while."""
    got = b""
    while select.select([descriptor], [], [], patience_s)[0] and (chunk := os.read(descriptor, 4096)):
        got += chunk
        patience_s = 0.0
    return got


class PatientClient:
    """A client that repeats a good request until it is answered, as clients of lines do."""

    def __init__(self, descriptor: int, enframe: Enframe, thread: EventLoopThread, devices: Devices) -> None:
        self._descriptor, self._enframe = descriptor, enframe
        self._thread, self._devices = thread, devices

    def is_answered_after(self, pieces: list[bytes]) -> bool:
        for piece in pieces:
            os.write(self._descriptor, piece)
        got = b""
        for _ in range(TRIES):
            right = self._enframe(self._thread.run(self._devices.wake(), deadline_s=DEADLINE_S))
            os.write(self._descriptor, self._enframe(bytes.fromhex("01 03 0000 0001")))
            got += received(self._descriptor, PATIENCE_S)
            right = self._enframe(self._thread.run(self._devices.wake(), deadline_s=DEADLINE_S))
            if got.endswith(right):
                return True
        return False


def open_tcp(server: Server, cleanup: ExitStack) -> int:
    assert isinstance(server, ModbusTcpServer)
    return cleanup.enter_context(socket.create_connection(server.address, timeout=DEADLINE_S)).fileno()


def open_udp(server: Server, cleanup: ExitStack) -> int:
    assert isinstance(server, ModbusUdpServer)
    client = cleanup.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    client.connect(server.address)
    return client.fileno()


def open_pty(server: Server, cleanup: ExitStack) -> int:
    assert isinstance(server, ModbusSerialServer)
    descriptor = os.open(server.path, os.O_RDWR | os.O_NOCTTY)
    cleanup.callback(os.close, descriptor)
    tty.setraw(descriptor)
    return descriptor


def rtu_over_tcp(directory: UnitDirectory) -> Server:
    return ModbusTcpServer(directory, kind=StreamKind(RTU_WIRE, partial(RtuStream, pause_ns=PAUSE_NS)))


def rtu(directory: UnitDirectory) -> Server:
    return ModbusSerialServer(
        PtyPort(FASTEST), partial(RtuStream, directory, pause_ns=PAUSE_NS), is_line_emulated=False
    )


def ascii_line(directory: UnitDirectory) -> Server:
    return ModbusSerialServer(PtyPort(FASTEST), partial(AsciiLine, directory, FASTEST), is_line_emulated=False)


WIRES: dict[str, tuple[Callable[[UnitDirectory], Server], Callable[[Server, ExitStack], int], Enframe]] = {
    "udp": (ModbusUdpServer, open_udp, with_mbap),
    "rtu over tcp": (rtu_over_tcp, open_tcp, with_crc),
    "rtu": (rtu, open_pty, with_crc),
    "ascii": (ascii_line, open_pty, ascii_frame),
}


def fuzz(name: str, seed: int, count: int) -> None:
    """Assert that a client is answered after each of so many streams."""
    make, connect, enframe = WIRES[name]
    chance, devices = random.Random(seed), Devices()
    server = make(devices.directory)
    with serving(server) as thread, ExitStack() as cleanup:
        client = PatientClient(connect(server, cleanup), enframe, thread, devices)
        for number in range(count):
            if number == count // 10:
                held = HeldBlocks()
            assert client.is_answered_after(chunks(chance, fuzzed(chance, enframe))), f"stream {number}"
        assert held.grown() < FLAT_BLOCKS


def fuzz_tcp(seed: int, count: int) -> None:
    """Assert that each of so many streams gets the answers that the framing without a socket gives."""
    chance, devices, judge = random.Random(seed), Devices(), Devices()
    server = ModbusTcpServer(devices.directory)
    with serving(server) as thread:
        for number in range(count):
            if number == count // 10:
                held = HeldBlocks()
            stream = fuzzed(chance, with_mbap)
            framing = MbapConnection(judge.directory)
            expected = framing.feed(stream)
            with socket.create_connection(server.address, timeout=DEADLINE_S) as client:
                got, is_cut_off = answered(client, chunks(chance, stream))
            assert got == (expected[: len(got)] if is_cut_off else expected), f"stream {number}"
            assert framing.is_closed or not is_cut_off, f"stream {number}"
            thread.run(devices.wake(), deadline_s=DEADLINE_S)
            thread.run(judge.wake(), deadline_s=DEADLINE_S)
        assert held.grown() < FLAT_BLOCKS


def answered(client: socket.socket, pieces: list[bytes]) -> tuple[bytes, bool]:
    """Send a stream to its end; return what comes back, and whether the server cut the client off before its end."""
    got = b""
    try:
        for piece in pieces:
            client.sendall(piece)
        client.shutdown(socket.SHUT_WR)
        while chunk := client.recv(4096):
            got += chunk
    except OSError:
        return got, True
    return got, False


def test_nearly_right_streams_over_tcp_get_the_answers_of_the_framing() -> None:
    fuzz_tcp(seed=21, count=200)


@pytest.mark.parametrize("name", WIRES)
def test_client_of_a_wire_is_answered_after_every_nearly_right_stream(name: str) -> None:
    fuzz(name, seed=22, count=20)


@pytest.mark.campaign
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("count", [pytest.param(500, id="slice"), 10_000])
def test_ten_thousand_nearly_right_streams_over_tcp_get_the_answers_of_the_framing(count: int) -> None:
    fuzz_tcp(seed=23, count=count)


@pytest.mark.campaign
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("count", [pytest.param(100, id="slice"), 10_000])
@pytest.mark.parametrize("name", WIRES)
def test_client_of_a_wire_is_answered_after_each_of_ten_thousand_streams(name: str, count: int) -> None:
    fuzz(name, seed=24, count=count)
