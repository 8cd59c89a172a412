"""A device that is one of several in a rig: its own tags with its name in front, its twin as a part of the plant.

``POWER`` of the device ``METER-1`` is ``METER-1.POWER``; faults of its twin are ``METER-1.…``. What a register map
takes from the rig keeps its name, unless the rig has a tag of that name with the device's in front.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, replace
from types import MappingProxyType

from emulators.description.parameters import ParameterEntry
from emulators.description.register_map import RegisterEntry, RegisterMapDescription
from emulators.description.rig import PlantEntry
from emulators.description.source import Findings, Located
from emulators.description.tag_checks import TagEntry
from emulators.signals import Tag
from emulators.signals.tags import TAG_NAME

__all__ = ["NamedDevice", "named_device", "sound_device"]


@dataclass(frozen=True, slots=True)
class NamedDevice:
    """The map as it reads in the rig; ``plant`` and ``tags`` are the twin and its signals, empty without one."""

    register_map: RegisterMapDescription
    plant: tuple[PlantEntry, ...] = ()
    tags: tuple[TagEntry, ...] = ()


def named_device(
    register_map: RegisterMapDescription, name: str, *, twin: str = "", rig_tags: Container[str] = ()
) -> NamedDevice:
    """Return a device under a name, empty for a device alone, whose tags stay as the map has them.

    Args:
        register_map: of the device; its tags are tag names.
        name: of the device.
        twin: name of its twin in the plant; the device's when left out.
        rig_tags: tags that the rig has itself.
    """
    prefix, twin = (f"{name}." if name else ""), twin or name
    has_twin = register_map.twin is not None
    scoped = {
        entry.tag
        for entry in register_map.entries
        if entry.is_own or (has_twin and entry.signal is not None) or prefix + entry.tag in rig_tags
    }
    entries = tuple(_scoped(entry, prefix, scoped) for entry in register_map.entries)
    scoped_map = replace(register_map, entries=entries) if prefix else register_map
    if register_map.twin is None:
        return NamedDevice(scoped_map)
    parameters = tuple(
        ParameterEntry(key.value, value, key.span, key.span) for key, value in register_map.twin.parameters
    )
    plant = PlantEntry(twin, register_map.twin.component, parameters, (), register_map.twin.span)
    return NamedDevice(scoped_map, (plant,), _tags(scoped_map, twin))


def _scoped(entry: RegisterEntry, prefix: str, scoped: Container[str]) -> RegisterEntry:
    behaviour = entry.behaviour
    if behaviour is not None:
        values = dict(behaviour.values)
        if values.get("of") in scoped:
            values["of"] = f"{prefix}{values['of']}"
        behaviour = replace(behaviour, values=MappingProxyType(values), scope=prefix)
    tag = prefix + entry.tag if entry.tag in scoped else entry.tag
    return replace(entry, tag=tag, behaviour=behaviour)


def _tags(register_map: RegisterMapDescription, twin: str) -> tuple[TagEntry, ...]:
    places: dict[str, list[RegisterEntry]] = {}
    for entry in register_map.entries:
        if entry.signal is not None:
            places.setdefault(entry.tag, []).append(entry)
    return tuple(_tag(entries, twin) for entries in places.values())


def _tag(places: list[RegisterEntry], twin: str) -> TagEntry:
    first = places[0]
    signal = first.signal or Located("", first.span)
    tag = Tag(
        first.tag,
        f"{twin}.{signal.value}",
        unit=first.unit,
        eu_range=first.eu_range,
        is_writable=any(place.is_writable for place in places),
        description=first.description,
        names=first.names,
    )
    return TagEntry(tag, first.tag_span, signal.span)


def sound_device(
    register_map: RegisterMapDescription, findings: Findings, *, is_alone: bool = False
) -> RegisterMapDescription:
    """Return a map without the entries that cannot be signals of its twin, which are reported.

    In a device alone every entry is moved by the twin or the device itself.
    """
    if register_map.twin is None:
        return register_map
    own = {entry.tag for entry in register_map.entries if entry.is_own}
    signals = {entry.tag: entry.signal.value for entry in register_map.entries if entry.signal is not None}
    sound = []
    for entry in register_map.entries:
        if not TAG_NAME.fullmatch(entry.tag):
            findings.add(entry.tag_span, f"'{entry.tag[:40]}' is not a tag name", "write it like LT-101 or LIC-101.SP")
        elif is_alone and entry.tag not in own and entry.tag not in signals:
            message = f"nobody moves register '{entry.tag}'"
            findings.add(entry.tag_span, message, "give it a signal of the twin, or initial")
        elif entry.tag in own and entry.tag in signals:
            message = f"register '{entry.tag}' is the twin's at one place and the device's own at another"
            findings.add(entry.tag_span, message, "keep one")
        elif entry.signal is not None and entry.signal.value != signals[entry.tag]:
            message = f"register '{entry.tag}' has two signals: {signals[entry.tag]} and {entry.signal.value}"
            findings.add(entry.signal.span, message, "keep one")
        else:
            sound.append(entry)
    is_whole = register_map.is_whole and len(sound) == len(register_map.entries)
    return replace(register_map, entries=tuple(sound), is_whole=is_whole)
