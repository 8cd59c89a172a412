"""Report Server ID (0x11) and Read Device Identification (0x2B / 0x0E), clauses 6.13 and 6.21."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.modbus.codes import MAX_PDU_SIZE, MEI_DEVICE_IDENTIFICATION, ExceptionCode, ModbusRefusal
from emulators.modbus.device_identity import IDENTIFICATION_HEAD_SIZE
from emulators.modbus.functions.refusals import require_length, require_value

if TYPE_CHECKING:
    from emulators.modbus.device import ModbusDevice

__all__ = ["encapsulated_interface", "report_server_id"]

_STREAMS = (1, 2, 3)
_INDIVIDUAL = 4
_RUN, _STOP = b"\xff", b"\x00"


def report_server_id(device: ModbusDevice, request: bytes) -> bytes:
    """Answer Report Server ID."""
    require_length(request, 1)
    identity = device.identity
    payload = identity.server_id + (_RUN if device.is_running else _STOP) + identity.additional
    return bytes((request[0], len(payload))) + payload


def encapsulated_interface(device: ModbusDevice, request: bytes) -> bytes:
    """Answer Read Device Identification; another interface type: ILLEGAL FUNCTION."""
    require_value(len(request) >= 2)
    if request[1] != MEI_DEVICE_IDENTIFICATION:
        raise ModbusRefusal(ExceptionCode.ILLEGAL_FUNCTION, f"interface type {request[1]}")
    require_length(request, 4)
    read_code, first = request[2], request[3]
    identity = device.identity
    if read_code in _STREAMS:
        objects = identity.objects_of(min(read_code, identity.category))
        if first not in objects:
            first = 0  # an unknown object restarts the stream, clause 6.21
        fitting, following = _fitting({number: content for number, content in objects.items() if number >= first})
    else:
        require_value(read_code == _INDIVIDUAL and identity.has_individual_access)
        if first not in identity.objects:
            raise ModbusRefusal(ExceptionCode.ILLEGAL_DATA_ADDRESS, f"no object {first}")
        fitting, following = {first: identity.objects[first]}, None
    more = (0xFF, following) if following is not None else (0, 0)
    head = bytes((*request[:3], identity.conformity_level, *more, len(fitting)))
    return head + b"".join(bytes((number, len(content))) + content for number, content in fitting.items())


def _fitting(objects: dict[int, bytes]) -> tuple[dict[int, bytes], int | None]:
    """Return the first objects that fit into one response and the number of the one that does not."""
    fitting: dict[int, bytes] = {}
    room = MAX_PDU_SIZE - IDENTIFICATION_HEAD_SIZE
    for number, content in objects.items():
        room -= 2 + len(content)
        if room < 0:
            return fitting, number
        fitting[number] = content
    return fitting, None
