"""State of one device: modes, broadcasts, user-defined functions."""

from __future__ import annotations

import logging

import pytest
from modbus_rows import conformance_device

from emulators.modbus.codes import ExceptionCode, ModbusRefusal
from emulators.modbus.device import ModbusDevice
from emulators.modbus.memory import UnitMemory

READ_REGISTER_5 = bytes.fromhex("03 0005 0001")
WRITE_REGISTER_5 = bytes.fromhex("06 0005 1234")
FORCE_LISTEN_ONLY = bytes.fromhex("08 0004 0000")
RESTART = bytes.fromhex("08 0001 0000")
USER_CODE = 65


def user_device(answer) -> ModbusDevice:
    return ModbusDevice(UnitMemory.of_size(10), user_functions={USER_CODE: answer})


def test_broadcast_write_is_executed_and_counted_as_not_answered() -> None:
    device = conformance_device()

    device.broadcast(WRITE_REGISTER_5)

    assert device.memory.holding_registers.read(5, 1) == b"\x12\x34"
    assert device.diagnostics.no_response_count == 1
    assert device.diagnostics.server_message_count == 1
    assert device.diagnostics.event_log == b"\x40\xc0"


def test_refused_broadcast_changes_nothing_and_counts_as_exception() -> None:
    device = conformance_device()

    device.broadcast(bytes.fromhex("06 FFFF 1234"))
    device.broadcast(b"\x63")

    assert device.diagnostics.exception_count == 2
    assert device.diagnostics.no_response_count == 2
    assert device.diagnostics.event_log == b"\x41\xc0\x41\xc0"


def test_broadcast_silences_and_restarts_a_device() -> None:
    device = conformance_device()

    device.broadcast(FORCE_LISTEN_ONLY)
    silent = device.pdu(READ_REGISTER_5)
    device.broadcast(RESTART)

    assert silent == b""
    assert device.pdu(READ_REGISTER_5) == bytes.fromhex("03 02 0105")
    assert device.diagnostics.event_log == bytes.fromhex("40 80 00 60 E0 60 A0 60 04 C0")


def test_device_in_listen_only_mode_counts_what_it_lets_pass() -> None:
    device = conformance_device()
    device.pdu(FORCE_LISTEN_ONLY)

    device.pdu(WRITE_REGISTER_5)
    device.broadcast(WRITE_REGISTER_5)

    assert device.is_listening
    assert device.memory.holding_registers.read(5, 1) == b"\x01\x05"
    assert device.diagnostics.bus_message_count == 3
    assert device.diagnostics.server_message_count == 1
    assert device.diagnostics.no_response_count == 3


def test_busy_device_refuses_all_but_diagnostics_and_says_so_in_its_status() -> None:
    device = conformance_device()

    device.is_busy = True

    assert device.pdu(READ_REGISTER_5) == bytes.fromhex("83 06")
    assert device.pdu(b"\x63") == bytes.fromhex("E3 01")
    assert device.pdu(b"\x0b") == bytes.fromhex("0B FFFF 0000")
    assert device.pdu(bytes.fromhex("08 0011 0000")) == bytes.fromhex("08 0011 0001")


def test_device_that_is_no_longer_busy_answers_again() -> None:
    device = conformance_device()
    device.is_busy = True
    device.pdu(READ_REGISTER_5)

    device.is_busy = False

    assert device.pdu(READ_REGISTER_5) == bytes.fromhex("03 02 0105")
    assert device.pdu(b"\x0c") == bytes.fromhex("0C 0B 0000 0001 0003 80 40 80 44 80")


def test_busy_device_that_is_silenced_stays_silent_until_restarted_and_busy_after() -> None:
    device = conformance_device()
    device.is_busy = True

    device.listen_only()
    silent = device.pdu(READ_REGISTER_5)
    device.pdu(RESTART)

    assert silent == b""
    assert device.pdu(READ_REGISTER_5) == bytes.fromhex("83 06")


def test_line_errors_and_foreign_messages_are_counted_and_logged() -> None:
    device = conformance_device()

    device.diagnostics.record_foreign()
    device.diagnostics.record_communication_error()
    device.diagnostics.record_communication_error(is_overrun=True)

    assert device.pdu(bytes.fromhex("08 000B 0000")) == bytes.fromhex("08 000B 0002")
    assert device.pdu(bytes.fromhex("08 000C 0000")) == bytes.fromhex("08 000C 0001")
    assert device.pdu(bytes.fromhex("08 0012 0000")) == bytes.fromhex("08 0012 0001")
    assert device.diagnostics.event_log == bytes.fromhex("40 80 40 80 40 80 90 82")


def test_clearing_the_overrun_counter_leaves_the_others() -> None:
    device = conformance_device()
    device.diagnostics.record_communication_error()
    device.diagnostics.record_communication_error(is_overrun=True)

    device.pdu(bytes.fromhex("08 0014 0000"))

    assert device.diagnostics.overrun_count == 0
    assert device.diagnostics.communication_error_count == 1


