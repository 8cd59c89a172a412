"""The devices of a Modbus endpoint in a rig: one with ``map`` and ``unit_id``, or ``[[endpoints.units]]``."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from emulators.description.modbus_transport import LINE_PROTOCOLS
from emulators.description.register_map import RegisterMapDescription
from emulators.description.rig import UnitEntry
from emulators.description.source import Findings, Located
from emulators.description.table_reader import TableReader

__all__ = ["read_units"]

LoadMap = Callable[[Located[str]], RegisterMapDescription | None]

_UNIT_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*(?:-[A-Za-z0-9_]+)*")


def read_units(reader: TableReader, protocol: str, load_map: LoadMap, findings: Findings) -> tuple[UnitEntry, ...]:
    """Return the units of an endpoint; ``latency`` and ``jitter`` of the endpoint are those of units that say none."""
    common = _Times().read(reader)
    tables = tuple(reader.array_of_tables("units"))
    if not tables:
        reader.require("map")
        unit = _unit(reader, protocol, load_map, common, default_id=1)
        return (unit,) if unit is not None else ()
    for key in ("map", "unit_id"):
        if reader.has(key):
            findings.add(
                reader.key_span(key), f"the endpoint has units and a {key} of its own", f"move {key} to a unit"
            )
    units = []
    for table in tables:
        each = TableReader(table, "the unit", findings)
        each.require("unit_id", "map")
        name = each.text("name", may_be_empty=False)
        if name is not None and not _UNIT_NAME.fullmatch(name.value):
            message = f"'{name.value[:40]}' is not a name for a unit"
            findings.add(name.span, message, "use letters, digits, '-' and '_'")
            name = None
        units.append(_unit(each, protocol, load_map, common, name=name))
        each.finish()
    known = tuple(unit for unit in units if unit is not None)
    _report_taken_ids(known, findings)
    return known


@dataclass(frozen=True, slots=True)
class _Times:
    """What a table says about the time that a unit takes."""

    latency_ns: int = 0
    jitter_ns: int = 0

    def read(self, reader: TableReader) -> _Times:
        """Return these times with what another table says instead."""
        latency, jitter = reader.duration_ns("latency"), reader.duration_ns("jitter")
        return _Times(latency.value if latency else self.latency_ns, jitter.value if jitter else self.jitter_ns)


def _unit(
    reader: TableReader,
    protocol: str,
    load_map: LoadMap,
    common: _Times,
    *,
    name: Located[str] | None = None,
    default_id: int | None = None,
) -> UnitEntry | None:
    is_on_line = protocol in LINE_PROTOCOLS  # unit id 0 is the broadcast there
    unit_id = reader.integer("unit_id", low=1 if is_on_line else 0, high=247 if is_on_line else 255)
    map_text = reader.text("map", may_be_empty=False)
    times = common.read(reader)
    register_map = load_map(map_text) if map_text is not None else None
    number = unit_id.value if unit_id is not None else default_id
    if register_map is None or number is None:
        return None
    span = unit_id.span if unit_id is not None else reader.span
    return UnitEntry(number, register_map, span, name.value if name else "", times.latency_ns, times.jitter_ns)


def _report_taken_ids(units: tuple[UnitEntry, ...], findings: Findings) -> None:
    first: dict[int, UnitEntry] = {}
    for unit in units:
        other = first.setdefault(unit.unit_id, unit)
        if other is not unit:
            message = f"unit id {unit.unit_id} is already taken at {other.span}"
            findings.add(unit.span, message, "give each unit an id of its own")
