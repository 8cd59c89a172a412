"""Devices, their times and their memory as at the beginning of a run."""

from __future__ import annotations

from emulators.modbus.device import ModbusDevice
from emulators.modbus.device_files import FileRecords
from emulators.modbus.memory import UnitMemory
from emulators.modbus.response_times import ResponseTimes, UnitLatency

ECHO, LISTEN_ONLY, READ = bytes.fromhex("08 0000 1234"), bytes.fromhex("08 0004 0000"), bytes.fromhex("03 0000 0001")


def test_the_draws_of_a_seed_begin_anew() -> None:
    times = ResponseTimes({1: UnitLatency(10, 1000), 2: UnitLatency(10, 1000)}, seed=4)

    def draws() -> list[int]:
        return [times.draw_ns(unit_id) for unit_id in (1, 2, 2, 1, 1, 3)]

    first = draws()
    times.restart(5)
    other = draws()
    times.restart(4)

    assert draws() == first != other


def test_a_device_is_as_it_was_made_but_for_its_memory() -> None:
    device = ModbusDevice(UnitMemory.of_size(4), files=FileRecords({1: b"\x00\x07"}), fifo_queues={9: [1, 2]})

    def play() -> list[object]:
        seen: list[object] = [bytes(device.files.content(1)), list(device.fifo_queues[9]), device.exception_status]
        seen += [device.is_running, device.is_busy, device.is_listening, device.ascii_delimiter]
        seen += [device.pdu(request) for request in (ECHO, b"\x63", b"\x0b", b"\x0c", LISTEN_ONLY, ECHO)]
        device.files.write(1, 0, b"\xff\xff")
        device.fifo_queues[9].popleft()
        device.exception_status, device.is_running, device.is_busy, device.ascii_delimiter = 3, False, True, 0x41
        device.memory.holding_registers.write(0, b"\x12\x34")
        return seen

    first = play()
    device.restart()
    second = play()
    device.restart()

    assert second == first
    assert device.pdu(READ) == bytes.fromhex("03 02 1234")


def test_a_plain_memory_can_be_cleared() -> None:
    memory = UnitMemory.of_size(9)
    memory.coils.write(8, 1, b"\x01")
    memory.holding_registers.write(8, b"\x12\x34")

    memory.clear()

    assert memory.coils.read(0, 9) == bytes(2)
    assert memory.holding_registers.read(0, 9) == bytes(18)
