"""``hil modbus identify URL``: who the units of a device say they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from hil.cli.modbus_options import device_url, span, timeout_option
from hil.cli.output_forms import echo_json, form_options

if TYPE_CHECKING:
    from hil.targets.modbus_url import ModbusUrl

__all__ = ["command"]


@click.command("identify")
@click.argument("url", type=device_url)
@click.option("--units", type=span(255), metavar="FIRST..LAST", help="Units to ask; else the unit of URL.")
@timeout_option(1.0)
@form_options(json="Print one JSON list of units.")
@click.pass_context
def command(context: click.Context, url: ModbusUrl, units: range | None, timeout_s: float, form: str | None) -> None:
    """Ask units of a Modbus device who they are: Read Device Identification (43/14) and Report Server ID (17).

    Many devices answer neither; 'hil modbus scan' finds them all the same. Exit status: 0, or 1 when none answers.
    """
    from hil.cli.interrupts import interruptible
    from hil.cli.progress import progress_bar
    from hil.targets.modbus_client import ModbusClient
    from hil.targets.modbus_identity import ask_identity

    asked = units if units is not None else range(url.unit_id, url.unit_id + 1)
    found = {}
    with (
        interruptible(),
        ModbusClient(url, timeout_s=timeout_s) as client,
        progress_bar("units", len(asked)) as advance,
    ):
        for unit_id in asked:
            texts = ask_identity(client, unit_id).texts()
            advance(1)
            if texts:
                found[unit_id] = texts
    if form == "json":
        echo_json([{"unit": unit_id, "identity": texts} for unit_id, texts in found.items()])
    else:
        for unit_id, texts in found.items():
            click.secho(str(url.with_unit(unit_id)), bold=True)
            for name, text in texts.items():
                click.echo(f"  {name:16}  {text}")
    if not found:
        click.echo(f"{url.name}: no unit says who it is", err=True)
        context.exit(1)
