"""The sound part of a rig: what findings point at is left out, so that the rest can be judged in the same round."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from emulators.description.register_map import RegisterMapDescription
from emulators.description.rig import (
    ConnectionEntry,
    ControllerEntry,
    EndpointEntry,
    LeftOut,
    LineEntry,
    LinkEntry,
    PlantEntry,
    RigDescription,
    WireEntry,
)
from emulators.description.rig_checks import DeclaredNames
from emulators.description.source import Findings, Located
from emulators.errors import SourceSpan

__all__ = ["sound_part"]

_IsSound = Callable[[SourceSpan], bool]


def sound_part(rig: RigDescription, declared: DeclaredNames, findings: Findings) -> RigDescription:
    """Return the rig without what findings point at; ``left_out`` has the names of what is missing."""
    if not findings.diagnostics:
        return rig

    def is_sound(span: SourceSpan) -> bool:
        return not findings.has_at(span)

    plant = tuple(_with_sound_wires(entry, is_sound) for entry in rig.plant if _is_sound_instance(entry, is_sound))
    controllers = tuple(_with_sound_connections(entry, is_sound) for entry in rig.controllers if is_sound(entry.span))
    whole_controllers = [entry for entry in controllers if _can_be_compiled(entry, is_sound)]
    lines = tuple(entry for entry in rig.lines if is_sound(entry.span) and is_sound(entry.controller.span))
    links = tuple(found for entry in rig.links if (found := _with_sound_map(entry, is_sound)) is not None)
    whole_links = [entry for entry in rig.links if _is_sound_link(entry, is_sound)]
    kept = {*_names(plant), *_names(whole_controllers), *_names(whole_links), *_names(lines)}
    tags = tuple(entry for entry in rig.tags if is_sound(entry.span) and is_sound(entry.signal_span))
    return replace(
        rig,
        plant=plant,
        controllers=controllers,
        tags=tags,
        endpoints=tuple(_sound_endpoint(entry, is_sound) for entry in rig.endpoints if entry.protocol),
        links=links,
        lines=lines,
        left_out=LeftOut(
            frozenset(declared.owners) - kept,
            frozenset(declared.tags) - {entry.tag.name for entry in tags},
            are_tags_complete=declared.are_tags_complete,
            is_wiring_complete=(plant, controllers) == (rig.plant, rig.controllers),
        ),
    )


def _names(entries: Iterable[PlantEntry | ControllerEntry | LineEntry | LinkEntry]) -> Iterable[str]:
    return (entry.name for entry in entries)


def _is_sound_instance(entry: PlantEntry, is_sound: _IsSound) -> bool:
    return bool(entry.component.value) and is_sound(entry.span)


def _with_sound_wires(entry: PlantEntry, is_sound: _IsSound) -> PlantEntry:
    def is_sound_wire(wire: WireEntry) -> bool:
        return bool(wire.sources) and all(is_sound(end.span) for end in (wire.target, *wire.sources))

    return replace(entry, inputs=tuple(wire for wire in entry.inputs if is_sound_wire(wire)))


def _can_be_compiled(entry: ControllerEntry, is_sound: _IsSound) -> bool:
    return bool(entry.language and entry.sources) and all(is_sound(source.span) for source in entry.sources)


def _with_sound_connections(entry: ControllerEntry, is_sound: _IsSound) -> ControllerEntry:
    def is_sound_connection(connection: ConnectionEntry) -> bool:
        return is_sound(connection.target.span) and is_sound(connection.source.span)

    return replace(
        entry,
        inputs=tuple(connection for connection in entry.inputs if is_sound_connection(connection)),
        outputs=tuple(connection for connection in entry.outputs if is_sound_connection(connection)),
    )


def _is_sound_link(entry: LinkEntry, is_sound: _IsSound) -> bool:
    ends = (entry.controller, *([entry.device] if entry.device is not None else ()))
    has_all = bool(entry.protocol and entry.controller.value) and entry.register_map is not None
    places = [entry.span, entry.unit_span, *(end.span for end in ends)]
    if entry.line is not None:
        places.append(entry.line.span)
    return has_all and all(is_sound(place) for place in places)


def _with_sound_map(entry: LinkEntry, is_sound: _IsSound) -> LinkEntry | None:
    """Return a link whose registers are known, so that what is connected to them can be judged, whatever else it lacks.

    A wrong controller is left out.
    """
    if entry.register_map is None or not is_sound(entry.span):
        return None
    controller = entry.controller if is_sound(entry.controller.span) else Located("", entry.controller.span)
    return replace(entry, register_map=_sound_map(entry.register_map, is_sound), controller=controller)


def _sound_endpoint(entry: EndpointEntry, is_sound: _IsSound) -> EndpointEntry:
    return replace(
        entry, units=tuple(replace(unit, register_map=_sound_map(unit.register_map, is_sound)) for unit in entry.units)
    )


def _sound_map(register_map: RegisterMapDescription, is_sound: _IsSound) -> RegisterMapDescription:
    registers = tuple(register for register in register_map.entries if is_sound(register.tag_span))
    is_whole = register_map.is_whole and len(registers) == len(register_map.entries)
    return replace(register_map, entries=registers, is_whole=is_whole)
