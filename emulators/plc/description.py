"""What a soft PLC is built from, beside its compiled program."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["SoftPlcDescription", "TaskTiming"]

DEFAULT_LOOP_BUDGET = 1_000_000


@dataclass(frozen=True, slots=True)
class TaskTiming:
    """What the rig says of a task: the time it takes on the emulated processor, in ns, and when it runs.

    ``jitter_ns`` is the width of a seeded uniform draw added to ``execution_ns`` at every run; ``watchdog_ns`` 0 means
    no watchdog. ``interval_ns``, ``offset_ns`` and ``priority`` replace those of the program where they are given.
    """

    execution_ns: int = 0
    jitter_ns: int = 0
    watchdog_ns: int = 0
    interval_ns: int | None = None
    offset_ns: int | None = None
    priority: int | None = None

    def __post_init__(self) -> None:
        if min(self.execution_ns, self.jitter_ns, self.watchdog_ns) < 0:
            raise ValueError("execution time, jitter and watchdog of a task cannot be negative")


@dataclass(frozen=True, slots=True)
class SoftPlcDescription:
    """Name, timing and wired variables of one controller.

    ``inputs`` and ``outputs`` are paths of program variables that the cell writes in phase 4 and reads in phase 6.
    ``loop_budget`` is the number of loop turns one program run may take before it counts as endless.
    """

    name: str
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    timing: Mapping[str, TaskTiming] = field(default_factory=dict)
    loop_budget: int = DEFAULT_LOOP_BUDGET

    def task_timing(self, task_name: str) -> TaskTiming:
        """Return what the rig says of a task, without regard to case; nothing said means it takes no time."""
        by_name = {name.casefold(): timing for name, timing in self.timing.items()}
        return by_name.get(task_name.casefold(), TaskTiming())
