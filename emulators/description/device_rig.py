"""Devices alone, outside any rig file, as the rig that runs them: their twins, the signals as tags, their endpoints.

A lone device without a name has ``TWIN`` as its twin's name and the tags of its map; of several each has its own.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from emulators.description.named_device import named_device, sound_device
from emulators.description.register_map import RegisterEntry, RegisterMapDescription
from emulators.description.rig import EndpointEntry, RigDescription
from emulators.description.source import Findings, file_span
from emulators.signals.tags import TagValue

__all__ = ["DEFAULT_DEVICE_STEP_NS", "TWIN_NAME", "rig_of_devices"]

TWIN_NAME = "TWIN"
DEFAULT_DEVICE_STEP_NS = 100_000_000


def rig_of_devices(name: str, endpoints: Sequence[EndpointEntry], findings: Findings) -> RigDescription:
    """Return the rig of the devices at some endpoints; it has no plant when none of them has a twin.

    Each communication step is the longest that all their twins' steps are whole multiples of. Entries of a map with a
    twin that have neither a signal nor a value of their own, or that are no tag names, are reported and left out.
    """
    maps = tuple({id(each): each for endpoint in endpoints for each in endpoint.register_maps}.values())
    sound = {id(each): _all_own(sound_device(each, findings, is_alone=True)) for each in maps}
    devices = [
        [
            (unit, named_device(sound[id(unit.register_map)], unit.name, twin=unit.name or TWIN_NAME))
            for unit in endpoint.units
        ]
        for endpoint in endpoints
    ]
    placed = tuple(
        replace(endpoint, units=tuple(replace(unit, register_map=device.register_map) for unit, device in units))
        for endpoint, units in zip(endpoints, devices, strict=True)
    )
    together = [device for units in devices for _, device in units]
    first = maps[0]
    steps = [each.twin.step_ns or DEFAULT_DEVICE_STEP_NS for each in maps if each.twin is not None]
    span = file_span(first.file)
    return RigDescription(
        file=first.file,
        name=name,
        description=first.description if len(together) == 1 else f"{len(together)} devices",
        step_ns=math.gcd(*steps) or DEFAULT_DEVICE_STEP_NS,
        seed=0,
        plant=tuple(instance for device in together for instance in device.plant),
        controllers=(),
        tags=tuple(tag for device in together for tag in device.tags),
        endpoints=placed,
        io_list=None,
        span=span,
    )


def _all_own(register_map: RegisterMapDescription) -> RegisterMapDescription:
    """Without a twin and a rig every value is the device's own."""
    if register_map.twin is not None:
        return register_map
    entries = tuple(
        entry if entry.is_own else replace(entry, initial=_neutral(entry)) for entry in register_map.entries
    )
    return replace(register_map, entries=entries)


def _neutral(entry: RegisterEntry) -> TagValue:
    return "" if entry.type.is_string else False if entry.type.is_bit else 0
