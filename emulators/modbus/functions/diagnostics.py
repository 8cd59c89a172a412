"""Diagnostics (0x08), clause 6.8: loop back, restart, listen-only mode, counters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from struct import Struct
from types import MappingProxyType
from typing import TYPE_CHECKING

from emulators.modbus.codes import DiagnosticCode, ExceptionCode, ModbusRefusal
from emulators.modbus.functions.refusals import require_length, require_value

if TYPE_CHECKING:
    from emulators.modbus.device import ModbusDevice
    from emulators.modbus.device_diagnostics import CommunicationDiagnostics

__all__ = ["diagnostics", "monitor", "restart_or_monitor"]

_REQUEST = Struct(">BHH")
_HEAD = Struct(">BH")
_KEEP_LOG, _CLEAR_LOG = 0x0000, 0xFF00

_SubFunction = Callable[["ModbusDevice", bytes], bytes]


def diagnostics(device: ModbusDevice, request: bytes) -> bytes:
    """Answer Diagnostics; an unknown subfunction: ILLEGAL FUNCTION."""
    require_value(len(request) >= _HEAD.size)
    _, subfunction_code = _HEAD.unpack_from(request)
    answer = _SUBFUNCTIONS.get(subfunction_code)
    if answer is None:
        raise ModbusRefusal(ExceptionCode.ILLEGAL_FUNCTION, f"subfunction {subfunction_code}")
    return answer(device, request)


def monitor(device: ModbusDevice, request: bytes) -> bytes:
    """Let a request pass in listen-only mode."""
    device.diagnostics.record_monitored()
    return b""


def restart_or_monitor(device: ModbusDevice, request: bytes) -> bytes:
    """Obey Restart Communications, without an answer, in listen-only mode; let every other diagnostics pass."""
    is_restart = len(request) == _REQUEST.size and request[1:3] == bytes((0, DiagnosticCode.RESTART_COMMUNICATIONS))
    if not is_restart or request[3:] not in (b"\x00\x00", b"\xff\x00"):
        return monitor(device, request)
    device.restart_communications(clear_log=request[3] != 0)
    return b""


def _return_query_data(device: ModbusDevice, request: bytes) -> bytes:
    require_value(len(request) > _HEAD.size and len(request) % 2 == 1)
    return request


def _restart_communications(device: ModbusDevice, request: bytes) -> bytes:
    option = _data(request)
    require_value(option in (_KEEP_LOG, _CLEAR_LOG))
    device.restart_communications(clear_log=option == _CLEAR_LOG)
    return request


def _change_ascii_delimiter(device: ModbusDevice, request: bytes) -> bytes:
    data = _data(request)
    require_value(data & 0xFF == 0)
    device.ascii_delimiter = data >> 8
    return request


def _force_listen_only(device: ModbusDevice, request: bytes) -> bytes:
    require_value(_data(request) == 0)
    device.diagnostics.record_listen_only()
    device.listen_only()
    return b""


def _clear_counters(device: ModbusDevice, request: bytes) -> bytes:
    require_value(_data(request) == 0)
    device.diagnostics.clear()
    return request


def _clear_overrun_counter(device: ModbusDevice, request: bytes) -> bytes:
    require_value(_data(request) == 0)
    device.diagnostics.overrun_count = 0
    return request


def _counter(count: Callable[[CommunicationDiagnostics], int]) -> _SubFunction:
    def answer(device: ModbusDevice, request: bytes) -> bytes:
        require_value(_data(request) == 0)
        return request[: _HEAD.size] + (count(device.diagnostics) & 0xFFFF).to_bytes(2, "big")

    return answer


def _data(request: bytes) -> int:
    require_length(request, _REQUEST.size)
    return int.from_bytes(request[_HEAD.size :], "big")


_SUBFUNCTIONS: Mapping[int, _SubFunction] = MappingProxyType(
    {
        DiagnosticCode.RETURN_QUERY_DATA: _return_query_data,
        DiagnosticCode.RESTART_COMMUNICATIONS: _restart_communications,
        DiagnosticCode.RETURN_DIAGNOSTIC_REGISTER: _counter(lambda counted: counted.diagnostic_register),
        DiagnosticCode.CHANGE_ASCII_DELIMITER: _change_ascii_delimiter,
        DiagnosticCode.FORCE_LISTEN_ONLY: _force_listen_only,
        DiagnosticCode.CLEAR_COUNTERS: _clear_counters,
        DiagnosticCode.BUS_MESSAGE_COUNT: _counter(lambda counted: counted.bus_message_count),
        DiagnosticCode.BUS_COMMUNICATION_ERROR_COUNT: _counter(lambda counted: counted.communication_error_count),
        DiagnosticCode.BUS_EXCEPTION_ERROR_COUNT: _counter(lambda counted: counted.exception_count),
        DiagnosticCode.SERVER_MESSAGE_COUNT: _counter(lambda counted: counted.server_message_count),
        DiagnosticCode.SERVER_NO_RESPONSE_COUNT: _counter(lambda counted: counted.no_response_count),
        DiagnosticCode.SERVER_NAK_COUNT: _counter(lambda counted: counted.negative_acknowledge_count),
        DiagnosticCode.SERVER_BUSY_COUNT: _counter(lambda counted: counted.busy_count),
        DiagnosticCode.BUS_CHARACTER_OVERRUN_COUNT: _counter(lambda counted: counted.overrun_count),
        DiagnosticCode.CLEAR_OVERRUN_COUNTER: _clear_overrun_counter,
    }
)
