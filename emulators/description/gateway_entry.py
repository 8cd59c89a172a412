"""What an endpoint of a rig says as a gateway: how long it waits for a unit, its queue, its serial lines."""

from __future__ import annotations

from dataclasses import dataclass

from emulators.description.source import Findings, Located
from emulators.description.table_reader import TableReader
from emulators.errors import SourceSpan

__all__ = ["GATEWAY_KEYS", "GatewayEntry", "GatewayLineEntry", "read_gateway"]

GATEWAY_KEYS = ("unit_timeout", "queue", "lines")
_PARITIES = ("none", "even", "odd")
_UNIT_TIMEOUT_ON_LINES_NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class GatewayLineEntry:
    """A serial line (RTU, eight data bits) behind a gateway."""

    name: str
    baud_rate: int
    parity: str
    stop_bits: int
    span: SourceSpan


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
        each = TableReader(table, "the line", findings)
        each.require("name")
        name = each.text("name", may_be_empty=False)
        line = _line(each, name)
        each.finish()
        other = lines.setdefault(line.name, line)
        if other is not line and name is not None:
            findings.add(line.span, f"line {line.name} is already defined at {other.span}", "rename one of the two")
    default_ns = _UNIT_TIMEOUT_ON_LINES_NS if lines else None
    return GatewayEntry(
        unit_timeout.value if unit_timeout else default_ns, queue.value if queue else 16, tuple(lines.values())
    )


def _line(reader: TableReader, name: Located[str] | None) -> GatewayLineEntry:
    baud_rate = reader.integer("baud_rate", low=50, high=4_000_000)
    parity = reader.choice("parity", _PARITIES)
    stop_bits = reader.integer("stop_bits", low=1, high=2)
    return GatewayLineEntry(
        name.value if name else "",
        baud_rate.value if baud_rate else 19_200,
        parity.value if parity else "even",
        stop_bits.value if stop_bits else 1,
        name.span if name else reader.span,
    )
