"""``hil device run DEVICE…``: shipped profiles and register maps of one's own as running devices."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import click

from hil.cli.device_options import takes_limit, takes_place
from hil.cli.injection_options import takes_injection_files

if TYPE_CHECKING:
    from emulators.description import RegisterMapDescription
    from emulators.description.source import Findings
    from emulators.serving.stepped_cell import CellStatus
    from hil.assembly.device_places import DevicePlace
    from hil.assembly.devices import RunningDevices
    from hil.assembly.injection_files import InjectionFiles

__all__ = ["command"]

_MAX_SHOWN = 12
_EPILOG = """\b
hil device run energy_meter --port 5020
hil device run energy_meter vfd ups --port 5020       units 1, 2 and 3 behind one port
hil device run energy_meter --count 200 --port 5020   units 1 to 200
hil device run energy_meter --count 200 --own-ports --port 5020
hil device run energy_meter --protocol modbus-rtu     on a new pty
hil device run my_map.toml --protocol ascii --serial /dev/ttyUSB0 --baud 9600 --parity none

\b
Let it fail while it runs, from another terminal in the same folder:
hil device run energy_meter --port 5020 --ports-file .hil/ports.json
hil inject                                            lists what can fail
hil inject energy_meter.delay 200ms jitter=50ms function=4
hil inject devices.unit_off unit=2                    several devices: one of them
hil inject devices.unit_off --clear

\b
Keep what has failed, and let the same happen again to the same requests:
hil device run energy_meter --port 5020 --injections failed.jsonl
hil device run energy_meter --port 5020 --replay failed.jsonl
"""


@click.command("run", epilog=_EPILOG)
@click.argument("names", metavar="DEVICE...", nargs=-1, required=True)
@click.option(
    "--count",
    type=click.IntRange(1, 10_000),
    metavar="N",
    default=1,
    show_default=True,
    help="Run each DEVICE so often.",
)
@takes_place
@takes_limit
@click.option(
    "--time", "clock", type=click.Choice(["wall", "virtual"]), default="wall", help="virtual: as fast as it goes."
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    metavar="N",
    default=0,
    show_default=True,
    help="Seed of noise and behaviours.",
)
@takes_injection_files
@click.option(
    "--ports-file",
    metavar="FILE",
    help="Written once it listens, for 'hil read', 'hil force', 'hil inject' and for tests.",
)
def command(
    names: tuple[str, ...],
    count: int,
    place: DevicePlace,
    limit_ns: int | None,
    clock: str,
    seed: int,
    injection_files: InjectionFiles,
    ports_file: str | None,
) -> None:
    """Run each DEVICE: the name of a shipped profile ('hil device list'), or a register map of your own (TOML, CSV, or
    what 'hil map' imports, such as the device of a pymodbus simulator: setup.json:NAME).

    Several devices are units 1, 2, 3 …, or have the unit ids of their maps, behind one port or on one serial line; or
    they have ports of their own. Their tags have the device's name in front: energy_meter-2.POWER. Registers without a
    twin and without a behaviour keep their initial value, or what a client wrote. Exit status: 0, or 1 when a twin or a
    Python function of a map has failed.
    """
    from emulators.description.source import Findings
    from emulators.serving import Pacing
    from hil.assembly.devices import running_devices
    from hil.cli.descriptors import allow_many_descriptors
    from hil.cli.interrupts import interruptible
    from hil.cli.waiting import wait_until

    allow_many_descriptors()
    findings = Findings()
    maps = [each for each in _maps(names, findings) for _ in range(count)]
    pacing = Pacing.FREE if clock == "virtual" else Pacing.WALL
    running = running_devices(
        maps,
        place=place,
        pacing=pacing,
        seed=seed,
        ports_file=ports_file,
        end_ns=limit_ns,
        injection_files=injection_files,
        findings=findings,
    )
    with interruptible(), running as devices, suppress(KeyboardInterrupt):
        _print_devices(devices)
        _print_tries(devices, names[0])
        served = devices.served
        wait_until(lambda: served.is_over or _is_at_end(served.status(), limit_ns))
        _raise_if_failed(served.status())


def _is_at_end(status: CellStatus, limit_ns: int | None) -> bool:
    return status.state == "faulted" or (limit_ns is not None and status.time_ns >= limit_ns)


def _raise_if_failed(status: CellStatus) -> None:
    """End with the message and exit status 1 when a twin or a behaviour has failed."""
    if status.state == "faulted":
        raise click.ClickException(status.message)


def _maps(names: tuple[str, ...], findings: Findings) -> list[RegisterMapDescription]:
    """Return the sound parts of the maps; what is wrong with the rest is reported, or raised if nothing can be read."""
    from emulators.errors import DescriptionError
    from hil.assembly.register_maps import read_any_map

    maps = []
    for name in names:
        try:
            imported = read_any_map(name, findings)
        except DescriptionError as error:
            findings.extend(error.diagnostics)
            continue
        maps.append(imported.register_map)
        for note in imported.notes:
            click.echo(f"{name}: {note}", err=True)
    if not maps:
        findings.raise_if_any()
    return maps


def _print_devices(devices: RunningDevices) -> None:
    from emulators.modbus.endpoint_url import unit_url

    rows = [
        (unit.name, unit_url(address.url, unit.unit_id), _summary(unit.register_map))
        for endpoint, address in zip(devices.rig.endpoints, devices.endpoints, strict=True)
        for unit in endpoint.units
    ]
    control = f"control channel {devices.control.url}; Ctrl-C stops"
    if len(rows) == 1:
        ((_, url, summary),) = rows
        click.echo(f"{summary} at {url}; {control}")
        return
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    n_first = len(rows) if len(rows) <= _MAX_SHOWN else _MAX_SHOWN - 2
    lines = [f"{name:{widths[0]}}  {url:{widths[1]}}  {summary}" for name, url, summary in rows]
    left_out = [f"… {len(rows) - n_first - 1} more …"] if n_first < len(rows) else []
    for line in (*lines[:n_first], *left_out, *lines[-1:] * bool(left_out)):
        click.echo(line)
    click.echo(f"{len(rows)} devices; {control}")


def _print_tries(devices: RunningDevices, map_name: str) -> None:
    from hil.cli.device_tries import commands_to_try

    first = next((entry for entry in devices.register_map.entries if entry.is_readable), None)
    for line in commands_to_try(devices.url, first, map_name=map_name):
        click.echo(f"  try: {line}")


def _summary(register_map: RegisterMapDescription) -> str:
    twin = f", twin {register_map.twin.component.value}" if register_map.twin is not None else ""
    return f"{register_map.name or 'device'}: {len(register_map.entries)} registers{twin}"
