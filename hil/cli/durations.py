"""Durations on the command line: ``90s``, ``'1.5 s'``, ``1h30min``."""

from __future__ import annotations

import click

__all__ = ["DURATION"]


class _Duration(click.ParamType):
    """Becomes nanoseconds; refuses what is no duration, and nought."""

    name = "duration"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        from emulators.timebase import parse_duration

        try:
            duration_ns = parse_duration(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)
        if duration_ns == 0:
            self.fail("no time at all; give more than 0", param, ctx)
        return duration_ns


DURATION = _Duration()
"""Type of an option that takes a duration; the command gets nanoseconds."""
