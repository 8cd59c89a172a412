"""A device as serving steps it: values of its own, alone or beside those of an emulated cell with its twin.

Own values move after the cell of the same step, so that they follow what the twin has just done.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

import numpy as np

from emulators.cell import Operation, TapeEvent, TargetDescription
from emulators.cell.directory import TargetError
from emulators.description.register_map import RegisterMapDescription
from emulators.modbus.own_values import OwnValues, own_entries
from emulators.serving.stepped_cell import SteppedCell
from emulators.signals.publication import PublishedSnapshot, PublishedTag, WriteRefusal, joined_publication
from emulators.signals.tags import TagValue

__all__ = ["DeviceCell", "with_own_values"]


class DeviceCell:
    """Satisfies ``SteppedCell``; ``inner`` is the cell around the own values, None for a device alone."""

    def __init__(self, name: str, values: OwnValues, *, inner: SteppedCell | None = None, step_ns: int = 0) -> None:
        """Put both together; ``step_ns`` counts without an inner cell only.

        Raises:
            ValueError: an own value has the name of a tag of the inner cell.
        """
        self._name = name
        self._values = values
        self._inner = inner
        self._step_ns = inner.step_ns if inner is not None else step_ns
        self._tick = 0
        own = values.publication
        self.publication = own if inner is None else joined_publication(inner.publication, own)
        own_targets = {tag: _target(values, tag) for tag in values.tags}
        self.targets: Mapping[str, TargetDescription] = MappingProxyType(
            {**(inner.targets if inner is not None else {}), **own_targets}
        )

    @property
    def name(self) -> str:
        return self._name

    @property
    def own_tags(self) -> Mapping[str, PublishedTag]:
        return self._values.tags

    @property
    def are_values_moving(self) -> bool:
        """Whether any own value has a behaviour, and may change each step."""
        return self._values.are_moving

    @property
    def step_ns(self) -> int:
        return self._step_ns

    @property
    def tick(self) -> int:
        return self._inner.tick if self._inner is not None else self._tick

    def check(self, event: TapeEvent) -> None:
        tag = self._values.tags.get(event.target)
        if tag is None:
            if self._inner is None:
                raise TargetError(f"there is no '{event.target}' that could be changed")
            self._inner.check(event)
            return
        if event.operation is Operation.RELEASE:
            return
        if event.operation not in (Operation.WRITE, Operation.FORCE):
            raise TargetError(f"{event.target} is a value of the device: it can be written and forced")
        if event.operation is Operation.WRITE:
            try:
                tag.accept(event.value)
            except WriteRefusal as refusal:
                raise TargetError(str(refusal)) from None
        elif isinstance(event.value, str) is not tag.is_text or event.value is None:
            raise TargetError(f"{event.target}: {event.value!r} does not fit {tag.native_label}")

    def advance(self, n_steps: int, events: Sequence[TapeEvent]) -> None:
        due = deque(sorted(events, key=lambda event: (event.time_ns, event.order)))
        n_at_once = 1 if self._values.are_moving else n_steps
        for _ in range(n_steps // n_at_once):
            end_ns = (self.tick + n_at_once) * self._step_ns
            self._advance(n_at_once, end_ns, [due.popleft() for _ in range(_count_until(due, end_ns))])

    def _advance(self, n_steps: int, end_ns: int, events: Sequence[TapeEvent]) -> None:
        others = []
        for event in events:
            if event.target in self._values.tags:
                self._apply(event)
            else:
                others.append(event)
        if self._inner is not None:
            self._inner.advance(n_steps, others)
        self._tick += n_steps
        self._values.advance(end_ns, self._step_ns, self._read_inner)

    def snapshot(self) -> PublishedSnapshot:
        record = self._values.record()
        if self._inner is None:
            return PublishedSnapshot(self._tick, self._tick * self._step_ns, record)
        inner = self._inner.snapshot()
        return PublishedSnapshot(inner.tick, inner.time_ns, np.concatenate((inner.record, record)), inner.status)

    def read(self, name: str) -> TagValue:
        return self._values.read(name) if name in self._values.tags else self._read_inner(name)

    def controller_modes(self) -> Mapping[str, str]:
        return self._inner.controller_modes() if self._inner is not None else {}

    def _read_inner(self, name: str) -> TagValue:
        if self._inner is None:
            raise TargetError(f"there is no '{name}' in {self._name}")
        return self._inner.read(name)

    def _apply(self, event: TapeEvent) -> None:
        match event.operation:
            case Operation.RELEASE:
                self._values.release(event.target)
            case Operation.FORCE if event.value is not None:
                self._values.force(event.target, event.value)
            case Operation.WRITE if event.value is not None:
                self._values.write(event.target, self._values.tags[event.target].accept(event.value))


def _count_until(events: Iterable[TapeEvent], end_ns: int) -> int:
    return sum(event.time_ns <= end_ns for event in events)


def with_own_values(cell: SteppedCell, maps: Sequence[RegisterMapDescription], *, seed: int) -> SteppedCell:
    """Return the cell, with the values around it that belong to the devices of the maps.

    Raises:
        DescriptionError: a behaviour follows what is not there, or cannot read its file.
    """
    entries = own_entries(maps)
    if not entries:
        return cell
    return DeviceCell(cell.name, OwnValues(entries, seed=seed, others=cell.targets), inner=cell)


def _target(values: OwnValues, name: str) -> TargetDescription:
    tag = values.tags[name]
    return TargetDescription(
        name,
        type=tag.native_label,
        unit=tag.unit,
        eu_range=tag.eu_range,
        writable=tag.is_writable,
        description=tag.description,
        enumerators=values.names[name],
    )
