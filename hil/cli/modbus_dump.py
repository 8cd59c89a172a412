"""``hil modbus dump URL``: all values of a map or of ranges with their places; what the device refuses is shown too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from hil.cli.modbus_options import (
    chosen_map,
    device_url,
    echo_json,
    open_link,
    plain,
    print_columns,
    shared_options,
    shown,
)

if TYPE_CHECKING:
    from emulators.description import RegisterEntry
    from emulators.errors import LinkError
    from emulators.signals.tags import TagValue
    from hil.targets.modbus_url import ModbusUrl

__all__ = ["command"]

_HEADINGS = ("reference", "address", "table", "tag", "type", "value")


@click.command("dump", short_help="Print everything that a map or ranges describe.")
@click.argument("url", type=device_url)
@click.argument("names", nargs=-1, metavar="[NAME]…")
@shared_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON list.")
@click.pass_context
def command(
    context: click.Context,
    url: ModbusUrl,
    names: tuple[str, ...],
    map_file: str | None,
    timeout_s: float,
    requests_per_s: float | None,
    as_json: bool,
) -> None:
    """Print all readable values of a Modbus device with reference, address, type and unit.

    Exit status: 0, or 1 when the device refuses any of them or is silent.
    """
    from emulators.errors import LinkError

    register_map, tags = chosen_map(names, map_file)
    with open_link(url, register_map, timeout_s=timeout_s, requests_per_s=requests_per_s) as link:
        values = link.read_each(tags)
        rows = [(link.entry(tag), value) for tag, value in values.items()]
    if as_json:
        echo_json([_as_json(entry, value) for entry, value in rows])
    else:
        print_columns(_HEADINGS, [_cells(entry, value) for entry, value in rows])
    if any(isinstance(value, LinkError) for value in values.values()):
        context.exit(1)


def _cells(entry: RegisterEntry, value: TagValue | LinkError) -> tuple[str, ...]:
    bit = f" bit {entry.bit}" if entry.bit is not None else ""
    text = shown(entry, value) if isinstance(value, bool | int | float | str) else _reason(value)
    return entry.reference, f"{entry.address}{bit}", entry.table.value, entry.tag, entry.type.name, text


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


def _reason(error: LinkError) -> str:
    """Return the last words of a refusal: the place stands in the row already."""
    _, separator, answer = str(error).rpartition(" answered ")
    return f"({answer})" if separator else f"({error})"
