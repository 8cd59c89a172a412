"""``hil force NAME=VALUE…``: hold values in a running cell until they are released."""

from __future__ import annotations

import click

from hil.cli.assignments import parse_assignments
from hil.cli.running_cell import NEGATIVE_NUMBERS, connect, format_value, parse_value, ports_file_option

__all__ = ["command"]


@click.command(
    "force",
    context_settings=NEGATIVE_NUMBERS,
)
@click.argument("assignments", nargs=-1, metavar="[NAME=VALUE]…")
@click.option("--release", is_flag=True, help="Release NAME, or every force when no name is given.")
@ports_file_option
def command(assignments: tuple[str, ...], release: bool, ports_file: str) -> None:
    """Force each NAME, a variable of a controller or its tag, in a running cell; without any, list the forces.

    VALUE is true, false, on, off or a number. The force acts in the next step, before and after each task, and holds
    until 'hil force NAME --release'. One force may also be written NAME VALUE. Exit status: 0, or 1 when the cell
    refuses or does not run.

    \b
    hil force PLC1.START=true
    hil force PLC1.START --release
    """
    if release:
        _release(assignments, ports_file)
        return
    given = parse_assignments(assignments, example="PLC1.START=true, or --release")
    with connect(ports_file) as client:
        for name, text in given:
            value = parse_value(text)
            client.force(name, value)
            click.echo(f"{name} forced to {format_value(value)}")
        if not given:
            forces = client.status()["forces"]
            if not forces:
                click.echo("nothing is forced", err=True)
            for forced, held in forces.items():
                click.echo(f"{forced}  {format_value(held)}")


def _release(names: tuple[str, ...], ports_file: str) -> None:
    if len(names) > 1 or "=" in "".join(names):
        raise click.UsageError("--release takes one NAME and no value; without NAME it releases every force")
    with connect(ports_file) as client:
        released = client.release(*names)
        click.echo(f"released {', '.join(released)}" if released else "nothing was forced")
