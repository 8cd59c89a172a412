"""The device behind a link: what it shows as a step leaves it, and what it is written.

The register image and the device core are those of a served endpoint.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from emulators.cell.link_plan import LinkPlan
from emulators.cell.link_requests import Block
from emulators.cell.slots import decode, store
from emulators.description.modbus_transport import LINE_PROTOCOLS
from emulators.modbus.codes import BROADCAST
from emulators.modbus.device import ModbusDevice
from emulators.modbus.image import RegisterImage
from emulators.modbus.mbap import UnitDirectory
from emulators.signals.publication import PublishedSnapshot, joined_publication

__all__ = ["LinkDevice"]


class LinkDevice:
    """One device from time 0 on; ``units`` is what a wire finds it in."""

    def __init__(self, plan: LinkPlan, *, seed: int) -> None:
        self._plan = plan
        self._own = plan.own_values(seed)
        self._image = RegisterImage(plan.register_map, joined_publication(plan.publication, self._own.publication))
        is_line = plan.entry.protocol in LINE_PROTOCOLS
        self.units = _Units(plan.entry.unit_id, ModbusDevice(self._image.memory), is_line=is_line)
        self._time_ns = 0

    @property
    def shared_by_copies(self) -> Iterator[object]:
        """Yield what copies of a device may have together."""
        own = self._own
        yield from (self._plan, self.units.device.identity, own.publication, own.tags, own.names)

    def show(self, tick: int, time_ns: int, block: Block) -> None:
        """Let the device show what step ``tick`` has left, once it is asked."""
        self.units.refresh = partial(self._publish, tick, time_ns, block)

    def take_writes(self, tick: int, block: Block) -> None:
        """Carry out what it has been written since ``show``; it acts in step ``tick``."""
        was_asked = self.units.refresh is None
        self.units.refresh = None
        for write in self._image.take_writes(tick) if was_asked else ():
            slot = self._plan.sources.get(write.tag)
            if slot is None:
                self._own.write(write.tag, write.value)
            else:
                assert not isinstance(write.value, str), "texts lie outside the cell"
                store(slot, block, write.value)

    def _publish(self, tick: int, time_ns: int, block: Block) -> None:
        if self._own.are_moving and time_ns > self._time_ns:
            self._own.advance(time_ns, time_ns - self._time_ns, lambda name: self._value(name, block))
        self._time_ns = time_ns
        record = np.concatenate([self._plan.record(block), self._own.record()])
        self._image.publish(PublishedSnapshot(tick, time_ns, record))

    def _value(self, tag: str, block: Block) -> bool | int | float:
        return decode(self._plan.sources[tag], block)


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
        if unit_id == BROADCAST or self.has(unit_id):
            self._refresh()
        return super().answer_on_line(unit_id, request)

    def learn(self, frame: bytes, answer: bytes) -> None:
        """Prepare nothing: what is prepared is answered without a look at what the device shows now."""

    def _refresh(self) -> None:
        if self.refresh is not None:
            self.refresh()
            self.refresh = None
