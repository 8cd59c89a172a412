"""From the settings of an endpoint to the server that speaks its protocol."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType

from emulators.description.modbus_transport import LINE_PROTOCOLS
from emulators.modbus.ascii import AsciiLine
from emulators.modbus.faults.interface import ConnectionFaults
from emulators.modbus.faults.pipeline import FaultPipeline
from emulators.modbus.framing import Framing
from emulators.modbus.gateway import Gateway
from emulators.modbus.gateway_settings import GatewaySettings
from emulators.modbus.line_modes import LINE_MODES
from emulators.modbus.line_units import LineStation
from emulators.modbus.mbap import MBAP_WIRE, MbapConnection, UnitDirectory
from emulators.modbus.response_times import ResponseTimes, UnitLatency
from emulators.modbus.rtu_frames import RTU_WIRE
from emulators.modbus.rtu_stream import RtuStream
from emulators.modbus.serial_port import PtyPort, SerialPort, TtyPort
from emulators.modbus.serial_server import ModbusSerialServer
from emulators.modbus.serial_settings import Parity, SerialSettings
from emulators.modbus.tcp import ModbusTcpServer, StreamKind, TcpLimits
from emulators.modbus.tls import TlsSettings
from emulators.modbus.udp import ModbusUdpServer

__all__ = ["LineSettings", "ModbusServer", "ServedUnits", "Transport", "make_gateway", "make_server"]

ModbusServer = ModbusTcpServer | ModbusUdpServer | ModbusSerialServer
MakeMbap = Callable[[UnitDirectory, ConnectionFaults | None], MbapConnection]

_NO_LINE_TIME = SerialSettings(4_000_000, Parity.NONE)


@dataclass(frozen=True, slots=True)
class LineSettings:
    """A serial line: a port of the machine, or without ``serial_port`` a pty that ``link`` leads to.

    ``wires`` is 2 where units and far end share a pair, as on RS-485, and 4 where the far end has one of its own.
    """

    settings: SerialSettings = field(default_factory=SerialSettings)
    serial_port: str = ""
    link: str = ""
    has_line_time: bool = True
    far_end_parity: Parity | None = None
    wires: int = 2

    @property
    def is_emulated(self) -> bool:
        """Whether the time of the line is emulated; a port of the machine takes its own."""
        return self.has_line_time and not self.serial_port


@dataclass(frozen=True, slots=True)
class Transport:
    """How an endpoint is reached, by protocol."""

    protocol: str = "modbus-tcp"
    host: str = "127.0.0.1"
    port: int = 0
    limits: TcpLimits = field(default_factory=TcpLimits)
    latencies: Mapping[int, UnitLatency] = field(default_factory=dict)
    gateway: GatewaySettings = field(default_factory=GatewaySettings)
    line: LineSettings = field(default_factory=LineSettings)
    tls: TlsSettings | None = None

    @property
    def is_direct(self) -> bool:
        """Whether unit ids 0 and 255 mean the device at the address itself; on serial lines 0 is the broadcast."""
        return self.protocol not in LINE_PROTOCOLS and not self.gateway.lines


@dataclass(frozen=True, slots=True)
class ServedUnits:
    """What a server answers with. ``times`` are those of the transport's latencies. ``rivals`` are further units on
    serial lines, by the unit id that they have too; ``line_faults`` are those of a gateway's lines, by name."""

    directory: UnitDirectory
    faults: FaultPipeline
    times: ResponseTimes = field(default_factory=ResponseTimes)
    rivals: Mapping[int, Sequence[LineStation]] = field(default_factory=dict)
    line_faults: Mapping[str, FaultPipeline] = field(default_factory=dict)


def make_gateway(transport: Transport, units: ServedUnits) -> Gateway | None:
    """Return what requests go through whose units take time or are on lines; None where the server asks them itself."""
    if transport.protocol not in _MBAP or not (transport.latencies or transport.gateway != GatewaySettings()):
        return None
    return Gateway(units.directory, units.times, transport.gateway, rivals=units.rivals, line_faults=units.line_faults)


