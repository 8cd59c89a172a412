"""An emulated bench whose endpoints listen, so that a test can be a client too, and let the wires fail.

    with closing(make_bench("two_tanks", endpoints=True)) as bench:
        port = bench.endpoint("plc1-modbus").port
        bench.wire("plc1-modbus").inject("no_response", function=3, count=2)

Time moves only when the test lets it. What a client has written acts in the next step and is in ``client_writes``,
which together with the timeline plays the run again. Clients do not wait for time: a wire fails as soon as it is told
to. A cold start cuts the connections.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from emulators.cell import Cell, Operation, TapeEvent, TapeValue, TargetDescription
from emulators.cell.native_tape import tick_of
from emulators.cell.wires import act_on_wire, check_wire_event, wire_of
from emulators.errors import EmulatorError
from emulators.modbus.faults.injection import Injection
from emulators.modbus.faults.pipeline import FaultPipeline
from emulators.serving import EndpointAddress, EndpointHost, EventLoopThread
from emulators.serving.wires import count_target, wire_targets, wires_of
from emulators.timebase import NS_PER_MS
from hil.bench.emulated import EmulatedBench
from hil.bench.protocol import Capability, MissingCapability
from hil.bench.served_cell import OwnRows, RecordedCell, ServedParts
from hil.trace import Trace

__all__ = ["ServingBench"]

_PUBLISHED_NS = 50 * NS_PER_MS


class ServingBench(EmulatedBench):
    """Endpoints show what was published within the last 50 ms of plant time, and the last step whenever time stands.

    Close it, or use it in ``contextlib.closing``.
    """

    def __init__(
        self,
        cell: Cell,
        parts: ServedParts,
        *,
        hashes: Mapping[str, str] | None = None,
    ) -> None:
        """Start the endpoints.

        Raises:
            LinkError: one cannot listen.
        """
        super().__init__(cell, hashes=hashes)
        self.client_writes: list[TapeEvent] = []
        self._parts = parts
        self._recorded = RecordedCell(cell)
        self._stepped = parts.surround(self._recorded, cell.blueprint.seed)
        endpoints = parts.endpoints(self._stepped)
        self._own_names = OwnRows.names(self._stepped)
        self._wires = wires_of(endpoints)
        self._served_catalogue = {**wire_targets(endpoints), **self._stepped.targets}
        self._thread = EventLoopThread()
        self._thread.start()
        self._host = EndpointHost(self._thread, endpoints)
        try:
            self._host.start()
        except BaseException:
            self._thread.stop()
            raise
        self._host.publish(self._stepped.snapshot())

    def close(self) -> None:
        """Stop the endpoints. Does nothing when they are stopped."""
        if self._thread.is_running:
            self._host.stop()
            self._thread.stop()

    @property
    def catalogue(self) -> Mapping[str, TargetDescription]:
        return self._served_catalogue

    @property
    def endpoints(self) -> tuple[EndpointAddress, ...]:
        """Where clients connect."""
        return self._host.addresses

    @property
    def wires(self) -> Mapping[str, FaultPipeline]:
        return {**super().wires, **self._wires}

    @property
    def foreign_injections(self) -> tuple[Injection, ...]:
        return tuple(injection for injection in self.injections if injection.endpoint in self._wires)

    def replay_injections(self, injections: Iterable[Injection]) -> None:
        super().replay_injections(injections)
        self._play_script(set(self._wires))

    def apply(self, events: Iterable[TapeEvent]) -> None:
        due_ns = self.time_ns + self.step_ns
        for event in events:
            wire = wire_of(self._wires, event)
            if wire is None or event.time_ns > due_ns:
                super().apply([event])
            else:
                self.check(event)
                act_on_wire(wire, event)

    def check(self, event: TapeEvent) -> None:
        if wire_of(self._wires, event) is not None:
            check_wire_event(event, self.catalogue)
        else:
            self._stepped.check(event)

    def all_columns(self) -> tuple[str, ...]:
        counts = [name for name in self._served_catalogue if count_target(self._wires, name) is not None]
        return (*super().all_columns(), *self._own_names, *counts)

    def read(self, name: str) -> TapeValue:
        wire = count_target(self._wires, name)
        return wire.injection_count if wire is not None else self._stepped.read(name)

    def reset(self, *, seed: int | None = None) -> None:
        super().reset(seed=seed)
        own_seed = self.cell.blueprint.seed if seed is None else seed
        self._stepped = self._parts.surround(self._recorded, own_seed)
        self.client_writes.clear()
        self._host.restart(own_seed)
        self._play_script(set(self._wires))
        self._host.publish(self._stepped.snapshot())

    def mark(self) -> object | None:
        """None: what a client has seen cannot be taken back."""
        return None

    def fork(self) -> EmulatedBench:
        raise MissingCapability(Capability.SNAPSHOT, self.target_name, "its endpoints can listen only once")

    def _record(self, n_steps: int, tape: Sequence[TapeEvent], names: Sequence[str], seed: int | None) -> Trace:
        for event in tape:
            self.check(event)
        counted = {name: wire for name in names if (wire := count_target(self._wires, name)) is not None}
        own = OwnRows(self._stepped, [name for name in names if name in self._own_names])
        of_cell = [name for name in names if name not in counted and name not in self._own_names]
        chunks: list[Trace] = []
        record = super()._record
        self._recorded.record = lambda count, events: chunks.append(record(count, events, of_cell, seed))
        left = sorted(tape, key=lambda event: (event.time_ns, event.order))
        end_tick = self.cell.tick + n_steps
        longest = own.longest_step or max(1, _PUBLISHED_NS // self.step_ns)
        while self.cell.tick < end_tick:
            first_tick = self.cell.tick + 1
            now = [event for event in left if self._tick_of(event) <= first_tick]
            left = left[len(now) :]
            events = [*self._act_on_wires(now), *self._taken_writes(first_tick)]
            count = min(end_tick - self.cell.tick, longest)
            if left:
                count = min(count, self._tick_of(left[0]) - first_tick)
            self._stepped.advance(count, events)
            own.add(len(chunks[-1]))
            self._host.publish(self._stepped.snapshot())
            if self._fault is not None:
                break
        if not chunks:
            self._recorded.record(0, ())
        columns = {name: np.concatenate([chunk[name] for chunk in chunks]) for name in of_cell} | own.columns()
        time_ns = np.concatenate([chunk.time_ns for chunk in chunks])
        for name, wire in counted.items():
            columns[name] = _counts(wire, time_ns)
        return Trace({name: columns[name] for name in names}, time_ns, self._meta(names, seed))

    def _tick_of(self, event: TapeEvent) -> int:
        return tick_of(event.time_ns, self.step_ns)

    def _act_on_wires(self, events: Sequence[TapeEvent]) -> list[TapeEvent]:
        """Carry out what is about wires; return the rest."""
        others = []
        for event in events:
            wire = wire_of(self._wires, event)
            if wire is None:
                others.append(event)
            else:
                act_on_wire(wire, event)
        return others

    def _taken_writes(self, tick: int) -> list[TapeEvent]:
        """Return what clients have written and the cell accepts."""
        accepted = []
        for order, write in enumerate(self._host.take_writes(tick)):
            event = TapeEvent(tick * self.step_ns, order, Operation.WRITE, write.tag, write.value)
            try:
                self._stepped.check(event)
            except EmulatorError:
                continue  # a value beyond what the cell takes; the client reads the old one back
            accepted.append(event)
        self.client_writes += accepted
        return accepted


def _counts(wire: FaultPipeline, time_ns: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how many faults had happened before the end of each step: int64, shape as ``time_ns``.

    What happens while time stands counts in the next step.
    """
    times = np.array([injection.time_ns for injection in tuple(wire.injections)], dtype=np.int64)
    forgotten = wire.injection_count - len(times)
    return np.searchsorted(times, time_ns, side="left").astype(np.int64) + forgotten
