"""How 'hil modbus read --every' shows one reading after the other: in place on a terminal, line by line elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from hil.cli.console import output_console
from hil.cli.modbus_output import echo_csv, echo_json, number_text, plain, shown

if TYPE_CHECKING:
    from rich.table import Table

    from emulators.errors import LinkError
    from hil.targets.modbus_differences import Reading
    from hil.targets.modbus_link import ModbusLink

__all__ = ["watcher"]

_Show = Callable[["Reading | LinkError"], None]


@contextmanager
def watcher(link: ModbusLink, form: str | None) -> Iterator[_Show]:
    """Yield a function that shows a reading; a reading that failed keeps the others running."""
    if form is None and sys.stdout.isatty():
        from rich.live import Live

        with Live(console=output_console(), auto_refresh=False) as live:
            screen = _Screen(link)
            yield lambda reading: live.update(screen.after(reading), refresh=True)
        return
    shows: dict[str | None, _Show] = {"csv": _CsvLines().show, "json": _show_json, None: _TextBlocks(link).show}
    yield shows[form]


class _Screen:
    """A table that stays in its place; what has changed since the reading before is bold."""

    def __init__(self, link: ModbusLink) -> None:
        self._link = link
        self._texts: dict[str, str] = {}
        self._reading_count = self._lost_count = 0
        self._trouble = ""

    def after(self, reading: Reading | LinkError) -> Table:
        from rich.table import Table
        from rich.text import Text

        from emulators.errors import LinkError

        self._reading_count += 1
        before = self._texts
        if isinstance(reading, LinkError):
            self._lost_count += 1
            self._trouble = str(reading)
        else:
            self._trouble = ""
            self._texts = {name: shown(self._link.entry(name), value) for name, value in reading.items()}
        lost = f", {self._lost_count} failed" if self._lost_count else ""
        table = Table(box=None, pad_edge=False, header_style="bold", caption_justify="left")
        table.title = f"{self._link.url.name}  {_now()}  {self._reading_count} readings{lost}"
        table.title_justify = "left"
        table.caption = self._trouble or "Ctrl-C ends"
        table.add_column("name")
        table.add_column("value")
        for name, text in self._texts.items():
            has_changed = bool(before) and before.get(name) != text
            table.add_row(name, Text(text, style="bold" if has_changed else ""))
        return table


class _CsvLines:
    """A header, then a line a reading; a value that is missing is an empty cell."""

    def __init__(self) -> None:
        self._names: list[str] = []

    def show(self, reading: Reading | LinkError) -> None:
        from emulators.errors import LinkError

        if isinstance(reading, LinkError):
            click.echo(str(reading), err=True)
            echo_csv([[_now(), *("" for _ in self._names)]])
            return
        if not self._names:
            self._names = list(reading)
            echo_csv([["time", *self._names]])
        echo_csv([[_now(), *(number_text(reading[name]) for name in self._names)]])


class _TextBlocks:
    """The time, then a line a value."""

    def __init__(self, link: ModbusLink) -> None:
        self._link = link

    def show(self, reading: Reading | LinkError) -> None:
        from emulators.errors import LinkError

        click.echo(_now())
        if isinstance(reading, LinkError):
            click.echo(str(reading), err=True)
            return
        width = max((len(name) for name in reading), default=0)
        for name, value in reading.items():
            click.echo(f"  {name:{width}}  {shown(self._link.entry(name), value)}")


def _show_json(reading: Reading | LinkError) -> None:
    from emulators.errors import LinkError

    if isinstance(reading, LinkError):
        echo_json({"time": _now(), "error": str(reading)})
    else:
        echo_json({"time": _now(), "values": {name: plain(value) for name, value in reading.items()}})


def _now() -> str:
    """Return the time of day in UTC, to a millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
