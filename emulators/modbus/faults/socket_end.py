"""How a connection of asyncio ends as a fault says: with a reset, or for one direction only."""

from __future__ import annotations

import asyncio
import socket
import struct

from emulators.modbus.faults.interface import Ending

__all__ = ["end_connection", "peer_name"]

_LINGER_FOR_NO_TIME = struct.pack("ii", 1, 0)


def end_connection(transport: asyncio.Transport, ending: Ending) -> None:
    """Carry out an ending; the far end still gets what has been written before."""
    if ending is Ending.HALF_CLOSE and transport.can_write_eof():
        transport.write_eof()
    elif ending is Ending.HALF_CLOSE:  # TLS knows no half-closed connection
        transport.close()
    elif ending is Ending.RESET:
        connection = transport.get_extra_info("socket")
        if connection is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_FOR_NO_TIME)
        transport.abort()


def peer_name(transport: asyncio.BaseTransport) -> str:
    """Return ``host:port`` of the client, empty when it is not known."""
    address = transport.get_extra_info("peername")
    return f"{address[0]}:{address[1]}" if isinstance(address, tuple) else ""
