"""What serving needs from a cell, and what the control channel needs from a cell that is being served."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from emulators.cell.catalogue import TargetDescription
from emulators.cell.tape import TapeEvent, TapeValue
from emulators.signals.publication import Publication, PublishedSnapshot
from emulators.signals.tags import TagValue

__all__ = ["CellStatus", "ControlledCell", "DeliverSample", "SteppedCell"]


class SteppedCell(Protocol):
    """A cell that moves only when it is told to; used by one thread at a time."""

    @property
    def name(self) -> str:
        """Name of the rig."""
        ...

    @property
    def step_ns(self) -> int:
        """Communication step."""
        ...

    @property
    def tick(self) -> int:
        """Index of the last step that was completed, 0 before the first."""
        ...

    @property
    def publication(self) -> Publication:
        """Tags that ``snapshot`` carries."""
        ...

    @property
    def targets(self) -> Mapping[str, TargetDescription]:
        """Every name that can be read, written, forced or made to fail."""
        ...

    def check(self, event: TapeEvent) -> None:
        """Raise an EmulatorError that says why, unless ``advance`` would take the event."""
        ...

    def advance(self, n_steps: int, events: Sequence[TapeEvent]) -> None:
        """Run steps; raises an EmulatorError when the plant fails, and then stays at the step that failed."""
        ...

    def snapshot(self) -> PublishedSnapshot:
        """Return what phase 3 of the last step published."""
        ...

    def read(self, name: str) -> TagValue:
        """Return the present value of a target; raises an EmulatorError for an unknown name."""
        ...

    def controller_modes(self) -> Mapping[str, str]:
        """Return each controller's mode in words: ``RUN``, ``STOP``, ``FAULT control.st:12:8: division by zero``."""
        ...


@dataclass(frozen=True, slots=True)
class CellStatus:
    """How a served cell is doing. ``state`` is running, paused, faulted or stopped; times are plant time."""

    name: str
    state: str
    pacing: str
    tick: int
    time_ns: int
    step_ns: int
    overrun_count: int = 0
    worst_lag_ns: int = 0
    lost_ns: int = 0
    refused_write_count: int = 0
    message: str = ""
    forces: Mapping[str, TapeValue] = field(default_factory=dict)
    faults: Mapping[str, TapeValue] = field(default_factory=dict)
    controllers: Mapping[str, str] = field(default_factory=dict)


DeliverSample = Callable[[int, Mapping[str, TagValue]], None]
"""``deliver(time_ns, values)``; called on the scan's thread, must not block."""


class ControlledCell(Protocol):
    """A running cell as the control channel sees it. Every method may be called from any thread and may block.

    What is asked for wrongly raises an EmulatorError whose text goes to the client.
    """

    def targets(self) -> Mapping[str, TargetDescription]:
        """Return every name that can be used here."""
        ...

    def read(self, names: Sequence[str]) -> dict[str, TagValue]:
        """Return present values, all of the same step."""
        ...

    def write(self, name: str, value: TapeValue) -> None:
        """Write once; acts in the next step."""
        ...

    def force(self, name: str, value: TapeValue) -> None:
        """Hold a value until it is released."""
        ...

    def release(self, names: Sequence[str]) -> tuple[str, ...]:
        """Release forces, all of them when no name is given; return what was released."""
        ...

    def inject(self, fault: str, value: TapeValue) -> None:
        """Set a fault such as ``LT-101.stuck``; None clears it."""
        ...

    def restart(self, controller: str, kind: str) -> None:
        """Restart a controller: cold, warm, power_off or power_on."""
        ...

    def pause(self) -> None:
        """Stop time after the present step."""
        ...

    def resume(self) -> None:
        """Let time pass again."""
        ...

    def step(self, n_steps: int) -> int:
        """Run steps of a paused cell as fast as they go; return the tick reached."""
        ...

    def status(self) -> CellStatus:
        """Return how the cell is doing."""
        ...

    def subscribe(self, names: Sequence[str], period_ns: int, deliver: DeliverSample) -> Callable[[], None]:
        """Deliver values each ``period_ns`` of plant time; return what ends the subscription."""
        ...
