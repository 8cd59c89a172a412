"""The devices of a Modbus endpoint in a rig: one with ``map`` and ``unit_id``, or ``[[endpoints.units]]``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from emulators.description.gateway_entry import GatewayLineEntry
from emulators.description.modbus_transport import LINE_PROTOCOLS, LINE_UNIT_IDS, NETWORK_UNIT_IDS, ModbusTransportEntry
from emulators.description.names import check_owner_name
from emulators.description.register_map import RegisterMapDescription
from emulators.description.rig import UnitEntry
from emulators.description.source import Findings, Located
from emulators.description.table_reader import TableReader
from emulators.errors import did_you_mean

__all__ = ["read_units"]

LoadMap = Callable[[Located[str]], RegisterMapDescription | None]


def read_units(
    reader: TableReader,
    protocol: str,
    transport: ModbusTransportEntry,
    load_map: LoadMap,
    findings: Findings,
) -> tuple[UnitEntry, ...]:
    """Return the units of an endpoint; ``latency`` and ``jitter`` of the endpoint are those of units that say none."""
    lines = transport.gateway.lines
    serial = transport.serial
    is_line_emulated = serial is not None and serial.has_line_time and not serial.serial_port
    by_name = {line.name: line for line in lines}
    units = _Units(protocol, by_name, load_map, _Times().read(reader), is_line_emulated, findings)
    tables = tuple(reader.array_of_tables("units"))
    if not tables:
        reader.require("map")
        for line in lines:
            findings.add(line.span, f"no unit is on line {line.name}", 'add units with line = "…", or drop it')
        unit = units.read(reader, is_alone=True)
        return (unit,) if unit is not None else ()
    for key in ("map", "unit_id"):
        if reader.has(key):
            findings.add(
                reader.key_span(key), f"the endpoint has units and a {key} of its own", f"move {key} to a unit"
            )
    if (len(tables) > 1 or lines) and transport.unknown_unit == "device":
        message = "a gateway and several units look at unit ids: none is the device that answers for all"
        findings.add(reader.key_span("unknown_unit"), message, 'write "exception" or "silence"')
    found = [units.read_table(TableReader(table, "the unit", findings)) for table in tables]
    known = tuple(unit for unit in found if unit is not None)
    if len(known) == len(found):
        for line in lines:
            if all(unit.line != line.name for unit in known):
                findings.add(line.span, f"no unit is on line {line.name}", "name it in a unit, or drop it")
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


@dataclass(frozen=True, slots=True)
class _Units:
    """Reads the units of one endpoint."""

    protocol: str
    lines: Mapping[str, GatewayLineEntry]
    load_map: LoadMap
    times: _Times
    is_line_emulated: bool
    findings: Findings

    def read_table(self, reader: TableReader) -> UnitEntry | None:
        reader.require("unit_id", "map")
        name = reader.text("name", may_be_empty=False)
        if name is not None and not check_owner_name(name, "unit", self.findings):
            name = None
        line = self._line(reader)
        is_rival = reader.boolean("conflicts", default=False)
        if is_rival and not (line or self.is_line_emulated):
            message = "only units on a serial line whose time is emulated can have an id that another one has too"
            self.findings.add(reader.key_span("conflicts"), message, "drop conflicts")
        unit = self.read(reader, name=name, line=line, is_rival=is_rival)
        reader.finish()
        return unit

    def read(
        self,
        reader: TableReader,
        *,
        name: Located[str] | None = None,
        line: str = "",
        is_rival: bool = False,
        is_alone: bool = False,
    ) -> UnitEntry | None:
        """Return the unit; one alone that does not say its id has that of its map, or 1."""
        unit_ids = LINE_UNIT_IDS if self.protocol in LINE_PROTOCOLS or line else NETWORK_UNIT_IDS
        unit_id = reader.integer("unit_id", low=unit_ids[0], high=unit_ids[-1])
        map_text = reader.text("map", may_be_empty=False)
        times = self.times.read(reader)
        register_map = self.load_map(map_text) if map_text is not None else None
        if register_map is None or (unit_id is None and not is_alone):
            return None
        return UnitEntry(
            unit_id.value if unit_id is not None else register_map.unit_id or 1,
            register_map,
            unit_id.span if unit_id is not None else reader.span,
            name=name.value if name else "",
            latency_ns=times.latency_ns,
            jitter_ns=times.jitter_ns,
            line=line,
            is_rival=is_rival,
        )

    def _line(self, reader: TableReader) -> str:
        line = reader.text("line", may_be_empty=False)
        if line is None or line.value in self.lines:
            return line.value if line is not None else ""
        hint = did_you_mean(line.value, self.lines) or "declare it with [[endpoints.lines]], before the units"
        self.findings.add(line.span, f"the endpoint has no line '{line.value[:40]}'", hint)
        return ""


def _report_taken_ids(units: tuple[UnitEntry, ...], findings: Findings) -> None:
    first: dict[int, UnitEntry] = {}
    for unit in units:
        other = first.get(unit.unit_id)
        if unit.is_rival:
            if other is None or other.line != unit.line:
                message = f"no unit before this one has unit id {unit.unit_id} on its line"
                findings.add(unit.span, message, "drop conflicts, or put it behind the unit that it disturbs")
        elif other is not None:
            message = f"unit id {unit.unit_id} is already taken at {other.span}"
            hint = "give each unit an id of its own; on a line conflicts = true lets their answers collide"
            findings.add(unit.span, message, hint)
        else:
            first[unit.unit_id] = unit
