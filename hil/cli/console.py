"""Where commands print: results on standard output, messages on standard error, colour only on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["error_console", "output_console"]


def output_console() -> Console:
    """Return a console for results: no colour when piped or with NO_COLOR, lines are never wrapped or restyled."""
    from rich.console import Console

    return Console(highlight=False, soft_wrap=True, markup=False, emoji=False)


def error_console() -> Console:
    """Return the same for messages on standard error."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, soft_wrap=True, markup=False, emoji=False)
