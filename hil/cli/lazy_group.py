"""Groups of commands that are imported one at a time; the overview and the hints are written from a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import click

__all__ = ["CommandRow", "LazyGroup"]


@dataclass(frozen=True, slots=True)
class CommandRow:
    """``module`` is imported when the command is used; ``summary`` stands in the help of the group."""

    name: str
    module: str
    summary: str


class LazyGroup(click.Group):
    """Group of the commands in ``rows``; each module has its click command as ``command``."""

    def __init__(self, *arguments: Any, rows: Sequence[CommandRow], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._rows = {row.name: row for row in rows}

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self._rows)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        row = self._rows.get(cmd_name)
        if row is None:
            return None
        command: click.Command = import_module(row.module).command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self._rows and not args[0].startswith("-"):
            from emulators.errors import did_you_mean

            hint = did_you_mean(args[0], self._rows) or f"'{ctx.command_path} --help' lists the commands"
            raise click.UsageError(f"there is no command '{args[0]}'; {hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(row.name, row.summary) for row in self._rows.values()])
