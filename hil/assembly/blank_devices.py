"""Blank Modbus devices: four plain tables of zeros each, for whoever wants to try a client."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from emulators.description import EndpointEntry
from emulators.description.source import file_span
from emulators.modbus.blank_endpoint import BlankEndpoint
from emulators.modbus.described_transport import described_transport
from emulators.modbus.own_values import OwnValues
from emulators.modbus.response_times import UnitLatency
from emulators.serving import ControlAddress, ServedCell
from emulators.serving.device_cell import DeviceCell
from emulators.serving.wires import WiredCell, wires_of
from emulators.timebase import NS_PER_MS
from hil.assembly.device_places import DevicePlace, places
from hil.assembly.serving import served_cell

if TYPE_CHECKING:
    from hil.assembly.injection_files import InjectionFiles

__all__ = ["BlankDevices", "blank_devices"]

_NAME = "blank"
_STEP_NS = 100 * NS_PER_MS


@dataclass(frozen=True, slots=True)
class BlankDevices:
    """Devices that run: ``urls`` are where clients find them, one each."""

    urls: tuple[str, ...]
    served: ServedCell
    control: ControlAddress

    @property
    def url(self) -> str:
        """Where the first device is found."""
        return self.urls[0]


@contextmanager
def blank_devices(
    size: int,
    place: DevicePlace,
    *,
    count: int = 1,
    seed: int = 0,
    ports_file: str | Path | None = None,
    end_ns: int | None = None,
    injection_files: InjectionFiles | None = None,
) -> Iterator[BlankDevices]:
    """Serve ``count`` devices of four tables of ``size`` cells; what a client writes stays.

    Their wire is ``blank``, with ports of their own ``blank-1``, ``blank-2`` …

    Raises:
        LinkError: a device cannot listen.
        PlaceError: there are more devices than unit ids or ports.
    """
    found = places(place, [None] * count)
    endpoints = [
        _endpoint(_NAME if len(found) == 1 else f"{_NAME}-{number}", where, unit_ids, size, seed)
        for number, (where, unit_ids) in enumerate(found, start=1)
    ]
    cell = WiredCell(DeviceCell(_NAME, OwnValues((), seed=seed), step_ns=_STEP_NS), endpoints)
    script = injection_files.attach(cell, seed, wires_of(endpoints)) if injection_files is not None else None
    with served_cell(cell, endpoints, ports_file=ports_file, end_ns=end_ns, script=script) as (served, _, control):
        urls = (each.listener.url(unit_id) for each in endpoints for unit_id in each.unit_ids)
        yield BlankDevices(tuple(urls), served, control)


def _endpoint(name: str, place: DevicePlace, unit_ids: tuple[int, ...], size: int, seed: int) -> BlankEndpoint:
    span = file_span("")
    entry = EndpointEntry(name, place.protocol, "", place.host, place.port, span, span, transport=place.transport)
    transport = described_transport(entry)
    if place.latency_ns:
        transport = replace(transport, latencies=dict.fromkeys(unit_ids, UnitLatency(place.latency_ns)))
    return BlankEndpoint(name, transport, unit_ids, size, seed=seed)
