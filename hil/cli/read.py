"""``hil read NAME…``: values of a running cell."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import click

from hil.cli.durations import duration
from hil.cli.running_cell import connect, format_value, ports_file_option

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emulators.serving import ControlClient

__all__ = ["command"]


@click.command("read", short_help="Read values of a running cell.")
@click.argument("names", nargs=-1, metavar="[NAME]…")
@click.option("--every", "period_ns", type=duration, help="Go on reading, each so much plant time, such as '500ms'.")
@click.option("--count", type=click.IntRange(1), help="With --every: stop after this many readings.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a reading.")
@ports_file_option
def command(names: tuple[str, ...], period_ns: int | None, count: int | None, as_json: bool, ports_file: str) -> None:
    """Read tags, plant signals or variables of a running cell; without NAME, all its tags.

    Prints one line a value: name, value, unit. Exit status: 0, or 1 when a name or the cell does not exist.

    \b
    hil read LEVEL T-101.level_m PLC1.P101_RUN
    hil read LEVEL --every 500ms --count 10 --json
    """
    if count is not None and period_ns is None:
        raise click.UsageError("--count counts the readings of --every; give both")
    with connect(ports_file) as client:
        units = {target["name"]: target["unit"] for target in client.targets() if target["type"]}
        wanted = names or _tag_names(client)
        if period_ns is None:
            _print(client.read(*wanted), units, client.status()["time_ns"], as_json=as_json)
            return
        samples = client.samples(client.subscribe(wanted, period_ns))
        for sample in itertools.islice(samples, count):
            _print(sample.values, units, sample.time_ns, as_json=as_json)


def _tag_names(client: ControlClient) -> tuple[str, ...]:
    return tuple(target["name"] for target in client.targets() if target["kind"] == "tag" and target["type"])


def _print(values: Mapping[str, Any], units: Mapping[str, str], time_ns: int, *, as_json: bool) -> None:
    if as_json:
        from emulators.serving.control.lines import encode_line

        click.echo(encode_line({"time_ns": time_ns, "values": values}), nl=False)
        return
    width = max((len(name) for name in values), default=0)
    for name, value in values.items():
        click.echo(f"{name:{width}}  {format_value(value)} {units.get(name, '')}".rstrip())
