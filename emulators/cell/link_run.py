"""A link at work: the controller's scan, the wire with its faults and the device, moved between communication steps.

At the end of a step the device shows what the step has left, then everything happens that fell due in it, at its own
time: requests, time on the wire, answers, time-outs. What the controller has received acts at its next latch, what the
device has been written acts in the next step. The device and the wire are those of a served endpoint: the same
register image, device core, framing and fault pipeline.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from functools import partial

import numpy as np

from emulators.cell.link_plan import LinkPlan
from emulators.cell.link_requests import Block
from emulators.cell.native_tape import tick_of
from emulators.cell.slots import decode, store
from emulators.modbus.client.frames import ClientFrames, MbapFrames, RtuFrames
from emulators.modbus.client.scanner import Connection, Scanner, ScanSettings
from emulators.modbus.device import ModbusDevice
from emulators.modbus.faults.pipeline import FaultPipeline
from emulators.modbus.gateway import Gateway
from emulators.modbus.image import RegisterImage
from emulators.modbus.mbap import MbapConnection, UnitDirectory
from emulators.modbus.response_times import ResponseTimes, UnitLatency
from emulators.modbus.rtu import RtuLine
from emulators.modbus.serial_settings import Parity, SerialSettings
from emulators.plc import PlcMode
from emulators.signals.publication import PublishedSnapshot, joined_publication

__all__ = ["LinkRun"]


class _Units(UnitDirectory):
    """The one device of a link. What it shows is brought up to date when it is asked, once a step."""

    __slots__ = ("device", "refresh")

    def __init__(self, unit_id: int, device: ModbusDevice, *, is_line: bool) -> None:
        super().__init__({unit_id: device}, direct=None if is_line else unit_id)
        self.device = device
        self.refresh: Callable[[], None] | None = None

    def answer(self, unit_id: int, request: bytes) -> bytes:
        self._refresh()
        return super().answer(unit_id, request)

    def answer_on_line(self, unit_id: int, request: bytes) -> bytes:
        self._refresh()
        return super().answer_on_line(unit_id, request)

    def learn(self, frame: bytes, answer: bytes) -> None:
        """Prepare nothing: what is prepared is answered without a look at what the device shows now."""

    def _refresh(self) -> None:
        if self.refresh is not None:
            self.refresh()
            self.refresh = None


class LinkRun:
    """One link from time 0 on. ``wire`` is what faults are switched on in.

    ``due_tick`` is the index of the step at whose end there is something to do, None for never.
    """

    def __init__(self, plan: LinkPlan, *, seed: int) -> None:
        entry = plan.entry
        self.plan = plan
        latencies = {entry.unit_id: UnitLatency(entry.latency_ns, entry.jitter_ns)}
        self._times = ResponseTimes(latencies, seed=seed)
        self._own = plan.own_values(seed)
        self._image = RegisterImage(plan.register_map, joined_publication(plan.publication, self._own.publication))
        self._units = _Units(entry.unit_id, ModbusDevice(self._image.memory), is_line=self._is_rtu)
        takes_time = bool(entry.latency_ns or entry.jitter_ns)
        self._gateway = Gateway(self._units, latencies, seed=seed) if takes_time else None
        self.wire = FaultPipeline(entry.name, seed=seed, rules=plan.rules)
        self.wire.when_down = self._cut
        frames: ClientFrames = RtuFrames() if self._is_rtu else MbapFrames()
        silence_ns = 0 if frames.is_stream else self._serial_settings.t3_5_ns
        settings = ScanSettings(entry.unit_id, entry.period_ns, entry.timeout_ns, entry.retries, silence_ns)
        self._scanner: Scanner[Block] = Scanner(settings, plan.requests, frames, self._connect)
        self._time_ns = 0
        self._is_cut = False
        self._shown: tuple[object, ...] = ()
        self.due_tick = self._next_tick()

    @property
    def name(self) -> str:
        return self.plan.name

    def advance(self, tick: int, block: Block) -> None:
        """Do what is due at the end of step ``tick``, on the state block as that step has left it."""
        time_ns = tick * self.plan.step_ns
        self.wire.show_time(time_ns)
        if self._is_cut:
            self._is_cut = False
            self._scanner.lose_connection(time_ns)
        if decode(self.plan.mode, block) == PlcMode.OFF:
            self._scanner.stop(time_ns + self.plan.step_ns)
        else:
            self._units.refresh = partial(self._publish, tick, time_ns, block)
            self._scanner.advance(time_ns, block)
            self._units.refresh = None
            self._take_writes(tick, block)
        self._show_status(time_ns, block)
        self.due_tick = self._next_tick()

    def _next_tick(self) -> int | None:
        due_ns = self._scanner.due_ns
        return None if due_ns is None else tick_of(due_ns, self.plan.step_ns)

    def copy(self) -> LinkRun:
        """Return a link in the same state that goes on by itself."""
        shared = (self.plan, self.plan.requests, self._units.device.identity, self._own.publication, self._own.tags)
        return deepcopy(self, {id(each): each for each in shared})

    def _publish(self, tick: int, time_ns: int, block: Block) -> None:
        if self._own.are_moving and time_ns > self._time_ns:
            self._own.advance(time_ns, time_ns - self._time_ns, lambda name: self._value(name, block))
        self._time_ns = time_ns
        record = np.concatenate([self.plan.record(block), self._own.record()])
        self._image.publish(PublishedSnapshot(tick, time_ns, record))

    def _value(self, tag: str, block: Block) -> bool | int | float:
        return decode(self.plan.sources[tag], block)

    def _take_writes(self, tick: int, block: Block) -> None:
        for write in self._image.take_writes(tick + 1):
            slot = self.plan.sources.get(write.tag)
            if slot is None:
                self._own.write(write.tag, write.value)
            else:
                assert not isinstance(write.value, str), "texts lie outside the cell"
                store(slot, block, write.value)

    def _show_status(self, time_ns: int, block: Block) -> None:
        status, slots = self._scanner.status, self.plan.status
        shown = (
            status.is_failing,
            status.request_count,
            status.failure_count,
            status.exception_code,
            self.wire.injection_count,
            status.good_ns,
        )
        if shown == self._shown:
            return
        names = ("error", "requests", "failures", "exception_code", "injections")
        for name, value in zip(names, shown, strict=False):
            store(slots[name], block, value)
        store(slots["age_s"], block, (time_ns - status.good_ns) / 1e9)
        self._shown = shown

    def _connect(self, time_ns: int) -> Connection:
        faults = self.wire.connect(RtuFrames.wire if self._is_rtu else MbapFrames.wire, time_ns)
        if self.plan.far_end is not None:
            return Connection(self.plan.far_end(time_ns), faults)
        if self._is_rtu:
            return Connection(RtuLine(self._units, self._serial_settings, faults, times=self._times), faults)
        return Connection(MbapConnection(self._units, faults, gateway=self._gateway), faults)

    @property
    def _is_rtu(self) -> bool:
        return self.plan.entry.protocol == "modbus-rtu"

    @property
    def _serial_settings(self) -> SerialSettings:
        entry = self.plan.entry
        return SerialSettings(entry.baud_rate, Parity[entry.parity.upper()], entry.stop_bits)

    def _cut(self) -> None:
        self._is_cut = True
        self.due_tick = 0
