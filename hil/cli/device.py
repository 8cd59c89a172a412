"""``hil device``: Modbus devices alone, outside any rig; one file a subcommand beside this one."""

from __future__ import annotations

import click

from hil.cli.lazy_group import CommandRow, LazyGroup

__all__ = ["command"]

_SUBCOMMANDS = (
    CommandRow("list", "hil.cli.device_list", "List the shipped device profiles."),
    CommandRow("run", "hil.cli.device_run", "Run shipped profiles or register maps of your own."),
    CommandRow("blank", "hil.cli.device_blank", "Serve four plain tables of zeros."),
    CommandRow("certificates", "hil.cli.device_certificates", "Make certificates for a first try of modbus-tls."),
)


@click.group("device", cls=LazyGroup, rows=_SUBCOMMANDS)
def command() -> None:
    """Emulated Modbus devices alone, outside any rig: shipped profiles, your own register maps, blank tables."""
