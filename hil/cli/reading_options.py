"""Options of the commands that read values: which ones, how often, in which form."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import wraps
from typing import Any

import click

from hil.cli.durations import duration
from hil.cli.output_forms import form_options

__all__ = ["Repetition", "meant_names", "reading_options"]


@dataclass(frozen=True, slots=True)
class Repetition:
    """How often to read: once without ``period_ns``; else until ``count`` readings or ``length_ns`` are over."""

    period_ns: int | None
    count: int | None
    length_ns: int | None


def reading_options(clock: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return what adds ``--every``, ``--count``, ``--for``, ``--csv`` and ``--json`` to a command.

    The command gets ``repetition`` and ``form``. ``clock`` says of what the times are.
    """
    options = (
        form_options(
            csv="Print CSV: a line a value, or with --every a line a reading.", json="Print one JSON object a reading."
        ),
        click.option(
            "--every", "period_ns", type=duration, metavar="TIME", help=f"Read again and again, in {clock} time."
        ),
        click.option("--count", type=click.IntRange(1), metavar="N", help="With --every: end after N readings."),
        click.option("--for", "length_ns", type=duration, metavar="TIME", help="With --every: end after so much time."),
    )

    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(command)
        def with_repetition(*, period_ns: int | None, count: int | None, length_ns: int | None, **given: Any) -> Any:
            if period_ns is None and (count is not None or length_ns is not None):
                raise click.UsageError("--count and --for say when --every ends; give --every too")
            return command(repetition=Repetition(period_ns, count, length_ns), **given)

        decorated: Callable[..., Any] = with_repetition
        for option in reversed(options):
            decorated = option(decorated)
        return decorated

    return add


def meant_names(names: Iterable[str], known: Collection[str]) -> list[str]:
    """Return every known name that ``CURRENT_*`` and the like match, each once; other names as they are."""
    meant: dict[str, None] = {}
    for name in names:
        matched = [each for each in known if fnmatchcase(each, name)] if name not in known else []
        meant.update(dict.fromkeys(matched or [name]))
    return list(meant)
