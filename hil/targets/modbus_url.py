"""Addresses of Modbus devices: ``modbus-tcp://host:port/unit``, ``modbus-rtu:///dev/ttyUSB0?baud=9600&unit=3``.

The schemes are the protocols of rig files, also without ``modbus-``. An IP address or ``localhost`` without a
scheme is Modbus TCP, a serial port RTU. Rig links, the command line and what an endpoint calls itself share them.
"""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from urllib.parse import SplitResult, quote, unquote, urlsplit

from emulators.description.characters import SERIAL_PROTOCOLS
from emulators.description.modbus_transport import MODBUS_PROTOCOLS, NETWORK_UNIT_IDS
from emulators.errors import did_you_mean
from emulators.modbus.serial_settings import Parity, SerialSettings

__all__ = ["ClientTls", "ModbusUrl"]

_DEFAULT_PORTS = MappingProxyType({"modbus-tls": 802})
_DEFAULT_PORT = 502
_TLS_KEYS = ("certificate", "key", "server_ca", "server_name")
_KEYS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "modbus-tls": _TLS_KEYS,
        "modbus-rtu": ("baud", "parity", "stop", "unit"),
        "modbus-ascii": ("baud", "parity", "stop", "data", "unit"),
    }
)
_PARITIES = MappingProxyType({parity.name.lower(): parity for parity in Parity})
_NUMERIC_HOST = re.compile(r"(?:\d+\.\d+\.\d+\.\d+|\[[0-9A-Fa-f:.]+\]|localhost)(?![^:/])")
_PSEUDO_TERMINALS = "/dev/pts/"


@dataclass(frozen=True, slots=True)
class ClientTls:
    """What a client shows and whom it trusts, as PEM files.

    ``key`` may stand in the file of ``certificate``. Without ``server_ca`` the authorities of this machine are trusted;
    ``server_name`` is whom the server's certificate must name, else the host of the address.
    """

    certificate: str = ""
    key: str = ""
    server_ca: str = ""
    server_name: str = ""


@dataclass(frozen=True, slots=True)
class ModbusUrl:
    """Where a device answers. ``path`` is the serial port, empty on a network; ``line`` is how that port is set.
    ``says_unit`` is whether the address has the unit id, or it is only the usual one.

    The defaults of a serial line are those of the standard: 19,200 baud, even parity, one stop bit.
    """

    scheme: str
    host: str = ""
    port: int = 0
    path: str = ""
    line: SerialSettings = field(default_factory=SerialSettings)
    tls: ClientTls = field(default_factory=ClientTls)
    unit_id: int = 1
    says_unit: bool = field(default=True, compare=False)

    @classmethod
    def parse(cls, text: str) -> ModbusUrl:
        """Return the address that a text means.

        Raises:
            ValueError: with what is wrong and what to write instead.
        """
        text = _with_scheme(text)
        scheme = _scheme(text)
        parts, port = _split(text)
        settings = _settings(text, scheme, parts.query)
        if scheme in SERIAL_PROTOCOLS:
            if parts.netloc or not parts.path.strip("/"):
                path = _absolute(f"{parts.netloc}{parts.path}") if parts.netloc else "/dev/ttyUSB0"
                raise ValueError(f"'{text}' names no serial port; write three slashes: {scheme}://{path}?baud=9600")
            return _serial(text, scheme, unquote(parts.path), settings)
        if not parts.hostname or parts.fragment or parts.username is not None:
            raise ValueError(f"'{text}' is no Modbus address; write {scheme}://host:port/unit")
        return cls(
            scheme,
            host=parts.hostname,
            port=_DEFAULT_PORTS.get(scheme, _DEFAULT_PORT) if port is None else port,
            unit_id=_unit_id(text, parts.path.strip("/") or "1"),
            says_unit=bool(parts.path.strip("/")),
            tls=ClientTls(**settings),
        )

    @staticmethod
    def is_meant_by(text: str) -> bool:
        """Whether a text has the look of an address, rather than that of a tag, a file or a stretch of addresses."""
        return "://" in text or text.startswith("/dev/") or _NUMERIC_HOST.match(text) is not None

    @property
    def is_serial(self) -> bool:
        return self.scheme in SERIAL_PROTOCOLS

    @property
    def place(self) -> str:
        """Host or serial port: what must be allowed before anything is written there."""
        return self.path if self.is_serial else self.host

    @property
    def is_local(self) -> bool:
        """Whether the far end is this machine: a loopback address or a pseudo terminal."""
        if self.is_serial:
            return _is_pseudo_terminal(self.path)
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host.casefold() == "localhost"

    @property
    def name(self) -> str:
        """The address without its settings, for messages."""
        if self.is_serial:
            return f"{self.scheme}://{self.path} unit {self.unit_id}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}/{self.unit_id}"

    def with_unit(self, unit_id: int) -> ModbusUrl:
        """Return the address of another unit at the same place."""
        return replace(self, unit_id=unit_id, says_unit=True)

    def or_unit(self, unit_id: int | None) -> ModbusUrl:
        """Return the address with this unit id where it says none itself."""
        return self if self.says_unit or unit_id is None else self.with_unit(unit_id)

    def __str__(self) -> str:
        """Return the whole address, as ``parse`` takes it."""
        if self.is_serial:
            return f"{self.scheme}://{quote(self.path)}?{_joined(self._line_settings())}"
        said = {key: getattr(self.tls, key) for key in _TLS_KEYS if getattr(self.tls, key)}
        return f"{self.name}?{_joined(said)}" if said else self.name

    def _line_settings(self) -> dict[str, object]:
        line = self.line
        settings: dict[str, object] = {"baud": line.baud_rate, "parity": line.parity.name.lower()}
        settings["stop"] = line.stop_bits
        if "data" in _KEYS[self.scheme] and line.data_bits != _usual_data_bits(self.scheme, self.path):
            settings["data"] = line.data_bits
        return {**settings, "unit": self.unit_id}


