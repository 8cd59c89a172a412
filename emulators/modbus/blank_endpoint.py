"""Modbus endpoint of plain tables: no map, no tags; what a client writes stays."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from emulators.modbus.device import ModbusDevice
from emulators.modbus.endpoint import EndpointWire
from emulators.modbus.faults.pipeline import FaultPipeline
from emulators.modbus.listener import ModbusListener
from emulators.modbus.mbap import UnitDirectory
from emulators.modbus.memory import UnitMemory
from emulators.modbus.response_times import ResponseTimes
from emulators.modbus.transports import ServedUnits, Transport
from emulators.signals.publication import ClientWrite, PublishedSnapshot

__all__ = ["BlankEndpoint"]


class BlankEndpoint:
    """Serves one or several units of four tables of ``size`` zeros each; satisfies ``emulators.serving.Endpoint``."""

    controller = ""

    def __init__(self, name: str, transport: Transport, unit_ids: Sequence[int], size: int, *, seed: int = 0) -> None:
        self._memories = [UnitMemory.of_size(size) for _ in unit_ids]
        devices = {unit_id: ModbusDevice(memory) for unit_id, memory in zip(unit_ids, self._memories, strict=True)}
        is_direct = len(unit_ids) == 1 and transport.is_direct
        self._directory = UnitDirectory(devices, direct=unit_ids[0] if is_direct else None)
        self._times = ResponseTimes(transport.latencies, seed=seed)
        self.name = name
        self.unit_ids = tuple(unit_ids)
        self.faults = FaultPipeline(name, seed=seed)
        self.listener = ModbusListener(name, transport, ServedUnits(self._directory, self.faults, self._times))

    @property
    def protocol(self) -> str:
        return self.listener.transport.protocol

    @property
    def wires(self) -> tuple[EndpointWire, ...]:
        return (EndpointWire(self.name, self.protocol, f"{self.protocol} endpoint", self.faults),)

    @property
    def url(self) -> str:
        """Where the first unit is found. A port that the machine chooses is known after ``start``."""
        return self.listener.url(self.unit_ids[0])

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
        """Let devices and their wire be as at the beginning, with draws of this seed; connections are cut."""
        self.faults.restart(seed=seed)
        await asyncio.sleep(0)  # by now they are
        self.listener.restart()
        for memory in self._memories:
            memory.clear()
        self._directory.restart()
        self._times.restart(seed)

    def publish(self, snapshot: PublishedSnapshot) -> None:
        """Let plant time be that of the snapshot; any thread."""
        self.faults.show_time(snapshot.time_ns)

    def take_writes(self, tick: int) -> tuple[ClientWrite, ...]:
        """Return nothing: what clients write concerns nobody else."""
        return ()
