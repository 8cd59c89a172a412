"""``hil modbus``: real and emulated Modbus devices from the command line; one file a subcommand beside this one."""

from __future__ import annotations

from importlib import import_module
from types import MappingProxyType

import click

__all__ = ["command"]

_SUBCOMMANDS = MappingProxyType(
    {
        "read": "Read values by tag or by address.",
        "write": "Write values by tag or by address.",
        "scan": "Find units, tables and address ranges.",
        "identify": "Ask units who they are.",
        "dump": "Print everything that a map or ranges describe.",
        "diff": "Compare two devices, or a device with its map or a recording.",
        "record": "Capture a device into files that can be emulated.",
    }
)


class _Subcommands(click.Group):
    """Imports a subcommand when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_SUBCOMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _SUBCOMMANDS:
            return None
        found: click.Command = import_module(f"hil.cli.modbus_{cmd_name}").command
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_SUBCOMMANDS.items()))


@click.group("modbus", cls=_Subcommands, short_help="Read, write, scan, compare and record Modbus devices.")
def command() -> None:
    """Talk to a Modbus device, real or emulated.

    \b
    URL is    modbus-tcp://host:port/unit   (also modbus-udp, modbus-rtu-over-tcp; 192.168.0.7:502/1 is Modbus TCP)
              'modbus-tls://host:port/unit?certificate=me.pem&key=me.key&server_ca=ca.pem&server_name=plc7'
              'modbus-rtu:///dev/ttyUSB0?baud=9600&parity=even&stop=1&unit=3'   (also modbus-ascii, data=8)
              in quotes: shells take & and ? for themselves
    NAME is   a tag of the register map given with --map (CURRENT_* for several), or a stretch of addresses:
              holding:100..109, input:0:float32, coil:7, 40101..40110
    """
