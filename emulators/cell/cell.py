"""A cell: plant and controllers as one loop over one block of memory.

The block is the whole state of the loop, and what is under way on links the rest: a snapshot is a copy of both, a fork
shares the program and has a state of its own. A run is a function of the blueprint, the tape and the seed; the executor
changes its speed and never its bits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from emulators.cell.blueprint import FAULT_VALUE_FIELDS, Blueprint
from emulators.cell.directory import TargetError
from emulators.cell.executors import LoopExecutor
from emulators.cell.native_tape import TAPE_DTYPE, compile_tape, masked_writes
from emulators.cell.recording import ColumnTable, Recording
from emulators.cell.slots import decode, store
from emulators.cell.tape import TapeEvent
from emulators.errors import EmulatorError
from emulators.native import NativeFault, decode_fault
from emulators.native.ir import CoveragePoint, FaultCode, Scalar
from emulators.plc import PlcMode
from emulators.timebase import format_duration

if TYPE_CHECKING:
    from emulators.cell.link_run import LinkRun
    from emulators.modbus.faults.pipeline import FaultPipeline

__all__ = ["Cell", "CellFault", "PlcStatus", "Snapshot"]


class CellFault(EmulatorError):  # noqa: N818 - the word of the glossary
    """A component of the plant stopped the run: division by zero, overflow, an index outside its array.

    ``time_ns`` is the end of the step that failed; ``recording`` has the rows of the call before that step.
    """

    def __init__(self, rig: str, time_ns: int, fault: NativeFault, recording: Recording) -> None:
        self.time_ns = time_ns
        self.fault = fault
        self.recording = recording
        super().__init__(f"{fault.span}: {fault.message}; the plant of rig {rig} stopped at {time_ns / 1e9:g} s")


@dataclass(frozen=True, slots=True)
class PlcStatus:
    """What a controller does: its mode, the fault that stopped it, scans since the cold start."""

    mode: PlcMode
    fault: NativeFault | None
    fault_time_ns: int
    scan_count: int
    overrun_count: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Copy of a whole state; belongs to cells of the same blueprint."""

    block: NDArray[np.uint8]
    digest: str
    links: tuple[LinkRun, ...] = ()


