"""Units at one place under one name: the server of their transport, and why it does not start."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl

from emulators.errors import LinkError
from emulators.modbus.endpoint_url import network_url, serial_url
from emulators.modbus.serial_server import ModbusSerialServer
from emulators.modbus.transports import LineSettings, ServedUnits, Transport, make_gateway, make_server

__all__ = ["ModbusListener"]


class ModbusListener:
    """Serves units; ``start`` and ``stop`` run on the event loop."""

    def __init__(self, name: str, transport: Transport, units: ServedUnits) -> None:
        self.name = name
        self.transport = transport
        self.faults = units.faults
        self._gateway = make_gateway(transport, units)
        self.server = make_server(transport, units, self._gateway)

    def url(self, unit_id: int) -> str:
        """Return where a unit is found. A port that the machine chooses is known after ``start``."""
        protocol, line = self.transport.protocol, self.transport.line
        if isinstance(self.server, ModbusSerialServer):
            is_pty = not line.serial_port
            return serial_url(protocol, self.server.path, line.settings, unit_id, is_pty=is_pty)
        return network_url(protocol, self.server.address, unit_id)

    async def start(self) -> None:
        """Listen.

        Raises:
            LinkError: the address cannot be bound, the serial port not opened, a certificate not loaded.
        """
        server = self.server
        loop = asyncio.get_running_loop()
        self.faults.when_down = lambda: loop.call_soon_threadsafe(server.reset_connections)
        try:
            await server.start()
        except OSError as error:
            raise LinkError(f"endpoint {self.name}: {self._why_not(error)}") from error

    def restart(self) -> None:
        """Forget what clients have asked for that no unit has come to yet."""
        if self._gateway is not None:
            self._gateway.restart()

    async def stop(self) -> None:
        """Close every connection and stop listening."""
        self.faults.when_down = None
        await self.server.stop()

    def _why_not(self, error: OSError) -> str:
        reason = error.strerror or str(error)
        if isinstance(error, ssl.SSLError):
            return f"cannot use its certificate, key or client_ca: {reason}; all three are PEM files"
        if self.transport.tls is not None and error.filename is not None:
            return f"cannot read {error.filename}: {reason}; name a PEM file"
        if isinstance(self.server, ModbusSerialServer):
            return _why_no_line(self.transport.line, error, reason)
        host, port = self.server.address
        return f"cannot listen on {host}:{port}: {_why_no_address(error) or reason}"


def _why_no_line(line: LineSettings, error: OSError, reason: str) -> str:
    if line.serial_port and error.errno in (errno.ENOTTY, errno.EINVAL):
        hint = "a pseudo terminal takes 8 bits without parity only"
        return f"{line.serial_port} is no serial port, or none that can be set to {line.settings}; {hint}"
    if line.link and isinstance(error, FileExistsError):
        return f"cannot make the link {line.link}: a file of that name is there; name another"
    return f"cannot open {line.serial_port or line.link or 'a pty'}: {reason}"


def _why_no_address(error: OSError) -> str:
    if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
        return "that is no address of this machine; use 127.0.0.1, or 0.0.0.0 to be reached from other machines"
    if error.errno == errno.EADDRINUSE:
        return "the port is taken; stop what listens there, or use port 0 for a free one"
    if error.errno == errno.EACCES:
        return "not permitted; use a port from 1024 on"
    if error.errno in (errno.EMFILE, errno.ENFILE):
        return "too many files and sockets are open; allow more (ulimit -n), or listen on fewer ports"
    return ""
