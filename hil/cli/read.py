"""``hil read NAME…``: values of a running cell, once or again and again."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import click

from hil.cli.reading_options import Repetition, meant_names, reading_options
from hil.cli.reading_output import Moment, ReadingSource, plant_moment, print_reading, watch
from hil.cli.running_cell import connect, format_value, ports_file_option

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from emulators.errors import LinkError
    from emulators.serving import ControlClient
    from emulators.signals.tags import TagValue
    from hil.targets.modbus_differences import Reading


__all__ = ["command"]


@click.command("read")
@click.argument("names", nargs=-1, metavar="[NAME]…")
@reading_options("plant")
@ports_file_option
def command(names: tuple[str, ...], repetition: Repetition, form: str | None, ports_file: str) -> None:
    """Read tags, plant signals or variables of a running cell, T-101.* for several; without NAME, all its tags.

    Prints one line a value: name, value, unit; with --every a terminal shows them in their place, until Ctrl-C. Exit
    status: 0, or 1 when a name or the cell does not exist.

    \b
    hil read LEVEL T-101.level_m PLC1.P101_RUN
    hil read LEVEL 'T-101.*' --every 500ms --count 10 --csv > values.csv
    """
    with connect(ports_file) as client:
        targets = {target["name"]: target for target in client.targets() if target["type"]}
        tags = [name for name, target in targets.items() if target["kind"] == "tag"]
        wanted = meant_names(names, targets) or tags

        def unit(name: str) -> str:
            return str(targets.get(name, {}).get("unit", ""))

        def shown(name: str, value: TagValue | LinkError) -> str:
            names = targets.get(name, {}).get("enumerators", ())
            return f"{format_value(value, names=names)} {unit(name)}".rstrip()

        source = ReadingSource(str(client.greeting.get("rig", "")), shown, unit)
        if repetition.period_ns is None:
            values = client.read(*wanted)
            print_reading(source, values, form, plant_moment(client.status()["time_ns"]))
        else:
            readings = _readings(client, wanted, repetition.period_ns, repetition.length_ns)
            watch(source, form, islice(readings, repetition.count))


def _readings(
    client: ControlClient, names: Sequence[str], period_ns: int, length_ns: int | None
) -> Iterator[tuple[Moment, Reading | LinkError]]:
    start_ns: int | None = None
    for sample in client.samples(client.subscribe(names, period_ns)):
        start_ns = sample.time_ns if start_ns is None else start_ns
        if length_ns is not None and sample.time_ns - start_ns > length_ns:
            return
        yield plant_moment(sample.time_ns), sample.values
