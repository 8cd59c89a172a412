"""A serial port as a link of a running cell uses it."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from emulators.modbus.serial_port import TtyPort
from hil.targets.modbus_ports import Port, open_port
from hil.targets.modbus_url import ModbusUrl


@pytest.fixture
def line() -> Iterator[tuple[int, Port]]:
    far_end, near_end = os.openpty()
    port = open_port(ModbusUrl.parse(f"modbus-rtu://{os.ttyname(near_end)}"), 1.0)
    yield far_end, port
    port.close()
    os.close(far_end)
    os.close(near_end)


def test_bytes_go_both_ways_and_an_idle_port_has_none(line: tuple[int, Port]) -> None:
    far_end, port = line

    assert port.receive() == b""
    port.send(b"\1\3")
    assert os.read(far_end, 10) == b"\1\3"
    os.write(far_end, b"\1\x83\2")
    assert port.receive() == b"\1\x83\2"


def test_port_that_has_been_hung_up_is_gone(line: tuple[int, Port], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TtyPort, "read", lambda self, size: b"")  # what Linux reads from a port that was unplugged

    with pytest.raises(ConnectionResetError, match="the serial port is gone"):
        line[1].receive()
