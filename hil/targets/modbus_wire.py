"""What pymodbus needs for one connection to a device: our own sockets and TLS, its framings, a note of what went by.

What is wrong with a socket, a certificate or a serial port is said exactly, and so is what came in place of an answer.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from types import MappingProxyType

from pymodbus import FramerType
from pymodbus.client import ModbusSerialClient, ModbusTcpClient, ModbusUdpClient
from pymodbus.pdu import ModbusPDU

from emulators.errors import LinkError
from emulators.modbus.codes import FunctionCode
from hil.targets.modbus_connection import open_datagrams, open_stream, serial_failure
from hil.targets.modbus_url import ModbusUrl

__all__ = ["PymodbusClient", "Wire", "open_client"]

PymodbusClient = ModbusTcpClient | ModbusUdpClient | ModbusSerialClient


class Wire:
    """What went over the wire since the last request began."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Begin anew."""
        self.sent = b""
        self.received = b""
        self.function_code = 0

    def trace_pdu(self, is_sent: bool, pdu: ModbusPDU) -> ModbusPDU:
        """Note what is asked."""
        if is_sent:
            self.function_code = pdu.function_code
        return pdu

    def trace(self, is_sent: bool, frame: bytes) -> bytes:
        """Note a frame; pymodbus shows what it has received so far each time that more has come."""
        if is_sent:
            self.sent, self.received = frame, b""
        else:
            self.received = frame if frame.startswith(self.received) else self.received + frame
        return frame


def open_client(url: ModbusUrl, timeout_s: float, wire: Wire) -> PymodbusClient:
    """Return a connected client that notes frames in ``wire`` and sends each request once.

    Raises:
        LinkError: the device cannot be reached, or the serial port not opened.
    """
    _silence_log()
    client = _CLIENTS[url.scheme](url, timeout_s, wire)
    client.register(_ServerId)
    return client


class _ServerId(ModbusPDU):
    """Answer of Report Server ID, all of it: pymodbus takes the last byte, the maker's own, for the run indicator."""

    function_code = FunctionCode.REPORT_SERVER_ID
    rtu_byte_count_pos = 2
    identifier = b""

    def encode(self) -> bytes:
        return bytes((len(self.identifier),)) + self.identifier

    def decode(self, data: bytes) -> None:
        self.identifier = data[1 : 1 + data[0]]


def _stream_client(url: ModbusUrl, timeout_s: float, wire: Wire) -> PymodbusClient:
    framer = FramerType.RTU if url.scheme == "modbus-rtu-over-tcp" else FramerType.SOCKET
    client = ModbusTcpClient(
        url.host,
        port=url.port,
        framer=framer,
        timeout=timeout_s,
        retries=0,
        trace_packet=wire.trace,
        trace_pdu=wire.trace_pdu,
    )
    client.socket = open_stream(url, timeout_s)
    return client


def _datagram_client(url: ModbusUrl, timeout_s: float, wire: Wire) -> PymodbusClient:
    datagrams = open_datagrams(url, timeout_s)
    host = datagrams.getpeername()[0]
    client = ModbusUdpClient(
        host, port=url.port, timeout=timeout_s, retries=0, trace_packet=wire.trace, trace_pdu=wire.trace_pdu
    )
    client.socket = datagrams
    return client


def _serial_client(url: ModbusUrl, timeout_s: float, wire: Wire) -> PymodbusClient:
    client = ModbusSerialClient(
        url.path,
        framer=FramerType.ASCII if url.scheme == "modbus-ascii" else FramerType.RTU,
        baudrate=url.line.baud_rate,
        bytesize=url.line.data_bits,
        parity=url.line.parity.value,
        stopbits=url.line.stop_bits,
        timeout=timeout_s,
        retries=0,
        trace_packet=wire.trace,
        trace_pdu=wire.trace_pdu,
    )
    if not client.connect():
        raise LinkError(f"{url.name}: {serial_failure(url)}")
    return client


_CLIENTS: Mapping[str, Callable[[ModbusUrl, float, Wire], PymodbusClient]] = MappingProxyType(
    {
        "modbus-tcp": _stream_client,
        "modbus-tls": _stream_client,
        "modbus-udp": _datagram_client,
        "modbus-rtu-over-tcp": _stream_client,
        "modbus-rtu": _serial_client,
        "modbus-ascii": _serial_client,
    }
)


def _silence_log() -> None:
    """Keep pymodbus from printing what we raise; whoever sets up logging still gets its records."""
    log = logging.getLogger("pymodbus")
    if not log.handlers:
        log.addHandler(logging.NullHandler())
