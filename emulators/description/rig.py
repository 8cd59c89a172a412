"""Rig: one cell or bench in one file: plant, controllers, wiring, tags, endpoints, links and their lines.

This layer knows no component, no program and no protocol: it knows names and where they stand. Whether a component
has a port of that name is found out when the cell is put together, with the spans kept here. ``rigs/README.md`` has
the keys.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from emulators.description.characters import CharacterEntry
from emulators.description.modbus_transport import ModbusTransportEntry
from emulators.description.parameters import ParameterEntry, WireFaultEntry
from emulators.description.register_map import RegisterMapDescription
from emulators.description.source import Located
from emulators.description.tag_checks import TagEntry
from emulators.errors import SourceSpan

__all__ = [
    "ConnectionEntry",
    "ControllerEntry",
    "EndpointEntry",
    "FileReference",
    "LeftOut",
    "LineEntry",
    "LinkEntry",
    "PlantEntry",
    "RigDescription",
    "TaskEntry",
    "UnitEntry",
    "WireEntry",
]


@dataclass(frozen=True, slots=True)
class FileReference:
    """Another file named by this one: as written, and its path from where the rig's own path starts."""

    text: str
    path: str
    span: SourceSpan


@dataclass(frozen=True, slots=True)
class WireEntry:
    """Input of a plant component and the plant outputs that feed it; several are summed.

    ``target`` is the whole name: ``T-101.inflow_m3_per_s``.
    """

    target: Located[str]
    sources: tuple[Located[str], ...]


@dataclass(frozen=True, slots=True)
class PlantEntry:
    """Instance of a component in the plant. ``component`` is a registered name, ``package.module:Class`` or
    ``file.py:Class``, the file relative to the rig."""

    name: str
    component: Located[str]
    parameters: tuple[ParameterEntry, ...]
    inputs: tuple[WireEntry, ...]
    span: SourceSpan


@dataclass(frozen=True, slots=True)
class ConnectionEntry:
    """Value carried between a controller and the plant or another controller, whole names at both ends.

    Sent every ``period_ns`` (0: every communication step), arriving ``delay_ns`` plus a seeded draw from
    0..``jitter_ns`` later.
    """

    target: Located[str]
    source: Located[str]
    period_ns: int = 0
    delay_ns: int = 0
    jitter_ns: int = 0


@dataclass(frozen=True, slots=True)
class TaskEntry:
    """What the rig says about a task of the program; None leaves what the program says.

    ``execution_time_ns`` is a pair: a draw between them is charged to every run of the task.
    """

    name: str
    span: SourceSpan
    interval_ns: int | None = None
    offset_ns: int | None = None
    priority: int | None = None
    execution_time_ns: tuple[int, int] | None = None
    watchdog_ns: int | None = None


@dataclass(frozen=True, slots=True)
class ControllerEntry:
    """Controller with its program.

    Targets of ``inputs`` and sources of ``outputs`` are variables with the controller's name in front:
    ``PLC1.LT101_RAW``.
    """

    name: str
    language: str
    sources: tuple[FileReference, ...]
    inputs: tuple[ConnectionEntry, ...]
    outputs: tuple[ConnectionEntry, ...]
    tasks: tuple[TaskEntry, ...]
    span: SourceSpan


@dataclass(frozen=True, slots=True)
class UnitEntry:
    """A device that a Modbus endpoint serves under a unit id; it takes ``latency_ns`` and a seeded draw from
    0..``jitter_ns`` for each request.

    A device with a ``name`` of its own has that in front of its own tags: ``METER-1.POWER``. ``line`` is the serial
    line of the gateway that it is on; a rival has the unit id of another device on its line, too.
    """

    unit_id: int
    register_map: RegisterMapDescription
    span: SourceSpan
    name: str = ""
    latency_ns: int = 0
    jitter_ns: int = 0
    line: str = ""
    is_rival: bool = False


@dataclass(frozen=True, slots=True)
class EndpointEntry:
    """Server that the cell exposes; ``units`` belong to Modbus, ``security`` to OPC UA.

    ``controller`` is empty where the endpoint is nobody's wire but its devices'.
    """

    name: str
    protocol: str
    controller: str
    host: str
    port: int
    span: SourceSpan
    controller_span: SourceSpan
    units: tuple[UnitEntry, ...] = ()
    security: str = ""
    faults: tuple[WireFaultEntry, ...] = ()
    transport: ModbusTransportEntry | None = None

    @property
    def register_maps(self) -> tuple[RegisterMapDescription, ...]:
        return tuple(unit.register_map for unit in self.units)


@dataclass(frozen=True, slots=True)
class LineEntry:
    """A serial line that several links share: one request at a time, each of its own unit.

    The line rests for ``turnaround_ns`` after a broadcast.
    """

    name: str
    protocol: str
    controller: Located[str]
    characters: CharacterEntry
    turnaround_ns: int
    faults: tuple[WireFaultEntry, ...]
    span: SourceSpan


@dataclass(frozen=True, slots=True)
class LinkEntry:
    """A controller as the Modbus client of a device that the plant has, in plant time and without a socket.

    What it scans follows from the wiring: registers that inputs of the controller take are read,
    registers that its outputs drive are written.

    ``device`` is the component of the plant whose signals the map names, None where the map names tags of the rig.
    The device takes ``latency_ns`` and a seeded draw from 0..``jitter_ns`` for each request. ``characters`` belong to
    serial lines. On a ``line`` that it shares, protocol, controller and characters are those of the line.
    """

    name: str
    protocol: str
    controller: Located[str]
    device: Located[str] | None
    register_map: RegisterMapDescription | None
    span: SourceSpan
    unit_id: int
    unit_span: SourceSpan
    period_ns: int
    timeout_ns: int
    retries: int
    latency_ns: int
    jitter_ns: int
    characters: CharacterEntry | None
    faults: tuple[WireFaultEntry, ...]
    line: LineEntry | None = None

    @property
    def is_broadcast(self) -> bool:
        """Whether it writes to every unit on its line; nobody answers."""
        return self.line is not None and not self.unit_id


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Names that a rig declares and whose entries are left out for their mistakes: to use them is no second mistake.

    ``owners`` are plant components, controllers, links and lines; also a link of which only the registers are known,
    and a controller of which only the connections are. ``are_tags_complete`` is False when an I/O list has mistakes, so
    that any name may be a tag of it; ``is_wiring_complete`` when wires or connections are missing.
    """

    owners: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    are_tags_complete: bool = True
    is_wiring_complete: bool = True

    def may_mean(self, name: str) -> bool:
        """Whether a tag or a signal of this name may be among what is left out."""
        return name in self.tags or name.partition(".")[0] in self.owners or not self.are_tags_complete


@dataclass(frozen=True, slots=True)
class RigDescription:
    """A whole rig; tags of the rig file come first, then those of its I/O list."""

    file: str
    name: str
    description: str
    step_ns: int
    seed: int
    plant: tuple[PlantEntry, ...]
    controllers: tuple[ControllerEntry, ...]
    tags: tuple[TagEntry, ...]
    endpoints: tuple[EndpointEntry, ...]
    io_list: FileReference | None
    span: SourceSpan
    links: tuple[LinkEntry, ...] = ()
    lines: tuple[LineEntry, ...] = ()
    left_out: LeftOut = LeftOut()

    @property
    def folder(self) -> str:
        """Folder that relative paths in the file start from."""
        return os.path.dirname(self.file)

    def tag(self, name: str) -> TagEntry | None:
        return next((entry for entry in self.tags if entry.tag.name == name), None)
