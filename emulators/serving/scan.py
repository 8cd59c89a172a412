"""The scan of a served cell: batches of steps, the tape, publishing; one thread at a time, time as an argument.

Before each batch of steps the scan takes the writes that clients made since the last one and puts them on the tape at
the step in which they act, so that ``tape`` replays the live run. A batch is one step in wall time; running free, it
is as many steps as fit into a few milliseconds.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Protocol

from emulators.cell.tape import Operation, TapeEvent, TapeValue
from emulators.errors import EmulatorError
from emulators.serving.fault_script import FaultScript
from emulators.serving.pacing import Pacing, WallPacer
from emulators.serving.stepped_cell import CellStatus, DeliverSample, SteppedCell
from emulators.serving.subscriptions import Subscriptions
from emulators.signals.publication import ClientWrite, PublishedSnapshot
from emulators.signals.tags import TagValue
from emulators.timebase import NS_PER_MS

__all__ = ["CellState", "Publisher", "Scan", "ServingRefusal"]

_BATCH_NS = 4 * NS_PER_MS
_MAX_BATCH = 4096


class ServingRefusal(EmulatorError):  # noqa: N818 - an answer to whoever asked
    """The served cell cannot do this now; the text says what to do first."""


class CellState(enum.Enum):
    """What a served cell is doing."""

    RUNNING = "running"
    PAUSED = "paused"
    FAULTED = "faulted"  # the plant failed; values can still be read
    STOPPED = "stopped"


class Publisher(Protocol):
    """Where snapshots go and writes come from: an ``EndpointHost``."""

    def publish(self, snapshot: PublishedSnapshot) -> None: ...

    def take_writes(self, tick: int) -> Sequence[ClientWrite]: ...


@dataclass(slots=True)
class _Stepping:
    """A request for steps and who waits for it."""

    end_tick: int
    future: Future[int]


class Scan:
    """Steps a cell, publishes it, and does between two batches what it is asked for.

    ``clock_ns`` is a monotonic clock in ns, asked only for pacing and for the size of batches. At ``end_tick`` the cell
    pauses. ``script`` has faults that come by themselves, ``faults`` those that there are already.
    """

    def __init__(
        self,
        cell: SteppedCell,
        publisher: Publisher,
        pacing: Pacing,
        *,
        speed: float,
        clock_ns: Callable[[], int],
        end_tick: int | None = None,
        script: FaultScript | None = None,
        faults: Mapping[str, TapeValue] | None = None,
    ) -> None:
        self.cell = cell
        self.pacing = pacing
        self.state = CellState.PAUSED if pacing is Pacing.STEPPED else CellState.RUNNING
        self.tape: list[TapeEvent] = []
        self._publisher = publisher
        self._script = script or FaultScript()
        self._pacer = WallPacer(max(1, round(cell.step_ns / speed)))
        self._clock_ns = clock_ns
        self._message = ""
        self._queued: list[TapeEvent] = []
        self._order = 0
        self._forces: dict[str, TapeValue] = {}
        self._faults = dict(faults or {})
        self._refused_write_count = 0
        self._steppings: list[_Stepping] = []
        self._awaited: list[Future[None]] = []
        self._subscriptions = Subscriptions(cell.step_ns)
        self._batch = 1
        self._end_tick = end_tick

    def start(self) -> None:
        """Publish the present snapshot and start the schedule."""
        self._script.begin()
        self._publisher.publish(self.cell.snapshot())
        self._pacer.start(self._clock_ns())

    def wait_ns(self) -> int | None:
        """Return how long there is nothing to do, None until asked for something."""
        if self._steppings:
            return 0
        if self.state is not CellState.RUNNING:
            return None
        return self._pacer.wait_ns(self._clock_ns()) if self.pacing is Pacing.WALL else 0

    def run_batch(self) -> None:
        """Run the steps that are due, publish and deliver. A failing plant leaves the state FAULTED."""
        for event in self._script.take((self.cell.tick + 1) * self.cell.step_ns):
            self.inject(event.target, event.value)
        n_steps = self._batch_size()
        events = self._due_events()
        started_ns = self._clock_ns()
        self.tape += events
        try:
            self.cell.advance(n_steps, events)
        except EmulatorError as error:
            self.fail(error)
            return
        self._publisher.publish(self.cell.snapshot())
        self._subscriptions.deliver(self.cell.tick, self.cell.read)
        self._settle_awaited()
        self._settle_steppings()
        if self._end_tick is not None and self.cell.tick >= self._end_tick and self.state is CellState.RUNNING:
            self.state = CellState.PAUSED
        ended_ns = self._clock_ns()
        if self.pacing is Pacing.WALL and self.state is CellState.RUNNING:
            self._pacer.completed(ended_ns)
        self._batch = max(1, min(_MAX_BATCH, 2 * n_steps, n_steps * _BATCH_NS // max(1, ended_ns - started_ns)))

    def read(self, names: Sequence[str]) -> dict[str, TagValue]:
        """Return present values."""
        return {name: self.cell.read(name) for name in names}

    def write(self, name: str, value: TapeValue) -> None:
        """Write in the next step."""
        self._queue(Operation.WRITE, name, value)

    def force(self, name: str, value: TapeValue) -> None:
        """Force from the next step on."""
        self._queue(Operation.FORCE, name, value)
        self._forces[name] = value

    def release(self, names: Sequence[str]) -> tuple[str, ...]:
        """Release forces, all when no name is given; return which."""
        released = tuple(names or self._forces)
        for name in released:
            self._queue(Operation.RELEASE, name, None)
            self._forces.pop(name, None)
        return released

    def inject(self, fault: str, value: TapeValue) -> None:
        """Set or clear a fault in the next step."""
        self._script.keep(self._queue(Operation.FAULT, fault, value))
        self._faults.pop(fault, None)
        if value is not None and value is not False:
            self._faults[fault] = value

    def restart(self, controller: str, kind: str) -> None:
        """Restart a controller in the next step."""
        self._queue(Operation.RESTART, controller, kind)

    def when_acted(self, future: Future[None]) -> None:
        """End ``future`` once what was asked for so far has acted, at once where time stands."""
        self._awaited.append(future)
        if self.state is not CellState.RUNNING:
            self._settle_awaited()

    def pause(self) -> None:
        """Stop time; whoever waits for steps is told so."""
        if self.state is CellState.RUNNING:
            self.state = CellState.PAUSED
        self._settle_awaited()
        self._end_steppings(ServingRefusal("the steps were interrupted by a pause"))

    def resume(self) -> None:
        """Let time pass again."""
        if self.pacing is Pacing.STEPPED:
            raise ServingRefusal("time of this cell passes only in steps; ask for a step")
        self._refuse_when_over()
        if self.state is CellState.PAUSED:
            self.state = CellState.RUNNING
            self._pacer.start(self._clock_ns())

    def step(self, n_steps: int, future: Future[int]) -> None:
        """Run steps of a paused cell; ``future`` gets the tick reached, or why it was not reached."""
        if n_steps < 0:
            raise ServingRefusal(f"cannot run {n_steps} steps; give 0 or more")
        self._refuse_when_over()
        if self.state is not CellState.PAUSED:
            raise ServingRefusal("the cell is running; pause it, then step")
        last_tick = self._steppings[-1].end_tick if self._steppings else self.cell.tick
        self._steppings.append(_Stepping(last_tick + n_steps, future))
        self._settle_steppings()

    def subscribe(self, names: Sequence[str], period_ns: int, deliver: DeliverSample) -> Callable[[], None]:
        """Deliver values each period; return what cancels it."""
        self.read(names)  # refuses unknown names now
        return self._subscriptions.add(tuple(names), period_ns, self.cell.tick, deliver)

    def status(self) -> CellStatus:
        """Return how the cell is doing."""
        cell, pacer = self.cell, self._pacer
        return CellStatus(
            name=cell.name,
            state=self.state.value,
            pacing=self.pacing.value,
            tick=cell.tick,
            time_ns=cell.tick * cell.step_ns,
            step_ns=cell.step_ns,
            overrun_count=pacer.overrun_count,
            worst_lag_ns=pacer.worst_lag_ns,
            lost_ns=pacer.lost_ns,
            refused_write_count=self._refused_write_count,
            message=self._message,
            forces=dict(self._forces),
            faults=dict(self._faults),
            controllers=dict(cell.controller_modes()),
        )

    def fail(self, error: Exception) -> None:
        """Stop for good because of an error."""
        self.state = CellState.FAULTED
        self._message = str(error)
        self._settle_awaited()
        self._end_steppings(error)

    def close(self) -> None:
        """End the run; whoever waits for steps is told so."""
        if self.state is not CellState.FAULTED:
            self.state = CellState.STOPPED
        self._settle_awaited()
        self._end_steppings(ServingRefusal(f"cell {self.cell.name} was stopped"))

    def _batch_size(self) -> int:
        if not self._steppings and self.pacing is Pacing.WALL:
            return 1
        end_tick = self._steppings[0].end_tick if self._steppings else self._end_tick
        left = end_tick - self.cell.tick if end_tick is not None else _MAX_BATCH
        scripted = self._script.steps_until_due(self.cell.tick, self.cell.step_ns)
        until_fault = left if scripted is None else scripted
        return max(1, min(left, until_fault, self._batch, self._subscriptions.steps_until_due(self.cell.tick)))

    def _due_events(self) -> list[TapeEvent]:
        """Return what acts in the next step: what was asked for, then what clients wrote."""
        events, self._queued = self._queued, []
        for write in self._publisher.take_writes(self.cell.tick + 1):
            event = self._event(Operation.WRITE, write.tag, write.value)
            try:
                self.cell.check(event)
            except EmulatorError as error:
                self._refused_write_count += 1
                self._message = f"a client's write was refused by the cell: {error}"
            else:
                events.append(event)
        self._order = 0
        return events

    def _queue(self, operation: Operation, target: str, value: TapeValue) -> TapeEvent:
        self._refuse_when_over()
        event = self._event(operation, target, value)
        self.cell.check(event)
        self._queued.append(event)
        return event

    def _event(self, operation: Operation, target: str, value: TapeValue) -> TapeEvent:
        self._order += 1
        return TapeEvent((self.cell.tick + 1) * self.cell.step_ns, self._order, operation, target, value)

    def _settle_awaited(self) -> None:
        for future in self._awaited:
            future.set_result(None)
        self._awaited.clear()

    def _settle_steppings(self) -> None:
        while self._steppings and self._steppings[0].end_tick <= self.cell.tick:
            self._steppings.pop(0).future.set_result(self.cell.tick)

    def _end_steppings(self, error: Exception) -> None:
        for stepping in self._steppings:
            stepping.future.set_exception(error)
        self._steppings.clear()

    def _refuse_when_over(self) -> None:
        if self.state is CellState.FAULTED:
            raise ServingRefusal(f"the plant failed: {self._message}")
        if self.state is CellState.STOPPED:
            raise ServingRefusal(f"cell {self.cell.name} was stopped")
