"""Open connections to Modbus devices as plain bytes that never wait: streams, datagrams, serial ports."""

from __future__ import annotations

import contextlib
import socket
import ssl
from typing import Protocol

from emulators.errors import LinkError
from emulators.modbus.serial_port import TtyPort
from hil.targets.modbus_connection import open_datagrams, open_stream, serial_failure
from hil.targets.modbus_url import ModbusUrl

__all__ = ["Port", "open_port"]

_CHUNK = 4096


class Port(Protocol):
    """One connection. ``send`` and ``receive`` raise OSError once it is gone."""

    def fileno(self) -> int:
        """Return the descriptor that becomes readable when something has come."""
        ...

    def send(self, frame: bytes) -> None: ...

    def receive(self) -> bytes:
        """Return what is there, nothing when there is nothing yet."""
        ...

    def close(self) -> None: ...


def open_port(url: ModbusUrl, timeout_s: float) -> Port:
    """Connect within ``timeout_s``.

    Raises:
        LinkError: the device cannot be reached, or the port not opened.
    """
    if url.is_serial:
        return _SerialPort(url)
    if url.scheme == "modbus-udp":
        return _Datagrams(open_datagrams(url, timeout_s))
    return _Stream(open_stream(url, timeout_s))


class _Socket:
    def __init__(self, connected: socket.socket) -> None:
        connected.setblocking(False)
        self._socket = connected

    def fileno(self) -> int:
        return self._socket.fileno()

    def close(self) -> None:
        self._socket.close()


class _Stream(_Socket):
    """TCP, with or without TLS."""

    def send(self, frame: bytes) -> None:
        if self._socket.send(frame) < len(frame):
            raise BrokenPipeError("the device takes no more")

    def receive(self) -> bytes:
        try:
            chunk = self._socket.recv(_CHUNK)
        except (BlockingIOError, ssl.SSLWantReadError):
            return b""
        if not chunk:
            raise ConnectionResetError("the device closed it")
        return chunk


class _Datagrams(_Socket):
    """UDP. A device that is not there at the moment is as good as silent."""

    def send(self, frame: bytes) -> None:
        with contextlib.suppress(ConnectionRefusedError):
            self._socket.send(frame)

    def receive(self) -> bytes:
        with contextlib.suppress(BlockingIOError, ConnectionRefusedError):
            return self._socket.recv(_CHUNK)
        return b""


class _SerialPort:
    def __init__(self, url: ModbusUrl) -> None:
        self._port = TtyPort(url.path, url.line)
        try:
            self._descriptor = self._port.open()
        except OSError as error:
            raise LinkError(f"{url.name}: {serial_failure(url)}") from error

    def fileno(self) -> int:
        return self._descriptor

    def send(self, frame: bytes) -> None:
        if self._port.write(frame) < len(frame):
            raise BrokenPipeError("the serial port takes no more")

    def receive(self) -> bytes:
        try:
            chunk = self._port.read(_CHUNK)
        except BlockingIOError:
            return b""
        if not chunk:
            raise ConnectionResetError("the serial port is gone")
        return chunk

    def close(self) -> None:
        self._port.close()
