"""Counters and log of a device, which it derives lazily, against a device that writes down everything at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis.strategies import lists, sampled_from
from modbus_rows import conformance_device

from emulators.modbus.codes import ExceptionCode, ModbusRefusal
from emulators.modbus.device import ModbusDevice
from emulators.modbus.memory import UnitMemory

derandomized = settings(derandomize=True, max_examples=150, deadline=None)


@dataclass
class Ledger:
    """What the clauses ask for, written down event by event."""

    log: list[int] = field(default_factory=list)
    bus_messages: int = 0
    exceptions: int = 0
    no_responses: int = 0
    damaged: int = 0
    events: int = 0

    def begin_anew(self, *log: int) -> None:
        self.log = list(log)
        self.bus_messages = self.exceptions = self.no_responses = self.damaged = self.events = 0

    def exchange(self, *entries: int, event: int = 0, exception: int = 0, no_response: int = 0) -> None:
        self.log.extend(entries)
        self.bus_messages += 1
        self.events += event
        self.exceptions += exception
        self.no_responses += no_response


def read(device: ModbusDevice, ledger: Ledger) -> None:
    assert device.pdu(bytes.fromhex("03 0005 0001")) == bytes.fromhex("03 02 0105")
    ledger.exchange(0x80, 0x40, event=1)


def refused_read(device: ModbusDevice, ledger: Ledger) -> None:
    assert device.pdu(bytes.fromhex("03 FFFF 0001")) == bytes.fromhex("83 02")
    ledger.exchange(0x80, 0x41, exception=1)


def busy_read(device: ModbusDevice, ledger: Ledger) -> None:
    device.is_busy = True
    assert device.pdu(bytes.fromhex("03 0005 0001")) == bytes.fromhex("83 06")
    device.is_busy = False
    ledger.exchange(0x80, 0x44, exception=1)


def broadcast_write(device: ModbusDevice, ledger: Ledger) -> None:
    device.broadcast(bytes.fromhex("06 0000 1234"))
    ledger.exchange(0xC0, 0x40, event=1, no_response=1)


def refused_broadcast(device: ModbusDevice, ledger: Ledger) -> None:
    device.broadcast(bytes.fromhex("06 FFFF 1234"))
    ledger.exchange(0xC0, 0x41, exception=1, no_response=1)


def damage(device: ModbusDevice, ledger: Ledger) -> None:
    device.diagnostics.record_communication_error()
    ledger.log.append(0x82)
    ledger.damaged += 1


def foreign(device: ModbusDevice, ledger: Ledger) -> None:
    device.diagnostics.record_foreign()
    ledger.bus_messages += 1


def fetch_event_counter(device: ModbusDevice, ledger: Ledger) -> None:
    ledger.exchange(0x80, 0x40)
    assert device.pdu(b"\x0b") == b"\x0b\x00\x00" + ledger.events.to_bytes(2, "big")


def fetch_event_log(device: ModbusDevice, ledger: Ledger) -> None:
    log = bytes([*ledger.log, 0x80][::-1][:64])
    counts = ledger.events.to_bytes(2, "big") + (ledger.bus_messages + 1).to_bytes(2, "big")

    assert device.pdu(b"\x0c") == bytes((0x0C, 6 + len(log), 0, 0)) + counts + log

    ledger.exchange(0x80, 0x40, event=1)


def restart(device: ModbusDevice, ledger: Ledger) -> None:
    device.pdu(bytes.fromhex("08 0001 0000"))
    ledger.begin_anew(*ledger.log, 0x80, 0x40, 0x00)


def restart_and_clear(device: ModbusDevice, ledger: Ledger) -> None:
    device.pdu(bytes.fromhex("08 0001 FF00"))
    ledger.begin_anew(0x00)


def clear_counters(device: ModbusDevice, ledger: Ledger) -> None:
    device.pdu(bytes.fromhex("08 000A 0000"))
    ledger.begin_anew(*ledger.log, 0x80, 0x40)


Event = Callable[[ModbusDevice, Ledger], None]
EVENTS: list[Event] = [
    *(read, read, read, refused_read, busy_read, broadcast_write, refused_broadcast, damage, foreign),
    *(fetch_event_counter, fetch_event_log, restart, restart_and_clear, clear_counters),
]


@derandomized
@given(lists(sampled_from(EVENTS), max_size=120))
def test_counters_and_log_say_what_happened_in_any_order(events: list[Event]) -> None:
    device, ledger = conformance_device(), Ledger()

    for event in events:
        event(device, ledger)

    counted = device.diagnostics
    assert counted.event_log == bytes(ledger.log[::-1][:64])
    assert counted.bus_message_count == ledger.bus_messages
    assert counted.exception_count == ledger.exceptions
    assert counted.no_response_count == ledger.no_responses
    assert counted.communication_error_count == ledger.damaged
    assert counted.event_count == ledger.events


def test_log_of_very_many_reads_holds_the_last_sixty_four_entries() -> None:
    device = conformance_device()
    for _ in range(1000):
        device.pdu(bytes.fromhex("03 0005 0001"))

    assert device.diagnostics.event_log == b"\x40\x80" * 32


# exception code of a response, its entry in the log by clause 6.10
SENT_EXCEPTION_ROWS = [
    (1, 0x41),
    (2, 0x41),
    (3, 0x41),
    (4, 0x42),
    (5, 0x44),
    (6, 0x44),
    (7, 0x48),
    (8, 0x40),
    (10, 0x40),
]


@pytest.mark.parametrize(("code", "entry"), SENT_EXCEPTION_ROWS)
def test_log_says_which_kind_of_exception_was_sent(code: int, entry: int) -> None:
    def refuse(device: ModbusDevice, request: bytes) -> bytes:
        raise ModbusRefusal(ExceptionCode(code))

    device = ModbusDevice(UnitMemory.of_size(1), user_functions={100: refuse})

    device.pdu(b"\x64")

    assert device.diagnostics.event_log == bytes((entry, 0x80))