def make_server(transport: Transport, units: ServedUnits, gateway: Gateway | None) -> ModbusServer:
    """Return a server that does not listen yet; ``gateway`` is that of ``make_gateway``.

    Raises:
        ValueError: there is no such protocol.
    """
    if transport.protocol in _MBAP:
        make = partial(MbapConnection, gateway=gateway) if gateway is not None else MbapConnection
        return _MBAP[transport.protocol](transport, units, make)
    make_server = _LINES.get(transport.protocol)
    if make_server is None:
        raise ValueError(f"protocol '{transport.protocol}' is none of {', '.join((*_MBAP, *_LINES))}")
    return make_server(transport, units)


def _tcp(transport: Transport, units: ServedUnits, make: MakeMbap) -> ModbusServer:
    return _stream(transport, units, StreamKind(MBAP_WIRE, make))


def _udp(transport: Transport, units: ServedUnits, make: MakeMbap) -> ModbusServer:
    return ModbusUdpServer(units.directory, host=transport.host, port=transport.port, make=make, faults=units.faults)


def _rtu_over_tcp(transport: Transport, units: ServedUnits) -> ModbusServer:
    station = LineStation(units.directory, units.times)
    return _stream(transport, units, StreamKind(RTU_WIRE, partial(RtuStream, station=station)))


def _serial(transport: Transport, units: ServedUnits) -> ModbusServer:
    line = transport.line
    make_framing: Callable[[], Framing]
    if line.is_emulated:
        make_framing = partial(
            LINE_MODES[transport.protocol].make_line,
            units.directory,
            line.settings,
            units.faults,
            times=units.times,
            rivals=tuple(station for stations in units.rivals.values() for station in stations),
            wires=line.wires,
        )
    else:
        make_framing = partial(_UNTIMED[transport.protocol], line, units)
    return ModbusSerialServer(_serial_port(line), make_framing, is_line_emulated=line.is_emulated)


def _untimed_rtu(line: LineSettings, units: ServedUnits) -> Framing:
    silence_ns = line.settings.t3_5_ns if line.serial_port else 0
    station = LineStation(units.directory, units.times)
    return RtuStream(units.directory, units.faults.connect(RTU_WIRE, 0), silence_ns=silence_ns, station=station)


def _untimed_ascii(line: LineSettings, units: ServedUnits) -> Framing:
    return AsciiLine(units.directory, _NO_LINE_TIME, units.faults, times=units.times, wires=4)


def _stream(transport: Transport, units: ServedUnits, kind: StreamKind) -> ModbusTcpServer:
    return ModbusTcpServer(
        units.directory,
        host=transport.host,
        port=transport.port,
        limits=transport.limits,
        kind=kind,
        tls=transport.tls,
        faults=units.faults,
    )


def _serial_port(line: LineSettings) -> SerialPort:
    if line.serial_port:
        return TtyPort(line.serial_port, line.settings)
    return PtyPort(line.settings, link=line.link, far_end_parity=line.far_end_parity)


_MBAP: Mapping[str, Callable[[Transport, ServedUnits, MakeMbap], ModbusServer]] = MappingProxyType(
    {"modbus-tcp": _tcp, "modbus-tls": _tcp, "modbus-udp": _udp}
)
_LINES: Mapping[str, Callable[[Transport, ServedUnits], ModbusServer]] = MappingProxyType(
    {"modbus-rtu-over-tcp": _rtu_over_tcp, "modbus-rtu": _serial, "modbus-ascii": _serial}
)
_UNTIMED: Mapping[str, Callable[[LineSettings, ServedUnits], Framing]] = MappingProxyType(
    {"modbus-rtu": _untimed_rtu, "modbus-ascii": _untimed_ascii}
)