def _absolute(path: str) -> str:
    """Return where a path leads that lacks its first slash: from here if it does, else from the root."""
    return quote(os.path.abspath(path)) if os.path.exists(path) else f"/{path}"


def _with_scheme(text: str) -> str:
    """Return an address with its protocol: a serial port alone means RTU, an IP address or localhost Modbus TCP."""
    if text.startswith("/"):
        return f"modbus-rtu://{text}"
    if _NUMERIC_HOST.match(text):
        return f"modbus-tcp://{text}"
    if "://" in text:
        return text
    raise ValueError(f"'{text}' is no Modbus address; write modbus-tcp://{text.strip('.:/') or 'host:port/unit'}")


def _scheme(text: str) -> str:
    """Return the protocol of an address; ``modbus-`` may be left out."""
    said, _, _ = text.partition("://")
    for protocol in (said, f"modbus-{said}"):
        if protocol in MODBUS_PROTOCOLS:
            return protocol
    short = [protocol.removeprefix("modbus-") for protocol in MODBUS_PROTOCOLS]
    hint = did_you_mean(said, [*MODBUS_PROTOCOLS, *short]) or f"it begins with one of {', '.join(MODBUS_PROTOCOLS)}"
    raise ValueError(f"'{text}' is no Modbus address; {hint}")


def _split(text: str) -> tuple[SplitResult, int | None]:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        port = 0
    if port == 0:
        raise ValueError(f"'{text}': the port must be a number from 1 to 65535")
    return parts, port


def _settings(text: str, scheme: str, query: str) -> dict[str, str]:
    """Return what stands behind the question mark, by key."""
    known = _KEYS.get(scheme, ())
    settings: dict[str, str] = {}
    for each in query.split("&") if query else ():
        key, _, said = each.partition("=")
        if key not in known:
            if key == "unit":
                raise ValueError(f"'{text}': the unit stands behind a slash: {scheme}://host:port/{said or 1}")
            hint = did_you_mean(key, known) or (f"known are {', '.join(known)}" if known else f"{scheme} has none")
            raise ValueError(f"'{text}': unknown setting '{key}'; {hint}")
        if key in settings:
            raise ValueError(f"'{text}' says {key} twice")
        if not said:
            raise ValueError(f"'{text}': {key} has no value; write {key}=…")
        settings[key] = unquote(said)
    return settings


def _serial(text: str, scheme: str, path: str, settings: Mapping[str, str]) -> ModbusUrl:
    usual_parity = Parity.NONE if _is_pseudo_terminal(path) else Parity.EVEN
    parity = settings.get("parity", usual_parity.name.lower())
    if parity not in _PARITIES:
        raise ValueError(f"'{text}': parity is {', '.join(_PARITIES)}, not '{parity}'")
    data_bits = str(_usual_data_bits(scheme, path))
    line = SerialSettings(
        _number(text, "baud", settings.get("baud", "19200"), 50, 4_000_000),
        _PARITIES[parity],
        _number(text, "stop", settings.get("stop", "1"), 1, 2),
        _number(text, "data", settings.get("data", data_bits), 7, 8),
    )
    unit_id = _unit_id(text, settings.get("unit", "1"))
    return ModbusUrl(scheme, path=path, line=line, unit_id=unit_id, says_unit="unit" in settings)


def _usual_data_bits(scheme: str, path: str) -> int:
    """Seven for ASCII, as the standard asks; a pseudo terminal has eight always."""
    return 7 if scheme == "modbus-ascii" and not _is_pseudo_terminal(path) else 8


def _is_pseudo_terminal(path: str) -> bool:
    return os.path.realpath(path).startswith(_PSEUDO_TERMINALS)  # also where a link leads to one


def _joined(settings: Mapping[str, object]) -> str:
    return "&".join(f"{key}={quote(str(value), safe='/:~')}" for key, value in settings.items())


def _unit_id(text: str, digits: str) -> int:
    return _number(text, "unit", digits, NETWORK_UNIT_IDS[0], NETWORK_UNIT_IDS[-1])


def _number(text: str, what: str, digits: str, low: int, high: int) -> int:
    if digits.isascii() and digits.isdecimal() and low <= int(digits) <= high:
        return int(digits)
    raise ValueError(f"'{text}': {what} '{digits}' must be a number from {low} to {high}")
