"""Modbus devices: a synchronous core over wire-order memory, framing without sockets, thin shells on asyncio.

A request goes ``ModbusTcpServer`` (sockets) → ``MbapConnection`` (framing) → ``UnitDirectory`` → ``ModbusDevice.pdu``
→ a function of ``functions/table.py`` → ``UnitMemory``. ``RegisterImage`` fills that memory from a cell's snapshots.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from emulators.modbus.codes import ExceptionCode, FunctionCode, ModbusRefusal
    from emulators.modbus.device import ModbusDevice
    from emulators.modbus.device_files import FileRecords
    from emulators.modbus.device_identity import DeviceIdentity
    from emulators.modbus.endpoint import ModbusEndpoint, ModbusEndpointSettings
    from emulators.modbus.image import RegisterImage
    from emulators.modbus.mbap import MbapConnection, UnitDirectory, UnknownUnit
    from emulators.modbus.memory import BitCells, RegisterCells, UnitMemory
    from emulators.modbus.tcp import ModbusTcpServer, TcpLimits

__all__ = [
    "BitCells",
    "DeviceIdentity",
    "ExceptionCode",
    "FileRecords",
    "FunctionCode",
    "MbapConnection",
    "ModbusDevice",
    "ModbusEndpoint",
    "ModbusEndpointSettings",
    "ModbusRefusal",
    "ModbusTcpServer",
    "RegisterCells",
    "RegisterImage",
    "TcpLimits",
    "UnitDirectory",
    "UnitMemory",
    "UnknownUnit",
]

_MODULES = {
    "BitCells": "memory",
    "DeviceIdentity": "device_identity",
    "ExceptionCode": "codes",
    "FileRecords": "device_files",
    "FunctionCode": "codes",
    "MbapConnection": "mbap",
    "ModbusEndpoint": "endpoint",
    "ModbusEndpointSettings": "endpoint",
    "ModbusRefusal": "codes",
    "ModbusTcpServer": "tcp",
    "ModbusDevice": "device",
    "RegisterCells": "memory",
    "RegisterImage": "image",
    "TcpLimits": "tcp",
    "UnitDirectory": "mbap",
    "UnitMemory": "memory",
    "UnknownUnit": "mbap",
}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
