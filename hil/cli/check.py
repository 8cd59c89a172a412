"""``hil check FILE…``: findings in control programs, rigs, register maps, I/O lists and timelines."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulators.errors import Diagnostic

__all__ = ["command"]


@click.command("check")
@click.argument("names", nargs=-1, required=True, metavar="FILE…")
@click.option("--each", is_flag=True, help="Check every ST file on its own, not all of them as one project.")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def command(names: tuple[str, ...], each: bool, as_json: bool) -> int:
    """Check FILE…: ST programs (.st, .iecst), rigs and register maps (.toml), I/O lists (.csv), timelines (.json).

    The name of a shipped rig is a FILE too. Several ST files are checked as one project. With a rig its programs,
    register maps and I/O list are checked too, and how they fit together.
    Prints one finding a line, file:line:column first. Exit status: 0 without errors, 1 with, 2 for wrong usage.

    \b
    hil check control.st
    hil check rig.toml two_tanks
    """
    from hil.cli.file_checks import check_files

    files = [_file_of(name) for name in names]
    groups = [[file] for file in files] if each else [files]
    found = sorted({diagnostic for group in groups for diagnostic in check_files(group)}, key=_place)
    n_errors = sum(not diagnostic.is_warning for diagnostic in found)
    if as_json:
        _print_json(found)
    else:
        _print_lines(found, n_files=len(files), n_errors=n_errors)
    return 1 if n_errors else 0


def _file_of(name: str) -> str:
    """Return the file that a name on the command line means."""
    from emulators.errors import DescriptionError
    from hil.cli.file_checks import SUFFIXES
    from hil.resources import resolve_rig

    path = Path(name)
    if path.is_dir():
        raise click.UsageError(f"'{name}' is a folder; name the files in it")
    if not path.exists() and path.suffix in ("", ".toml"):
        try:
            return str(resolve_rig(name))
        except DescriptionError as error:
            (found,) = error.diagnostics
            raise click.UsageError(f"there is neither a file nor a rig '{name}'; {found.hint}") from None
    if not path.exists():
        raise click.UsageError(f"there is no file '{name}'")
    if path.suffix.lower() not in SUFFIXES:
        raise click.UsageError(f"cannot check '{name}': known are {', '.join(SUFFIXES)}")
    return name


def _place(diagnostic: Diagnostic) -> tuple[object, ...]:
    return (diagnostic.span, diagnostic.code, diagnostic.message)


def _print_lines(found: Sequence[Diagnostic], *, n_files: int, n_errors: int) -> None:
    from rich.text import Text

    from hil.cli.console import error_console, output_console

    console = output_console()
    for diagnostic in found:
        line = Text(str(diagnostic))
        line.stylize("bold", 0, len(str(diagnostic.span)))
        if diagnostic.code:
            start = line.plain.index(diagnostic.code, len(str(diagnostic.span)))
            line.stylize("yellow" if diagnostic.is_warning else "red", start, start + len(diagnostic.code))
        console.print(line)
    counts = f"{_counted(n_errors, 'error')}, {_counted(len(found) - n_errors, 'warning')}"
    error_console().print(f"{_counted(n_files, 'file')} checked: {counts if found else 'no findings'}")


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _print_json(found: Sequence[Diagnostic]) -> None:
    import json

    findings = [
        {
            "file": diagnostic.span.file,
            "line": diagnostic.span.line,
            "column": diagnostic.span.column,
            "end_line": diagnostic.span.end_line,
            "end_column": diagnostic.span.end_column,
            "severity": "warning" if diagnostic.is_warning else "error",
            "code": diagnostic.code,
            "message": diagnostic.message,
            "hint": diagnostic.hint,
        }
        for diagnostic in found
    ]
    click.echo(json.dumps({"format": 1, "findings": findings}, indent=2, ensure_ascii=False))
