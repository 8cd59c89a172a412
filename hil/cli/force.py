"""``hil force NAME VALUE``: hold a value in a running cell until it is released."""

from __future__ import annotations

import click

from hil.cli.running_cell import NEGATIVE_NUMBERS, connect, format_value, parse_value, ports_file_option

__all__ = ["command"]


@click.command(
    "force",
    short_help="Force values of a running cell, list or release forces.",
    context_settings=NEGATIVE_NUMBERS,
)
@click.argument("name", required=False)
@click.argument("value", required=False)
@click.option("--release", is_flag=True, help="Release NAME, or every force when no name is given.")
@ports_file_option
@click.pass_context
def command(context: click.Context, name: str | None, value: str | None, release: bool, ports_file: str) -> None:
    """Force NAME, a variable of a controller or its tag, to VALUE in a running cell; with neither, list the forces.

    VALUE is true, false, on, off or a number. The force acts in the next step, before and after each task, and holds
    until 'hil force NAME --release'. Exit status: 0, or 1 when the cell refuses or does not run.

    \b
    hil force PLC1.START true
    hil force PLC1.START --release
    """
    if release and value is not None:
        raise click.UsageError("--release takes no value")
    if name is not None and value is None and not release:
        raise click.UsageError(f"give the value, as in 'hil force {name} true', or --release")
    with connect(ports_file) as client:
        if release:
            released = client.release(*([name] if name else []))
            click.echo(f"released {', '.join(released)}" if released else "nothing was forced")
        elif name is not None and value is not None:
            client.force(name, parse_value(value))
            click.echo(f"{name} forced to {format_value(parse_value(value))}")
        else:
            forces = client.status()["forces"]
            if not forces:
                click.echo("nothing is forced", err=True)
            for forced, held in forces.items():
                click.echo(f"{forced}  {format_value(held)}")
