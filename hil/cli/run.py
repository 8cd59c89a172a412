"""``hil run RIG``: bring a cell up with its endpoints, print where everything is, run until Ctrl-C or ``--for``."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from hil.cli.durations import duration
from hil.cli.injection_options import takes_injection_files

if TYPE_CHECKING:
    from hil.assembly.injection_files import InjectionFiles
    from hil.assembly.serving import RunningCell
    from hil.targets.modbus_url import ModbusUrl

__all__ = ["command"]


def _link_and_url(text: str) -> tuple[str, ModbusUrl]:
    """Return link and address of ``VFD=modbus-tcp://10.0.0.7/1``; the type of an option."""
    from hil.cli.modbus_options import device_url

    name, equals, url = text.partition("=")
    if not equals or not name:
        raise click.BadParameter(f"'{text}' leads nowhere; write LINK=URL, as in VFD=modbus-tcp://10.0.0.7/1")
    return name, device_url(url)


@click.command("run")
@click.argument("rig", metavar="RIG")
@click.option(
    "--for", "limit_ns", type=duration, metavar="TIME", help="End after so much plant time; else Ctrl-C ends."
)
@click.option(
    "--time",
    "clock",
    type=click.Choice(["wall", "virtual"]),
    default="wall",
    show_default=True,
    help="wall: plant time passes as on the clock. virtual: as fast as it goes.",
)
@click.option(
    "--speed",
    type=click.FloatRange(min=0.01),
    default=1.0,
    show_default=True,
    help="Times as fast as the clock (wall time).",
)
@click.option("--paused", is_flag=True, help="Start paused: the control channel steps or resumes the cell.")
@click.option(
    "--seed", type=click.IntRange(min=0), metavar="N", help="Seed of noise and jitter; the rig's own when left out."
)
@takes_injection_files
@click.option(
    "--link",
    "real_devices",
    type=_link_and_url,
    multiple=True,
    metavar="LINK=URL",
    help="Let a link or line of the rig lead to a real one (URL: see 'hil modbus --help'); may be repeated.",
)
@click.option(
    "--allow-host",
    "allowed_hosts",
    metavar="HOST",
    multiple=True,
    help="Host or serial port of such a device that is not this machine; a link writes to it.",
)
@click.option("--json", "as_json", is_flag=True, help="Print everything as one JSON object.")
@click.option(
    "--ports-file",
    metavar="FILE",
    default=".hil/ports.json",
    show_default=True,
    help="Written once everything listens, for 'hil read', 'hil force', 'hil inject' and for tests.",
)
def command(
    rig: str,
    limit_ns: int | None,
    clock: str,
    speed: float,
    paused: bool,
    seed: int | None,
    injection_files: InjectionFiles,
    real_devices: tuple[tuple[str, ModbusUrl], ...],
    allowed_hosts: tuple[str, ...],
    as_json: bool,
    ports_file: str,
) -> int:
    """Run the cell that RIG describes: a rig file, or the name of a shipped rig such as two_tanks.

    Endpoints bind 127.0.0.1 and a free port unless the rig says otherwise. Ctrl-C stops cleanly: the exit status is 0,
    or 1 when a part of the plant failed.

    \b
    hil run two_tanks
    hil run rig.toml --time virtual --for 1h --ports-file ports.json
    hil run rig.toml --injections failed.jsonl
    hil run rig.toml --replay failed.jsonl
    hil run rig.toml --link 'VFD=modbus-rtu:///dev/ttyUSB0?baud=9600&unit=3' --allow-host /dev/ttyUSB0
    """
    from emulators.serving import Pacing
    from hil.assembly.serving import running_cell
    from hil.cli.descriptors import allow_many_descriptors
    from hil.cli.interrupts import interruptible
    from hil.cli.running_tables import cell_as_json, print_tables

    if real_devices and (clock == "virtual" or speed != 1.0):
        raise click.UsageError("a real device has the time of the clock; leave out --time virtual and --speed")
    allow_many_descriptors()
    pacing = Pacing.STEPPED if paused else Pacing.FREE if clock == "virtual" else Pacing.WALL
    with (
        interruptible(),
        running_cell(
            rig,
            pacing=pacing,
            speed=speed,
            seed=seed,
            ports_file=ports_file,
            end_ns=limit_ns,
            injection_files=injection_files,
            real_devices=dict(real_devices),
            allowed_hosts=allowed_hosts,
        ) as running,
    ):
        with suppress(KeyboardInterrupt):
            if as_json:
                click.echo(json.dumps(cell_as_json(running), indent=2))
            else:
                print_tables(running, ports_file)
                for name, url in real_devices:
                    is_line = name in running.blueprint.wiring.lines  # whose units are those of the rig
                    place = f"{url.scheme}://{url.path}" if is_line else url.name
                    click.echo(f"{'line' if is_line else 'link'} {name} leads to {place}")
            _wait(running, limit_ns)
        return _print_end(running)


def _wait(running: RunningCell, limit_ns: int | None) -> None:
    """Wait until the time is over, the cell has ended, or somebody presses Ctrl-C.

    A cell whose plant failed can still be read; without a limit it is left to whoever stops it.
    """
    import time

    is_told = False
    while not running.served.is_over:
        status = running.served.status()
        if limit_ns is not None and (status.time_ns >= limit_ns or status.state == "faulted"):
            return
        if status.state == "faulted" and not is_told:
            click.echo(f"{status.name} stands: {status.message}; its values can still be read", err=True)
            is_told = True
        time.sleep(0.05)


def _print_end(running: RunningCell) -> int:
    from emulators.timebase import format_duration

    status = running.served.status()
    said = [f"{format_duration(status.time_ns)} of plant time"]
    said += [f"{name} {mode}" for name, mode in status.controllers.items()]
    if status.overrun_count:
        said.append(f"{status.overrun_count} steps late")
    click.echo(f"{status.name}: {', '.join(said)}", err=True)
    if status.message:
        click.echo(status.message, err=True)
    return 1 if status.state == "faulted" else 0
