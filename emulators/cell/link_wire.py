"""What lies between a controller and the devices of its links, by protocol: the client's frames, the far end's framing.

Both are those of a served endpoint and of its clients; only the time is that of the plant.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType

from emulators.description.rig import LinkEntry
from emulators.modbus.client.frames import (
    AsciiFrames,
    ClientFrames,
    DatagramFrames,
    MbapFrames,
    RtuFrames,
    RtuStreamFrames,
)
from emulators.modbus.client.scanner import Connection
from emulators.modbus.described_characters import described_characters
from emulators.modbus.faults.pipeline import FaultPipeline
from emulators.modbus.gateway import Gateway
from emulators.modbus.line_modes import LINE_MODES
from emulators.modbus.line_units import LineStation
from emulators.modbus.mbap import MbapConnection, UnitDirectory
from emulators.modbus.response_times import ResponseTimes, UnitLatency
from emulators.modbus.rtu_stream import RtuStream
from emulators.modbus.serial_settings import SerialSettings

__all__ = ["LinkWire", "client_frames", "connect", "line_settings"]

_FRAMES = MappingProxyType[str, type[ClientFrames]](
    {
        "modbus-tcp": MbapFrames,
        "modbus-udp": DatagramFrames,
        "modbus-rtu-over-tcp": RtuStreamFrames,
        "modbus-rtu": RtuFrames,
        "modbus-ascii": AsciiFrames,
    }
)


class LinkWire:
    """The wire to one device from time 0 on: what can fail on it, and how long the device takes."""

    def __init__(self, entry: LinkEntry, units: UnitDirectory, faults: FaultPipeline, *, seed: int) -> None:
        self.units = units
        self.faults = faults
        self.times = ResponseTimes({entry.unit_id: UnitLatency(entry.latency_ns, entry.jitter_ns)}, seed=seed)
        takes_time = bool(entry.latency_ns or entry.jitter_ns)
        self.gateway = Gateway(units, self.times) if takes_time else None


def client_frames(protocol: str) -> ClientFrames:
    """Return how the client of a protocol frames its requests."""
    return _FRAMES[protocol]()


def line_settings(entry: LinkEntry) -> SerialSettings | None:
    """Return how the serial line of a link is set, None where it is on none."""
    return described_characters(entry.characters) if entry.characters is not None else None


def connect(entry: LinkEntry, wires: Sequence[LinkWire], time_ns: int) -> Connection:
    """Return a new connection to the devices: to one on a network, to all on a serial line.

    Only a stream has a door at which a client can be turned away.
    """
    first, *others = wires
    settings = line_settings(entry)
    if settings is not None:
        stations = [LineStation(wire.units, wire.times, wire.faults) for wire in others]
        make_line = LINE_MODES[entry.protocol].make_line
        return Connection(make_line(first.units, settings, first.faults, times=first.times, rivals=stations, wires=2))
    frames = _FRAMES[entry.protocol]
    faults = first.faults.connect(frames.wire, time_ns)
    if entry.protocol == "modbus-rtu-over-tcp":
        return Connection(RtuStream(first.units, faults, station=LineStation(first.units, first.times)), faults)
    framing = MbapConnection(first.units, faults, gateway=first.gateway)
    return Connection(framing, faults if frames.is_stream else None)
