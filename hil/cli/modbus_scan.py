"""``hil modbus scan URL``: which units, tables and addresses a device has; reads only, at a bounded rate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from hil.cli.modbus_options import device_url, echo_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hil.targets.modbus_survey import UnitSurvey
    from hil.targets.modbus_url import ModbusUrl

__all__ = ["command"]

_TABLES = ("coil", "discrete", "input", "holding")


def _units(text: str) -> range:
    return _span(text, 255)


def _addresses(text: str) -> range:
    return _span(text, 65535)


def _span(text: str, highest: int) -> range:
    """Return the range that ``3`` or ``0..99`` means; the type of an option."""
    low, dots, high = text.partition("..")
    ends = (low, high if dots else low)
    if all(end.isascii() and end.isdecimal() for end in ends) and int(ends[0]) <= int(ends[1]) <= highest:
        return range(int(ends[0]), int(ends[1]) + 1)
    raise click.BadParameter(f"'{text}' is no span inside 0..{highest}; write 0..99")


@click.command("scan", short_help="Find units, tables and address ranges.")
@click.argument("url", type=device_url)
@click.option("--units", type=_units, metavar="FIRST..LAST", help="Units to look for; else the unit of URL.")
@click.option(
    "--addresses", type=_addresses, default="0..255", show_default=True, metavar="FIRST..LAST", help="From 0."
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
@click.option(
    "--timeout", "timeout_s", metavar="SECONDS", type=click.FloatRange(0.001, 600), default=1.0, show_default=True
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON list of units.")
@click.pass_context
def command(
    context: click.Context,
    url: ModbusUrl,
    units: range | None,
    addresses: range,
    tables: tuple[str, ...],
    requests_per_s: float,
    timeout_s: float,
    as_json: bool,
) -> None:
    """Find out what a Modbus device has. Only reads are sent, no faster than --rate.

    A span of addresses that is refused is halved until all is known: up to three requests for each missing register.
    Prints ranges in the form that 'hil modbus dump' takes. Exit status: 0, or 1 when there is nobody.
    """
    from emulators.description import RegisterTable
    from hil.cli.interrupts import interruptible
    from hil.cli.progress import progress_bar
    from hil.targets.modbus_client import ModbusClient
    from hil.targets.modbus_survey import find_units, survey_unit

    wanted = [RegisterTable(name) for name in tables] or list(RegisterTable)
    asked = units if units is not None else range(url.unit_id, url.unit_id + 1)
    with interruptible(), ModbusClient(url, timeout_s=timeout_s, requests_per_s=requests_per_s) as client:
        with progress_bar("units", len(asked)) as advance:
            found = find_units(client, asked, advance)
        with progress_bar("addresses", len(found) * len(wanted) * len(addresses)) as advance:
            surveys = [survey_unit(client, unit_id, wanted, addresses, advance) for unit_id in found]
    if as_json:
        echo_json([_as_json(survey) for survey in surveys])
    else:
        _print(url, surveys)
    if not surveys:
        click.echo(f"{url}: no unit answers", err=True)
        context.exit(1)


def _print(url: ModbusUrl, surveys: Sequence[UnitSurvey]) -> None:
    from hil.targets.modbus_ranges import range_text

    for survey in surveys:
        identification = " ".join(survey.identification.values())
        click.secho(f"{url.with_unit(survey.unit_id)}  {identification}".rstrip(), bold=True)
        for stretch in survey.stretches:
            click.echo(f"  {range_text(stretch.table, stretch.first, stretch.last)}  {stretch.count}")
        if not survey.stretches:
            click.echo("  nothing can be read here")


def _as_json(survey: UnitSurvey) -> dict[str, Any]:
    return {
        "unit": survey.unit_id,
        "identification": list(survey.identification.values()),
        "ranges": [
            {"table": each.table.value, "first": each.first, "last": each.last, "count": each.count}
            for each in survey.stretches
        ],
    }
