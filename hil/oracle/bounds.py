"""Time bounds of temporal operators, written by people."""

from __future__ import annotations

from dataclasses import dataclass

from emulators.timebase import NS_PER_MS, NS_PER_S, Duration, format_duration, parse_duration

__all__ = ["TimeBound", "as_bound", "duration_text"]


@dataclass(frozen=True, slots=True)
class TimeBound:
    """From ``start_ns`` to ``end_ns`` after (or before) a row, both included; ``end_ns`` None: to the end of the trace.

    ``tolerance_ns`` is the slack of the target the bound is judged on, given in favour of the tested system: a window
    in which something must happen is widened by it, a window in which something must hold is narrowed by it.
    None takes the tolerance of the run.
    """

    start_ns: int = 0
    end_ns: int | None = None
    tolerance_ns: int | None = None

    def __post_init__(self) -> None:
        if self.start_ns < 0:
            raise ValueError(
                f"time bound starts at {self.start_ns} ns; a window of the past is historically() or once()"
            )
        if self.end_ns is not None and self.end_ns < self.start_ns:
            raise ValueError(f"time bound {self} ends before it starts")
        if self.tolerance_ns is not None and self.tolerance_ns < 0:
            raise ValueError(f"tolerance {self.tolerance_ns} ns is negative")

    @property
    def is_unbounded(self) -> bool:
        return self.end_ns is None

    def widened(self, tolerance_ns: int) -> tuple[int, int | None]:
        """Return start and end in ns of the window that gives the slack to something that must happen."""
        end_ns = None if self.end_ns is None else self.end_ns + tolerance_ns
        return max(0, self.start_ns - tolerance_ns), end_ns

    def narrowed(self, tolerance_ns: int) -> tuple[int, int | None]:
        """Return start and end in ns of the window that gives the slack to something that must hold.

        A slack that eats the whole window leaves its middle.
        """
        if self.end_ns is None:
            return self.start_ns + tolerance_ns, None
        slack = min(tolerance_ns, (self.end_ns - self.start_ns) // 2)
        return self.start_ns + slack, self.end_ns - slack

    def __str__(self) -> str:
        start, end = duration_text(self.start_ns), self.end_ns
        if end is None:
            return f"from {start} on" if self.start_ns else ""
        return f"between {start} and {duration_text(end)}" if self.start_ns else duration_text(end)


def duration_text(duration_ns: int) -> str:
    """Return a duration exactly, in the words of requirements: ``2 s``, ``1.5 s``, ``250 ms``."""
    text = format_duration(duration_ns)
    short = text.replace(".0 s", " s")
    for candidate in (short, text, f"{duration_ns / NS_PER_S:g} s", f"{duration_ns / NS_PER_MS:g} ms"):
        if parse_duration(candidate) == duration_ns:
            return candidate
    return f"{duration_ns} ns"


def as_bound(bound: Duration | tuple[Duration, Duration] | TimeBound | None) -> TimeBound:
    """Return the bound for ``"2 s"`` (0 to 2 s), ``("1 s", "2 s")``, None (no end) or a ready bound."""
    if bound is None:
        return TimeBound()
    if isinstance(bound, TimeBound):
        return bound
    if isinstance(bound, tuple):
        return TimeBound(parse_duration(bound[0]), parse_duration(bound[1]))
    return TimeBound(0, parse_duration(bound))
