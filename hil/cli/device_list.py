"""``hil device list``: the shipped device profiles."""

from __future__ import annotations

import click

__all__ = ["command"]


@click.command("list")
def command() -> None:
    """List the shipped device profiles."""
    from emulators.description import load_register_map
    from hil.resources import resolve_register_map, shipped_devices

    maps = [(name, load_register_map(resolve_register_map(name))) for name in shipped_devices()]
    width = max((len(name) for name, _ in maps), default=0)
    for name, register_map in maps:
        click.echo(f"{name:{width}}  {len(register_map.entries):3} registers  {register_map.description}")
