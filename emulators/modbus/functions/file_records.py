"""Read File Record (0x14) and Write File Record (0x15), clauses 6.14 and 6.15.

A request holds groups: reference type 6, file, record, length. All groups are checked before the first one acts.
"""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING

from emulators.modbus.codes import MAX_PDU_SIZE, ExceptionCode, ModbusRefusal
from emulators.modbus.functions.refusals import require_length, require_value

if TYPE_CHECKING:
    from emulators.modbus.device import ModbusDevice

__all__ = ["read_file_record", "write_file_record"]

_GROUP = Struct(">BHHH")
_REFERENCE_TYPE = 6
_READ_BYTES = (0x07, 0xF5)
_WRITE_BYTES = (0x09, 0xFB)


def read_file_record(device: ModbusDevice, request: bytes) -> bytes:
    """Answer Read File Record; records that do not fit into one response: ILLEGAL DATA VALUE."""
    _require_byte_count(request, _READ_BYTES)
    require_value(request[1] % _GROUP.size == 0)
    groups = [_GROUP.unpack_from(request, at) for at in range(2, len(request), _GROUP.size)]
    response_size = 2 + sum(2 + 2 * count for *_, count in groups)
    require_value(response_size <= MAX_PDU_SIZE)
    for reference_type, number, record, count in groups:
        _require_reference_type(reference_type)
        device.files.check_read(number, record, count)
    response = bytearray((request[0], response_size - 2))
    for _, number, record, count in groups:
        response += bytes((1 + 2 * count, _REFERENCE_TYPE)) + device.files.read(number, record, count)
    return bytes(response)


def write_file_record(device: ModbusDevice, request: bytes) -> bytes:
    """Answer Write File Record; the answer echoes the request."""
    _require_byte_count(request, _WRITE_BYTES)
    writes = []
    position = 2
    while position < len(request):
        require_value(position + _GROUP.size <= len(request))
        reference_type, number, record, count = _GROUP.unpack_from(request, position)
        position += _GROUP.size
        require_value(position + 2 * count <= len(request))
        writes.append((reference_type, number, record, request[position : position + 2 * count]))
        position += 2 * count
    for reference_type, number, record, payload in writes:
        _require_reference_type(reference_type)
        device.files.check_write(number, record, len(payload) // 2)
    for _, number, record, payload in writes:
        device.files.write(number, record, payload)
    return request


def _require_byte_count(request: bytes, limits: tuple[int, int]) -> None:
    require_value(len(request) >= 2 and limits[0] <= request[1] <= limits[1])
    require_length(request, 2 + request[1])


def _require_reference_type(reference_type: int) -> None:
    if reference_type != _REFERENCE_TYPE:
        raise ModbusRefusal(ExceptionCode.ILLEGAL_DATA_ADDRESS, f"reference type {reference_type}")
