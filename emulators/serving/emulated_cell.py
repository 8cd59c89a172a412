"""An emulated cell as serving steps it: names checked before they act, one published record a step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np

from emulators.cell import Cell, TapeEvent, TargetDescription
from emulators.cell.plan import CellPlan
from emulators.plc import PlcMode
from emulators.signals.publication import Publication, PublishedSnapshot, PublishedTag
from emulators.signals.quality import StatusCode
from emulators.signals.tags import TagValue

__all__ = ["EmulatedCell", "cell_publication"]

_STATUS_OF_MODE = {
    PlcMode.STOP: StatusCode.UNCERTAIN_LAST_USABLE_VALUE,
    PlcMode.FAULT: StatusCode.UNCERTAIN_LAST_USABLE_VALUE,
    PlcMode.OFF: StatusCode.BAD_NOT_CONNECTED,
}


class EmulatedCell:
    """Satisfies ``SteppedCell``. Values of a controller that does not run carry an uncertain or bad status code."""

    def __init__(self, cell: Cell) -> None:
        self._cell = cell
        self.publication = cell_publication(cell.blueprint)
        self.targets: Mapping[str, TargetDescription] = MappingProxyType(dict(cell.blueprint.directory.targets))
        self._record = slice(*_published_bytes(cell.blueprint))
        self._tags_of = _tags_by_controller(cell)
        cell.publish_snapshots(enabled=True)

    @property
    def name(self) -> str:
        return self._cell.blueprint.rig.name

    @property
    def step_ns(self) -> int:
        return self._cell.step_ns

    @property
    def tick(self) -> int:
        return self._cell.tick

    def check(self, event: TapeEvent) -> None:
        self._cell.check(event)

    def advance(self, n_steps: int, events: Sequence[TapeEvent]) -> None:
        self._cell.run(n_steps, tape=events)

    def snapshot(self) -> PublishedSnapshot:
        cell = self._cell
        status: dict[str, StatusCode] = {}
        for controller, tags in self._tags_of.items():
            code = _STATUS_OF_MODE.get(cell.plc_status(controller).mode)
            if code is not None:
                status.update(dict.fromkeys(tags, code))
        return PublishedSnapshot(cell.tick, cell.time_ns, cell.block[self._record].copy(), MappingProxyType(status))

    def read(self, name: str) -> TagValue:
        return self._cell.read(name)

    def controller_modes(self) -> Mapping[str, str]:
        modes = {}
        for name in self._cell.blueprint.plcs:
            status = self._cell.plc_status(name)
            modes[name] = status.mode.name + (f" {status.fault}" if status.fault is not None else "")
        return modes


def cell_publication(plan: CellPlan) -> Publication:
    """Return the tags that a cell publishes in phase 3, and where each lies in its snapshot."""
    start, end = _published_bytes(plan)
    tags, formats, offsets = [], [], []
    for entry in plan.rig.tags:
        tag, slot = entry.tag, plan.published_slot(entry.tag.name)
        target = plan.directory.targets[tag.name]
        published = PublishedTag(
            tag.name,
            slot.scalar.label,
            tag.is_writable,
            target.eu_range,
            target.unit,
            target.description,
            tag.type or (target.type if target.type.isupper() else ""),
        )
        tags.append(published)
        formats.append(published.dtype)
        offsets.append(slot.offset - start)
    dtype = np.dtype(
        {"names": [tag.name for tag in tags], "formats": formats, "offsets": offsets, "itemsize": end - start}
    )
    return Publication(tags, dtype)


def _published_bytes(plan: CellPlan) -> tuple[int, int]:
    layout = plan.layout
    entry = layout.entry("published")
    return entry.offset, entry.offset + layout.measure(entry.type)[0]


def _tags_by_controller(cell: Cell) -> dict[str, tuple[str, ...]]:
    aliases = cell.blueprint.directory.aliases
    return {
        name: tuple(tag for tag, signal in aliases.items() if signal.startswith(f"{name}."))
        for name in cell.blueprint.plcs
    }
