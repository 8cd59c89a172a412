"""Where devices alone listen: several behind one port or on one line with unit ids of their own, or each on a port."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from emulators.description import EndpointEntry, RegisterMapDescription, UnitEntry
from emulators.description.characters import SERIAL_PROTOCOLS
from emulators.description.modbus_transport import LINE_PROTOCOLS, LINE_UNIT_IDS, NETWORK_UNIT_IDS, ModbusTransportEntry
from emulators.description.source import file_span
from emulators.errors import EmulatorError

__all__ = ["DevicePlace", "PlaceError", "device_endpoints", "device_names", "places"]

_LAST_PORT = 65535


class PlaceError(EmulatorError):
    """There is no place for so many devices."""


@dataclass(frozen=True, slots=True)
class DevicePlace:
    """Where the first device listens. The others follow: with the next unit ids at the same place, or with
    ``has_own_ports`` with the same unit id at the next ports, each at a free one when ``port`` is 0.

    Without ``unit_id`` each device has the one of its map, as far as no device before it has taken that; the others
    have the lowest ones that are left, from 1 on.

    Each takes ``latency_ns`` for a request.
    """

    host: str = "127.0.0.1"
    port: int = 0
    unit_id: int | None = None
    protocol: str = "modbus-tcp"
    transport: ModbusTransportEntry | None = None
    has_own_ports: bool = False
    latency_ns: int = 0

    @property
    def last_unit_id(self) -> int:
        """Highest unit id of the protocol."""
        return (LINE_UNIT_IDS if self.protocol in LINE_PROTOCOLS else NETWORK_UNIT_IDS)[-1]


def places(place: DevicePlace, own_ids: Sequence[int | None]) -> tuple[tuple[DevicePlace, tuple[int, ...]], ...]:
    """Return the endpoints of devices, each with the unit ids of its devices.

    Args:
        place: of all of them.
        own_ids: unit id in the map of each device, None where it has none.

    Raises:
        PlaceError: there are not that many unit ids or ports, a serial line has no ports, or unit id 0 on a line.
    """
    if place.protocol in LINE_PROTOCOLS and place.unit_id == 0:
        raise PlaceError("unit id 0 is the broadcast of a line, which nobody answers; give one from 1 on")
    count = len(own_ids)
    if not place.has_own_ports or count == 1:
        unit_ids = _unit_ids(place, own_ids)
        if max(unit_ids) > place.last_unit_id:
            several = "" if place.protocol in SERIAL_PROTOCOLS else ", or give each device a port of its own"
            raise PlaceError(
                f"{count} devices from unit id {min(unit_ids)} on end at {max(unit_ids)}, behind the last one, "
                f"{place.last_unit_id}; run fewer{several}"
            )
        return ((place, unit_ids),)
    if place.protocol in SERIAL_PROTOCOLS:
        raise PlaceError(f"{place.protocol} has no ports; devices on one line have unit ids of their own")
    if place.port and place.port + count - 1 > _LAST_PORT:
        raise PlaceError(
            f"{count} ports from {place.port} on end behind {_LAST_PORT}; start lower, or at 0 for free ones"
        )
    return tuple(
        (replace(place, port=place.port + index if place.port else 0), _unit_ids(place, [own_id]))
        for index, own_id in enumerate(own_ids)
    )


def _unit_ids(place: DevicePlace, own_ids: Sequence[int | None]) -> tuple[int, ...]:
    """Return the unit ids of devices at one place."""
    if place.unit_id is not None:
        return tuple(range(place.unit_id, place.unit_id + len(own_ids)))
    wanted, found = frozenset(own_ids), dict[int, None]()
    free = (unit_id for unit_id in itertools.count(1) if unit_id not in wanted)
    for own_id in own_ids:
        found[next(free) if own_id is None or own_id in found else own_id] = None
    return tuple(found)


def device_names(maps: Sequence[RegisterMapDescription]) -> tuple[str, ...]:
    """Return a name for each device: that of its map, numbered where several have it; none for a device alone."""
    if len(maps) == 1:
        return ("",)
    plain = [_plain_name(each.name or "device") for each in maps]
    total, seen = Counter(plain), Counter[str]()
    names = []
    for name in plain:
        seen[name] += 1
        names.append(name if total[name] == 1 else f"{name}-{seen[name]}")
    return tuple(names)


def device_endpoints(
    maps: Sequence[RegisterMapDescription], place: DevicePlace
) -> tuple[str, tuple[EndpointEntry, ...]]:
    """Return a name for all devices together, and their endpoints.

    Raises:
        PlaceError: see ``places``.
    """
    alone = len(maps) == 1
    title = maps[0].name or "device" if alone else "devices"
    named = iter(zip(device_names(maps), maps, strict=True))
    endpoints = []
    for where, unit_ids in places(place, [each.unit_id for each in maps]):
        units = tuple(
            UnitEntry(unit_id, each, file_span(each.file), name, place.latency_ns)
            for unit_id, (name, each) in zip(unit_ids, itertools.islice(named, len(unit_ids)), strict=True)
        )
        span = units[0].span
        name = title if alone or not place.has_own_ports else units[0].name
        endpoints.append(
            EndpointEntry(
                name, where.protocol, "", where.host, where.port, span, span, units, transport=where.transport
            )
        )
    return title, tuple(endpoints)


def _plain_name(name: str) -> str:
    """Return a name as units have it: letters, digits and '_' in parts joined by '-', a letter first."""
    plain = "-".join(part for part in re.sub(r"[^A-Za-z0-9_-]+", "_", name).split("-") if part)
    return plain if plain[:1].isalpha() else f"D{plain}"
