"""Modbus devices: a synchronous core over wire-order memory, framing without sockets, thin shells on asyncio.

A request goes server (``tcp``, ``udp``, ``serial_server``: sockets and ports) → ``Framing`` (MBAP, RTU, ASCII) →
``UnitDirectory``, through a ``Gateway`` where units take time → ``ModbusDevice.pdu`` → a function of
``functions/table.py`` → ``UnitMemory``; its answer leaves through ``WireExit``, where faults act. ``RegisterImage``
fills that memory from a cell's snapshots.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.exports import lazy_exports

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
else:
    __getattr__, __dir__ = lazy_exports(
        __name__,
        {
            "ascii": ("AsciiLine",),
            "codes": ("ExceptionCode", "FunctionCode", "ModbusRefusal"),
            "device": ("ModbusDevice",),
            "device_files": ("FileRecords",),
            "device_identity": ("DeviceIdentity",),
            "endpoint": ("EndpointUnit", "ModbusEndpoint", "ModbusEndpointSettings"),
            "gateway": ("Gateway",),
            "gateway_settings": ("GatewayLine", "GatewaySettings"),
            "image": ("RegisterImage",),
            "mbap": ("MbapConnection", "UnitDirectory", "UnknownUnit"),
            "memory": ("BitCells", "RegisterCells", "UnitMemory"),
            "permissions": ("PermissionTable",),
            "response_times": ("ResponseTimes", "UnitLatency"),
            "rtu": ("RtuLine",),
            "rtu_stream": ("RtuStream",),
            "serial_port": ("PtyPort", "TtyPort"),
            "serial_server": ("ModbusSerialServer",),
            "serial_settings": ("Parity", "SerialSettings"),
            "tcp": ("ModbusTcpServer", "TcpLimits"),
            "tls": ("TlsSettings",),
            "transports": ("LineSettings", "Transport"),
            "udp": ("ModbusUdpServer",),
        },
    )

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
