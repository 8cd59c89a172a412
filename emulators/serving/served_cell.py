"""A cell that runs: one plain thread steps it and obeys the control channel between two batches of steps."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, wait
from typing import TypeVar

from emulators.cell.catalogue import TargetDescription
from emulators.cell.tape import TapeEvent, TapeValue
from emulators.errors import InternalError, LinkError
from emulators.serving.fault_script import FaultScript
from emulators.serving.pacing import Pacing
from emulators.serving.scan import CellState, Publisher, Scan, ServingRefusal
from emulators.serving.stepped_cell import CellStatus, DeliverSample, SteppedCell
from emulators.signals.tags import TagValue
from emulators.timebase import NS_PER_S

__all__ = ["ServedCell"]

ResultT = TypeVar("ResultT")
_LONGEST_STEP_S = 5.0  # on the wall clock; in cells that are slower, what was asked for may act after the answer


class ServedCell:
    """Runs a cell on a thread of its own; satisfies ``ControlledCell``. Use it in a ``with`` block.

    ``speed`` is how much faster than the wall clock plant time passes with ``Pacing.WALL``. ``deadline_s`` bounds the
    wait for an answer of the scan, which is busy for one batch at most. The cell pauses when it has run for ``end_ns``.
    ``script`` has faults that come by themselves, ``faults`` those that there are already, by name.

    Writes, forces, faults and restarts act in the next step; while time passes, the methods return after that step.
    """

    def __init__(
        self,
        cell: SteppedCell,
        publisher: Publisher,
        *,
        pacing: Pacing = Pacing.WALL,
        speed: float = 1.0,
        deadline_s: float = 30.0,
        clock_ns: Callable[[], int] = time.monotonic_ns,
        end_ns: int | None = None,
        script: FaultScript | None = None,
        faults: Mapping[str, TapeValue] | None = None,
    ) -> None:
        end_tick = None if end_ns is None else -(-end_ns // cell.step_ns)
        self._scan = Scan(
            cell, publisher, pacing, speed=speed, clock_ns=clock_ns, end_tick=end_tick, script=script, faults=faults
        )
        self._name = cell.name
        self._targets = cell.targets
        self._deadline_s = deadline_s
        self._commands: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._is_stopping = False

    def __enter__(self) -> ServedCell:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Let time pass. Where it passes by itself the first step is over at once, ahead of its time: instruments show
        nothing before it, and nobody is to read 0 V from a meter that has just come up."""
        if self._thread is not None:
            raise ServingRefusal(f"cell {self._name} was started twice")
        self._thread = threading.Thread(target=self._run, name="hil-scan", daemon=True)
        self._scan.start()
        if self._scan.state is CellState.RUNNING:
            self._scan.run_batch()
        self._thread.start()

    def stop(self) -> None:
        """End the thread after the present batch; does nothing when it has ended.

        Raises:
            LinkError: the present batch did not end by the deadline.
        """
        thread = self._thread
        if thread is None or not thread.is_alive():
            return
        self._commands.put(self._stop_running)
        thread.join(self._deadline_s)
        if thread.is_alive():
            raise LinkError(f"the scan of cell {self._name} did not stop within {self._deadline_s} s")

    @property
    def is_over(self) -> bool:
        """Whether the cell has been started and its thread has ended."""
        return self._thread is not None and not self._thread.is_alive()

    @property
    def tape(self) -> tuple[TapeEvent, ...]:
        """Everything that acted on the cell so far, by step and order."""
        return tuple(self._scan.tape)

    def targets(self) -> Mapping[str, TargetDescription]:
        """Return every name that can be used here."""
        return self._targets

    def read(self, names: Sequence[str]) -> dict[str, TagValue]:
        """Return present values, all of the same step."""
        return self._ask(lambda: self._scan.read(names))

    def write(self, name: str, value: TapeValue) -> None:
        """Write once."""
        self._act(lambda: self._scan.write(name, value))

    def force(self, name: str, value: TapeValue) -> None:
        """Hold a value until it is released."""
        self._act(lambda: self._scan.force(name, value))

    def release(self, names: Sequence[str] = ()) -> tuple[str, ...]:
        """Release forces, all when no name is given; return which."""
        return self._act(lambda: self._scan.release(names))

    def inject(self, fault: str, value: TapeValue) -> None:
        """Set a fault such as ``LT-101.stuck``; None clears it."""
        self._act(lambda: self._scan.inject(fault, value))

    def restart(self, controller: str, kind: str) -> None:
        """Restart a controller: cold, warm, power_off or power_on."""
        self._act(lambda: self._scan.restart(controller, kind))

    def pause(self) -> None:
        """Stop time after the present batch."""
        self._ask(self._scan.pause)

    def resume(self) -> None:
        """Let time pass again."""
        self._ask(self._scan.resume)

    def step(self, n_steps: int) -> int:
        """Run steps of a paused cell as fast as they go; return the tick reached.

        Raises:
            ServingRefusal: the cell is running, was paused or stopped meanwhile, or has failed.
        """
        future: Future[int] = Future()
        self._ask(lambda: self._scan.step(n_steps, future))
        return future.result()

    def status(self) -> CellStatus:
        """Return how the cell is doing; also after the end."""
        return self._scan.status() if self.is_over else self._ask(self._scan.status)

    def subscribe(self, names: Sequence[str], period_ns: int, deliver: DeliverSample) -> Callable[[], None]:
        """Deliver values each ``period_ns`` of plant time; return what cancels it."""
        return self._ask(lambda: self._scan.subscribe(names, period_ns, deliver))

    def _act(self, command: Callable[[], ResultT]) -> ResultT:
        """Have something put on the tape and wait for the step in which it acts, unless time stands."""
        acted: Future[None] = Future()

        def put() -> ResultT:
            result = command()
            self._scan.when_acted(acted)
            return result

        result = self._ask(put)
        wait([acted], _LONGEST_STEP_S)
        return result

    def _ask(self, command: Callable[[], ResultT]) -> ResultT:
        """Have a command carried out on the scan's thread between two batches and return its result."""
        if self._thread is threading.current_thread():
            raise InternalError("the scan's thread would wait for itself; call this from another thread")
        if self._thread is None or self.is_over:
            raise ServingRefusal(f"cell {self._name} is not running")
        future: Future[ResultT] = Future()

        def obey() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(command())
            except Exception as error:
                future.set_exception(error)

        self._commands.put(obey)
        if self._is_stopping:
            self._obey_rest()  # the scan may have looked for the last time already
        try:
            return future.result(self._deadline_s)
        except TimeoutError:
            future.cancel()
            raise LinkError(f"cell {self._name} gave no answer within {self._deadline_s} s") from None

    def _run(self) -> None:
        try:
            while not self._is_stopping:
                self._obey_until_due()
                if not self._is_stopping:
                    self._scan.run_batch()
        except Exception as error:
            self._scan.fail(error)
            raise
        finally:
            self._is_stopping = True
            self._scan.close()
            self._obey_rest()

    def _obey_until_due(self) -> None:
        """Carry out what was asked for, and wait for more until the next batch is due."""
        while not self._is_stopping:
            wait_ns = self._scan.wait_ns()
            try:
                if wait_ns == 0:
                    command = self._commands.get_nowait()
                else:
                    command = self._commands.get(timeout=None if wait_ns is None else wait_ns / NS_PER_S)
            except queue.Empty:
                return
            command()

    def _obey_rest(self) -> None:
        """Answer those who asked while the thread was ending."""
        while True:
            try:
                command = self._commands.get_nowait()
            except queue.Empty:
                return
            command()

    def _stop_running(self) -> None:
        self._is_stopping = True
