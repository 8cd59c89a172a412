"""Who a device says it is, where devices read the clause on categories of objects differently."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest

from emulators.modbus.device import ModbusDevice
from emulators.modbus.device_identity import DeviceIdentity
from emulators.modbus.mbap import UnitDirectory
from emulators.modbus.memory import UnitMemory
from emulators.modbus.tcp import ModbusTcpServer
from emulators.serving.loop_thread import EventLoopThread
from hil.targets.modbus_client import ModbusClient
from hil.targets.modbus_identity import ask_identity
from hil.targets.modbus_url import ModbusUrl

DEADLINE_S = 60.0
BASIC = "2B 0E 01 81 00 00 03 00 03 414243 01 01 58 02 01 31"
REGULAR_ALONE = "2B 0E 02 82 00 00 01 05 03 4D2D31"
ALL_UP_TO_REGULAR = "2B 0E 02 82 00 00 04 00 03 414243 01 01 58 02 01 31 05 03 4D2D31"
NO_SUCH_CATEGORY = "AB 03"
BASIC_TEXTS = {0: "ABC", 1: "X", 2: "1"}


@contextmanager
def client_of(device: ModbusDevice) -> Iterator[ModbusClient]:
    with EventLoopThread() as thread:
        server = ModbusTcpServer(UnitDirectory({1: device}))
        thread.run(server.start(), deadline_s=DEADLINE_S)
        try:
            url = ModbusUrl.parse(f"modbus-tcp://127.0.0.1:{server.address[1]}/1")
            with ModbusClient(url, timeout_s=DEADLINE_S) as client:
                yield client
        finally:
            thread.run(server.stop(), deadline_s=DEADLINE_S)


def identification_of(answers: Mapping[int, str]) -> Mapping[int, str]:
    """Ask a device that answers to a category of objects as given."""

    def answer(_device: ModbusDevice, request: bytes) -> bytes:
        return bytes.fromhex(answers[request[2]])

    with client_of(ModbusDevice(UnitMemory.of_size(1), user_functions={0x2B: answer})) as client:
        return client.identification()


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({2: ALL_UP_TO_REGULAR}, {**BASIC_TEXTS, 5: "M-1"}),
        ({2: REGULAR_ALONE, 1: BASIC}, {**BASIC_TEXTS, 5: "M-1"}),
        ({2: NO_SUCH_CATEGORY, 1: BASIC}, BASIC_TEXTS),
    ],
    ids=["a category includes those below it", "a category is alone", "basic objects only"],
)
def test_all_texts_of_a_device_are_found(answers: Mapping[int, str], expected: Mapping[int, str]) -> None:
    assert identification_of(answers) == expected


@pytest.mark.parametrize(
    ("server_id", "additional", "shown"),
    [
        (b"EM-3", b"1.2", "EM-3 1.2"),
        (b"FM-25", b"", "FM-25"),
        (b"\x01", b"", "01 FF"),
        (b"\x0a\x2b", b"\x01\x02", "0A 2B FF 01 02"),
    ],
)
def test_a_server_id_is_shown_with_all_its_bytes(server_id: bytes, additional: bytes, shown: str) -> None:
    identity = DeviceIdentity(server_id=server_id, additional=additional)

    with client_of(ModbusDevice(UnitMemory.of_size(1), identity=identity)) as client:
        assert ask_identity(client).texts()["server_id"] == shown
