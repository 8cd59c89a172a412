"""``hil map FILE``: a register map as a table, as Markdown, HTML or CSV."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from emulators.description import RegisterMapDescription

__all__ = ["command"]

_FORMATS = ("table", "md", "csv", "html", "toml")


@click.command("map", short_help="Print a register map as a document.")
@click.argument("file", metavar="FILE")
@click.option("--format", "form", type=click.Choice(_FORMATS), default="table", show_default=True)
@click.option("--device", metavar="NAME", help="Device of a pymodbus simulator's JSON that has several.")
def command(file: str, form: str, device: str | None) -> None:
    """Print the register map FILE: a TOML or CSV file, or the name of a shipped device or map.

    FILE may also be the JSON of a pymodbus simulator, or 'file.py:NAME' of a pymodbus SimDevice: '--format toml' turns
    both into a map. toml and csv can be read back; the other formats are for people.
    """
    from emulators.description.register_map_document import map_as_csv, map_as_toml
    from hil.assembly.register_maps import load_any_map

    imported = load_any_map(file, device)
    for note in imported.notes:
        click.echo(f"{file}: {note}", err=True)
    register_map = imported.register_map
    match form:
        case "toml":
            click.echo(map_as_toml(register_map), nl=False)
        case "csv":
            click.echo(map_as_csv(register_map), nl=False)
        case "md":
            click.echo(_markdown(register_map))
        case "html":
            click.echo(_html(register_map))
        case _:
            _print_table(register_map)


def _print_table(register_map: RegisterMapDescription) -> None:
    """Print aligned columns, as wide as they are: a terminal may cut them, a pipe never does."""
    from emulators.description.register_map_document import DOCUMENT_HEADINGS, document_rows

    if register_map.description:
        click.echo(f"{register_map.name}: {register_map.description}")
    rows = list(document_rows(register_map))
    used = _used_columns(rows)
    widths = {index: max(len(row[index]) for row in (DOCUMENT_HEADINGS, *rows)) for index in used}
    for row in (DOCUMENT_HEADINGS, *rows):
        click.echo("  ".join(row[index].ljust(widths[index]) for index in used).rstrip())


def _markdown(register_map: RegisterMapDescription) -> str:
    from emulators.description.register_map_document import DOCUMENT_HEADINGS, document_rows

    rows = list(document_rows(register_map))
    used = _used_columns(rows)
    lines = [f"# {register_map.name}", ""]
    if register_map.description:
        lines += [register_map.description, ""]
    lines.append(_markdown_line(DOCUMENT_HEADINGS, used))
    lines.append("|" + "---|" * len(used))
    return "\n".join((*lines, *(_markdown_line(row, used) for row in rows)))


def _markdown_line(row: tuple[str, ...], used: list[int]) -> str:
    cells = (row[index].replace("|", "\\|").replace("\n", " ") for index in used)
    return f"| {' | '.join(cells)} |"


def _html(register_map: RegisterMapDescription) -> str:
    from emulators.description.register_map_document import DOCUMENT_HEADINGS, document_rows

    rows = list(document_rows(register_map))
    used = _used_columns(rows)
    title = html.escape(register_map.name)
    head = "".join(f"<th>{DOCUMENT_HEADINGS[index]}</th>" for index in used)
    body = "\n".join(f"<tr>{''.join(f'<td>{html.escape(row[index])}</td>' for index in used)}</tr>" for row in rows)
    style = (
        "body{font-family:sans-serif;margin:2em}table{border-collapse:collapse}"
        "th,td{border:1px solid #bbb;padding:.2em .6em;text-align:left}th{background:#eee;position:sticky;top:0}"
    )
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{style}</style></head>\n<body><h1>{title}</h1><p>{html.escape(register_map.description)}</p>\n"
        f"<table><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table></body></html>"
    )


def _used_columns(rows: list[tuple[str, ...]]) -> list[int]:
    """Return the columns in which any row says something."""
    from emulators.description.register_map_document import DOCUMENT_HEADINGS

    return [index for index in range(len(DOCUMENT_HEADINGS)) if index < 5 or any(row[index] for row in rows)]
