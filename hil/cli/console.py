"""Where commands print: results on standard output, messages on standard error, colour only on a terminal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["error_console", "output_console"]

_WIDTH_OF_A_PIPE = 1000


def output_console() -> Console:
    """Return a console for results: no colour when piped or with NO_COLOR, lines are never wrapped or restyled.

    Cells of tables wrap at the width of a terminal; into a file or a pipe every row is one line.
    """
    from rich.console import Console

    width = None if sys.stdout.isatty() else _WIDTH_OF_A_PIPE
    return Console(highlight=False, soft_wrap=True, markup=False, emoji=False, width=width)


def error_console() -> Console:
    """Return the same for messages on standard error."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, soft_wrap=True, markup=False, emoji=False)
