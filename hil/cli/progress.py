"""A progress bar for long work: on standard error, only on a terminal, gone when the work is done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from hil.cli.console import error_console

__all__ = ["Advance", "progress_bar"]


class Advance(Protocol):
    """Moves a bar by so much of its total; ``what`` is what stands in front of it from now on."""

    def __call__(self, done: float, what: str | None = None, /) -> None: ...


@contextmanager
def progress_bar(what: str, total: float) -> Iterator[Advance]:
    """Yield a function that moves the bar by so much of ``total``."""
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    console = error_console()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(what, total=total)
        yield lambda done, what=None: progress.update(task, advance=done, description=what)
