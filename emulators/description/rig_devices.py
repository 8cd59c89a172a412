"""Units of a rig's endpoints that have a name: devices with values of their own, and with the twin of their map."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace

from emulators.description.named_device import NamedDevice, named_device, sound_device
from emulators.description.rig import EndpointEntry, PlantEntry, UnitEntry
from emulators.description.source import Findings
from emulators.description.tag_checks import TagEntry
from emulators.errors import SourceSpan

__all__ = ["RigDevices", "place_devices"]


@dataclass(frozen=True, slots=True)
class RigDevices:
    """The endpoints with the maps of their units as they read in the rig, and what the units add to it."""

    endpoints: tuple[EndpointEntry, ...]
    plant: tuple[PlantEntry, ...]
    tags: tuple[TagEntry, ...]


def place_devices(
    endpoints: Sequence[EndpointEntry], owners: Sequence[str], tags: Sequence[TagEntry], findings: Findings
) -> RigDevices:
    """Give every unit with a name its place; ``owners`` are the plant components and controllers of the rig.

    A unit with mistakes is left without registers, so that it causes no further ones.
    """
    _report_shared_values(endpoints, findings)
    places = _Places({entry.tag.name for entry in tags}, frozenset(owners), findings)
    placed = [[places.place(unit) for unit in endpoint.units] for endpoint in endpoints]
    devices = [device for units in placed for device in units]
    return RigDevices(
        tuple(
            replace(endpoint, units=_with_maps(endpoint.units, units))
            for endpoint, units in zip(endpoints, placed, strict=True)
        ),
        tuple(instance for device in devices for instance in device.plant),
        tuple(tag for device in devices for tag in device.tags),
    )


class _Places:
    def __init__(self, rig_tags: Container[str], owners: Container[str], findings: Findings) -> None:
        self._rig_tags = rig_tags
        self._owners = owners
        self._findings = findings
        self._taken: dict[str, SourceSpan] = {}

    def place(self, unit: UnitEntry) -> NamedDevice:
        if not unit.name:
            return NamedDevice(unit.register_map)
        other = self._taken.setdefault(unit.name, unit.span)
        if other is not unit.span:
            self._findings.add(unit.span, f"unit {unit.name} is already defined at {other}", "rename one of the two")
            return _without_registers(unit)
        if unit.name in self._owners:
            message = f"{unit.name} is a unit and a plant component or controller"
            self._findings.add(unit.span, message, "rename one of the two")
            return _without_registers(unit)
        return named_device(sound_device(unit.register_map, self._findings), unit.name, rig_tags=self._rig_tags)


def _without_registers(unit: UnitEntry) -> NamedDevice:
    return NamedDevice(replace(unit.register_map, entries=(), is_whole=False))


def _with_maps(units: Sequence[UnitEntry], devices: Sequence[NamedDevice]) -> tuple[UnitEntry, ...]:
    return tuple(replace(unit, register_map=device.register_map) for unit, device in zip(units, devices, strict=True))


def _report_shared_values(endpoints: Sequence[EndpointEntry], findings: Findings) -> None:
    """Two units of one endpoint without names that hold a value of the same name would be one device."""
    for endpoint in endpoints:
        holders: dict[str, UnitEntry] = {}
        for unit in endpoint.units:
            if unit.name:
                continue
            for entry in unit.register_map.entries:
                other = holders.setdefault(entry.tag, unit) if entry.is_own else unit
                if other is not unit:
                    message = f"units {other.unit_id} and {unit.unit_id} both have {entry.tag} as a value of their own"
                    findings.add(unit.span, message, 'give each unit a name: name = "METER-1"')
                    break
