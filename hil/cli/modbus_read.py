"""``hil modbus read URL NAME…``: values of a device by tag or by address, once or again and again."""

from __future__ import annotations

from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING

import click

from hil.cli.durations import duration
from hil.cli.modbus_options import LinkOptions, chosen_map, device_url, link_options
from hil.cli.modbus_output import echo_csv, echo_json, form_options, number_text, plain, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from emulators.errors import LinkError
    from hil.targets.modbus_differences import Reading
    from hil.targets.modbus_link import ModbusLink
    from hil.targets.modbus_url import ModbusUrl

__all__ = ["command"]


@click.command("read", short_help="Read values by tag or by address.")
@click.argument("url", type=device_url)
@click.argument("names", nargs=-1, metavar="[NAME]…")
@link_options
@form_options(
    csv="Print CSV: a line a value, or with --every a line a reading.", json="Print one JSON object a reading."
)
@click.option("--every", "period_ns", type=duration, metavar="TIME", help="Read again and again, until Ctrl-C.")
@click.option("--count", type=click.IntRange(1), metavar="N", help="With --every: end after N readings.")
@click.option("--for", "length_ns", type=duration, metavar="TIME", help="With --every: end after so much time.")
@click.pass_context
def command(
    context: click.Context,
    url: ModbusUrl,
    names: tuple[str, ...],
    options: LinkOptions,
    form: str | None,
    period_ns: int | None,
    count: int | None,
    length_ns: int | None,
) -> None:
    """Read values of a Modbus device; without NAME, everything in the map that can be read.

    Prints one line a value: name, value, unit; with --every a terminal shows them in their place. Exit status: 0, or
    1 when the device refuses a value or is silent, for one of the readings too.

    \b
    hil modbus read modbus-tcp://127.0.0.1:5020/1 LEVEL --map two_tanks
    hil modbus read modbus-tcp://10.0.0.7/1 holding:100..103 40201 input:0:float32:little
    hil modbus read modbus-tcp://10.0.0.7/1 --map meter.toml --every 1s --csv > values.csv
    """
    from emulators.errors import LinkError

    if period_ns is None and (count is not None or length_ns is not None):
        raise click.UsageError("--count and --for say when --every ends; give --every too")
    register_map, tags = chosen_map(names, options.map_file)
    with options.open_link(url, register_map) as link:
        if period_ns is not None:
            are_all_good = _watch(link, form, islice(_readings(link, tags, period_ns, length_ns), count))
        else:
            values = link.read_each(tags)
            _print(link, values, form)
            refusals = [value for value in values.values() if isinstance(value, LinkError)]
            for text in dict.fromkeys(str(refusal) for refusal in refusals):
                click.echo(text, err=True)
            are_all_good = not refusals
    if not are_all_good:
        context.exit(1)


def _print(link: ModbusLink, values: Reading, form: str | None) -> None:
    match form:
        case "csv":
            rows = [(name, number_text(value), link.entry(name).unit) for name, value in values.items()]
            echo_csv([("name", "value", "unit"), *rows])
        case "json":
            echo_json({name: plain(value) for name, value in values.items()})
        case _:
            width = max((len(name) for name in values), default=0)
            for name, value in values.items():
                click.echo(f"{name:{width}}  {shown(link.entry(name), value)}")


def _readings(
    link: ModbusLink, tags: tuple[str, ...] | None, period_ns: int, length_ns: int | None
) -> Iterator[Reading | LinkError]:
    from hil.targets.modbus_sampling import steady_readings

    for _, reading in steady_readings(lambda: link.read_each(tags), period_ns=period_ns, length_ns=length_ns):
        yield reading


def _watch(link: ModbusLink, form: str | None, readings: Iterable[Reading | LinkError]) -> bool:
    """Show readings until they end or Ctrl-C; return whether every value of all was there."""
    from emulators.errors import LinkError
    from hil.cli.interrupts import interruptible
    from hil.cli.modbus_watch import watcher

    are_all_good = True
    with interruptible(), watcher(link, form) as show, suppress(KeyboardInterrupt):
        for reading in readings:
            show(reading)
            if isinstance(reading, LinkError) or any(isinstance(value, LinkError) for value in reading.values()):
                are_all_good = False
    return are_all_good
