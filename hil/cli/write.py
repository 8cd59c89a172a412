"""``hil write NAME VALUE``: write a value into a running cell once, as an operator or a client does."""

from __future__ import annotations

import click

from hil.cli.running_cell import NEGATIVE_NUMBERS, connect, format_value, parse_value, ports_file_option

__all__ = ["command"]


@click.command("write", short_help="Write a value into a running cell once.", context_settings=NEGATIVE_NUMBERS)
@click.argument("name")
@click.argument("value")
@ports_file_option
def command(name: str, value: str, ports_file: str) -> None:
    """Write VALUE to NAME in a running cell: press a button, move a setpoint, set a state of the plant.

    VALUE is true, false, on, off or a number. It acts once, in the next step. Exit status: 0, or 1 when the cell
    refuses or does not run.

    \b
    hil write START true
    hil write LIC-101.SP 60
    """
    with connect(ports_file) as client:
        client.write(name, parse_value(value))
        click.echo(f"{name} written: {format_value(parse_value(value))}")
