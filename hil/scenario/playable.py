"""Whether a bench can play a stored timeline, which may be written by hand or belong to another rig."""

from __future__ import annotations

from collections.abc import Callable

from emulators.cell.tape import TapeEvent
from emulators.description.source import file_span
from emulators.errors import DescriptionError, Diagnostic, EmulatorError
from emulators.timebase import format_timestamp
from hil.scenario.timeline import Timeline

__all__ = ["refuse_unplayable"]


def refuse_unplayable(timeline: Timeline, check: Callable[[TapeEvent], None], file: str) -> None:
    """Do nothing where ``check`` lets every event pass; it raises an EmulatorError for one that cannot be played.

    Raises:
        DescriptionError: events of the timeline in ``file`` that cannot, with their times; all of them.
    """
    findings: dict[str, Diagnostic] = {}
    for event in timeline.tape():
        try:
            check(event)
        except EmulatorError as error:  # the end of a fault is refused as its start is
            message, _, hint = str(error).partition("; ")
            text = f"event at {format_timestamp(event.time_ns)}: {message}"
            findings.setdefault(f"{event.target} {message}", Diagnostic(file_span(file), "", text, hint))
    if findings:
        raise DescriptionError(list(findings.values()))
