"""Results as tables, CSV or JSON: flags that choose, values as each form writes them."""

from __future__ import annotations

import csv
import json
import math
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from emulators.errors import LinkError
    from emulators.signals.tags import TagValue

__all__ = ["echo_csv", "echo_json", "form_options", "number_text", "plain", "print_columns"]

CommandT = TypeVar("CommandT", bound=Callable[..., Any])


def form_options(**forms: str) -> Callable[[CommandT], CommandT]:
    """Return one flag a form with its help, ``--json`` and so on; the command gets ``form``, a table without a flag."""

    def add(command: CommandT) -> CommandT:
        for form, text in reversed(forms.items()):
            command = click.option(f"--{form}", "form", flag_value=form, default=None, help=text)(command)
        return command

    return add


def plain(value: TagValue | LinkError | None) -> Any:
    """Return what stands for a value in JSON: numbers that JSON does not have become texts, refusals null."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value if isinstance(value, bool | int | float | str) else None


def number_text(value: TagValue | LinkError | None) -> str:
    """Return what stands for a value in CSV: whole precision, ``true`` and ``false``, nothing for a refusal."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    return value if isinstance(value, str) else ""


def echo_json(content: Mapping[str, Any] | Sequence[Any]) -> None:
    """Print one JSON document on a line."""
    click.echo(json.dumps(content, ensure_ascii=False, allow_nan=False))


def echo_csv(rows: Iterable[Sequence[object]]) -> None:
    """Print rows as CSV and flush, so that who follows a pipe sees each as it comes."""
    csv.writer(sys.stdout, lineterminator="\n").writerows(rows)
    sys.stdout.flush()


def print_columns(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print aligned columns, headings in bold on a terminal; a pipe gets them as they are."""
    widths = [max(len(row[index]) for row in (headings, *rows)) for index in range(len(headings))]
    for number, row in enumerate((headings, *rows)):
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        click.secho(line, bold=number == 0)
