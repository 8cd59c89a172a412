"""``hil read NAME…``: values of a running cell."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import click

from hil.cli.durations import duration
from hil.cli.running_cell import connect, format_value, ports_file_option

if TYPE_CHECKING:
    from collections.abc import Mapping


__all__ = ["command"]


@click.command("read", short_help="Read values of a running cell.")
@click.argument("names", nargs=-1, metavar="[NAME]…")
@click.option("--every", "period_ns", type=duration, metavar="TIME", help="Read again and again, in plant time.")
@click.option("--count", type=click.IntRange(1), metavar="N", help="With --every: end after N readings.")
@click.option("--for", "length_ns", type=duration, metavar="TIME", help="With --every: end after so much plant time.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a reading.")
@ports_file_option
def command(
    names: tuple[str, ...],
    period_ns: int | None,
    count: int | None,
    length_ns: int | None,
    as_json: bool,
    ports_file: str,
) -> None:
    """Read tags, plant signals or variables of a running cell; without NAME, all its tags.

    Prints one line a value: name, value, unit. Exit status: 0, or 1 when a name or the cell does not exist.

    \b
    hil read LEVEL T-101.level_m PLC1.P101_RUN
    hil read LEVEL --every 500ms --count 10 --json
    """
    if period_ns is None and (count is not None or length_ns is not None):
        raise click.UsageError("--count and --for say when --every ends; give --every too")
    with connect(ports_file) as client:
        targets = {target["name"]: target for target in client.targets() if target["type"]}
        wanted = names or tuple(name for name, target in targets.items() if target["kind"] == "tag")
        if period_ns is None:
            _print(client.read(*wanted), targets, client.status()["time_ns"], as_json=as_json)
            return
        start_ns: int | None = None
        for sample in itertools.islice(client.samples(client.subscribe(wanted, period_ns)), count):
            start_ns = sample.time_ns if start_ns is None else start_ns
            if length_ns is not None and sample.time_ns - start_ns > length_ns:
                return
            _print(sample.values, targets, sample.time_ns, as_json=as_json)


def _print(values: Mapping[str, Any], targets: Mapping[str, Mapping[str, Any]], time_ns: int, *, as_json: bool) -> None:
    if as_json:
        from emulators.serving.control.lines import encode_line

        click.echo(encode_line({"time_ns": time_ns, "values": values}), nl=False)
        return
    width = max((len(name) for name in values), default=0)
    for name, value in values.items():
        target = targets.get(name, {})
        shown = format_value(value, names=target.get("enumerators", ()))
        click.echo(f"{name:{width}}  {shown} {target.get('unit', '')}".rstrip())
