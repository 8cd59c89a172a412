"""A device's register map with a twin, as the rig that runs it: one component, its signals as tags, one endpoint."""

from __future__ import annotations

from dataclasses import replace

from emulators.description.register_map import RegisterEntry, RegisterMapDescription
from emulators.description.rig import EndpointEntry, ParameterEntry, PlantEntry, RigDescription
from emulators.description.source import Findings, Located, file_span
from emulators.description.tag_checks import TagEntry
from emulators.signals import Tag
from emulators.signals.tags import TAG_NAME

__all__ = ["DEFAULT_DEVICE_STEP_NS", "TWIN_NAME", "rig_of_device"]

TWIN_NAME = "TWIN"
DEFAULT_DEVICE_STEP_NS = 100_000_000


def rig_of_device(
    register_map: RegisterMapDescription,
    findings: Findings,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    unit_id: int = 1,
) -> RigDescription:
    """Return the rig of a map that has a twin; ``TWIN`` is the instance of its component.

    Entries with neither a signal nor a value of their own, or that are no tag names, are reported and left out.
    """
    twin = register_map.twin
    assert twin is not None, "callers ask for a map with a twin"
    register_map = _sound_part(register_map, findings)
    parameters = tuple(ParameterEntry(name.value, value, name.span, name.span) for name, value in twin.parameters)
    span = file_span(register_map.file)
    endpoint = EndpointEntry(
        register_map.name or "device", "modbus-tcp", "", host, port, span, span, register_map, unit_id
    )
    return RigDescription(
        file=register_map.file,
        name=register_map.name or "device",
        description=register_map.description,
        step_ns=twin.step_ns or DEFAULT_DEVICE_STEP_NS,
        seed=0,
        plant=(PlantEntry(TWIN_NAME, twin.component, parameters, (), twin.span),),
        controllers=(),
        tags=_tags(register_map),
        endpoints=(endpoint,),
        io_list=None,
        step_span=twin.span,
        span=span,
    )


def _tags(register_map: RegisterMapDescription) -> tuple[TagEntry, ...]:
    places: dict[str, list[RegisterEntry]] = {}
    for entry in register_map.entries:
        if entry.signal is not None:
            places.setdefault(entry.tag, []).append(entry)
    return tuple(_tag(entries) for entries in places.values())


def _tag(places: list[RegisterEntry]) -> TagEntry:
    first = places[0]
    signal = first.signal or Located("", first.span)
    tag = Tag(
        first.tag,
        f"{TWIN_NAME}.{signal.value}",
        unit=first.unit,
        eu_range=first.eu_range,
        is_writable=any(place.is_writable for place in places),
        description=first.description,
    )
    return TagEntry(tag, first.tag_span, signal.span)


def _sound_part(register_map: RegisterMapDescription, findings: Findings) -> RegisterMapDescription:
    own = {entry.tag for entry in register_map.entries if entry.is_own}
    signals = {entry.tag: entry.signal.value for entry in register_map.entries if entry.signal is not None}
    sound = []
    for entry in register_map.entries:
        if not TAG_NAME.fullmatch(entry.tag):
            findings.add(entry.tag_span, f"'{entry.tag[:40]}' is not a tag name", "write it like LT-101 or LIC-101.SP")
        elif entry.tag not in own and entry.tag not in signals:
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
