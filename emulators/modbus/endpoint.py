"""Modbus endpoint of a cell: register images of its units, shown by one listener."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from emulators.description.register_map import RegisterMapDescription
from emulators.modbus.described_device import described_device
from emulators.modbus.device import ModbusDevice
from emulators.modbus.faults.pipeline import FaultPipeline
from emulators.modbus.faults.rule import Rule
from emulators.modbus.image import RegisterImage
from emulators.modbus.line_units import LineStation
from emulators.modbus.listener import ModbusListener
from emulators.modbus.mbap import UnitDirectory, UnknownUnit
from emulators.modbus.response_times import ResponseTimes, UnitLatency
from emulators.modbus.transports import ServedUnits, Transport
from emulators.signals.publication import ClientWrite, Publication, PublishedSnapshot

__all__ = ["EndpointUnit", "EndpointWire", "ModbusEndpoint", "ModbusEndpointSettings"]


@dataclass(frozen=True, slots=True)
class ModbusEndpointSettings:
    """Where and how an endpoint listens.

    On a network unit ids 0 and 255 reach a unit that is alone too, as the device at the address; on a serial line
    and behind RTU over TCP 0 is the broadcast and other units are silent. ``faults`` are switched on from the start;
    ``seed`` decides which exchanges they hit; ``line_faults`` are those on the lines of a gateway, by the line's name.
    """

    name: str
    controller: str = ""
    transport: Transport = field(default_factory=Transport)
    unknown_unit: UnknownUnit = UnknownUnit.GATEWAY_TARGET_FAILED
    faults: tuple[Rule, ...] = ()
    line_faults: Mapping[str, tuple[Rule, ...]] = field(default_factory=dict)
    seed: int = 0


@dataclass(frozen=True, slots=True)
class EndpointWire:
    """A wire of an endpoint that can fail: its own, or that of a line behind it. ``about`` says which."""

    name: str
    protocol: str
    about: str
    faults: FaultPipeline


@dataclass(frozen=True, slots=True)
class EndpointUnit:
    """A device of an endpoint: its unit id and its registers. A rival has the unit id of another device on its
    serial line, too, and takes its own ``latency``; those of others are in the transport."""

    unit_id: int
    register_map: RegisterMapDescription
    latency: UnitLatency = field(default_factory=UnitLatency)
    is_rival: bool = False


class ModbusEndpoint:
    """Serves the tags of register maps over Modbus, one unit a map; satisfies ``emulators.serving.Endpoint``."""

    def __init__(
        self, settings: ModbusEndpointSettings, units: Sequence[EndpointUnit], publication: Publication
    ) -> None:
        """Bind the maps of one or several units.

        Raises:
            DescriptionError: a map does not fit the publication.
        """
        self._settings = settings
        self._first_unit_id = units[0].unit_id
        self._images = tuple(RegisterImage(unit.register_map, publication) for unit in units)
        devices: dict[int, ModbusDevice] = {}
        rivals: dict[int, list[LineStation]] = {}
        self._rivals: list[tuple[int, LineStation]] = []
        for number, (unit, image) in enumerate(zip(units, self._images, strict=True)):
            device = described_device(unit.register_map, image.memory)
            if unit.is_rival:
                times = ResponseTimes({unit.unit_id: unit.latency}, seed=settings.seed + number)
                station = LineStation(UnitDirectory({unit.unit_id: device}), times)
                rivals.setdefault(unit.unit_id, []).append(station)
                self._rivals.append((number, station))
            else:
                devices[unit.unit_id] = device
        self._directory = UnitDirectory(
            devices,
            direct=self._first_unit_id if len(units) == 1 and settings.transport.is_direct else None,
            unknown_unit=settings.unknown_unit,
        )
        self._times = ResponseTimes(settings.transport.latencies, seed=settings.seed)
        self.faults = FaultPipeline(settings.name, seed=settings.seed, rules=settings.faults)
        self._line_faults = {
            line.name: FaultPipeline(
                f"{settings.name}.{line.name}",
                seed=settings.seed,
                rules=settings.line_faults.get(line.name, ()),
            )
            for line in settings.transport.gateway.lines
        }
        self.listener = ModbusListener(
            settings.name,
            settings.transport,
            ServedUnits(self._directory, self.faults, self._times, rivals, self._line_faults),
        )

    @property
    def name(self) -> str:
        return self._settings.name

    @property
    def controller(self) -> str:
        return self._settings.controller

    @property
    def protocol(self) -> str:
        return self.listener.transport.protocol

    @property
    def wires(self) -> tuple[EndpointWire, ...]:
        """Its own wire under its own name, those of the lines behind it with it in front: ``gateway.meters``."""
        own = EndpointWire(self.name, self.protocol, f"{self.protocol} endpoint", self.faults)
        lines = self.listener.transport.gateway.lines
        faults = [self._line_faults[line.name] for line in lines]
        return own, *(
            EndpointWire(each.endpoint, line.protocol, f"{line.protocol} line behind {self.name}", each)
            for line, each in zip(lines, faults, strict=True)
        )

    @property
    def url(self) -> str:
        """Where the first unit is found. A port that the machine chooses is known after ``start``."""
        return self.listener.url(self._first_unit_id)

    async def start(self) -> None:
        """Listen.

        Raises:
            LinkError: the address cannot be bound, the serial port not opened, a certificate not loaded.
        """
        await self.listener.start()

    async def stop(self) -> None:
        """Close every connection and stop listening."""
        await self.listener.stop()

    async def restart(self, seed: int) -> None:
        """Let devices and wires be as at the beginning, with draws of this seed; connections are cut."""
        self.faults.restart(seed=seed)
        await asyncio.sleep(0)  # by now they are
        self.listener.restart()
        for wire in self._line_faults.values():  # last: they connect the lines of the gateway as at the beginning
            wire.restart(seed=seed)
        for image in self._images:
            image.restart()
        self._directory.restart()
        self._times.restart(seed)
        for number, rival in self._rivals:
            rival.restart(seed + number)

    def publish(self, snapshot: PublishedSnapshot) -> None:
        """Show a snapshot to the clients; any thread."""
        for wire in (self.faults, *self._line_faults.values()):
            wire.show_time(snapshot.time_ns)
        for image in self._images:
            image.publish(snapshot)

    def take_writes(self, tick: int) -> tuple[ClientWrite, ...]:
        """Return the writes accepted since the last call, to act in step ``tick``; any thread."""
        return tuple(write for image in self._images for write in image.take_writes(tick))
