"""A device as its register map describes it: identity, file records, FIFO queues, function codes of its maker."""

from __future__ import annotations

import os
from struct import pack
from typing import Any

from emulators.description.device_requests import DeviceRequests
from emulators.description.register_map import RegisterMapDescription
from emulators.description.register_map_reader import SERVER_ID_KEYS
from emulators.modbus.device import ModbusDevice
from emulators.modbus.device_files import FileRecords
from emulators.modbus.device_identity import DeviceIdentity
from emulators.modbus.functions.table import AnswerFunction
from emulators.modbus.memory import UnitMemory
from emulators.modbus.request_limits import limited_functions
from emulators.modbus.user_function import user_function

__all__ = ["described_device", "described_functions"]


def described_device(register_map: RegisterMapDescription, memory: UnitMemory) -> ModbusDevice:
    """Return the device with this memory.

    Raises:
        DescriptionError: a function that the map names cannot be imported.
    """
    services = register_map.services
    return ModbusDevice(
        memory,
        identity=_identity(register_map),
        files=FileRecords({number: pack(f">{len(words)}H", *words) for number, words in services.files.items()}),
        fifo_queues=services.queues,
        functions=None if register_map.requests == DeviceRequests() else limited_functions(register_map.requests),
        user_functions=described_functions(register_map),
    )


def described_functions(register_map: RegisterMapDescription) -> dict[int, AnswerFunction]:
    """Return the functions of the device's maker by function code; raises as ``described_device`` does."""
    folder = os.path.dirname(register_map.file)
    places = register_map.services.functions
    return {
        code: user_function(place.value, folder, place.span, parameters="device, request")
        for code, place in places.items()
    }


def _identity(register_map: RegisterMapDescription) -> DeviceIdentity:
    said: dict[str, Any] = dict(register_map.identity)
    for key in said.keys() & SERVER_ID_KEYS:
        said[key] = said[key].encode("ascii")
    return DeviceIdentity(**said)
