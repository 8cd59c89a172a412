"""How a Modbus endpoint of a rig is reached: what its keys say beyond host and port, by protocol."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from emulators.description.characters import (
    CHARACTER_KEYS,
    PARITIES,
    SERIAL_PROTOCOLS,
    CharacterEntry,
    read_characters,
)
from emulators.description.gateway_entry import GATEWAY_KEYS, GatewayEntry, read_gateway
from emulators.description.source import Findings, Located
from emulators.description.table_reader import TableReader
from emulators.description.toml_nodes import TomlArray, TomlNode, TomlScalar

__all__ = [
    "LINE_PROTOCOLS",
    "LINE_UNIT_IDS",
    "MODBUS_PROTOCOLS",
    "NETWORK_UNIT_IDS",
    "ModbusTransportEntry",
    "SerialEntry",
    "TlsEntry",
    "read_modbus_transport",
]

LINE_PROTOCOLS = ("modbus-rtu-over-tcp", *SERIAL_PROTOCOLS)
"""Where frames look as on a serial line: unit id 0 is the broadcast, other units are silent."""
LINE_UNIT_IDS, NETWORK_UNIT_IDS = range(1, 248), range(256)
"""Unit ids that a device may have, on a line and elsewhere."""
MODBUS_PROTOCOLS = ("modbus-tcp", "modbus-tls", "modbus-udp", "modbus-rtu-over-tcp", *SERIAL_PROTOCOLS)

_UNKNOWN_UNITS = ("exception", "silence", "device")
_STREAM_KEYS = ("max_connections", "idle_timeout")
_LATENCY_KEYS = ("latency", "jitter")
_SERIAL_KEYS = (*CHARACTER_KEYS, "serial_port", "link", "line_time", "far_end_parity", "wires")
_TLS_KEYS = ("certificate", "key", "client_ca", "roles")
_KEYS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "modbus-tcp": (*_STREAM_KEYS, *_LATENCY_KEYS, "unknown_unit", *GATEWAY_KEYS),
        "modbus-tls": (*_STREAM_KEYS, *_LATENCY_KEYS, "unknown_unit", *GATEWAY_KEYS, *_TLS_KEYS),
        "modbus-udp": (*_LATENCY_KEYS, "unknown_unit", *GATEWAY_KEYS),
        "modbus-rtu-over-tcp": (*_STREAM_KEYS, *_LATENCY_KEYS),
        "modbus-rtu": (*_SERIAL_KEYS, *_LATENCY_KEYS),
        "modbus-ascii": (*_SERIAL_KEYS, *_LATENCY_KEYS),
    }
)


@dataclass(frozen=True, slots=True)
class SerialEntry:
    """A serial line. Without ``serial_port`` it is a pty, which ``link`` is a symbolic link to.

    ``far_end_parity`` is what clients of the pty are taken to be set to, empty for the right one. ``wires`` is 4 where
    the far end has a pair of its own.
    """

    serial_port: str
    link: str
    characters: CharacterEntry
    has_line_time: bool = True
    far_end_parity: str = ""
    wires: int = 2


@dataclass(frozen=True, slots=True)
class TlsEntry:
    """Files in PEM form and the function codes of each role; ``"all"``, ``"read"`` or the codes."""

    certificate: str
    key: str
    client_ca: str
    roles: Mapping[str, str | tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class ModbusTransportEntry:
    """What an endpoint says beyond host, port and units; None leaves the default."""

    max_connections: int | None = None
    idle_ns: int | None = None
    unknown_unit: str = _UNKNOWN_UNITS[0]
    serial: SerialEntry | None = None
    tls: TlsEntry | None = None
    gateway: GatewayEntry = field(default_factory=GatewayEntry)


def read_modbus_transport(
    reader: TableReader, protocol: Located[str], folder: str, findings: Findings
) -> ModbusTransportEntry:
    """Read the keys of one protocol and report those that belong to another one; relative paths start at ``folder``."""
    known = _KEYS.get(protocol.value, ())
    all_keys = {key: None for keys in _KEYS.values() for key in keys}
    foreign = [key for key in all_keys if key not in known]
    if protocol.value in SERIAL_PROTOCOLS:
        foreign += ["host", "port"]
    for key in foreign:
        if reader.has(key):
            findings.add(reader.key_span(key), f"an endpoint of {protocol.value} has no {key}", f"drop {key}")
    max_connections = reader.integer("max_connections", low=1, high=100_000) if "max_connections" in known else None
    idle = reader.duration_ns("idle_timeout", may_be_zero=False) if "idle_timeout" in known else None
    unknown_unit = reader.choice("unknown_unit", _UNKNOWN_UNITS) if "unknown_unit" in known else None
    return ModbusTransportEntry(
        max_connections=max_connections.value if max_connections else None,
        idle_ns=idle.value if idle else None,
        unknown_unit=unknown_unit.value if unknown_unit else _UNKNOWN_UNITS[0],
        serial=_serial(reader, folder, protocol.value, findings) if protocol.value in SERIAL_PROTOCOLS else None,
        tls=_tls(reader, folder, findings) if protocol.value == "modbus-tls" else None,
        gateway=read_gateway(reader, findings) if "lines" in known else GatewayEntry(),
    )


def _serial(reader: TableReader, folder: str, protocol: str, findings: Findings) -> SerialEntry:
    serial_port, link = reader.text("serial_port", may_be_empty=False), reader.text("link", may_be_empty=False)
    characters = read_characters(reader, protocol)
    far_end_parity = reader.choice("far_end_parity", PARITIES)
    wires = reader.integer("wires", low=2, high=4)
    if wires is not None and wires.value == 3:
        findings.add(wires.span, "a line has 2 wires or 4", "write 2 for RS-485, 4 where the client has its own pair")
    return SerialEntry(
        serial_port=serial_port.value if serial_port else "",
        link=os.path.join(folder, link.value) if link else "",
        characters=characters,
        has_line_time=reader.boolean("line_time", default=True),
        far_end_parity=far_end_parity.value if far_end_parity else "",
        wires=wires.value if wires else 2,
    )


def _tls(reader: TableReader, folder: str, findings: Findings) -> TlsEntry:
    reader.require("certificate", "key", "client_ca")
    paths = []
    for name in ("certificate", "key", "client_ca"):
        text = reader.text(name, may_be_empty=False)
        path = os.path.normpath(os.path.join(folder, text.value)) if text else ""
        if text is not None and not os.path.isfile(path):
            findings.add(text.span, f"there is no file {path}", "paths start at the rig's folder")
        paths.append(path)
    table = reader.table("roles")
    roles: dict[str, str | tuple[int, ...]] = {}
    for role, entry in table.entries.items() if table else ():
        functions = _functions(entry)
        if functions is None:
            hint = 'write "all", "read" or an array of codes from 1 to 127'
            findings.add(entry.span, f"role '{role[:40]}' does not say which function codes it may use", hint)
        else:
            roles[role] = functions
    certificate, key, client_ca = paths
    return TlsEntry(certificate, key, client_ca, MappingProxyType(roles))


def _functions(node: TomlNode) -> str | tuple[int, ...] | None:
    if isinstance(node, TomlScalar):
        return str(node.value) if node.value in ("all", "read") else None
    if not isinstance(node, TomlArray):
        return None
    codes = [item.value for item in node.items if isinstance(item, TomlScalar)]
    are_codes = all(isinstance(code, int) and not isinstance(code, bool) and 1 <= code <= 127 for code in codes)
    return tuple(codes) if are_codes and len(codes) == len(node.items) else None
