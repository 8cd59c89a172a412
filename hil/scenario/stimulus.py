"""What every generator of events has in common: how often, on what, where it was written."""

from __future__ import annotations

import enum
import sys
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

from emulators.cell.catalogue import TargetDescription
from emulators.errors import Diagnostic, SourceSpan, did_you_mean
from emulators.timebase import NS_PER_MS, NS_PER_S, Duration, format_duration, parse_duration
from hil.scenario.random_source import RandomSource
from hil.scenario.readable import round_to_digits
from hil.scenario.timeline import Event

__all__ = [
    "Catalogue",
    "DurationRange",
    "Stimulus",
    "Temper",
    "caller_span",
    "draw_duration",
    "draw_value",
    "parse_range",
]

Catalogue = Mapping[str, TargetDescription]
DurationRange = tuple[Duration, Duration] | Duration


class Temper(enum.Enum):
    """How a generator behaves in one scenario; drawn anew each time, since no single habit finds everything."""

    CORNERS = "corners"  # only the ends of a range: bang-bang
    MIXED = "mixed"
    ROUND = "round"  # numbers an operator would type


@dataclass(frozen=True)
class Stimulus(ABC):
    """Generator of events on some targets, one every so often. Subclasses make the events.

    ``every_ns``: shortest and longest time between two events; ``span``: where the user wrote it.
    """

    targets: tuple[str, ...]
    every_ns: tuple[int, int]
    span: SourceSpan

    @abstractmethod
    def event(self, time_ns: int, turn: int, temper: Temper, source: RandomSource, targets: list[str]) -> Event:
        """Return the event number ``turn`` of this generator, on one of ``targets``."""

    def fixed_events(self, time_ns: int) -> tuple[Event, ...] | None:
        """Return what this does when it stands at a given time, or None if it only makes sense drawn."""
        return None

    def check_target(self, target: TargetDescription) -> str:
        """Return what is wrong with a target that exists, or an empty string."""
        if not target.writable:
            return "cannot be written; name a push button, a plant input or a writable tag"
        if target.eu_range is None:
            return ""
        low, high = target.eu_range
        outside = [number for number in self.extremes() if not low <= number <= high]
        if not outside:
            return ""
        return f"ranges from {low:g} to {high:g} {target.unit}".rstrip() + f"; {outside[0]:g} is outside"

    def extremes(self) -> tuple[float, ...]:
        """Return the outermost numbers that this generator may write."""
        return ()

    def neutral(self) -> float:
        """Return the number at which this generator does least; reduced values move toward it."""
        return 0.0

    def allows(self, event: Event) -> bool:
        """Return whether this generator could have made an event of that length; values only move inward."""
        return True

    def findings(self, catalogue: Catalogue) -> list[Diagnostic]:
        """Return what does not fit the bench, with the place in the user's file."""
        found = []
        for name in self.targets:
            target = catalogue.get(name)
            if target is None:
                fitting = [each for each, described in catalogue.items() if not self.check_target(described)]
                hint = did_you_mean(name, fitting) or did_you_mean(name, catalogue)
                found.append(Diagnostic(self.span, "", f"{self}: the bench has no '{name}'", hint))
            elif wrong := self.check_target(target):
                found.append(Diagnostic(self.span, "", f"{self}: '{name}' {wrong}"))
        return found


def parse_range(text: DurationRange, what: str) -> tuple[int, int]:
    """Return shortest and longest duration in ns of ``("5 s", "2 min")`` or of one duration for both.

    Raises:
        ValueError: not durations, not positive, or reversed.
    """
    low, high = text if isinstance(text, tuple) else (text, text)
    low_ns, high_ns = parse_duration(low), parse_duration(high)
    if not 0 < low_ns <= high_ns:
        raise ValueError(
            f"{what} runs from {format_duration(low_ns)} to {format_duration(high_ns)}; give two positive durations, "
            "the shorter first"
        )
    return low_ns, high_ns


def draw_duration(source: RandomSource, low_ns: int, high_ns: int) -> int:
    """Return a duration in the range; each factor of ten is as likely as the next.

    Where the range allows, it is a multiple of 10 ms, from 1 s on of 100 ms.
    """
    drawn_ns = round(source.log_uniform(low_ns, high_ns))
    grid_ns = NS_PER_S // 10 if drawn_ns >= NS_PER_S else 10 * NS_PER_MS
    return min(high_ns, max(low_ns, drawn_ns // grid_ns * grid_ns))


def draw_value(source: RandomSource, low: float, high: float, temper: Temper) -> float:
    """Return a number of the range: an end, a round number or any, as the temper likes."""
    if temper is Temper.CORNERS or (temper is Temper.MIXED and source.chance(0.3)):
        return high if source.chance(0.5) else low
    drawn = source.uniform(low, high)
    rounded = round_to_digits(drawn, 2 if temper is Temper.ROUND else 3)
    return rounded if low <= rounded <= high else drawn


def caller_span() -> SourceSpan:
    """Return file and line of the first caller outside this package."""
    package = __name__.rpartition(".")[0]
    frame = sys._getframe(1)
    while frame.f_back is not None and str(frame.f_globals.get("__name__", "")).startswith(package):
        frame = frame.f_back
    return SourceSpan(frame.f_code.co_filename, frame.f_lineno, 1)
