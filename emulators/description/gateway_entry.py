"""What an endpoint of a rig says as a gateway: how long it waits for a unit, its queue, its serial lines."""

from __future__ import annotations

from dataclasses import dataclass

from emulators.description.characters import SERIAL_PROTOCOLS, CharacterEntry, read_characters
from emulators.description.names import check_owner_name
from emulators.description.parameters import WireFaultEntry, read_faults
from emulators.description.source import Findings
from emulators.description.table_reader import TableReader
from emulators.errors import SourceSpan
from emulators.timebase import NS_PER_S

__all__ = ["GATEWAY_KEYS", "GatewayEntry", "GatewayLineEntry", "read_gateway"]

GATEWAY_KEYS = ("unit_timeout", "queue", "lines")
_UNIT_TIMEOUT_ON_LINES_NS = NS_PER_S
_TAKEN = "injections"


@dataclass(frozen=True, slots=True)
class GatewayLineEntry:
    """A serial line behind a gateway, and how its wire fails from the start."""

    name: str
    protocol: str
    characters: CharacterEntry
    span: SourceSpan
    faults: tuple[WireFaultEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class GatewayEntry:
    """``unit_timeout_ns`` None: it waits for ever. ``queue`` is how many requests wait for a line or a unit."""

    unit_timeout_ns: int | None = None
    queue: int = 16
    lines: tuple[GatewayLineEntry, ...] = ()


def read_gateway(reader: TableReader, findings: Findings) -> GatewayEntry:
    """Read the keys of a gateway; with lines it waits a second for a unit unless told otherwise."""
    unit_timeout = reader.duration_ns("unit_timeout", may_be_zero=False)
    queue = reader.integer("queue", low=0, high=100_000)
    lines: dict[str, GatewayLineEntry] = {}
    for table in reader.array_of_tables("lines"):
        line = _line(TableReader(table, "the line", findings), findings)
        other = lines.setdefault(line.name, line)
        if other is not line and line.name:
            findings.add(line.span, f"line {line.name} is already defined at {other.span}", "rename one of the two")
    default_ns = _UNIT_TIMEOUT_ON_LINES_NS if lines else None
    return GatewayEntry(
        unit_timeout.value if unit_timeout else default_ns, queue.value if queue else 16, tuple(lines.values())
    )


def _line(reader: TableReader, findings: Findings) -> GatewayLineEntry:
    reader.require("name")
    name = reader.text("name", may_be_empty=False)
    if name is not None:
        check_owner_name(name, "line", findings)
        if name.value == _TAKEN:
            findings.add(name.span, f"'{_TAKEN}' is the count of the endpoint's faults", "give the line another name")
    protocol = reader.choice("protocol", SERIAL_PROTOCOLS)
    spoken = protocol.value if protocol else SERIAL_PROTOCOLS[0]
    line = GatewayLineEntry(
        name.value if name else "",
        spoken,
        read_characters(reader, spoken),
        name.span if name else reader.span,
        read_faults(reader, "the fault of the line", findings),
    )
    reader.finish()
    return line
