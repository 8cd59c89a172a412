"""What the subcommands of ``hil modbus`` share: addresses, names of values, options, and how values are printed."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from emulators.description import RegisterEntry, RegisterMapDescription
    from emulators.errors import LinkError
    from emulators.signals.tags import TagValue
    from hil.targets.modbus_link import ModbusLink
    from hil.targets.modbus_url import ModbusUrl

__all__ = [
    "chosen_map",
    "device_url",
    "echo_json",
    "open_link",
    "plain",
    "print_columns",
    "shared_options",
    "shown",
]

CommandT = TypeVar("CommandT", bound=Callable[..., Any])


def device_url(text: str) -> ModbusUrl:
    """Return the address of a device; the type of an argument. A wrong one is wrong usage."""
    from hil.targets.modbus_url import ModbusUrl

    try:
        return ModbusUrl.parse(text)
    except ValueError as error:
        raise click.UsageError(str(error)) from error


def shared_options(command: CommandT) -> CommandT:
    """Add ``--map``, ``--timeout`` and ``--rate``."""
    options = (
        click.option("--map", "map_file", metavar="FILE", help="Register map: a file, or a shipped device or map."),
        click.option(
            "--timeout",
            "timeout_s",
            metavar="SECONDS",
            type=click.FloatRange(0.001, 600),
            default=3.0,
            show_default=True,
        ),
        click.option(
            "--rate", "requests_per_s", metavar="N", type=click.FloatRange(0.001), help="At most N requests a second."
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def chosen_map(names: Sequence[str], map_file: str | None) -> tuple[RegisterMapDescription, tuple[str, ...] | None]:
    """Return the map that names and ``--map`` mean, and the tags asked for: None for all of the map.

    Raises:
        click.UsageError: neither names nor a map, or a name that is neither a tag nor a range.
        DescriptionError: the map has mistakes.
    """
    from emulators.description import load_register_map
    from hil.resources import resolve_register_map
    from hil.targets.modbus_ranges import is_range, map_of_ranges

    if map_file is None and not names:
        raise click.UsageError(
            "say what to read: --map FILE, or ranges such as holding:0..9 ('hil modbus scan' finds them)"
        )
    register_map = load_register_map(resolve_register_map(map_file)) if map_file is not None else None
    known = {entry.tag for entry in register_map.entries} if register_map is not None else set()
    tags = [name for name in names if name in known]
    ranges = [name for name in names if name not in known]
    for name in ranges:
        if not is_range(name):
            raise click.UsageError(_unknown(name, known))
    try:
        loose = map_of_ranges(ranges)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    if register_map is None:
        return loose, None
    if not names:
        return register_map, None
    joined = replace(register_map, entries=(*register_map.entries, *loose.entries))
    return joined, (*tags, *(entry.tag for entry in loose.entries))


def open_link(
    url: ModbusUrl,
    register_map: RegisterMapDescription,
    *,
    timeout_s: float,
    requests_per_s: float | None,
    allowed_hosts: Sequence[str] = (),
) -> ModbusLink:
    """Return a link; the caller enters it."""
    from hil.targets.modbus_link import ModbusLink

    return ModbusLink(
        url, register_map, allowed_hosts=allowed_hosts, timeout_s=timeout_s, requests_per_s=requests_per_s
    )


def shown(entry: RegisterEntry, value: TagValue) -> str:
    """Return a value as people read it, with its name and unit."""
    from hil.cli.running_cell import format_value

    names = [list(pair) for pair in entry.names]
    return f"{format_value(value, names=names)} {entry.unit}".rstrip()


def plain(value: TagValue | LinkError | None) -> Any:
    """Return what stands for a value in JSON: numbers that JSON does not have become texts, refusals null."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value if isinstance(value, bool | int | float | str) else None


def echo_json(content: Mapping[str, Any] | Sequence[Any]) -> None:
    """Print one JSON document on a line."""
    click.echo(json.dumps(content, ensure_ascii=False, allow_nan=False))


def print_columns(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print aligned columns, headings in bold on a terminal; a pipe gets them as they are."""
    widths = [max(len(row[index]) for row in (headings, *rows)) for index in range(len(headings))]
    for number, row in enumerate((headings, *rows)):
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        click.secho(line, bold=number == 0)


def _unknown(name: str, known: set[str]) -> str:
    from emulators.errors import did_you_mean

    if not known:
        return f"'{name}' is no range of addresses; give its register map with --map FILE, or write holding:0..9"
    return f"the map has no tag '{name}'; {did_you_mean(name, known) or 'hil map lists them'}"
