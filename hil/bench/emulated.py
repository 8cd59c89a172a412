"""A bench whose controllers and plant are all emulated: a cell in this process, in virtual time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from emulators.cell import Cell, CellFault, Operation, TapeEvent, TapeValue, TargetDescription, TargetKind
from emulators.errors import did_you_mean
from hil.bench.protocol import Capability, PlantFault, Stimuli, column_descriptions
from hil.bench.steps import StepByStep
from hil.errors import UnknownNameError
from hil.trace import ColumnDescription, Trace, TraceMeta

if TYPE_CHECKING:
    from emulators.modbus.faults.injection import Injection
    from emulators.modbus.faults.pipeline import FaultPipeline
    from emulators.serving import EndpointAddress
    from hil.bench.wire import Wire

__all__ = ["EmulatedBench"]

_NOT_SERVED = "; endpoints listen with pytest.mark.rig(…, endpoints=True)"
_MAXIMUM_DEPTH = 2
"""Dots in the names that are recorded when everything is: controllers' variables, not the inside of their blocks."""


class EmulatedBench(StepByStep):
    """Runs timelines on a cell, whole or step by step.

    ``run`` starts from a cold start each time. Step by step, everything is recorded from the last ``reset`` on.
    """

    def __init__(self, cell: Cell, *, hashes: Mapping[str, str] | None = None) -> None:
        super().__init__()
        self._cell = cell
        self._hashes = MappingProxyType(dict(hashes or {}))
        self._catalogue = MappingProxyType(dict(cell.blueprint.directory.targets))
        self._descriptions = column_descriptions(self._catalogue)
        self._pending: list[TapeEvent] = []
        self._chunks: list[Trace] = []
        self._script: tuple[Injection, ...] | None = None
        self._fault: CellFault | None = None

    @property
    def cell(self) -> Cell:
        """The cell itself, for snapshots and forks."""
        return self._cell

    @property
    def step_ns(self) -> int:
        return self._cell.step_ns

    @property
    def time_ns(self) -> int:
        return self._cell.time_ns

    @property
    def catalogue(self) -> Mapping[str, TargetDescription]:
        return self._catalogue

    @property
    def capabilities(self) -> frozenset[Capability]:
        return frozenset(Capability)

    @property
    def target_name(self) -> str:
        return "emulated"

    @property
    def hashes(self) -> Mapping[str, str]:
        return self._hashes

    @property
    def wires(self) -> Mapping[str, FaultPipeline]:
        """What can fail on wires, by the name of the link or endpoint."""
        return self._cell.wires

    def wire(self, name: str) -> Wire:
        """Return the wire of a link or an endpoint that is served, to let it fail.

        Raises:
            UnknownNameError: nothing of that name can fail.
        """
        from hil.bench.wire import Wire  # loads Modbus, which few tests need

        inject = partial(self.act, Operation.FAULT)
        return Wire.of(name, lambda: self.wires, inject, otherwise="" if self.endpoints else _NOT_SERVED)

    @property
    def endpoints(self) -> tuple[EndpointAddress, ...]:
        """Where clients connect; none unless the bench serves its endpoints."""
        return ()

    def endpoint(self, name: str) -> EndpointAddress:
        """Return where clients of one endpoint connect: its ``url``, ``host`` and ``port``.

        Raises:
            UnknownNameError: there is none of that name.
        """
        addresses = {each.name: each for each in self.endpoints}
        if name not in addresses:
            hint = did_you_mean(name, addresses) or f"there are {', '.join(addresses) or 'none'}"
            raise UnknownNameError(f"no endpoint '{name}'; {hint}{'' if addresses else _NOT_SERVED}")
        return addresses[name]

    @property
    def injections(self) -> tuple[Injection, ...]:
        """Every fault that has happened on a wire since the last reset, oldest first."""
        every = [injection for wire in self.wires.values() for injection in tuple(wire.injections)]
        return tuple(sorted(every, key=lambda injection: injection.time_ns))

    @property
    def foreign_injections(self) -> tuple[Injection, ...]:
        """Those that a timeline alone does not bring about, since clients outside the cell have their part in them."""
        return ()

    def replay_injections(self, injections: Iterable[Injection]) -> None:
        """Let exactly these faults happen on their wires in every run from now on, whatever rules are switched on.

        The runs need the seed of the recorded one.

        Raises:
            UnknownNameError: one of the wires is not there.
        """
        script = tuple(injections)
        for name in dict.fromkeys(injection.endpoint for injection in script):
            self.wire(name)
        self._script = script
        self._play_script(set())

    def _play_script(self, wires: set[str]) -> None:
        """Script the wires of the injections that are to happen again, and those named here."""
        for name, wire in self.wires.items():
            own = [injection for injection in self._script or () if injection.endpoint == name]
            if own or (name in wires and self._script is not None):
                wire.replay(own)

    def close(self) -> None:
        """Let go of what is open: nothing where no endpoint is served."""

    def all_columns(self) -> tuple[str, ...]:
        """Return what is recorded when everything is: tags, plant signals, variables of the control programs."""
        return tuple(
            name
            for name, target in self._catalogue.items()
            if target.has_value and (target.kind is not TargetKind.VARIABLE or name.count(".") <= _MAXIMUM_DEPTH)
        )

    def reset(self, *, seed: int | None = None) -> None:
        """Return to a cold start at time 0 and forget what was recorded."""
        self._cell.reset(seed=seed)
        self._pending.clear()
        self._chunks.clear()
        self.acted.clear()
        self._play_script(set())

    def run(self, timeline: Stimuli, *, columns: Sequence[str] | None = None, seed: int | None = None) -> Trace:
        chosen = seed if seed is not None else timeline.seed
        self.reset(seed=chosen)
        names = self.all_columns() if columns is None else tuple(dict.fromkeys(columns))
        n_steps = -(-timeline.duration_ns // self.step_ns)
        trace = self._record(n_steps, timeline.tape(), names, chosen)
        if self._fault is not None:
            raise _plant_fault(self._fault, trace) from self._fault
        return trace

    def run_in_slices(
        self, timeline: Stimuli, columns: Sequence[str], advance: Callable[[float], None], *, slice_ns: int = 10**10
    ) -> Trace:
        """Run as ``run`` does, but report progress in ns of plant time after each slice; the bits are the same."""
        self.reset(seed=timeline.seed)
        names = tuple(dict.fromkeys(columns))
        tape = list(timeline.tape())
        n_steps = -(-timeline.duration_ns // self.step_ns)
        slice_steps = max(1, slice_ns // self.step_ns)
        for first in range(0, n_steps, slice_steps):
            count = min(slice_steps, n_steps - first)
            horizon_ns = (first + count) * self.step_ns
            due = [event for event in tape if event.time_ns <= horizon_ns]
            tape = [event for event in tape if event.time_ns > horizon_ns]
            self._append(count, due, names, timeline.seed)
            advance(count * self.step_ns)
        return self.recorded()

    def apply(self, events: Iterable[TapeEvent]) -> None:
        for event in events:
            self.check(event)
            self._pending.append(event)

    def check(self, event: TapeEvent) -> None:
        """Refuse what the tape does not take, where it is written rather than steps later.

        Raises:
            TargetError: see ``Cell.check``.
        """
        self._cell.check(event)

    def advance_steps(self, n_steps: int) -> None:
        horizon_ns = (self._cell.tick + n_steps) * self.step_ns
        due = [event for event in self._pending if event.time_ns <= horizon_ns]
        self._pending = [event for event in self._pending if event.time_ns > horizon_ns]
        self._append(n_steps, due, self.all_columns(), None)

    def read(self, name: str) -> TapeValue:
        return self._cell.read(name)

    def recorded(self) -> Trace:
        if not self._chunks:
            return Trace({}, np.empty(0, dtype=np.int64), self._meta((), None))
        if len(self._chunks) > 1:
            names = self._chunks[0].names
            columns = {name: np.concatenate([chunk[name] for chunk in self._chunks]) for name in names}
            times = np.concatenate([chunk.time_ns for chunk in self._chunks])
            self._chunks = [Trace(columns, times, self._chunks[-1].meta)]
        return self._chunks[0]

    def fork(self) -> EmulatedBench:
        """Return an independent bench of the same rig and program, to share work between threads."""
        return EmulatedBench(self._cell.fork(), hashes=self._hashes)

    def mark(self) -> object:
        return self._cell.snapshot(), tuple(self._pending), len(self.recorded())

    def rewind(self, mark: object) -> None:
        assert isinstance(mark, tuple)
        snapshot, pending, n_rows = mark
        self._cell.restore(snapshot)
        self._pending = list(pending)
        trace = self.recorded()
        end_ns = int(trace.time_ns[n_rows - 1]) if n_rows else 0
        self._chunks = [trace.window(0, end_ns)] if n_rows else []

    def coverage(self) -> Mapping[str, int]:
        """Return hits since the bench was made by ``file:line:column label``; empty unless built to count."""
        counts = self._cell.coverage() or {}
        return {f"{point.span} {point.kind.value} {point.label}".rstrip(): hits for point, hits in counts.items()}

    def _append(self, n_steps: int, tape: Sequence[TapeEvent], names: Sequence[str], seed: int | None) -> None:
        """Add some steps to what is recorded.

        Raises:
            PlantFault: with everything recorded until then, which stays recorded.
        """
        self._chunks.append(self._record(n_steps, tape, names, seed))
        if self._fault is not None:
            raise _plant_fault(self._fault, self.recorded()) from self._fault

    def _record(self, n_steps: int, tape: Sequence[TapeEvent], names: Sequence[str], seed: int | None) -> Trace:
        """Return the rows of some steps; fewer where the plant stopped: ``_fault`` says why."""
        self._fault = None
        try:
            recording = self._cell.run(n_steps, tape=tape, columns=names)
        except CellFault as fault:
            self._fault, recording = fault, fault.recording
        return Trace(recording.columns, recording.time_ns, self._meta(names, seed))

    def _meta(self, names: Sequence[str], seed: int | None) -> TraceMeta:
        blueprint = self._cell.blueprint
        known: dict[str, ColumnDescription] = {
            name: self._descriptions[name] for name in names if name in self._descriptions
        }
        return TraceMeta(
            program_sha256=self._hashes.get("program", ""),
            rig_sha256=self._hashes.get("rig", ""),
            rig=blueprint.rig.name,
            tool=self._hashes.get("tool", ""),
            executor=self._cell.executor,
            seed=blueprint.seed if seed is None else seed,
            step_ns=self.step_ns,
            columns=known,
            injections=self.injections,
        )


def _plant_fault(fault: CellFault, trace: Trace) -> PlantFault:
    return PlantFault(str(fault), fault.time_ns, str(fault.fault.span), fault.fault.message, trace)
