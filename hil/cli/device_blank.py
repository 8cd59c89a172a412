"""``hil device blank``: plain tables of zeros, for whoever wants to try a client."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import click

from hil.cli.device_options import takes_limit, takes_place

if TYPE_CHECKING:
    from hil.assembly.device_places import DevicePlace

__all__ = ["command"]

_EPILOG = """\b
hil device blank --unit 1 --size 10000 --port 5020
hil device blank --protocol modbus-rtu --baud 9600    on a new pty
hil device blank --count 1000 --own-ports --size 1000
"""


@click.command("blank", epilog=_EPILOG)
@takes_place
@takes_limit
@click.option(
    "--size",
    type=click.IntRange(1, 65536),
    metavar="N",
    default=10000,
    show_default=True,
    help="Cells in each of the four tables.",
)
@click.option(
    "--count", type=click.IntRange(1, 10_000), metavar="N", default=1, show_default=True, help="Run so many devices."
)
def command(place: DevicePlace, limit_ns: int | None, size: int, count: int) -> None:
    """Serve four plain tables of zeros for whoever wants to try a client; coils and holding registers take writes.

    Several devices are units 1, 2, 3 … behind one port or on one serial line, or have ports of their own.
    """
    import time

    from hil.assembly.blank_devices import blank_devices
    from hil.cli.descriptors import allow_many_descriptors
    from hil.cli.device_tries import commands_to_try
    from hil.cli.interrupts import interruptible
    from hil.cli.waiting import wait_until

    allow_many_descriptors()
    with interruptible(), blank_devices(size, place, count=count) as urls, suppress(KeyboardInterrupt):
        if count == 1:
            click.echo(f"blank device, 4 x {size} cells at {urls[0]}; Ctrl-C stops")
        else:
            click.echo(f"{count} blank devices, 4 x {size} cells each, from {urls[0]} to {urls[-1]}; Ctrl-C stops")
        for line in commands_to_try(urls[0], None):
            click.echo(f"  try: {line}")
        end_ns = None if limit_ns is None else time.monotonic_ns() + limit_ns
        wait_until(lambda: end_ns is not None and time.monotonic_ns() >= end_ns)
