"""``hil device list|run|blank``: Modbus devices alone, outside any rig."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulators.description import RegisterMapDescription

__all__ = ["command"]

_HOST = click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
_PORT = click.option(
    "--port", type=click.IntRange(0, 65535), default=0, show_default=True, help="TCP port; 0 takes a free one."
)
_UNIT = click.option("--unit", "unit_id", type=click.IntRange(0, 255), default=1, show_default=True, help="Unit id.")
_FOR = click.option("--for", "duration", metavar="TIME", help="Stop after so much time; else run until Ctrl-C.")


@click.group("device", short_help="List and run emulated Modbus devices.")
def command() -> None:
    """Emulated Modbus devices alone, outside any rig: shipped profiles, your own register maps, blank tables."""


@command.command("list")
def list_devices() -> None:
    """List the shipped device profiles."""
    from emulators.description import load_register_map
    from hil.resources import resolve_register_map, shipped_devices

    maps = [(name, load_register_map(resolve_register_map(name))) for name in shipped_devices()]
    width = max((len(name) for name, _ in maps), default=0)
    for name, register_map in maps:
        click.echo(f"{name:{width}}  {len(register_map.entries):3} registers  {register_map.description}")


@command.command("run")
@click.argument("device", metavar="DEVICE")
@_HOST
@_PORT
@_UNIT
@_FOR
@click.option(
    "--time", "clock", type=click.Choice(["wall", "virtual"]), default="wall", help="virtual: as fast as it goes."
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Seed of noise and behaviours.")
@click.option(
    "--ports-file",
    metavar="FILE",
    help="Written once it listens, for 'hil read', 'hil force', 'hil inject' and for tests.",
)
def run(
    device: str,
    host: str,
    port: int,
    unit_id: int,
    duration: str | None,
    clock: str,
    seed: int,
    ports_file: str | None,
) -> None:
    """Run DEVICE: the name of a shipped profile ('hil device list'), or a register map of your own (TOML, CSV, or
    what 'hil map' imports).

    Registers without a twin and without a behaviour keep their initial value, or what a client wrote.
    """
    from emulators.serving import Pacing
    from hil.assembly.devices import DevicePlace, running_device
    from hil.assembly.register_maps import load_any_map
    from hil.cli.interrupts import interruptible

    limit_ns = _limit_ns(duration)
    register_map = load_any_map(device).register_map
    pacing = Pacing.FREE if clock == "virtual" else Pacing.WALL
    with (
        interruptible(),
        running_device(
            register_map,
            place=DevicePlace(host, port, unit_id),
            pacing=pacing,
            seed=seed,
            ports_file=ports_file,
            end_ns=limit_ns,
        ) as running,
        suppress(KeyboardInterrupt),
    ):
        click.echo(f"{_summary(register_map)} at {running.url}; control channel {running.control.url}; Ctrl-C stops")
        served = running.served
        _wait(lambda: served.is_over or (limit_ns is not None and served.status().time_ns >= limit_ns))


@command.command("blank")
@_HOST
@_PORT
@_UNIT
@_FOR
@click.option(
    "--size", type=click.IntRange(1, 65536), default=10000, show_default=True, help="Cells in each of the four tables."
)
def blank(host: str, port: int, unit_id: int, duration: str | None, size: int) -> None:
    """Serve four plain tables of zeros for whoever wants to try a client; coils and holding registers take writes."""
    import time

    from hil.assembly.devices import DevicePlace, blank_device
    from hil.cli.interrupts import interruptible

    limit_ns = _limit_ns(duration)
    with (
        interruptible(),
        blank_device(size, DevicePlace(host, port, unit_id)) as url,
        suppress(KeyboardInterrupt),
    ):
        click.echo(f"blank device, 4 x {size} cells at {url}; Ctrl-C stops")
        end_ns = None if limit_ns is None else time.monotonic_ns() + limit_ns
        _wait(lambda: end_ns is not None and time.monotonic_ns() >= end_ns)


def _summary(register_map: RegisterMapDescription) -> str:
    twin = f", twin {register_map.twin.component.value}" if register_map.twin is not None else ""
    return f"{register_map.name or 'device'}: {len(register_map.entries)} registers{twin}"


def _limit_ns(duration: str | None) -> int | None:
    from emulators.timebase import parse_duration

    try:
        return parse_duration(duration) if duration else None
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--for") from error


def _wait(is_over: Callable[[], bool]) -> None:
    import time

    while not is_over():
        time.sleep(0.05)
