"""``hil device list|run|blank|certificates``: Modbus devices alone, outside any rig."""

from __future__ import annotations

import click

from hil.cli.device_blank import blank
from hil.cli.device_certificates import certificates
from hil.cli.device_run import run

__all__ = ["command"]


@click.group("device")
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


command.add_command(run)
command.add_command(blank)
command.add_command(certificates)
