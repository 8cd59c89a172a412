"""Blank Modbus devices: four plain tables of zeros each, for whoever wants to try a client."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from emulators.description import EndpointEntry
from emulators.description.source import file_span
from emulators.modbus.described_transport import described_transport
from emulators.modbus.device import ModbusDevice
from emulators.modbus.faults.pipeline import FaultPipeline
from emulators.modbus.listener import ModbusListener
from emulators.modbus.mbap import UnitDirectory
from emulators.modbus.memory import UnitMemory
from emulators.modbus.response_times import UnitLatency
from emulators.modbus.transports import ServedUnits
from emulators.serving import EventLoopThread
from hil.assembly.device_places import DevicePlace, places

__all__ = ["blank_devices"]


@contextmanager
def blank_devices(size: int, place: DevicePlace, *, count: int = 1) -> Iterator[tuple[str, ...]]:
    """Serve ``count`` devices of four tables of ``size`` cells and yield their URLs; what a client writes stays.

    Raises:
        LinkError: a device cannot listen.
        PlaceError: there are more devices than unit ids or ports.
    """
    with ExitStack() as stack:
        thread = stack.enter_context(EventLoopThread())
        listeners: list[ModbusListener] = []
        urls: list[str] = []
        stack.callback(lambda: [thread.run(each.stop()) for each in listeners])
        for where, unit_ids in places(place, [None] * count):
            listener = _listener(where, unit_ids, size)
            listeners.append(listener)
            thread.run(listener.start())
            urls += [listener.url(unit_id) for unit_id in unit_ids]
        yield tuple(urls)


def _listener(place: DevicePlace, unit_ids: tuple[int, ...], size: int) -> ModbusListener:
    span = file_span("")
    entry = EndpointEntry("blank", place.protocol, "", place.host, place.port, span, span, transport=place.transport)
    transport = described_transport(entry)
    if place.latency_ns:
        transport = replace(transport, latencies=dict.fromkeys(unit_ids, UnitLatency(place.latency_ns)))
    devices = {unit_id: ModbusDevice(UnitMemory.of_size(size)) for unit_id in unit_ids}
    is_direct = len(unit_ids) == 1 and transport.is_direct
    directory = UnitDirectory(devices, direct=unit_ids[0] if is_direct else None)
    return ModbusListener("blank", transport, ServedUnits(directory, FaultPipeline("blank")))
