"""From what a rig file says about an endpoint to the settings of its transport."""

from __future__ import annotations

from collections.abc import Sequence

from emulators.description.gateway_entry import GatewayEntry
from emulators.description.modbus_transport import ModbusTransportEntry, SerialEntry, TlsEntry
from emulators.description.rig import EndpointEntry, UnitEntry
from emulators.modbus.described_characters import described_characters
from emulators.modbus.endpoint import EndpointUnit
from emulators.modbus.gateway_settings import GatewayLine, GatewaySettings
from emulators.modbus.mbap import UnknownUnit
from emulators.modbus.permissions import EVERY_FUNCTION, READ_FUNCTIONS, PermissionTable
from emulators.modbus.response_times import UnitLatency
from emulators.modbus.serial_settings import Parity
from emulators.modbus.tcp import TcpLimits
from emulators.modbus.tls import TlsSettings
from emulators.modbus.transports import LineSettings, Transport
from emulators.timebase import NS_PER_S

__all__ = ["described_transport", "described_units", "described_unknown_unit"]

_PARITIES = {parity.name.lower(): parity for parity in Parity}


def described_transport(entry: EndpointEntry) -> Transport:
    """Return the transport of an endpoint."""
    said = entry.transport or ModbusTransportEntry()
    return Transport(
        entry.protocol,
        entry.host,
        entry.port,
        limits=_limits(said),
        latencies={
            unit.unit_id: UnitLatency(unit.latency_ns, unit.jitter_ns)
            for unit in entry.units
            if (unit.latency_ns or unit.jitter_ns) and not unit.is_rival
        },
        gateway=_gateway(said.gateway, entry.units),
        line=_line(said.serial) if said.serial is not None else LineSettings(),
        tls=_tls(said.tls) if said.tls is not None else None,
    )


def described_unknown_unit(entry: EndpointEntry) -> UnknownUnit:
    """Return what an endpoint's requests to other units get."""
    said = entry.transport or ModbusTransportEntry()
    return UnknownUnit(said.unknown_unit)


def described_units(entry: EndpointEntry) -> tuple[EndpointUnit, ...]:
    """Return the units of an endpoint."""
    return tuple(
        EndpointUnit(
            unit.unit_id, unit.register_map, UnitLatency(unit.latency_ns, unit.jitter_ns), is_rival=unit.is_rival
        )
        for unit in entry.units
    )


def _gateway(said: GatewayEntry, units: Sequence[UnitEntry]) -> GatewaySettings:
    lines = tuple(
        GatewayLine(
            frozenset(unit.unit_id for unit in units if unit.line == line.name),
            described_characters(line.characters),
            line.protocol,
            line.name,
        )
        for line in said.lines
    )
    return GatewaySettings(said.unit_timeout_ns, said.queue, lines)


def _limits(said: ModbusTransportEntry) -> TcpLimits:
    limits = TcpLimits()
    return TcpLimits(
        max_connections=limits.max_connections if said.max_connections is None else said.max_connections,
        idle_s=limits.idle_s if said.idle_ns is None else said.idle_ns / NS_PER_S,
    )


def _line(said: SerialEntry) -> LineSettings:
    return LineSettings(
        described_characters(said.characters),
        said.serial_port,
        said.link,
        said.has_line_time,
        _PARITIES.get(said.far_end_parity),
        said.wires,
    )


def _tls(said: TlsEntry) -> TlsSettings:
    if not said.roles:
        return TlsSettings(said.certificate, said.key, said.client_ca)
    functions = {role: _functions(codes) for role, codes in said.roles.items()}
    return TlsSettings(said.certificate, said.key, said.client_ca, PermissionTable(functions))


def _functions(codes: str | tuple[int, ...]) -> frozenset[int]:
    if isinstance(codes, tuple):
        return frozenset(codes)
    return EVERY_FUNCTION if codes == "all" else READ_FUNCTIONS
