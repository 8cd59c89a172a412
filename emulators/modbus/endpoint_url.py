"""Where clients find the units of an endpoint.

``modbus-tcp://127.0.0.1:5020/1``, ``modbus-rtu:///dev/pts/5?baud=9600&parity=none&stop=1&unit=1``.
"""

from __future__ import annotations

import os
import re
from urllib.parse import quote

from emulators.modbus.serial_settings import Parity, SerialSettings

__all__ = ["network_url", "serial_url", "unit_url"]

_UNIT = re.compile(r"(?<=[/=])\d+$")


def network_url(protocol: str, address: tuple[str, int], unit_id: int) -> str:
    """Return where a unit is found on a network; an IPv6 address is put in brackets."""
    host, port = address
    return f"{protocol}://{f'[{host}]' if ':' in host else host}:{port}/{unit_id}"


def serial_url(protocol: str, path: str, line: SerialSettings, unit_id: int, *, is_pty: bool) -> str:
    """Return where a unit is found on a serial line, also by clients in another folder.

    Clients of a pty set no parity, for it takes none.
    """
    parity = Parity.NONE if is_pty else line.parity
    query = f"baud={line.baud_rate}&parity={parity.name.lower()}&stop={line.stop_bits}&unit={unit_id}"
    return f"{protocol}://{quote(os.path.abspath(path))}?{query}"


def unit_url(url: str, unit_id: int) -> str:
    """Return the address of another unit at the same place."""
    return _UNIT.sub(str(unit_id), url)
