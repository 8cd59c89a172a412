"""What ``hil run`` prints: addresses, tags, registers and node ids, for people and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulators.signals.elementary_types import elementary_type_of_native

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulators.cell.link_wiring import LineWiring, LinkWiring
    from emulators.description import EndpointEntry
    from emulators.signals.publication import PublishedTag
    from hil.assembly.serving import RunningCell

__all__ = ["cell_as_json", "print_tables"]


def cell_as_json(running: RunningCell) -> dict[str, Any]:
    """Return everything a client needs as plain data."""
    blueprint = running.blueprint
    return {
        "rig": blueprint.rig.name,
        "step_ns": blueprint.step_ns,
        "endpoints": [
            {"name": each.name, "protocol": each.protocol, "url": each.url, "controller": each.controller}
            for each in running.endpoints
        ],
        "control": running.control.url,
        "tags": [
            {
                "name": tag.name,
                "type": _type_name(tag),
                "unit": tag.unit,
                "range": list(tag.eu_range) if tag.eu_range is not None else None,
                "writable": tag.is_writable,
                "description": tag.description,
            }
            for tag in running.publication.tags.values()
        ],
        "units": [row for entry in blueprint.rig.endpoints for row in _units(running, entry)],
        "registers": [row for entry in blueprint.rig.endpoints for row in _registers(entry)],
        "nodes": [row for entry in blueprint.rig.endpoints for row in _nodes(running, entry)],
        "links": [_link(scan) for scan in blueprint.wiring.scans.values()],
        "lines": [_line(line) for line in blueprint.wiring.lines.values()],
    }


def print_tables(running: RunningCell, ports_file: str) -> None:
    """Print the same as tables."""
    content = cell_as_json(running)
    _print_table("endpoints", ("name", "protocol", "url", "controller"), content["endpoints"])
    _print_table("tags", ("name", "type", "unit", "range", "writable", "description"), content["tags"])
    _print_table("units", ("endpoint", "unit", "name", "line", "map", "url"), content["units"])
    _print_table(
        "registers",
        ("endpoint", "unit", "reference", "address", "table", "type", "access", "tag"),
        content["registers"],
    )
    _print_table("nodes", ("endpoint", "node_id", "tag"), content["nodes"])
    _print_table("lines", ("name", "protocol", "controller", "characters"), content["lines"])
    link_columns = ("name", "protocol", "controller", "line", "unit", "device", "reads", "writes")
    _print_table("links", link_columns, content["links"])
    from hil.cli.console import output_console

    output_console().print(f"control channel {content['control']}, ports file {ports_file}; Ctrl-C stops")


def _type_name(tag: PublishedTag) -> str:
    if tag.iec_type or tag.is_text:
        return tag.iec_type or tag.native_label.upper()
    return elementary_type_of_native(tag.native_label).name


def _units(running: RunningCell, entry: EndpointEntry) -> Iterator[dict[str, Any]]:
    from emulators.modbus.endpoint_url import unit_url

    url = next(each.url for each in running.endpoints if each.name == entry.name)
    for unit in entry.units:
        yield {
            "endpoint": entry.name,
            "unit": unit.unit_id,
            "name": unit.name,
            "line": f"{entry.name}.{unit.line}" if unit.line else "",
            "map": unit.register_map.file,
            "url": unit_url(url, unit.unit_id),
        }


def _registers(entry: EndpointEntry) -> Iterator[dict[str, Any]]:
    for unit in entry.units:
        for register in unit.register_map.entries:
            yield {
                "endpoint": entry.name,
                "unit": unit.unit_id,
                "tag": register.tag,
                "table": register.table.value,
                "address": register.address,
                "reference": register.reference,
                "type": register.type.name,
                "access": "rw" if register.is_writable else "r",
            }


def _link(scan: LinkWiring) -> dict[str, Any]:
    def names(*, are_written: bool) -> str:
        return ", ".join(each.entry.tag for each in scan.registers.values() if each.is_written is are_written)

    entry = scan.entry
    return {
        "name": entry.name,
        "protocol": entry.protocol,
        "controller": entry.controller.value,
        "line": entry.line.name if entry.line is not None else "",
        "unit": entry.unit_id,
        "device": entry.device.value if entry.device is not None else "",
        "reads": names(are_written=False),
        "writes": names(are_written=True),
    }


def _line(line: LineWiring) -> dict[str, Any]:
    from emulators.modbus.described_characters import described_characters

    entry = line.entry
    return {
        "name": entry.name,
        "protocol": entry.protocol,
        "controller": entry.controller.value,
        "characters": str(described_characters(entry.characters)),
    }


def _nodes(running: RunningCell, entry: EndpointEntry) -> Iterator[dict[str, Any]]:
    if entry.protocol != "opcua":
        return
    from emulators.opcua import node_id_text
    from hil.assembly.serving import tags_of_controller

    for name in tags_of_controller(running.blueprint, running.publication, entry.controller).tags:
        yield {"endpoint": entry.name, "node_id": node_id_text(name), "tag": name}


def _print_table(title: str, columns: tuple[str, ...], rows: list[dict[str, Any]]) -> None:
    from rich.table import Table
    from rich.text import Text

    from hil.cli.console import output_console

    if not rows:
        return
    console = output_console()
    console.print(Text(title, style="bold"))
    table = Table(box=None, pad_edge=False, show_edge=False)
    for column in columns:
        table.add_column(column.replace("_", " "), style="cyan" if column in ("name", "tag", "url") else "")
    for row in rows:
        table.add_row(*(_shown(row[column]) for column in columns))
    console.print(table)
    console.print()


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, list):
        return f"{value[0]:g} .. {value[1]:g}"
    return str(value)
