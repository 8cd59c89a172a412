"""``hil map FILE``: a register map as a table, as Markdown, HTML, CSV or TOML."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from emulators.description import RegisterMapDescription

__all__ = ["command"]

_FORMATS = ("table", "md", "csv", "html", "toml")


@click.command("map")
@click.argument("file", metavar="FILE")
@click.option("--format", "form", type=click.Choice(_FORMATS), default="table", show_default=True)
def command(file: str, form: str) -> None:
    """Print the register map FILE: a TOML or CSV file, or the name of a shipped device or map.

    FILE may also be the JSON of a pymodbus simulator ('file.json:NAME' where it has several devices), or 'file.py:NAME'
    of a pymodbus SimDevice: '--format toml' turns both into a map. toml and csv read back; the other formats are for
    people, html as a page to read, search and print.

    The columns of a CSV map are the keys of TOML: tag, table and address (or reference), type, bit, word_order,
    byte_order, access, unit, scale, offset, low, high (the range), initial, signal, description; names and flags as
    '0=off|1=on'; behaviour as 'sine|low=0|high=10|period=1 min'. Lines '#! key = value' have what belongs to the whole
    map: "#! half_values = 'refuse'", "#! twin.component = 'energy_meter'".
    """
    from hil.assembly.register_maps import load_any_map

    imported = load_any_map(file)
    for note in imported.notes:
        click.echo(f"{file}: {note}", err=True)
    click.echo(_written(imported.register_map, form), nl=False)


def _written(register_map: RegisterMapDescription, form: str) -> str:
    match form:
        case "toml":
            from emulators.description.register_map_writer import map_as_toml

            return map_as_toml(register_map)
        case "csv":
            return _csv(register_map)
        case "md":
            return _markdown(register_map)
        case "html":
            from hil.cli.map_page import map_page

            return map_page(register_map) + "\n"
    return _table(register_map)


def _csv(register_map: RegisterMapDescription) -> str:
    from emulators.description.register_map_writer import lost_in_csv, map_as_csv

    text = map_as_csv(register_map)
    lost = lost_in_csv(register_map, text)
    if lost:
        click.echo(f"CSV cannot say everything of {', '.join(lost[:8])}; use --format toml", err=True)
    return text


def _table(register_map: RegisterMapDescription) -> str:
    """Return aligned columns, as wide as they are: a terminal may cut them, a pipe never does."""
    rows, headings = _flat_rows(register_map)
    widths = [max(len(row[index]) for row in (headings, *rows)) for index in range(len(headings))]
    lines = [f"{register_map.name}: {register_map.description}"] if register_map.description else []
    lines += [f"unit id {register_map.unit_id}"] if register_map.unit_id is not None else []
    lines += [
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
        for row in (headings, *rows)
    ]
    return "\n".join(lines) + "\n"


def _markdown(register_map: RegisterMapDescription) -> str:
    from emulators.description.register_map_document import map_facts

    rows, headings = _flat_rows(register_map)
    lines = [f"# {register_map.name}", ""]
    if register_map.description:
        lines += [_escaped(register_map.description), ""]
    lines += [*(f"- {key}: {_escaped(text)}" for key, text in map_facts(register_map)), ""]
    lines += [_markdown_line(headings), "|" + "---|" * len(headings), *map(_markdown_line, rows)]
    return "\n".join(lines) + "\n"


def _markdown_line(row: tuple[str, ...]) -> str:
    return f"| {' | '.join(map(_escaped, row))} |"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")


def _flat_rows(register_map: RegisterMapDescription) -> tuple[list[tuple[str, ...]], tuple[str, ...]]:
    """Return rows and headings of the columns in which any row says something; the first five always stand."""
    from emulators.description.register_map_document import DOCUMENT_HEADINGS, document_rows

    rows = [row.flat_texts for row in document_rows(register_map)]
    used = [index for index in range(len(DOCUMENT_HEADINGS)) if index < 5 or any(row[index] for row in rows)]
    return [tuple(row[index] for index in used) for row in rows], tuple(DOCUMENT_HEADINGS[index] for index in used)
