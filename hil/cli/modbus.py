"""``hil modbus``: real and emulated Modbus devices from the command line; one file a subcommand beside this one."""

from __future__ import annotations

import click

from hil.cli.lazy_group import CommandRow, LazyGroup

__all__ = ["command"]

_SUBCOMMANDS = (
    CommandRow("read", "hil.cli.modbus_read", "Read values by tag or by address."),
    CommandRow("write", "hil.cli.modbus_write", "Write values by tag or by address."),
    CommandRow("scan", "hil.cli.modbus_scan", "Find units, tables and address ranges."),
    CommandRow("identify", "hil.cli.modbus_identify", "Ask units who they are."),
    CommandRow("dump", "hil.cli.modbus_dump", "Print everything that a map or ranges describe."),
    CommandRow("diff", "hil.cli.modbus_diff", "Compare two devices, or a device with its map or a recording."),
    CommandRow("record", "hil.cli.modbus_record", "Capture a device into files that can be emulated."),
)


@click.group("modbus", cls=LazyGroup, rows=_SUBCOMMANDS)
def command() -> None:
    """Talk to a Modbus device, real or emulated.

    \b
    URL is    modbus-tcp://host:port/unit   (also modbus-udp, modbus-rtu-over-tcp; 192.168.0.7:502/1 is Modbus TCP)
              'modbus-tls://host:port/unit?certificate=me.pem&key=me.key&server_ca=ca.pem&server_name=plc7'
              'modbus-rtu:///dev/ttyUSB0?baud=9600&parity=even&stop=1&unit=3'   (also modbus-ascii, data=8)
              in quotes: shells take & and ? for themselves; without a unit that of the map, or 1
    NAME is   a tag of the register map given with --map (CURRENT_* for several), or a stretch of addresses:
              holding:100..109, input:0:float32, coil:7, 40101..40110
    """
