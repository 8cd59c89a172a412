"""How readings are shown: as lines, CSV or JSON; one after the other in place on a terminal, line by line elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from hil.cli.console import output_console
from hil.cli.output_forms import echo_csv, echo_json, number_text, plain

if TYPE_CHECKING:
    from rich.table import Table

    from emulators.errors import LinkError
    from emulators.signals.tags import TagValue
    from hil.targets.modbus_differences import Reading

    Show = Callable[["Moment", "Reading | LinkError"], None]

__all__ = ["Moment", "ReadingSource", "plant_moment", "print_reading", "wall_moment", "watch"]


@dataclass(frozen=True, slots=True)
class ReadingSource:
    """Where values come from: ``title`` for people, ``shown`` a value of a name for people, ``unit`` that of a name."""

    title: str
    shown: Callable[[str, TagValue | LinkError], str]
    unit: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Moment:
    """When a reading was taken: ``key`` and ``number`` in JSON, ``column`` and ``cell`` in CSV, ``text`` for people."""

    key: str
    number: str | int
    column: str
    cell: str
    text: str


def wall_moment() -> Moment:
    """Return the present time of day in UTC, to a millisecond."""
    text = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return Moment("time", text, "time", text, text)


def plant_moment(time_ns: int) -> Moment:
    """Return a time of a cell's plant."""
    from emulators.timebase import NS_PER_S, format_duration

    seconds, rest_ns = divmod(time_ns, NS_PER_S)
    return Moment("time_ns", time_ns, "time_s", f"{seconds}.{rest_ns:09d}", format_duration(time_ns))


def print_reading(source: ReadingSource, values: Reading, form: str | None, moment: Moment | None = None) -> None:
    """Print one reading; JSON has its moment where there is one."""
    match form:
        case "csv":
            rows = [(name, number_text(value), source.unit(name)) for name, value in values.items()]
            echo_csv([("name", "value", "unit"), *rows])
        case "json" if moment is not None:
            _show_json(moment, values)
        case "json":
            echo_json({name: plain(value) for name, value in values.items()})
        case _:
            _print_lines(source, values)


def watch(source: ReadingSource, form: str | None, readings: Iterable[tuple[Moment, Reading | LinkError]]) -> bool:
    """Show readings until they end or Ctrl-C; return whether every value of all was there."""
    from emulators.errors import LinkError
    from hil.cli.interrupts import interruptible

    are_all_good = True
    with interruptible(), _watcher(source, form) as show, suppress(KeyboardInterrupt):
        for moment, reading in readings:
            show(moment, reading)
            if isinstance(reading, LinkError):
                are_all_good = False
                continue
            refusals = dict.fromkeys(str(value) for value in reading.values() if isinstance(value, LinkError))
            are_all_good = are_all_good and not refusals
            for refusal in refusals if form is not None else ():  # people see it in place of the value
                click.echo(refusal, err=True)
    return are_all_good


@contextmanager
def _watcher(source: ReadingSource, form: str | None) -> Iterator[Show]:
    """Yield a function that shows a reading; a reading that failed keeps the others running."""
    if form is None and sys.stdout.isatty():
        from rich.live import Live

        with Live(console=output_console(), auto_refresh=False) as live:
            screen = _Screen(source)
            yield lambda moment, reading: live.update(screen.after(moment, reading), refresh=True)
        return
    shows: dict[str | None, Show] = {"csv": _CsvLines().show, "json": _show_json, None: _TextBlocks(source).show}
    yield shows[form]


class _Screen:
    """A table that stays in its place; what has changed since the reading before is bold."""

    def __init__(self, source: ReadingSource) -> None:
        self._source = source
        self._texts: dict[str, str] = {}
        self._reading_count = self._lost_count = 0
        self._trouble = ""

    def after(self, moment: Moment, reading: Reading | LinkError) -> Table:
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
            self._texts = {name: self._source.shown(name, value) for name, value in reading.items()}
        lost = f", {self._lost_count} failed" if self._lost_count else ""
        table = Table(box=None, pad_edge=False, header_style="bold", caption_justify="left")
        table.title = f"{self._source.title}  {moment.text}  {self._reading_count} readings{lost}"
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

    def show(self, moment: Moment, reading: Reading | LinkError) -> None:
        from emulators.errors import LinkError

        if isinstance(reading, LinkError):
            click.echo(str(reading), err=True)
            if self._names:  # before the header there is nothing to be missing
                echo_csv([[moment.cell, *("" for _ in self._names)]])
            return
        if not self._names:
            self._names = list(reading)
            echo_csv([[moment.column, *self._names]])
        echo_csv([[moment.cell, *(number_text(reading[name]) for name in self._names)]])


class _TextBlocks:
    """The time, then a line a value."""

    def __init__(self, source: ReadingSource) -> None:
        self._source = source

    def show(self, moment: Moment, reading: Reading | LinkError) -> None:
        from emulators.errors import LinkError

        click.echo(moment.text)
        if isinstance(reading, LinkError):
            click.echo(str(reading), err=True)
        else:
            _print_lines(self._source, reading, indent="  ")


def _print_lines(source: ReadingSource, values: Reading, indent: str = "") -> None:
    width = max((len(name) for name in values), default=0)
    for name, value in values.items():
        click.echo(f"{indent}{name:{width}}  {source.shown(name, value)}")


def _show_json(moment: Moment, reading: Reading | LinkError) -> None:
    from emulators.errors import LinkError

    if isinstance(reading, LinkError):
        echo_json({moment.key: moment.number, "error": str(reading)})
    else:
        echo_json({moment.key: moment.number, "values": {name: plain(value) for name, value in reading.items()}})
