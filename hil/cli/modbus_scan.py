"""``hil modbus scan URL``: which units, tables and addresses a device has; reads only, at a bounded rate."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from hil.cli.modbus_options import device_url, size_options, span, timeout_option
from hil.cli.output_forms import echo_json, form_options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hil.targets.modbus_survey import UnitSurvey
    from hil.targets.modbus_url import ModbusUrl

__all__ = ["command"]

_TABLES = ("coil", "discrete", "input", "holding")


@click.command("scan")
@click.argument("url", type=device_url)
@click.option("--units", type=span(255), metavar="FIRST..LAST", help="Units to look for; else the unit of URL.")
@click.option(
    "--addresses",
    type=span(65535),
    default="0..255",
    show_default=True,
    metavar="FIRST..LAST",
    help="Where to look, from 0.",
)
@click.option("--table", "tables", type=click.Choice(_TABLES), multiple=True, help="Only this table; may be repeated.")
@click.option(
    "--rate",
    "requests_per_s",
    metavar="N",
    type=click.FloatRange(0.1, 100_000),
    default=50.0,
    show_default=True,
    help="At most N requests a second.",
)
@timeout_option(1.0)
@size_options
@form_options(json="Print one JSON list of units.")
@click.pass_context
def command(
    context: click.Context,
    url: ModbusUrl,
    units: range | None,
    addresses: range,
    tables: tuple[str, ...],
    requests_per_s: float,
    timeout_s: float,
    max_registers: int | None,
    max_bits: int | None,
    form: str | None,
) -> None:
    """Find out what a Modbus device has. Only reads are sent, no faster than --rate.

    A span of addresses that is refused is halved until all is known: up to three requests for each missing register.
    A device that is silent where too much is asked for at once needs --max-registers. Prints ranges in the form that
    'hil modbus dump' takes. Exit status: 0, or 1 when there is nobody or a unit falls silent on the way; 130 after
    Ctrl-C, which prints what was found until then.
    """
    from emulators.description import RegisterTable
    from emulators.modbus.codes import MAX_READ_BITS, MAX_READ_REGISTERS
    from hil.cli.interrupts import interruptible
    from hil.cli.progress import progress_bar
    from hil.targets.modbus_client import ModbusClient
    from hil.targets.modbus_survey import UnitSearch, find_units

    wanted = [RegisterTable(name) for name in tables] or list(RegisterTable)
    asked = units if units is not None else range(url.unit_id, url.unit_id + 1)
    new_search = partial(
        UnitSearch, max_registers=max_registers or MAX_READ_REGISTERS, max_bits=max_bits or MAX_READ_BITS
    )
    searches: list[UnitSearch] = []
    is_whole = False
    with (
        interruptible(),
        suppress(KeyboardInterrupt),
        ModbusClient(url, timeout_s=timeout_s, requests_per_s=requests_per_s) as client,
    ):
        with progress_bar("units", len(asked)) as advance:
            present = find_units(client, asked, advance, lambda text: click.echo(text, err=True))
            searches.extend(new_search(client, unit_id) for unit_id in present)  # keeps those before an interrupt
        with progress_bar("addresses", len(searches) * len(wanted) * len(addresses)) as advance:
            for search in searches:
                search.run(wanted, addresses, advance)
        is_whole = True
    surveys = [search.survey for search in searches]
    if form == "json":
        echo_json([_as_json(survey) for survey in surveys])
    else:
        _print(url, surveys, "nothing can be read here" if is_whole else "nothing found yet")
    troubles = [text for survey in surveys for text in survey.troubles]
    if is_whole and not surveys:
        troubles = [f"{url.name}: no unit answers"]
    for text in troubles:
        click.echo(text, err=True)
    if not is_whole:
        raise click.Abort
    if troubles:
        context.exit(1)


def _print(url: ModbusUrl, surveys: Sequence[UnitSurvey], nothing: str) -> None:
    from hil.targets.modbus_ranges import range_text

    for survey in surveys:
        click.secho(f"{url.with_unit(survey.unit_id)}  {survey.identity}".rstrip(), bold=True)
        for stretch in survey.stretches:
            click.echo(f"  {range_text(stretch.table, stretch.first, stretch.last)}  {stretch.count}")
        if not survey.stretches:
            click.echo(f"  {nothing}")


def _as_json(survey: UnitSurvey) -> dict[str, Any]:
    return {
        "unit": survey.unit_id,
        "identity": survey.identity.texts(),
        "troubles": list(survey.troubles),
        "ranges": [
            {"table": each.table.value, "first": each.first, "last": each.last, "count": each.count}
            for each in survey.stretches
        ],
    }
