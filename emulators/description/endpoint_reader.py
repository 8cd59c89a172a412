"""Reads ``[[endpoints]]``: a server that the cell exposes over Modbus or OPC UA."""

from __future__ import annotations

from collections.abc import Callable

from emulators.description.endpoint_units import read_units
from emulators.description.modbus_transport import MODBUS_PROTOCOLS, read_modbus_transport
from emulators.description.parameters import read_faults
from emulators.description.register_map import RegisterMapDescription
from emulators.description.rig import EndpointEntry, UnitEntry
from emulators.description.source import Findings, Located
from emulators.description.table_reader import TableReader
from emulators.description.toml_nodes import TomlTable

__all__ = ["read_endpoint"]

_PROTOCOLS = (*MODBUS_PROTOCOLS, "opcua")
_SECURITY = ("Basic256Sha256", "Aes128Sha256RsaOaep", "Aes256Sha256RsaPss", "none")


def read_endpoint(
    table: TomlTable,
    folder: str,
    load_map: Callable[[Located[str]], RegisterMapDescription | None],
    findings: Findings,
) -> EndpointEntry:
    """Return the endpoint that a table describes; paths in it start at ``folder``. What is wrong is reported."""
    reader = TableReader(table, "the endpoint", findings)
    reader.require("name", "protocol")
    name = reader.text("name", may_be_empty=False)
    protocol = reader.choice("protocol", _PROTOCOLS)
    controller = reader.text("controller", may_be_empty=False)
    host = reader.text("host", may_be_empty=False)
    port = reader.integer("port", low=0, high=65535)
    is_modbus = protocol is not None and protocol.value in MODBUS_PROTOCOLS
    transport = read_modbus_transport(reader, protocol, folder, findings) if protocol else None
    is_opcua = protocol is not None and protocol.value == "opcua"
    units: tuple[UnitEntry, ...] = ()
    if protocol is not None and transport is not None and is_modbus:
        units = read_units(reader, protocol.value, transport, load_map, findings)
    security = reader.choice("security", _SECURITY)
    faults = read_faults(reader, "the fault of the endpoint", findings)
    for key, belongs in (
        *((key, is_modbus) for key in ("map", "unit_id", "units", "faults")),
        ("security", is_opcua),
    ):
        if protocol is not None and not belongs and reader.has(key):
            findings.add(reader.key_span(key), f"an endpoint of {protocol.value} has no {key}", f"drop {key}")
    if not reader.has("units"):
        reader.require("controller")
    reader.finish()
    return EndpointEntry(
        name=name.value if name else "",
        protocol=protocol.value if protocol else "",
        controller=controller.value if controller else "",
        host=host.value if host else "127.0.0.1",
        port=port.value if port else 0,
        span=name.span if name else reader.span,
        units=units,
        security=(security.value if security else _SECURITY[0]) if is_opcua else "",
        controller_span=controller.span if controller else reader.span,
        faults=faults,
        transport=transport if is_modbus else None,
    )
