"""``NAME=VALUE…``, as every command that sets values takes them; ``NAME VALUE`` says one of them too."""

from __future__ import annotations

from collections.abc import Sequence

import click

from hil.cli.running_cell import refuse_mistyped_option

__all__ = ["parse_assignments"]


def parse_assignments(words: Sequence[str], *, example: str) -> list[tuple[str, str]]:
    """Return names and the texts of their values: ``LIC-101.SP=60 START=true``, or ``LIC-101.SP 60`` for one.

    Raises:
        click.UsageError: a word is a mistyped option, or assigns nothing; ``example`` shows what it should look like.
    """
    for word in words:
        refuse_mistyped_option(word)
    if len(words) == 2 and "=" not in words[0]:
        words = ["=".join(words)]
    assignments = []
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise click.UsageError(f"'{word}' assigns nothing; write NAME=VALUE, as in {example}")
        assignments.append((name, value))
    return assignments
