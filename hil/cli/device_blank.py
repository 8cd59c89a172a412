"""``hil device blank``: plain tables of zeros, for whoever wants to try a client."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import click

from hil.cli.device_options import takes_limit, takes_place
from hil.cli.injection_options import takes_injection_files

if TYPE_CHECKING:
    from hil.assembly.device_places import DevicePlace
    from hil.assembly.injection_files import InjectionFiles

__all__ = ["command"]

_EPILOG = """\b
hil device blank --unit 1 --size 10000 --port 5020
hil device blank --protocol modbus-rtu --baud 9600    on a new pty
hil device blank --count 1000 --own-ports --size 1000

\b
Let it fail while it runs, from another terminal in the same folder:
hil device blank --port 5020 --ports-file .hil/ports.json
hil inject                                            lists what can fail
hil inject blank.delay 200ms jitter=50ms function=4
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
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    metavar="N",
    default=0,
    show_default=True,
    help="Seed of faults that are drawn.",
)
@takes_injection_files
@click.option("--ports-file", metavar="FILE", help="Written once it listens, for 'hil inject' and for tests.")
def command(
    place: DevicePlace,
    limit_ns: int | None,
    size: int,
    count: int,
    seed: int,
    injection_files: InjectionFiles,
    ports_file: str | None,
) -> None:
    """Serve four plain tables of zeros for whoever wants to try a client; coils and holding registers take writes.

    Several devices are units 1, 2, 3 … behind one port or on one serial line, or have ports of their own.
    """
    from hil.assembly.blank_devices import blank_devices
    from hil.cli.descriptors import allow_many_descriptors
    from hil.cli.device_tries import commands_to_try
    from hil.cli.interrupts import interruptible
    from hil.cli.waiting import wait_until

    allow_many_descriptors()
    running = blank_devices(
        size,
        place,
        count=count,
        seed=seed,
        ports_file=ports_file,
        end_ns=limit_ns,
        injection_files=injection_files,
    )
    with interruptible(), running as devices, suppress(KeyboardInterrupt):
        control = f"control channel {devices.control.url}; Ctrl-C stops"
        if count == 1:
            click.echo(f"blank device, 4 x {size} cells at {devices.url}; {control}")
        else:
            places = f"from {devices.url} to {devices.urls[-1]}"
            click.echo(f"{count} blank devices, 4 x {size} cells each, {places}; {control}")
        for line in commands_to_try(devices.url, None):
            click.echo(f"  try: {line}")
        served = devices.served
        wait_until(lambda: served.is_over or (limit_ns is not None and served.status().time_ns >= limit_ns))
