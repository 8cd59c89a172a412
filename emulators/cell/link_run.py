"""Links at work: a controller's scans, the wire with its faults and the devices, moved between communication steps.

At the end of a step the devices show what the step has left, then everything happens that fell due in it, at its own
time: requests, time on the wire, answers, time-outs. What the controller has received acts at its next latch, what a
device has been written acts in the next step. Links on a common line are one run, any other is a run of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy

from emulators.cell.link_device import LinkDevice
from emulators.cell.link_plan import LinePlan, LinkPlan
from emulators.cell.link_requests import Block
from emulators.cell.link_wire import LinkWire, client_frames, connect, line_settings
from emulators.cell.native_tape import tick_of
from emulators.cell.slots import Slot, decode, store
from emulators.modbus.client.scan import Scan, ScanSettings
from emulators.modbus.client.scanner import Connection, Scanner
from emulators.modbus.faults.pipeline import FaultPipeline
from emulators.modbus.framing import earliest
from emulators.plc import PlcMode

__all__ = ["LinkRun", "started_links"]


def started_links(plans: Iterable[LinkPlan], *, seed: int) -> tuple[LinkRun, ...]:
    """Return the links of a cell at time 0, those on one line together."""
    runs: dict[str, list[LinkPlan]] = {}
    for plan in plans:
        runs.setdefault(plan.connection_name, []).append(plan)
    return tuple(LinkRun(links, seed=seed) for links in runs.values())


class LinkRun:
    """Links over one connection from time 0 on. ``wires`` are what faults are switched on in, by the name of the link,
    or of the line for the whole of it.

    ``due_tick`` is the index of the step at whose end there is something to do, None for never.
    """

    def __init__(self, plans: Sequence[LinkPlan], *, seed: int) -> None:
        first = plans[0]
        self.plan = first
        self.wires: dict[str, FaultPipeline] = {}
        self._line: _Line | None = None
        if first.line is not None:
            self._line = _Line(first.line, seed=seed)
            self.wires[first.line.name] = self._line.wire
        self._links = [_Link(plan, seed=seed, line=self._line) for plan in plans]
        self.wires |= {link.plan.name: link.wire.faults for link in self._links if link.wire is not None}
        for faults in self.wires.values():
            faults.when_down = self._cut
        settings = line_settings(first.entry)
        self._scanner: Scanner[Block] = Scanner(
            [link.scan for link in self._links],
            client_frames(first.entry.protocol),
            self._connect,
            character_ns=settings.character_ns if settings is not None else 0,
        )
        self._is_cut = False
        self.due_tick = self._next_tick(-1)

    def advance(self, tick: int, block: Block) -> None:
        """Do what is due at the end of step ``tick``, on the state block as that step has left it."""
        step_ns = self.plan.step_ns
        time_ns = tick * step_ns
        for faults in self.wires.values():
            faults.show_time(time_ns)
        if self._is_cut:
            self._is_cut = False
            self._scanner.lose_connection(time_ns)
        if decode(self.plan.mode, block) == PlcMode.OFF:
            self._scanner.stop(time_ns + step_ns)
        else:
            for link in self._links:
                link.show(tick, time_ns, block)
            self._scanner.advance(time_ns, block)
            for link in self._links:
                link.take_writes(tick + 1, block)
        for link in self._links:
            link.show_status(time_ns, block)
        if self._line is not None:
            self._line.show_status(self._scanner.waiting_count(time_ns), [link.scan for link in self._links], block)
        self.due_tick = self._next_tick(time_ns)

    def copy(self) -> LinkRun:
        """Return links in the same state that go on by themselves."""
        shared = [each for link in self._links for each in link.shared_by_copies]
        if self._line is not None:
            shared.append(self._line.plan)
        return deepcopy(self, {id(each): each for each in shared})

    def _next_tick(self, time_ns: int) -> int | None:
        due_ns = self._scanner.due_ns
        if self._line is not None:
            due_ns = earliest(due_ns, self._scanner.next_waiting_ns(time_ns))
        return None if due_ns is None else tick_of(due_ns, self.plan.step_ns)

    def _connect(self, time_ns: int) -> Connection:
        if self.plan.far_end is not None:
            return Connection(self.plan.far_end(time_ns))
        return connect(self.plan.entry, [link.wire for link in self._links if link.wire is not None], time_ns)

    def _cut(self) -> None:
        self._is_cut = True
        self.due_tick = 0


class _Link:
    """One link: its scan, its device and the wire between; a broadcast has neither of these."""

    def __init__(self, plan: LinkPlan, *, seed: int, line: _Line | None) -> None:
        entry, settings = plan.entry, line_settings(plan.entry)
        self.plan = plan
        self.device = None if entry.is_broadcast else LinkDevice(plan, seed=seed)
        self.wire: LinkWire | None = None
        if self.device is not None:
            faults = FaultPipeline(
                entry.name, seed=seed, rules=plan.rules, line=line.wire if line is not None else None
            )
            self.wire = LinkWire(entry, self.device.units, faults, seed=seed)
        scan = ScanSettings(
            entry.unit_id,
            entry.period_ns,
            entry.timeout_ns if entry.line is None or not entry.is_broadcast else entry.line.turnaround_ns,
            entry.retries,
            settings.t3_5_ns if settings is not None and entry.protocol == "modbus-rtu" else 0,
            entry.is_broadcast,
        )
        self.scan: Scan[Block] = Scan(scan, plan.requests)
        self._shown = _ShownCounts()
        self._good_ns = -1

    @property
    def shared_by_copies(self) -> Iterable[object]:
        """What copies of the link may have together, as it never changes."""
        return (self.plan, self.plan.requests, *(self.device.shared_by_copies if self.device is not None else ()))

    def show(self, tick: int, time_ns: int, block: Block) -> None:
        """Let the device show what step ``tick`` has left."""
        if self.device is not None:
            self.device.show(tick, time_ns, block)

    def take_writes(self, tick: int, block: Block) -> None:
        """Let what the device has been written act in step ``tick``."""
        if self.device is not None:
            self.device.take_writes(tick, block)

    def show_status(self, time_ns: int, block: Block) -> None:
        """Write the status into the block where it has changed."""
        status, slots = self.scan.status, self.plan.status
        counts = {
            "error": status.is_failing,
            "requests": status.request_count,
            "failures": status.failure_count,
            "exception_code": status.exception_code,
            "injections": self.wire.faults.injection_count if self.wire is not None else 0,
        }
        if self._shown.show(counts, slots, block) or status.good_ns != self._good_ns:
            self._good_ns = status.good_ns
            store(slots["age_s"], block, (time_ns - status.good_ns) / 1e9)


class _Line:
    """A line as a whole."""

    def __init__(self, plan: LinePlan, *, seed: int) -> None:
        self.plan = plan
        self.wire = FaultPipeline(plan.name, seed=seed, rules=plan.rules)
        self._shown = _ShownCounts()

    def show_status(self, waiting_count: int, scans: Sequence[Scan[Block]], block: Block) -> None:
        """Write the status into the block where it has changed."""
        counts = {
            "waiting": waiting_count,
            "requests": sum(scan.status.request_count for scan in scans),
            "failures": sum(scan.status.failure_count for scan in scans),
            "injections": self.wire.injection_count,
        }
        self._shown.show(counts, self.plan.status, block)


class _ShownCounts:
    """Counts as the state block shows them."""

    def __init__(self) -> None:
        self._shown: dict[str, int] = {}

    def show(self, counts: dict[str, int], slots: Mapping[str, Slot], block: Block) -> bool:
        """Write those that have changed; return whether any has."""
        if counts == self._shown:
            return False
        for name, count in counts.items():
            if self._shown.get(name) != count:
                store(slots[name], block, count)
        self._shown = counts
        return True
