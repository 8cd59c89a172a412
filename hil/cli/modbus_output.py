"""Values of a Modbus device as people read them: with names, units and named bits, refusals with their reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from emulators.description import RegisterEntry
    from emulators.errors import LinkError
    from emulators.signals.tags import TagValue

__all__ = ["echo_left_out", "listed", "reason", "shown"]

_FLOAT32_DIGITS, _DIGITS = 7, 12
_MAX_LISTED = 8


def shown(entry: RegisterEntry, value: TagValue | LinkError) -> str:
    """Return a value as people read it, with its name, unit and named bits; NaN in words, a refusal in parentheses."""
    from hil.cli.running_cell import format_value

    if not isinstance(value, bool | int | float | str):
        return f"({reason(value)})"
    if value != value:
        return "no value"
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


def echo_left_out(refused: Mapping[str, LinkError]) -> None:
    """Say which values a file will not have, by what the device answered."""
    by_answer: dict[str, list[str]] = {}
    for tag, refusal in refused.items():
        by_answer.setdefault(reason(refusal), []).append(tag)
    for answer, tags in by_answer.items():
        click.echo(f"left out: {listed(tags)}: {answer}", err=True)


def listed(tags: Sequence[str]) -> str:
    """Return the first of many names and how many more there are."""
    more = f" and {len(tags) - _MAX_LISTED} more" if len(tags) > _MAX_LISTED else ""
    return ", ".join(tags[:_MAX_LISTED]) + more
