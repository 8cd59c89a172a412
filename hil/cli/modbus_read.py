"""``hil modbus read URL NAME…``: values of a device by tag or by address, once or again and again."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import click

from hil.cli.modbus_options import LinkOptions, chosen_map, device_url, link_options
from hil.cli.modbus_output import shown
from hil.cli.reading_options import Repetition, reading_options
from hil.cli.reading_output import Moment, ReadingSource, print_reading, wall_moment, watch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulators.errors import LinkError
    from hil.targets.modbus_differences import Reading
    from hil.targets.modbus_link import ModbusLink
    from hil.targets.modbus_url import ModbusUrl

__all__ = ["command"]


@click.command("read")
@click.argument("url", type=device_url)
@click.argument("names", nargs=-1, metavar="[NAME]…")
@link_options
@reading_options("wall")
@click.pass_context
def command(
    context: click.Context,
    url: ModbusUrl,
    names: tuple[str, ...],
    options: LinkOptions,
    repetition: Repetition,
    form: str | None,
) -> None:
    """Read values of a Modbus device; without NAME, everything in the map that can be read.

    Prints one line a value: name, value, unit; with --every a terminal shows them in their place, until Ctrl-C. Exit
    status: 0, or 1 when the device refuses a value or is silent, for one of the readings too.

    \b
    hil modbus read modbus-tcp://127.0.0.1:5020/1 LEVEL --map two_tanks
    hil modbus read modbus-tcp://10.0.0.7/1 holding:100..103 40201 input:0:float32:little
    hil modbus read modbus-tcp://10.0.0.7/1 --map meter.toml --every 1s --csv > values.csv
    """
    from emulators.errors import LinkError

    register_map, tags = chosen_map(names, options.map_file)
    with options.open_link(url, register_map) as link:
        source = ReadingSource(
            link.url.name, lambda name, value: shown(link.entry(name), value), lambda name: link.entry(name).unit
        )
        if repetition.period_ns is not None:
            readings = _readings(link, tags, repetition.period_ns, repetition.length_ns)
            are_all_good = watch(source, form, islice(readings, repetition.count))
        else:
            values = link.read_each(tags)
            print_reading(source, values, form)
            refusals = [value for value in values.values() if isinstance(value, LinkError)]
            for text in dict.fromkeys(str(refusal) for refusal in refusals):
                click.echo(text, err=True)
            are_all_good = not refusals
    if not are_all_good:
        context.exit(1)


def _readings(
    link: ModbusLink, tags: tuple[str, ...] | None, period_ns: int, length_ns: int | None
) -> Iterator[tuple[Moment, Reading | LinkError]]:
    from hil.targets.modbus_sampling import steady_readings

    for _, reading in steady_readings(lambda: link.read_each(tags), period_ns=period_ns, length_ns=length_ns):
        yield wall_moment(), reading
