"""Durations on the command line: ``90s``, ``'1.5 s'``, ``1h30min``."""

from __future__ import annotations

import click

__all__ = ["duration"]


def duration(text: str) -> int:
    """Return nanoseconds; the type of an option that takes a duration, more than nought."""
    from emulators.timebase import parse_duration

    try:
        duration_ns = parse_duration(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
    if duration_ns == 0:
        raise click.BadParameter("no time at all; give more than 0")
    return duration_ns
