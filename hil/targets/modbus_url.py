"""Addresses of Modbus devices: ``modbus-tcp://host:port/unit``, ``modbus-rtu:///dev/ttyUSB0?baud=9600&unit=3``."""

from __future__ import annotations

import ipaddress
import os
from dataclasses import dataclass, replace
from types import MappingProxyType
from urllib.parse import parse_qsl, urlsplit

from emulators.errors import did_you_mean

__all__ = ["ModbusUrl"]

_NETWORK_SCHEMES = ("modbus-tcp", "modbus-udp", "modbus-rtu-over-tcp")
_SERIAL_SCHEMES = ("modbus-rtu", "modbus-ascii")
_PARITIES = MappingProxyType({"none": "N", "even": "E", "odd": "O"})
_SERIAL_KEYS = ("baud", "parity", "stop", "unit")
_PSEUDO_TERMINALS = "/dev/pts/"
_DEFAULT_PORT = 502


@dataclass(frozen=True, slots=True)
class ModbusUrl:
    """Where a device answers. ``path`` is the serial port, empty on a network; ``parity`` is N, E or O.

    The defaults of a serial line are those of the standard: 19,200 baud, even parity, one stop bit.
    """

    scheme: str
    host: str = ""
    port: int = _DEFAULT_PORT
    path: str = ""
    baud: int = 19200
    parity: str = "E"
    stop_bits: int = 1
    unit_id: int = 1

    @classmethod
    def parse(cls, text: str) -> ModbusUrl:
        """Return the address that a text means.

        Raises:
            ValueError: with what is wrong and what to write instead.
        """
        parts = urlsplit(text)
        schemes = (*_NETWORK_SCHEMES, *_SERIAL_SCHEMES)
        if parts.scheme not in schemes:
            hint = did_you_mean(parts.scheme, schemes) or "write modbus-tcp://host:port/unit"
            raise ValueError(f"'{text}' is no Modbus address; {hint}")
        if parts.scheme in _SERIAL_SCHEMES:
            return _serial(cls(parts.scheme, path=parts.path), text, parts.query)
        if not parts.hostname or parts.query or parts.fragment:
            raise ValueError(f"'{text}' is no Modbus address; write {parts.scheme}://host:port/unit")
        try:
            port = _DEFAULT_PORT if parts.port is None else parts.port
        except ValueError:
            raise ValueError(f"'{text}': the port must be a number from 1 to 65535") from None
        unit_id = _number(text, "unit", parts.path.strip("/") or "1", 0, 255)
        return cls(parts.scheme, host=parts.hostname, port=port, unit_id=unit_id)

    @property
    def is_serial(self) -> bool:
        return self.scheme in _SERIAL_SCHEMES

    @property
    def data_bits(self) -> int:
        """Seven for ASCII, as the standard asks; a pseudo terminal has eight always."""
        return 7 if self.scheme == "modbus-ascii" and not self._is_pseudo_terminal else 8

    @property
    def place(self) -> str:
        """Host or serial port: what must be allowed before anything is written there."""
        return self.path if self.is_serial else self.host

    @property
    def is_local(self) -> bool:
        """Whether the far end is this machine: a loopback address or a pseudo terminal."""
        if self.is_serial:
            return self._is_pseudo_terminal
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host.casefold() == "localhost"

    @property
    def _is_pseudo_terminal(self) -> bool:
        return os.path.realpath(self.path).startswith(_PSEUDO_TERMINALS)  # also where a link leads to one

    def with_unit(self, unit_id: int) -> ModbusUrl:
        """Return the address of another unit at the same place."""
        return replace(self, unit_id=unit_id)

    def __str__(self) -> str:
        if self.is_serial:
            parity = next(name for name, letter in _PARITIES.items() if letter == self.parity)
            settings = f"baud={self.baud}&parity={parity}&stop={self.stop_bits}&unit={self.unit_id}"
            return f"{self.scheme}://{self.path}?{settings}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}/{self.unit_id}"


def _serial(url: ModbusUrl, text: str, query: str) -> ModbusUrl:
    if not url.path.strip("/"):
        raise ValueError(f"'{text}' names no serial port; write {url.scheme}:///dev/ttyUSB0?baud=9600")
    settings = dict(parse_qsl(query, keep_blank_values=True))
    for key in settings:
        if key not in _SERIAL_KEYS:
            hint = did_you_mean(key, _SERIAL_KEYS) or f"known are {', '.join(_SERIAL_KEYS)}"
            raise ValueError(f"'{text}': unknown setting '{key}'; {hint}")
    parity = settings.get("parity", "even")
    if parity not in _PARITIES:
        raise ValueError(f"'{text}': parity is none, even or odd")
    return replace(
        url,
        baud=_number(text, "baud", settings.get("baud", "19200"), 50, 4_000_000),
        parity=_PARITIES[parity],
        stop_bits=_number(text, "stop", settings.get("stop", "1"), 1, 2),
        unit_id=_number(text, "unit", settings.get("unit", "1"), 0, 255),
    )


def _number(text: str, what: str, digits: str, low: int, high: int) -> int:
    if digits.isascii() and digits.isdecimal() and low <= int(digits) <= high:
        return int(digits)
    raise ValueError(f"'{text}': {what} '{digits}' must be a number from {low} to {high}")