def test_counters_wrap_at_sixteen_bits() -> None:
    device = conformance_device()
    device.diagnostics.request_count = 0x10000

    assert device.pdu(bytes.fromhex("08 000B 0000")) == bytes.fromhex("08 000B 0001")


def test_ascii_delimiter_is_kept_for_the_line() -> None:
    device = conformance_device()

    device.pdu(bytes.fromhex("08 0003 3B00"))

    assert device.ascii_delimiter == ord(";")


def test_exception_status_is_what_the_device_sets() -> None:
    device = conformance_device()

    device.exception_status = 0x6D

    assert device.pdu(b"\x07") == b"\x07\x6d"


def test_run_indicator_follows_the_device() -> None:
    device = conformance_device()

    device.is_running = False

    assert device.pdu(b"\x11") == bytes.fromhex("11 05 0A2B 00 0102")


def test_devices_share_no_state() -> None:
    first, second = conformance_device(), conformance_device()

    first.pdu(WRITE_REGISTER_5)
    first.pdu(FORCE_LISTEN_ONLY)
    first.pdu(bytes.fromhex("15 09 06 0004 0000 0001 AAAA"))

    assert second.pdu(READ_REGISTER_5) == bytes.fromhex("03 02 0105")
    assert second.files.read(4, 0, 1) == b"\x04\x00"
    assert second.diagnostics.request_count == 1


def test_queue_shows_what_the_device_puts_into_it() -> None:
    device = conformance_device()

    device.fifo_queues[0x0700].append(0xBEEF)
    device.fifo_queues[0x04DE].popleft()

    assert device.pdu(bytes.fromhex("18 0700")) == bytes.fromhex("18 0004 0001 BEEF")
    assert device.pdu(bytes.fromhex("18 04DE")) == bytes.fromhex("18 0004 0001 1284")


def test_register_of_a_queue_is_cut_to_sixteen_bits() -> None:
    device = conformance_device()

    device.fifo_queues[0x0700].append(-2)

    assert device.pdu(bytes.fromhex("18 0700")) == bytes.fromhex("18 0004 0001 FFFE")


def test_user_function_answers_from_the_memory_of_its_device() -> None:
    device = user_device(lambda device, request: request[:1] + device.memory.holding_registers.read(request[1], 1))
    device.pdu(WRITE_REGISTER_5)

    assert device.pdu(bytes((USER_CODE, 5))) == bytes.fromhex("41 1234")
    assert USER_CODE in device.function_codes


def test_user_function_refuses_with_the_exception_it_raises() -> None:
    def refuse(device: ModbusDevice, request: bytes) -> bytes:
        raise ModbusRefusal(ExceptionCode.NEGATIVE_ACKNOWLEDGE)

    device = user_device(refuse)

    assert device.pdu(bytes((USER_CODE,))) == bytes.fromhex("C1 07")
    assert device.diagnostics.negative_acknowledge_count == 1


def test_user_function_that_begins_a_long_command_acknowledges_and_makes_the_device_busy() -> None:
    def begin(device: ModbusDevice, request: bytes) -> bytes:
        device.is_busy = True
        raise ModbusRefusal(ExceptionCode.ACKNOWLEDGE)

    device = user_device(begin)

    assert device.pdu(bytes((USER_CODE,))) == bytes.fromhex("C1 05")
    assert device.pdu(READ_REGISTER_5) == bytes.fromhex("83 06")


@pytest.mark.parametrize("answer", [lambda device, request: 1 / 0, lambda device, request: bytes(254)])
def test_defect_of_a_user_function_is_a_device_failure(answer, caplog: pytest.LogCaptureFixture) -> None:
    device = user_device(answer)

    with caplog.at_level(logging.CRITICAL + 1):
        response = device.pdu(bytes((USER_CODE,)))

    assert response == bytes.fromhex("C1 04")
    assert device.diagnostics.exception_count == 1


def test_user_function_without_a_response_is_silence() -> None:
    device = user_device(lambda device, request: b"")

    assert device.pdu(bytes((USER_CODE,))) == b""
    assert device.diagnostics.no_response_count == 1


def test_device_with_a_table_of_its_own_refuses_the_other_functions() -> None:
    device = ModbusDevice(UnitMemory.of_size(10), functions={3: lambda device, request: request})

    assert device.pdu(READ_REGISTER_5) == READ_REGISTER_5
    assert device.pdu(WRITE_REGISTER_5) == bytes.fromhex("86 01")


@pytest.mark.parametrize("code", [0, 128])
def test_function_code_that_no_request_can_have_is_refused(code: int) -> None:
    with pytest.raises(ValueError, match=r"outside 1\.\.127"):
        ModbusDevice(UnitMemory.of_size(1), user_functions={code: lambda device, request: request})
