"""A cell and a publisher without plant, sockets or threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence

import pytest

from emulators.cell.catalogue import FaultDescription, TargetDescription, TargetKind
from emulators.cell.tape import Operation, TapeEvent
from emulators.errors import EmulatorError
from emulators.signals.publication import ClientWrite, Publication, PublishedSnapshot, PublishedTag
from emulators.signals.tags import TagValue

STEP_NS = 10_000_000


class CountingCell:
    """COUNT counts the steps; SP and START take writes; the fault LT-101.stuck freezes COUNT."""

    name = "counting"
    step_ns = STEP_NS

    def __init__(self) -> None:
        self.tick = 0
        self.fails_at_tick = 1 << 62
        self.batches: list[tuple[int, tuple[TapeEvent, ...]]] = []
        self.values: dict[str, TagValue] = {"COUNT": 0, "SP": 50.0, "START": False}
        self.publication = Publication(
            [
                PublishedTag("COUNT", "i64"),
                PublishedTag("SP", "f64", is_writable=True, eu_range=(0.0, 80.0), unit="%"),
                PublishedTag("START", "bool", is_writable=True),
            ]
        )
        self.targets: Mapping[str, TargetDescription] = {
            "COUNT": TargetDescription("COUNT", "LINT"),
            "SP": TargetDescription("SP", "LREAL", "%", (0.0, 80.0), writable=True),
            "START": TargetDescription("START", "BOOL", writable=True),
            "LT-101": TargetDescription("LT-101", kind=TargetKind.COMPONENT, faults=(FaultDescription("stuck"),)),
        }

    def check(self, event: TapeEvent) -> None:
        if event.operation is Operation.FAULT:
            if event.target != "LT-101.stuck":
                raise EmulatorError(f"there is no fault '{event.target}'; did you mean 'LT-101.stuck'?")
        elif event.operation is not Operation.RESTART and event.target not in self.values:
            raise EmulatorError(f"there is no tag '{event.target}'")
        elif event.value == "rubbish":
            raise EmulatorError(f"{event.target}: 'rubbish' is no number")

    def advance(self, n_steps: int, events: Sequence[TapeEvent]) -> None:
        self.batches.append((n_steps, tuple(events)))
        for event in events:
            if event.operation is Operation.WRITE:
                self.values[event.target] = event.value
        for _ in range(n_steps):
            self.tick += 1
            if self.tick >= self.fails_at_tick:
                raise EmulatorError("the tank divided by zero")
            self.values["COUNT"] = self.tick

    def snapshot(self) -> PublishedSnapshot:
        published = {name: self.values[name] for name in self.publication.tags}
        return self.publication.snapshot(self.tick, self.tick * STEP_NS, published)

    def read(self, name: str) -> TagValue:
        if name not in self.values:
            raise EmulatorError(f"there is no tag '{name}'")
        return self.values[name]

    def controller_modes(self) -> Mapping[str, str]:
        return {"PLC1": "RUN"}


class ListPublisher:
    """Keeps what was published; gives the writes that a test has put in."""

    def __init__(self) -> None:
        self.snapshots: list[PublishedSnapshot] = []
        self.writes: list[ClientWrite] = []
        self.taken_at: list[int] = []
        self.changed = threading.Condition()

    def publish(self, snapshot: PublishedSnapshot) -> None:
        with self.changed:
            self.snapshots.append(snapshot)
            self.changed.notify_all()

    def take_writes(self, tick: int) -> Sequence[ClientWrite]:
        writes, self.writes = self.writes, []
        if writes:
            self.taken_at.append(tick)
        return writes

    def wait_for_tick(self, tick: int) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: self.snapshots[-1].tick >= tick, timeout=60)


class SteppedClock:
    """Clock that moves when a test moves it."""

    def __init__(self) -> None:
        self.now_ns = 1_000_000_000

    def __call__(self) -> int:
        return self.now_ns


@pytest.fixture
def cell() -> CountingCell:
    return CountingCell()


@pytest.fixture
def publisher() -> ListPublisher:
    return ListPublisher()


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock()


@pytest.fixture
def wait_until() -> Callable[[Callable[[], bool]], None]:
    """Wait for a condition with a deadline."""

    def wait(condition: Callable[[], bool]) -> None:
        pause = threading.Event()
        for _ in range(12_000):
            if condition():
                return
            pause.wait(0.005)
        raise AssertionError("the condition did not come true within 60 s")

    return wait
