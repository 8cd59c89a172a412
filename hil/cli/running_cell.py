"""What the commands that talk to a running cell share: where it is, and values as people type them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from emulators.serving import ControlClient

__all__ = ["NEGATIVE_NUMBERS", "connect", "format_value", "parse_value", "ports_file_option", "refuse_mistyped_option"]

CommandT = TypeVar("CommandT", bound=Callable[..., Any])
NEGATIVE_NUMBERS = {"ignore_unknown_options": True}
"""Context settings of a command that takes values: ``-5`` is one; see ``refuse_mistyped_option``."""

_WORDS = {"true": True, "on": True, "false": False, "off": False}


def ports_file_option(command: CommandT) -> CommandT:
    """Add ``--ports-file``, which says which running cell is meant."""
    return click.option(
        "--ports-file",
        metavar="FILE",
        default=".hil/ports.json",
        show_default=True,
        help="Ports file that 'hil run' wrote.",
    )(command)


def connect(ports_file: str) -> ControlClient:
    """Return a client of the cell that wrote the file; raises LinkError when it does not run."""
    from emulators.serving import ControlClient

    return ControlClient.from_ports_file(ports_file)


def refuse_mistyped_option(word: str) -> None:
    """Raise ``click.NoSuchOption`` for a word such as ``--relaese``, with the options that may have been meant."""
    if word.startswith("--"):
        context = click.get_current_context(silent=True)
        known = [option for each in context.command.params for option in each.opts] if context is not None else []
        option = word.partition("=")[0]
        raise click.NoSuchOption(option, possibilities=get_close_matches(option, known))


def parse_value(text: str) -> bool | int | float | str:
    """Return the value of ``true``, ``on``, ``12``, ``0x1F``, ``3.5``; any other text as it is."""
    refuse_mistyped_option(text)
    folded = text.casefold()
    if folded in _WORDS:
        return _WORDS[folded]
    try:
        return int(folded, 0)
    except ValueError:
        pass
    try:
        return float(folded)
    except ValueError:
        return text


def format_value(value: object, *, digits: int = 6, names: Sequence[Sequence[Any]] = ()) -> str:
    """Return a value as people read it: ``true``, ``12``, ``61.25``, or ``Filling (1)`` where ``names`` has it."""
    for number, name in names:
        if value == number and not isinstance(value, bool):
            return f"{name} ({number})"
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:.{digits}g}" if isinstance(value, float) else str(value)
