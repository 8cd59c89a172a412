"""What a behaviour is given, and what every behaviour does. No clock and no random source: both arrive as arguments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from emulators.signals.tags import TagValue

__all__ = ["Behaviour", "Moment", "Origin", "number_of"]


@dataclass(frozen=True, slots=True)
class Moment:
    """One communication step: its end and its length. ``read`` gives any other value as it was before this step."""

    time_ns: int
    step_ns: int
    read: Callable[[str], TagValue]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a behaviour starts: the value's initial value, the seed of the run, and a number of its own for noise.

    ``folder`` is where relative paths start.
    """

    initial: TagValue
    seed: int
    channel: int
    folder: str


class Behaviour(Protocol):
    """Moves one value. The same steps, writes and seed give the same values."""

    def advance(self, moment: Moment) -> TagValue:
        """Return the value at the end of a step."""
        ...

    def write(self, value: TagValue) -> None:
        """Go on from a value that a client wrote, where the behaviour has a memory; else it moves on regardless."""
        ...


def number_of(value: TagValue) -> float:
    """Return a value as a number; a text counts as 0."""
    return 0.0 if isinstance(value, str) else float(value)