class Cell:
    """One instance of a blueprint, stepped by an executor.

    Not safe for use from several threads at once; forks are independent.
    """

    def __init__(self, blueprint: Blueprint, executor: LoopExecutor, *, seed: int | None = None) -> None:
        self.blueprint = blueprint
        self._executor = executor
        self._block = _aligned_block(blueprint.layout.size)
        self.reset(seed=seed)

    @property
    def step_ns(self) -> int:
        """Communication step in ns."""
        return self.blueprint.step_ns

    @property
    def executor(self) -> str:
        """Name of what runs the loop now: python, tcc or gcc."""
        return self._executor.name

    @property
    def tick(self) -> int:
        """Steps done since the reset."""
        return int(decode(self.blueprint.headers["tick"], self._block))

    @property
    def time_ns(self) -> int:
        """Plant time at the end of the last step."""
        return self.tick * self.step_ns

    @property
    def block(self) -> NDArray[np.uint8]:
        """The state block itself, for executors and digests: uint8, shape (size,)."""
        return self._block

    def reset(self, *, seed: int | None = None) -> None:
        """Go back to time 0: initial states, cold start of every controller, no forces, no faults.

        ``seed`` feeds noise and jitter; None takes the rig's.
        """
        blueprint = self.blueprint
        chosen = blueprint.seed if seed is None else seed
        self._block[:] = 0
        for slot in blueprint.seeds:
            store(slot, self._block, chosen)
        for slot, number in blueprint.initial_values:
            store(slot, self._block, number)
        self._executor.start(self._block)
        self._links = _started_links(blueprint, chosen)

    @property
    def wires(self) -> Mapping[str, FaultPipeline]:
        """What can fail on the wires of the links and of their lines, by name; others after a reset or restore."""
        return {name: wire for link in self._links for name, wire in link.wires.items()}

    def check(self, event: TapeEvent) -> None:
        """Refuse an event that ``run`` would not play.

        Raises:
            TargetError: a name does not exist, cannot take the operation, or the value does not fit.
        """
        if not self._events_on_wires([event]):
            masked_writes(self.blueprint.directory, event.operation, event.target, event.value)

    def run(self, n_steps: int, *, tape: Sequence[TapeEvent] = (), columns: Sequence[str] = ()) -> Recording:
        """Run ``n_steps`` communication steps and record ``columns``, one row a step.

        Times on the tape count from the reset; what lies before the next step acts in the next step.

        Raises:
            TargetError: the tape or a column names what does not exist.
            CellFault: a component of the plant failed; the block stays at the step that failed, the rows before it
                are in the error.
        """
        directory = self.blueprint.directory
        on_wires = self._events_on_wires(tape)
        others = [event for event in tape if event not in on_wires] if on_wires else tape
        entries = compile_tape(others, directory, step_ns=self.step_ns) if others else _NO_ENTRIES
        table = ColumnTable.allocate([directory.slot(name) for name in columns], n_steps)
        is_bool = frozenset(name for name, slot in zip(columns, table.slots, strict=True) if slot.scalar is Scalar.BOOL)
        first = self.tick
        try:
            done = self._run(n_steps, entries, on_wires, table)
            fault = self._plant_fault() if done < n_steps else None
        except NativeFault as raised:  # from the plant in plain Python
            done, fault = self.tick - first - 1, raised
        if fault is not None:
            rows = {name: array[:done] for name, array in zip(columns, table.arrays, strict=True)}
            kept = Recording(table.time_ns[:done], rows, is_bool)
            raise CellFault(self.blueprint.rig.name, self.time_ns, fault, kept) from fault
        return Recording(table.time_ns, dict(zip(columns, table.arrays, strict=True)), is_bool)

    def read(self, name: str) -> bool | int | float:
        """Return the present value of a tag, signal or variable.

        Raises:
            TargetError: no such name.
        """
        return decode(self.blueprint.directory.slot(name), self._block)

    def snapshot(self) -> Snapshot:
        """Return a copy of the whole state."""
        return Snapshot(self._block.copy(), self.blueprint.digest, self._copied_links(self._links))

    def restore(self, snapshot: Snapshot) -> None:
        """Take over the state of a snapshot.

        Raises:
            ValueError: it belongs to another program, plant or layout.
        """
        if snapshot.digest != self.blueprint.digest:
            raise ValueError("the snapshot belongs to a cell of another program or plant")
        self._block[:] = snapshot.block
        self._links = self._copied_links(snapshot.links)

    def fork(self) -> Cell:
        """Return an independent cell in the same state."""
        twin = Cell.__new__(Cell)
        twin.blueprint = self.blueprint
        twin._executor = self._executor.fork()
        twin._block = _aligned_block(self.blueprint.layout.size)
        twin._block[:] = self._block
        twin._links = self._copied_links(self._links)
        return twin

    @staticmethod
    def _copied_links(links: Sequence[LinkRun]) -> tuple[LinkRun, ...]:
        return tuple(link.copy() for link in links)

    def _events_on_wires(self, tape: Sequence[TapeEvent]) -> list[TapeEvent]:
        """Return what is about links, checked."""
        if not self._links:
            return []
        from emulators.cell.wires import wire_of

        wires = self.wires
        events = [event for event in tape if wire_of(wires, event) is not None]
        for event in events:
            self._check_on_wire(event)
        return events

    def _check_on_wire(self, event: TapeEvent) -> None:
        from emulators.cell.wires import check_wire_event

        real = [name for link in self._links if link.plan.far_end is not None for name in link.wires]
        if event.target.partition(".")[0] in real:
            raise TargetError(f"{event.target}: the wire leads to a real device and fails by itself only")
        check_wire_event(event, self.blueprint.directory.targets)

    def plc_status(self, controller: str) -> PlcStatus:
        """Return mode and fault of a controller."""
        fields = self.blueprint.plc_slots(controller)

        def field(name: str) -> int:
            return int(decode(fields[name], self._block))

        code = field("fault_code")
        fault = None
        if code != FaultCode.NONE:
            values = tuple(map(field, FAULT_VALUE_FIELDS))
            fault = decode_fault(self._executor.sites, code, field("fault_site"), values)
            if code == FaultCode.WATCHDOG:
                fault = self._watchdog_fault(controller, values)
        overruns = sum(field(name) for name in fields if name.endswith(".overrun_count"))
        return PlcStatus(PlcMode(field("mode")), fault, field("fault_time_ns"), field("scan_count"), overruns)

    def _watchdog_fault(self, controller: str, values: tuple[int, ...]) -> NativeFault:
        took_ns, limit_ns, index = values
        named = self.blueprint.plcs[controller]
        task = named.plc.tasks[index].name
        message = f"task {task} took {format_duration(took_ns)}, its watchdog allows {format_duration(limit_ns)}"
        entry = self.blueprint.programs[controller].entry
        span = next((row.span for row in entry.tasks if row.name.casefold() == task.casefold()), entry.span)
        return NativeFault(FaultCode.WATCHDOG, span, message, values=values)

    def coverage(self) -> dict[CoveragePoint, int] | None:
        """Return hits by place of the control programs since this cell was made; None unless built to count."""
        counts = self._executor.coverage()
        if counts is None or not self.blueprint.module.points:
            return None
        return {point: int(count) for point, count in zip(self.blueprint.module.points, counts, strict=False)}

    def publish_snapshots(self, *, enabled: bool) -> None:
        """Switch phase 3 on for cells with endpoints; scenario runs leave it off. The present values show at once."""
        store(self.blueprint.headers["publish"], self._block, int(enabled))
        self._executor.publish(self._block)

    def published(self, tag: str) -> bool | int | float:
        """Return the value of a tag in the snapshot of phase 3."""
        return decode(self.blueprint.published_slot(tag), self._block)

    def _run(self, n_steps: int, entries: NDArray[np.void], on_wires: Sequence[TapeEvent], table: ColumnTable) -> int:
        if not self._links:
            return self._executor.run(self._block, n_steps, entries, table)
        from emulators.cell.linked_loop import run_linked

        played = 0

        def run(row: int, count: int) -> int:
            nonlocal played
            last = int(np.searchsorted(entries["tick"], self.tick + count, side="right"))
            due, played = entries[played:last], last
            return self._executor.run(self._block, count, due, table, first_row=row)

        ticks = range(self.tick + 1, self.tick + 1 + n_steps)
        return run_linked(self._links, self._block, ticks, on_wires, run)

    def _plant_fault(self) -> NativeFault:
        def field(name: str) -> int:
            return int(decode(self.blueprint.headers[name], self._block))

        values = tuple(map(field, FAULT_VALUE_FIELDS))
        return decode_fault(self._executor.sites, field("fault_code"), field("fault_site"), values)


def _started_links(blueprint: Blueprint, seed: int) -> tuple[LinkRun, ...]:
    if not blueprint.links:
        return ()
    from emulators.cell.link_run import started_links  # loads Modbus, which few cells need

    return started_links(blueprint.links, seed=seed)


_NO_ENTRIES = np.empty(0, dtype=TAPE_DTYPE)


def _aligned_block(size: int) -> NDArray[np.uint8]:
    """Return zeroed memory of ``size`` bytes whose address is a multiple of 16."""
    raw = np.zeros(size + 16, dtype=np.uint8)
    start = -raw.ctypes.data % 16
    return raw[start : start + size]
