"""``hil modbus diff URL [OTHER]``: a device beside another one, a recording, or what its map expects."""

from __future__ import annotations

import os
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hil.cli.durations import duration
from hil.cli.modbus_options import LinkOptions, chosen_map, device_url, link_options
from hil.cli.modbus_output import shown
from hil.cli.output_forms import echo_csv, echo_json, form_options, number_text, plain, print_columns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulators.description import RegisterEntry, RegisterMapDescription
    from emulators.signals.tags import TagValue
    from hil.targets.modbus_differences import Difference, Reading, Tolerance
    from hil.targets.modbus_url import ModbusUrl

__all__ = ["command"]

_HEADINGS = ("tag", "left", "right", "reason")


def _tolerance(text: str) -> Tolerance:
    """Return the tolerance that a text means; the type of an option."""
    from hil.targets.modbus_differences import Tolerance

    try:
        return Tolerance.parse(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


@click.command("diff")
@click.argument("url", type=device_url)
@click.argument("others", nargs=-1, metavar="[URL|FILE.csv] [NAME]…")
@link_options
@click.option(
    "--tolerance",
    "tolerances",
    type=_tolerance,
    multiple=True,
    metavar="[TAG=]SIZE",
    help="In the units of the values, or 2%; for all, or one tag or pattern. May be repeated, the last one counts.",
)
@click.option("--ignore", "ignored", multiple=True, metavar="TAG", help="Leave out a tag or pattern; may be repeated.")
@click.option("--at", "at_ns", type=duration, metavar="TIME", help="Moment of the recording; else its first line.")
@form_options(csv="Print CSV.", json="Print one JSON list of differences.")
@click.pass_context
def command(
    context: click.Context,
    url: ModbusUrl,
    others: tuple[str, ...],
    options: LinkOptions,
    tolerances: tuple[Tolerance, ...],
    ignored: tuple[str, ...],
    at_ns: int | None,
    form: str | None,
) -> None:
    """Compare the values of a Modbus device.

    \b
    diff URL URL --map FILE       with another device
    diff URL FILE.csv             with a recording of 'hil modbus record', by its FILE.toml or --map FILE
    diff URL --map FILE           with the map: every value is there, inside its range, among its names, and has its
                                  initial value if no behaviour moves it

    A value that moves needs a tolerance: --tolerance 1% --tolerance 'CURRENT_*=0.5'. Prints one line a difference,
    nothing when there is none. Exit status: 0 no difference, 1 differences or no answer.
    """
    from hil.targets.modbus_differences import compare_readings, compare_with_map

    other, names = _split(others)
    if at_ns is not None and not other.endswith(".csv"):
        raise click.UsageError("--at is a moment of a recording; name its FILE.csv")
    if not other and options.map_file is None:
        raise click.UsageError("compare with what? Give a second URL, a recorded FILE.csv, or --map FILE")
    register_map, tags = chosen_map(names, options.map_file or _map_beside(other))

    def read(place: ModbusUrl) -> Reading:
        with options.open_link(place, register_map) as link:
            values = link.read_each(tags)
        return {tag: value for tag, value in values.items() if not any(fnmatchcase(tag, each) for each in ignored)}

    if not other:
        differences = compare_with_map(read(url), register_map, tolerances)
    elif other.endswith(".csv"):
        differences = compare_readings(read(url), _recorded(other, register_map, at_ns or 0), tolerances)
    else:
        differences = compare_readings(read(url), read(device_url(other)), tolerances)
    _print(differences, register_map, form)
    if differences:
        context.exit(1)


def _split(others: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    from hil.targets.modbus_url import ModbusUrl

    if others and (others[0].endswith(".csv") or ModbusUrl.is_meant_by(others[0])):
        return others[0], others[1:]
    return "", others


def _map_beside(recording: str) -> str | None:
    """Return the map that was recorded with a CSV, if it is still there."""
    beside = Path(recording).with_suffix(".toml")
    return os.fspath(beside) if recording.endswith(".csv") and beside.exists() else None


def _recorded(file: str, register_map: RegisterMapDescription, at_ns: int) -> dict[str, TagValue]:
    from hil.targets.modbus_recording import load_recorded_values

    return load_recorded_values(file, register_map, at_ns)


def _print(differences: Sequence[Difference], register_map: RegisterMapDescription, form: str | None) -> None:
    match form:
        case "csv":
            rows = [(each.tag, number_text(each.left), number_text(each.right), each.reason) for each in differences]
            echo_csv([_HEADINGS, *rows])
        case "json":
            echo_json(
                [
                    {"tag": each.tag, "left": plain(each.left), "right": plain(each.right), "reason": each.reason}
                    for each in differences
                ]
            )
        case _ if differences:
            entries = {entry.tag: entry for entry in reversed(register_map.entries)}  # the first of a tag counts
            found = [(entries[each.tag], each) for each in differences]
            print_columns(
                _HEADINGS,
                [(entry.tag, _text(entry, each.left), _text(entry, each.right), each.reason) for entry, each in found],
            )


def _text(entry: RegisterEntry, value: TagValue | None) -> str:
    return "" if value is None else shown(entry, value)
