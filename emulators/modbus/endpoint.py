"""Modbus endpoint of a cell: register image, unit directory and the server of one transport under one name."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass, field
from typing import Any

from emulators.description.register_map import RegisterMapDescription
from emulators.description.register_map_reader import SERVER_ID_KEYS
from emulators.errors import LinkError
from emulators.modbus.device import ModbusDevice
from emulators.modbus.device_identity import DeviceIdentity
from emulators.modbus.faults.pipeline import FaultPipeline
from emulators.modbus.faults.rule import Rule
from emulators.modbus.image import RegisterImage
from emulators.modbus.mbap import UnitDirectory, UnknownUnit
from emulators.modbus.serial_server import ModbusSerialServer
from emulators.modbus.tcp import ModbusTcpServer, TcpLimits
from emulators.modbus.transports import SERIAL_PROTOCOLS, Transport, make_server
from emulators.signals.publication import ClientWrite, Publication, PublishedSnapshot

__all__ = ["ModbusEndpoint", "ModbusEndpointSettings"]


@dataclass(frozen=True, slots=True)
class ModbusEndpointSettings:
    """Where and how an endpoint listens.

    On a network unit ids 0 and 255 reach the unit too, as the device at the address; on a serial line and behind
    RTU over TCP 0 is the broadcast and other units are silent. ``transport`` stands for host, port and limits too.
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
    transport: Transport | None = None


class ModbusEndpoint:
    """Serves the tags of one register map over Modbus; satisfies ``emulators.serving.Endpoint``."""

    def __init__(
        self, settings: ModbusEndpointSettings, register_map: RegisterMapDescription, publication: Publication
    ) -> None:
        """Bind the map.

        Raises:
            DescriptionError: the map does not fit the publication.
        """
        self._settings = settings
        self.image = RegisterImage(register_map, publication, half_writes=settings.half_writes)
        transport = settings.transport or Transport(host=settings.host, port=settings.port, limits=settings.limits)
        self._transport = transport
        has_broadcast = transport.protocol in (*SERIAL_PROTOCOLS, "modbus-rtu-over-tcp")
        directory = UnitDirectory(
            {settings.unit_id: ModbusDevice(self.image.memory, identity=_identity(register_map))},
            direct=None if has_broadcast else settings.unit_id,
            unknown_unit=settings.unknown_unit,
        )
        self.faults = FaultPipeline(settings.name, seed=settings.seed, rules=settings.faults)
        self.server = make_server(transport, directory, self.faults, seed=settings.seed)

    @property
    def name(self) -> str:
        return self._settings.name

    @property
    def controller(self) -> str:
        return self._settings.controller

    @property
    def protocol(self) -> str:
        return self._transport.protocol

    @property
    def unit_id(self) -> int:
        return self._settings.unit_id

    @property
    def url(self) -> str:
        """``modbus-tcp://127.0.0.1:5020/1``, ``modbus-rtu:///dev/pts/5?baud=9600&parity=none&stop=1&unit=1``.

        A port that the machine chooses is known after ``start``.
        """
        unit_id = self._settings.unit_id
        if isinstance(self.server, ModbusSerialServer):
            line = self._transport.line.settings
            is_pty = not self._transport.line.serial_port
            parity = "none" if is_pty else line.parity.name.lower()  # a pty takes no other
            query = f"baud={line.baud_rate}&parity={parity}&stop={line.stop_bits}&unit={unit_id}"
            return f"{self.protocol}://{self.server.path}?{query}"
        host, port = self.server.address
        return f"{self.protocol}://{host}:{port}/{unit_id}"

    async def start(self) -> None:
        """Listen.

        Raises:
            LinkError: the address cannot be bound, the serial port not opened, a certificate not loaded.
        """
        server = self.server
        loop = asyncio.get_running_loop()
        if isinstance(server, ModbusTcpServer):
            self.faults.when_down = lambda: loop.call_soon_threadsafe(server.reset_connections)
        try:
            await self.server.start()
        except OSError as error:
            raise LinkError(f"endpoint {self.name}: {self._why_not(error)}") from error

    def _why_not(self, error: OSError) -> str:
        reason = error.strerror or str(error)
        if isinstance(error, ssl.SSLError):
            return f"cannot use its certificate, key or client_ca: {reason}; all three are PEM files"
        if isinstance(self.server, ModbusSerialServer):
            line = self._transport.line
            return f"cannot open {line.serial_port or line.link or 'a pty'}: {reason}"
        host, port = self.server.address
        return f"cannot listen on {host}:{port}: {reason}; use port 0 for a free one"

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
    said: dict[str, Any] = dict(register_map.identity)
    for key in said.keys() & SERVER_ID_KEYS:
        said[key] = said[key].encode("ascii")
    return DeviceIdentity(**said)
