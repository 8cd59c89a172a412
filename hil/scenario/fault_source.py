"""What can fail in a run, and one concrete fault as it is drawn, checked and reduced."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from emulators.cell.catalogue import FaultDescription
from emulators.cell.tape import Operation, TapeValue
from emulators.errors import Diagnostic, SourceSpan
from hil.scenario.random_source import RandomSource
from hil.scenario.stimulus import Catalogue, Temper, draw_duration, draw_value
from hil.scenario.timeline import Event

__all__ = ["FaultOption", "FaultSource"]


@dataclass(frozen=True, slots=True)
class FaultOption:
    """One concrete fault that can be drawn; without ``lasting_ns`` it happens at one moment."""

    operation: Operation
    target: str
    value: TapeValue
    lasting_ns: tuple[int, int] | None
    source: str
    may_stay: bool = True
    described: FaultDescription | None = None

    def event(self, time_ns: int, end_ns: int, source: RandomSource) -> Event:
        """Return the fault at ``time_ns``; it ends before ``end_ns`` or stays."""
        value = self._drawn_value(source) if self.described is not None else self.value
        until_ns = None
        if self.lasting_ns is not None and not (self.may_stay and source.chance(0.4)):
            longest_ns = max(self.lasting_ns[0], min(self.lasting_ns[1], end_ns - time_ns))
            until_ns = time_ns + draw_duration(source, self.lasting_ns[0], longest_ns)
        return Event(time_ns, self.operation, self.target, value, until_ns, source=self.source)

    def _drawn_value(self, source: RandomSource) -> TapeValue:
        fault = self.described
        if fault is None or fault.low is None or fault.high is None or fault.type == "bool":
            return self.value
        temper = source.pick((Temper.CORNERS, Temper.MIXED, Temper.ROUND))
        drawn = draw_value(source, fault.low, fault.high, temper)
        if drawn == fault.neutral:
            drawn = fault.high if fault.neutral != fault.high else fault.low
        return round(drawn) if fault.type == "int" else float(drawn)

    def neutral(self) -> float | None:
        """Return the value without the fault, toward which a reduced value moves; None if every value is a fault."""
        if self.described is None or isinstance(self.described.neutral, bool | str | None):
            return None
        return float(self.described.neutral)

    def allows(self, event: Event) -> bool:
        """Return whether this could have been drawn with such a value and length."""
        fault, value = self.described, event.value
        if fault is not None and isinstance(value, int | float) and not isinstance(value, bool):
            low, high = fault.low, fault.high
            if value == fault.neutral or (low is not None and high is not None and not low <= value <= high):
                return False
        if event.until_ns is None:
            return self.may_stay or self.lasting_ns is None
        return self.lasting_ns is not None and self.lasting_ns[0] <= event.until_ns - event.time_ns


@dataclass(frozen=True)
class FaultSource(ABC):
    """Something that can fail. Subclasses say how.

    ``span`` is where the user wrote it.
    """

    span: SourceSpan

    @abstractmethod
    def options(self, catalogue: Catalogue) -> list[FaultOption]:
        """Return every fault this can draw on a bench; empty where the bench has none."""

    @abstractmethod
    def findings(self, catalogue: Catalogue) -> list[Diagnostic]:
        """Return what does not fit the bench, with the place in the user's file."""

    def fixed_events(self, time_ns: int) -> tuple[Event, ...] | None:
        """Return what this does when it stands at a given time, or None if it only makes sense drawn."""
        return None
