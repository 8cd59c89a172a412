"""Symbolic tape: what a scenario, a client or a test does to a cell, by name and time.

Plain data without a cell: names are resolved and values compiled to masked writes by the cell that plays the tape.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

__all__ = ["Operation", "TapeEvent", "TapeValue"]

TapeValue = bool | int | float | str | None


class Operation(enum.Enum):
    """What a tape event does; the comment says what ``target`` and ``value`` are."""

    WRITE = "write"  # tag, plant input or controller variable; the value written once
    FORCE = "force"  # tag or controller variable; the value held until it is released
    RELEASE = "release"  # the forced name; None
    FAULT = "fault"  # "instance.fault" such as "LT-101.stuck"; its value, or None to clear it
    RESTART = "restart"  # controller; "cold", "warm", "power_off" or "power_on"
    LINK = "link"  # connection or endpoint; "down" or "up"


@dataclass(frozen=True, slots=True)
class TapeEvent:
    """One write into the loop; acts in the first communication step that ends at or after ``time_ns``.

    ``order`` ranks events of the same time, lower first.
    """

    time_ns: int
    order: int
    operation: Operation
    target: str
    value: TapeValue = None

    def __post_init__(self) -> None:
        if self.time_ns < 0:
            raise ValueError(f"tape event on {self.target} lies at {self.time_ns} ns, before the start; use 0 or later")
        if not self.target:
            raise ValueError(f"tape event at {self.time_ns} ns has no target; name a tag, signal or controller")
