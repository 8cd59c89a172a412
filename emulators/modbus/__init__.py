"""Modbus devices: a synchronous core over wire-order memory, framing without sockets, thin shells on asyncio.

A request goes server (``tcp``, ``udp``, ``serial_server``: sockets and ports) → ``Framing`` (MBAP, RTU, ASCII) →
``UnitDirectory``, through a ``Gateway`` where units take time → ``ModbusDevice.pdu`` → a function of
``functions/table.py`` → ``UnitMemory``; its answer leaves through ``WireExit``, where faults act. ``RegisterImage``
fills that memory from a cell's snapshots.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from emulators.modbus.ascii import AsciiLine
    from emulators.modbus.codes import ExceptionCode, FunctionCode, ModbusRefusal
    from emulators.modbus.device import ModbusDevice
    from emulators.modbus.device_files import FileRecords
    from emulators.modbus.device_identity import DeviceIdentity
    from emulators.modbus.endpoint import EndpointUnit, ModbusEndpoint, ModbusEndpointSettings
    from emulators.modbus.gateway import Gateway
    from emulators.modbus.gateway_settings import GatewayLine, GatewaySettings
    from emulators.modbus.image import RegisterImage
    from emulators.modbus.mbap import MbapConnection, UnitDirectory, UnknownUnit
    from emulators.modbus.memory import BitCells, RegisterCells, UnitMemory
    from emulators.modbus.permissions import PermissionTable
    from emulators.modbus.response_times import ResponseTimes, UnitLatency
    from emulators.modbus.rtu import RtuLine
    from emulators.modbus.rtu_stream import RtuStream
    from emulators.modbus.serial_port import PtyPort, TtyPort
    from emulators.modbus.serial_server import ModbusSerialServer
    from emulators.modbus.serial_settings import Parity, SerialSettings
    from emulators.modbus.tcp import ModbusTcpServer, TcpLimits
    from emulators.modbus.tls import TlsSettings
    from emulators.modbus.transports import LineSettings, Transport
    from emulators.modbus.udp import ModbusUdpServer

__all__ = [
    "AsciiLine",
    "BitCells",
    "DeviceIdentity",
    "EndpointUnit",
    "ExceptionCode",
    "FileRecords",
    "FunctionCode",
    "Gateway",
    "GatewayLine",
    "GatewaySettings",
    "LineSettings",
    "MbapConnection",
    "ModbusDevice",
    "ModbusEndpoint",
    "ModbusEndpointSettings",
    "ModbusRefusal",
    "ModbusSerialServer",
    "ModbusTcpServer",
    "ModbusUdpServer",
    "Parity",
    "PermissionTable",
    "PtyPort",
    "RegisterCells",
    "RegisterImage",
    "ResponseTimes",
    "RtuLine",
    "RtuStream",
    "SerialSettings",
    "TcpLimits",
    "TlsSettings",
    "Transport",
    "TtyPort",
    "UnitDirectory",
    "UnitLatency",
    "UnitMemory",
    "UnknownUnit",
]

_MODULES = {
    "AsciiLine": "ascii",
    "BitCells": "memory",
    "DeviceIdentity": "device_identity",
    "EndpointUnit": "endpoint",
    "ExceptionCode": "codes",
    "FileRecords": "device_files",
    "FunctionCode": "codes",
    "Gateway": "gateway",
    "GatewayLine": "gateway_settings",
    "GatewaySettings": "gateway_settings",
    "LineSettings": "transports",
    "MbapConnection": "mbap",
    "ModbusDevice": "device",
    "ModbusEndpoint": "endpoint",
    "ModbusEndpointSettings": "endpoint",
    "ModbusRefusal": "codes",
    "ModbusSerialServer": "serial_server",
    "ModbusTcpServer": "tcp",
    "ModbusUdpServer": "udp",
    "Parity": "serial_settings",
    "PermissionTable": "permissions",
    "PtyPort": "serial_port",
    "RegisterCells": "memory",
    "RegisterImage": "image",
    "ResponseTimes": "response_times",
    "RtuLine": "rtu",
    "RtuStream": "rtu_stream",
    "SerialSettings": "serial_settings",
    "TcpLimits": "tcp",
    "TlsSettings": "tls",
    "Transport": "transports",
    "TtyPort": "serial_port",
    "UnitDirectory": "mbap",
    "UnitLatency": "response_times",
    "UnitMemory": "memory",
    "UnknownUnit": "mbap",
}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
