"""Read Exception Status (0x07), Get Comm Event Counter (0x0B) and Log (0x0C), clauses 6.7, 6.9 and 6.10."""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING

from emulators.modbus.functions.refusals import require_length

if TYPE_CHECKING:
    from emulators.modbus.device import ModbusDevice

__all__ = ["get_comm_event_counter", "get_comm_event_log", "read_exception_status"]

_COUNTER = Struct(">BHH")
_LOG_HEAD = Struct(">BBHHH")
_LOG_FIELDS_SIZE = 6
_READY, _BUSY = 0x0000, 0xFFFF


def read_exception_status(device: ModbusDevice, request: bytes) -> bytes:
    """Answer Read Exception Status."""
    require_length(request, 1)
    return bytes((request[0], device.exception_status & 0xFF))


def get_comm_event_counter(device: ModbusDevice, request: bytes) -> bytes:
    """Answer Get Comm Event Counter; fetching the counter does not count."""
    require_length(request, 1)
    device.diagnostics.uneventful_count += 1
    return _COUNTER.pack(request[0], _status_word(device), device.diagnostics.event_count & 0xFFFF)


def get_comm_event_log(device: ModbusDevice, request: bytes) -> bytes:
    """Answer Get Comm Event Log; this request is in the log as received and not yet among the events."""
    require_length(request, 1)
    diagnostics = device.diagnostics
    log = diagnostics.event_log_during_request()
    head = _LOG_HEAD.pack(
        request[0],
        _LOG_FIELDS_SIZE + len(log),
        _status_word(device),
        (diagnostics.event_count - 1) & 0xFFFF,
        diagnostics.bus_message_count & 0xFFFF,
    )
    return head + log


def _status_word(device: ModbusDevice) -> int:
    return _BUSY if device.is_busy else _READY
