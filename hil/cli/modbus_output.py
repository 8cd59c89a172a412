"""How the subcommands of ``hil modbus`` print: tables for people, CSV and JSON for programs."""

from __future__ import annotations

import csv
import json
import math
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from emulators.description import RegisterEntry
    from emulators.errors import LinkError
    from emulators.signals.tags import TagValue

__all__ = ["echo_csv", "echo_json", "form_options", "number_text", "plain", "print_columns", "reason", "shown"]

CommandT = TypeVar("CommandT", bound=Callable[..., Any])
_FLOAT32_DIGITS, _DIGITS = 7, 12


def form_options(**forms: str) -> Callable[[CommandT], CommandT]:
    """Return one flag a form with its help, ``--json`` and so on; the command gets ``form``, a table without a flag."""

    def add(command: CommandT) -> CommandT:
        for form, text in reversed(forms.items()):
            command = click.option(f"--{form}", "form", flag_value=form, default=None, help=text)(command)
        return command

    return add


def shown(entry: RegisterEntry, value: TagValue | LinkError) -> str:
    """Return a value as people read it, with its name, unit and named bits; a refusal in parentheses."""
    from hil.cli.running_cell import format_value

    if not isinstance(value, bool | int | float | str):
        return f"({reason(value)})"
    names = [list(pair) for pair in entry.names]
    digits = _FLOAT32_DIGITS if entry.type.native_label == "f32" else _DIGITS
    text = f"{format_value(value, digits=digits, names=names)} {entry.unit}".rstrip()
    return f"{text} ({', '.join(_set_flags(entry, value))})" if entry.flags and value else text


def _set_flags(entry: RegisterEntry, value: TagValue) -> list[str]:
    """Return the names of the bits that are set; ``bit 13`` of those without one."""
    names = dict(entry.flags)
    bits = int(value) & ((1 << 16 * entry.quantity) - 1)
    return [names.get(bit, f"bit {bit}") for bit in range(bits.bit_length()) if bits >> bit & 1]


def reason(error: LinkError) -> str:
    """Return the last words of a refusal, for where the place stands beside it already."""
    _, separator, answer = str(error).rpartition(" answered ")
    return answer if separator else str(error)


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
