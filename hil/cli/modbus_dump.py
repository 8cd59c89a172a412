"""``hil modbus dump URL``: all values of a map or of ranges with their places; what the device refuses is shown too."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from hil.cli.modbus_options import LinkOptions, chosen_map, device_url, link_options
from hil.cli.modbus_output import echo_left_out, reason, shown
from hil.cli.output_forms import echo_csv, echo_json, form_options, number_text, plain, print_columns

if TYPE_CHECKING:
    from emulators.description import RegisterEntry
    from emulators.errors import LinkError
    from emulators.signals.tags import TagValue
    from hil.targets.modbus_link import ModbusLink
    from hil.targets.modbus_url import ModbusUrl

__all__ = ["command"]

_HEADINGS = ("reference", "address", "table", "tag", "type", "value")
_CSV_HEADINGS = ("reference", "address", "bit", "table", "tag", "type", "value", "unit", "error")


@click.command("dump")
@click.argument("url", type=device_url)
@click.argument("names", nargs=-1, metavar="[NAME]…")
@link_options
@form_options(
    csv="Print CSV.", json="Print one JSON list.", toml="Print a register map (TOML) that starts with these values."
)
@click.pass_context
def command(
    context: click.Context, url: ModbusUrl, names: tuple[str, ...], options: LinkOptions, form: str | None
) -> None:
    """Print all readable values of a Modbus device with reference, address, type and unit.

    What --toml prints, 'hil device run' emulates and 'hil modbus diff' compares with. Exit status: 0, or 1 when the
    device refuses any of them or is silent.

    \b
    hil modbus dump modbus-tcp://10.0.0.7/1 --map meter.toml --toml > before.toml
    """
    from emulators.errors import LinkError
    from hil.targets.modbus_scale_factors import with_factor_tags

    register_map, tags = chosen_map(names, options.map_file)
    asked = with_factor_tags(tags, register_map) if form == "toml" else tags
    with options.open_link(url, register_map) as link:
        values = link.read_each(asked)
        rows = [(link.entry(tag), value) for tag, value in values.items()]
        refused = {tag: value for tag, value in values.items() if isinstance(value, LinkError)}
        match form:
            case "csv":
                echo_csv([_CSV_HEADINGS, *(_csv_cells(entry, value) for entry, value in rows)])
            case "json":
                echo_json([_as_json(entry, value) for entry, value in rows])
            case "toml":
                if refused and len(refused) == len(values):
                    raise next(iter(refused.values()))
                echo_left_out(refused)
                click.echo(_map_text(link, rows), nl=False)
            case _:
                print_columns(_HEADINGS, [_cells(entry, value) for entry, value in rows])
    if refused:
        context.exit(1)


def _cells(entry: RegisterEntry, value: TagValue | LinkError) -> tuple[str, ...]:
    bit = f" bit {entry.bit}" if entry.bit is not None else ""
    return entry.reference, f"{entry.address}{bit}", entry.table.value, entry.tag, entry.type.name, shown(entry, value)


def _csv_cells(entry: RegisterEntry, value: TagValue | LinkError) -> tuple[object, ...]:
    error = "" if isinstance(value, bool | int | float | str) else reason(value)
    bit = "" if entry.bit is None else entry.bit
    place = entry.reference, entry.address, bit, entry.table.value
    return *place, entry.tag, entry.type.name, number_text(value), entry.unit, error


def _as_json(entry: RegisterEntry, value: TagValue | LinkError) -> dict[str, Any]:
    row = {
        "tag": entry.tag,
        "table": entry.table.value,
        "address": entry.address,
        "bit": entry.bit,
        "reference": entry.reference,
        "type": entry.type.name,
        "unit": entry.unit,
        "value": plain(value),
    }
    return row if isinstance(value, bool | int | float | str) else {**row, "error": str(value)}


def _map_text(link: ModbusLink, rows: list[tuple[RegisterEntry, TagValue | LinkError]]) -> str:
    from hil.targets.modbus_identity import ask_identity
    from hil.targets.modbus_recording import Recorder

    chosen = replace(link.register_map, entries=tuple(entry for entry, _ in rows))
    recorder = Recorder.of_device(link.url, chosen, ask_identity(link.client).for_map())
    recorder.take(0, {entry.tag: value for entry, value in rows})
    return recorder.map_text(chosen.name, "")
