"""Modbus TCP endpoint of a cell: register image, unit directory and TCP server under one name."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from emulators.description.register_map import RegisterMapDescription
from emulators.errors import LinkError
from emulators.modbus.device import ModbusDevice
from emulators.modbus.device_identity import DeviceIdentity
from emulators.modbus.faults.pipeline import FaultPipeline
from emulators.modbus.faults.rule import Rule
from emulators.modbus.image import RegisterImage
from emulators.modbus.mbap import UnitDirectory, UnknownUnit
from emulators.modbus.tcp import ModbusTcpServer, TcpLimits
from emulators.signals.publication import ClientWrite, Publication, PublishedSnapshot

__all__ = ["ModbusEndpoint", "ModbusEndpointSettings"]


@dataclass(frozen=True, slots=True)
class ModbusEndpointSettings:
    """Where and how an endpoint listens. Unit ids 0 and 255 reach the unit too, as the device at the address.

    ``faults`` are switched on from the start; ``seed`` decides which exchanges they hit.
    """

    name: str
    controller: str = ""
    host: str = "127.0.0.1"
    port: int = 0
    unit_id: int = 1
    unknown_unit: UnknownUnit = UnknownUnit.GATEWAY_TARGET_FAILED
    half_writes: bool = False
    limits: TcpLimits = field(default_factory=TcpLimits)
    faults: tuple[Rule, ...] = ()
    seed: int = 0


class ModbusEndpoint:
    """Serves the tags of one register map over Modbus TCP; satisfies ``emulators.serving.Endpoint``."""

    protocol = "modbus-tcp"

    def __init__(
        self, settings: ModbusEndpointSettings, register_map: RegisterMapDescription, publication: Publication
    ) -> None:
        """Bind the map.

        Raises:
            DescriptionError: the map does not fit the publication.
        """
        self._settings = settings
        self.image = RegisterImage(register_map, publication, half_writes=settings.half_writes)
        directory = UnitDirectory(
            {settings.unit_id: ModbusDevice(self.image.memory, identity=_identity(register_map))},
            direct=settings.unit_id,
            unknown_unit=settings.unknown_unit,
        )
        self.faults = FaultPipeline(settings.name, seed=settings.seed, rules=settings.faults)
        self.server = ModbusTcpServer(
            directory, host=settings.host, port=settings.port, limits=settings.limits, faults=self.faults
        )

    @property
    def name(self) -> str:
        return self._settings.name

    @property
    def controller(self) -> str:
        return self._settings.controller

    @property
    def unit_id(self) -> int:
        return self._settings.unit_id

    @property
    def url(self) -> str:
        """``modbus-tcp://127.0.0.1:5020/1``: address and unit id; the port is known after ``start``."""
        host, port = self.server.address
        return f"{self.protocol}://{host}:{port}/{self._settings.unit_id}"

    async def start(self) -> None:
        """Listen.

        Raises:
            LinkError: the address cannot be bound.
        """
        host, port = self.server.address
        loop = asyncio.get_running_loop()
        self.faults.when_down = lambda: loop.call_soon_threadsafe(self.server.reset_connections)
        try:
            await self.server.start()
        except OSError as error:
            raise LinkError(
                f"endpoint {self.name}: cannot listen on {host}:{port}: {error.strerror}; use port 0 for a free one"
            ) from error

    async def stop(self) -> None:
        """Close every connection and stop listening."""
        self.faults.when_down = None
        await self.server.stop()

    def publish(self, snapshot: PublishedSnapshot) -> None:
        """Show a snapshot to the clients; any thread."""
        self.faults.show_time(snapshot.time_ns)
        self.image.publish(snapshot)

    def take_writes(self, tick: int) -> tuple[ClientWrite, ...]:
        """Return the writes accepted since the last call, to act in step ``tick``; any thread."""
        return self.image.take_writes(tick)


def _identity(register_map: RegisterMapDescription) -> DeviceIdentity:
    texts: dict[str, Any] = dict(register_map.identity)
    return DeviceIdentity(**texts)
