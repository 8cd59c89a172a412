"""Reads ``[links.NAME]``, a controller as the Modbus client of a device of the plant, and ``[lines.NAME]``, a serial
line that several links share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from emulators.description.characters import CHARACTER_KEYS, SERIAL_PROTOCOLS, CharacterEntry, read_characters
from emulators.description.modbus_transport import LINE_PROTOCOLS, LINE_UNIT_IDS, NETWORK_UNIT_IDS
from emulators.description.parameters import read_faults
from emulators.description.register_map import RegisterMapDescription
from emulators.description.rig import LineEntry, LinkEntry
from emulators.description.source import Findings, Located
from emulators.description.table_reader import TableReader
from emulators.description.toml_nodes import TomlTable
from emulators.errors import did_you_mean
from emulators.timebase import NS_PER_MS

__all__ = ["read_line", "read_link", "report_shared_lines"]

_PROTOCOLS = ("modbus-tcp", "modbus-udp", "modbus-rtu-over-tcp", *SERIAL_PROTOCOLS)
_OF_THE_LINE = ("protocol", "controller", *CHARACTER_KEYS)
_NOT_OF_BROADCASTS = ("device", "timeout", "retries", "latency", "jitter", "faults")


def read_line(name: Located[str], table: TomlTable, findings: Findings) -> LineEntry:
    """Return the line; every mistake is reported."""
    reader = TableReader(table, f"line {name.value}", findings)
    reader.require("controller")
    protocol = reader.choice("protocol", SERIAL_PROTOCOLS)
    controller = reader.text("controller", may_be_empty=False)
    said = protocol.value if protocol is not None else SERIAL_PROTOCOLS[0]
    characters = read_characters(reader, said)
    turnaround = reader.duration_ns("turnaround")
    faults = read_faults(reader, f"the fault of line {name.value}", findings)
    reader.finish()
    return LineEntry(
        name.value,
        said,
        controller or Located("", name.span),
        characters,
        turnaround.value if turnaround else 100 * NS_PER_MS,
        faults,
        name.span,
    )


def read_link(
    name: Located[str],
    table: TomlTable,
    lines: Mapping[str, LineEntry],
    load_map: Callable[[Located[str]], RegisterMapDescription | None],
    findings: Findings,
) -> LinkEntry:
    """Return the link; every mistake is reported. ``load_map`` reads the file that ``map`` names."""
    reader = TableReader(table, f"link {name.value}", findings)
    line_name = reader.text("line", may_be_empty=False)
    line = _line(reader, name.value, line_name, lines, findings)
    reader.require(*(("map",) if line_name is not None else ("protocol", "controller", "map")))
    protocol, controller, characters = _far_end(reader, name, line, findings)
    map_text = reader.text("map", may_be_empty=False)
    is_on_line = protocol in LINE_PROTOCOLS  # unit id 0 is the broadcast there
    unit_id = reader.integer("unit_id", low=0, high=(LINE_UNIT_IDS if is_on_line else NETWORK_UNIT_IDS)[-1])
    if is_on_line and line_name is None and unit_id is not None and not unit_id.value:
        message = f"unit_id 0 means all units on a line, and link {name.value} is on none with others"
        findings.add(unit_id.span, message, f"write one from 1 to {LINE_UNIT_IDS[-1]}, or put it on a line = …")
    period = reader.duration_ns("period", may_be_zero=False)
    timeout = reader.duration_ns("timeout", may_be_zero=False)
    retries = reader.integer("retries", low=0, high=100)
    device = reader.text("device", may_be_empty=False)
    latency, jitter = reader.duration_ns("latency"), reader.duration_ns("jitter")
    faults = read_faults(reader, f"the fault of link {name.value}", findings)
    if line_name is not None and unit_id is not None and not unit_id.value:
        _report_keys(reader, _NOT_OF_BROADCASTS, f"link {name.value} is a broadcast, which has no", "drop it", findings)
    reader.finish()
    register_map = load_map(map_text) if map_text else None
    own_unit_id = register_map.unit_id if register_map else None
    return LinkEntry(
        name=name.value,
        protocol=protocol,
        controller=controller or Located("", name.span),
        device=device,
        register_map=register_map,
        span=name.span,
        unit_id=unit_id.value if unit_id else own_unit_id or 1,
        unit_span=unit_id.span if unit_id else name.span,
        period_ns=period.value if period else 100 * NS_PER_MS,
        timeout_ns=timeout.value if timeout else 500 * NS_PER_MS,
        retries=retries.value if retries else 0,
        latency_ns=latency.value if latency else 0,
        jitter_ns=jitter.value if jitter else 0,
        characters=characters,
        faults=faults,
        line=line,
    )


def report_shared_lines(lines: Iterable[LineEntry], links: Sequence[LinkEntry], findings: Findings) -> None:
    """Report lines without a unit, and unit ids that two links on one line have."""
    are_all_known = all(link.protocol for link in links)  # else one of them may be meant to be on the line
    for line in lines:
        if are_all_known and all(link.line is not line or link.is_broadcast for link in links):
            findings.add(line.span, f"no unit is on line {line.name}", f'name it in a link: line = "{line.name}"')
    first: dict[tuple[str, int], LinkEntry] = {}
    for link in links:
        if link.line is None or link.is_broadcast:
            continue
        other = first.setdefault((link.line.name, link.unit_id), link)
        if other is not link:
            message = f"unit {link.unit_id} of line {link.line.name} is link {other.name} already, at {other.unit_span}"
            findings.add(link.unit_span, message, "give one of the two another unit_id")


def _line(
    reader: TableReader, link: str, name: Located[str] | None, lines: Mapping[str, LineEntry], findings: Findings
) -> LineEntry | None:
    if name is None:
        return None
    line = lines.get(name.value)
    if line is None:
        hint = did_you_mean(name.value, lines) or f"declare it: [lines.{name.value[:40]}] with its controller"
        findings.add(name.span, f"there is no line '{name.value[:40]}'", hint)
    for key in _OF_THE_LINE:
        if reader.has(key):
            place = f"line {line.name}, {line.span}" if line is not None else "its line"
            findings.add(reader.key_span(key), f"link {link} has the {key} of {place}", "drop it here")
    return line


def _far_end(
    reader: TableReader, name: Located[str], line: LineEntry | None, findings: Findings
) -> tuple[str, Located[str] | None, CharacterEntry | None]:
    """Return protocol, controller and characters of a link: those of its line, or what it says itself."""
    if line is not None:
        return line.protocol, line.controller, line.characters
    if reader.has("line"):
        return "", None, None
    said = reader.text("protocol")
    protocol = None
    if said is not None and said.value == "modbus-tls":
        hint = 'write protocol = "modbus-tcp"; only a link that leads to a real device may use TLS: --link NAME=URL'
        findings.add(said.span, f"link {name.value} has no TLS: in plant time there is no handshake", hint)
    else:
        protocol = reader.choice("protocol", _PROTOCOLS)
    controller = reader.text("controller", may_be_empty=False)
    characters = None
    if protocol is not None and protocol.value in SERIAL_PROTOCOLS:
        characters = read_characters(reader, protocol.value)
    elif protocol is not None:
        _report_keys(reader, CHARACTER_KEYS, f"a link of {protocol.value} has no", "drop it", findings)
    else:
        read_characters(reader, "")
    return protocol.value if protocol is not None else "", controller, characters


def _report_keys(reader: TableReader, keys: Iterable[str], message: str, hint: str, findings: Findings) -> None:
    """Report the keys that do not belong into a table; ``message`` goes before each."""
    for key in keys:
        if reader.has(key):
            findings.add(reader.key_span(key), f"{message} {key}", hint)
