"""Our server under the pymodbus client, and our core beside the pymodbus client's own coding, over a real socket."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from pymodbus.client import ModbusTcpClient

from emulators.modbus.device import ModbusDevice
from emulators.modbus.mbap import UnitDirectory
from emulators.modbus.memory import UnitMemory
from emulators.modbus.tcp import ModbusTcpServer
from emulators.serving.loop_thread import EventLoopThread

DEADLINE_S = 60.0
SIZE = 3000


@pytest.fixture(scope="module")
def client() -> Iterator[ModbusTcpClient]:
    with EventLoopThread() as thread:
        server = ModbusTcpServer(UnitDirectory({1: ModbusDevice(UnitMemory.of_size(SIZE))}))
        thread.run(server.start(), deadline_s=DEADLINE_S)
        host, port = server.address
        client = ModbusTcpClient(host, port=port, timeout=DEADLINE_S, retries=0)
        assert client.connect()
        yield client
        client.close()
        thread.run(server.stop(), deadline_s=DEADLINE_S)


def test_registers_agree_with_a_model_through_five_hundred_operations(client: ModbusTcpClient) -> None:
    chance = random.Random(5)
    model = [0] * SIZE
    for start in range(0, SIZE, 100):
        client.write_registers(start, [0] * 100, device_id=1)
    for _ in range(500):
        address, count = chance.randrange(SIZE - 125), chance.randint(1, 121)
        values = [chance.randrange(65536) for _ in range(count)]
        match chance.randrange(4):
            case 0:
                client.write_registers(address, values, device_id=1)
                model[address : address + count] = values
            case 1:
                client.write_register(address, values[0], device_id=1)
                model[address] = values[0]
            case 2:
                answer = client.readwrite_registers(
                    read_address=address, read_count=count, write_address=address + 1, values=values, device_id=1
                )
                model[address + 1 : address + 1 + count] = values
                assert answer.registers == model[address : address + count]
            case _:
                client.mask_write_register(address=address, and_mask=0xF0F0, or_mask=values[0], device_id=1)
                model[address] = (model[address] & 0xF0F0) | (values[0] & 0x0F0F)
        assert (
            client.read_holding_registers(address, count=count, device_id=1).registers
            == model[address : address + count]
        )


def test_coils_agree_with_a_model_through_three_hundred_operations(client: ModbusTcpClient) -> None:
    chance = random.Random(6)
    model = [False] * SIZE
    client.write_coils(0, model[:1500], device_id=1)
    client.write_coils(1500, model[1500:], device_id=1)
    for _ in range(300):
        address = chance.randrange(SIZE)
        count = min(SIZE - address, chance.randint(1, 1968))
        bits = [chance.random() < 0.5 for _ in range(count)]
        if chance.random() < 0.5:
            client.write_coils(address, bits, device_id=1)
            model[address : address + count] = bits
        else:
            client.write_coil(address, bits[0], device_id=1)
            model[address] = bits[0]
        assert client.read_coils(address, count=count, device_id=1).bits[:count] == model[address : address + count]


REFUSAL_ROWS = [
    ("read past the end", lambda client: client.read_holding_registers(SIZE - 1, count=2, device_id=1), 2),
    ("write past the end", lambda client: client.write_registers(SIZE - 1, [1, 2], device_id=1), 2),
    ("read inputs past the end", lambda client: client.read_discrete_inputs(SIZE, count=1, device_id=1), 2),
    ("unknown unit", lambda client: client.read_holding_registers(0, count=1, device_id=7), 11),
    ("unknown subfunction", lambda client: client.diag_getclear_modbus_response(device_id=1), 1),
]


@pytest.mark.parametrize(
    ("request_of", "code"), [row[1:] for row in REFUSAL_ROWS], ids=[row[0] for row in REFUSAL_ROWS]
)
def test_refusal_reaches_the_client_as_its_exception_code(client: ModbusTcpClient, request_of, code: int) -> None:
    answer = request_of(client)

    assert answer.isError()
    assert answer.exception_code == code


def test_client_reads_status_counters_and_identity(client: ModbusTcpClient) -> None:
    messages = client.diag_read_bus_message_count(device_id=1).message
    identity = client.read_device_information(read_code=1, device_id=1).information

    assert client.read_exception_status(device_id=1).status == 0
    assert client.diag_read_bus_message_count(device_id=1).message == messages + 3
    assert identity == {0: b"plc-hil", 1: b"emulated-device", 2: b"1.0"}
    assert client.diag_query_data(b"\x12\x34", device_id=1).message == b"\x12\x34"
