"""``hil modbus diff URL [OTHER]``: a device beside another one, a recording, or what its map expects."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from hil.cli.durations import duration
from hil.cli.modbus_options import chosen_map, device_url, echo_json, open_link, plain, print_columns, shared_options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulators.description import RegisterMapDescription
    from emulators.signals.tags import TagValue
    from hil.targets.modbus_differences import Difference, Reading
    from hil.targets.modbus_url import ModbusUrl

__all__ = ["command"]


@click.command("diff", short_help="Compare two devices, or a device with its map or a recording.")
@click.argument("url", type=device_url)
@click.argument("others", nargs=-1, metavar="[URL|FILE.csv] [NAME]…")
@shared_options
@click.option(
    "--tolerance", type=click.FloatRange(0), default=0.0, show_default=True, help="In the units of the values."
)
@click.option("--at", "at_ns", type=duration, metavar="TIME", help="Moment of the recording; else its first line.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON list of differences.")
@click.pass_context
def command(
    context: click.Context,
    url: ModbusUrl,
    others: tuple[str, ...],
    map_file: str | None,
    timeout_s: float,
    requests_per_s: float | None,
    tolerance: float,
    at_ns: int | None,
    as_json: bool,
) -> None:
    """Compare the values of a Modbus device.

    \b
    diff URL URL --map FILE       with another device
    diff URL FILE.csv --map FILE  with a recording of 'hil modbus record'
    diff URL --map FILE           with the map: every value is there, inside its range, among its names, and has its
                                  initial value if no behaviour moves it

    Prints one line a difference, nothing when there is none. Exit status: 0 no difference, 1 differences or no answer.
    """
    from hil.targets.modbus_differences import compare_readings, compare_with_map

    other, names = _split(others)
    if at_ns is not None and not other.endswith(".csv"):
        raise click.UsageError("--at is a moment of a recording; name its FILE.csv")
    if not other and map_file is None:
        raise click.UsageError("compare with what? Give a second URL, a recorded FILE.csv, or --map FILE")
    register_map, tags = chosen_map(names, map_file)

    def read(place: ModbusUrl) -> Reading:
        with open_link(place, register_map, timeout_s=timeout_s, requests_per_s=requests_per_s) as link:
            return link.read_each(tags)

    if not other:
        differences = compare_with_map(read(url), register_map, tolerance=tolerance)
    elif other.endswith(".csv"):
        recorded = _recorded(other, register_map, at_ns or 0)
        differences = compare_readings(read(url), recorded, tolerance=tolerance)
    else:
        second = device_url(other)
        differences = compare_readings(read(url), read(second), tolerance=tolerance)
    _print(differences, as_json=as_json)
    if differences:
        context.exit(1)


def _split(others: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    if others and ("://" in others[0] or others[0].endswith(".csv")):
        return others[0], others[1:]
    return "", others


def _recorded(file: str, register_map: RegisterMapDescription, at_ns: int) -> dict[str, TagValue]:
    from hil.targets.modbus_recording import load_recorded_values

    return load_recorded_values(file, register_map, at_ns)


def _print(differences: Sequence[Difference], *, as_json: bool) -> None:
    if as_json:
        echo_json(
            [
                {"tag": each.tag, "left": plain(each.left), "right": plain(each.right), "reason": each.reason}
                for each in differences
            ]
        )
    elif differences:
        rows = [(each.tag, _text(each.left), _text(each.right), each.reason) for each in differences]
        print_columns(("tag", "left", "right", "reason"), rows)


def _text(value: TagValue | None) -> str:
    from hil.cli.running_cell import format_value

    return "" if value is None else format_value(value, digits=9)
