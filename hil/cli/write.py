"""``hil write NAME=VALUE…``: write values into a running cell once, as an operator or a client does."""

from __future__ import annotations

import click

from hil.cli.assignments import parse_assignments
from hil.cli.running_cell import NEGATIVE_NUMBERS, connect, format_value, parse_value, ports_file_option

__all__ = ["command"]


@click.command("write", context_settings=NEGATIVE_NUMBERS)
@click.argument("assignments", nargs=-1, required=True, metavar="NAME=VALUE…")
@ports_file_option
def command(assignments: tuple[str, ...], ports_file: str) -> None:
    """Write values into a running cell, one after the other: press a button, move a setpoint, set a state of the
    plant.

    VALUE is true, false, on, off or a number. It acts once, in the next step. One value may also be written NAME
    VALUE. Exit status: 0, or 1 when the cell refuses or does not run.

    \b
    hil write START=true
    hil write LIC-101.SP=60 LIC-101.HIGH=80
    """
    given = parse_assignments(assignments, example="LIC-101.SP=60")
    with connect(ports_file) as client:
        for name, text in given:
            value = parse_value(text)
            client.write(name, value)
            click.echo(f"{name} written: {format_value(value)}")
