"""A link resolved against its cell: the device as its map shows it, and where every value lies in the state block."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from emulators.cell.catalogue import TargetDescription
from emulators.cell.directory import Directory
from emulators.cell.link_requests import Block, LinkRequest, scan_requests
from emulators.cell.link_wiring import LINE_STATUS_NAMES, STATUS_NAMES, LinkWiring
from emulators.cell.slots import Slot
from emulators.description import LeftOut, RegisterMapDescription
from emulators.description.register_map import RegisterAccess, RegisterEntry
from emulators.description.rig import LineEntry, LinkEntry
from emulators.description.source import Findings
from emulators.errors import DescriptionError, did_you_mean
from emulators.modbus.binding import bind_register_map
from emulators.modbus.faults.described import described_rules
from emulators.modbus.faults.rule import Rule
from emulators.modbus.framing import Framing
from emulators.modbus.own_values import OwnValues, own_entries
from emulators.native.ir import Scalar
from emulators.signals.publication import Publication, PublishedTag, joined_publication

__all__ = ["LinePlan", "LinkPlan", "plan_links"]


@dataclass(frozen=True, eq=False)
class LinePlan:
    """A line that links share, before it has a state. ``status`` has the slots of ``LineStatus``."""

    entry: LineEntry
    status: Mapping[str, Slot]
    rules: tuple[Rule, ...]

    @property
    def name(self) -> str:
        return self.entry.name


@dataclass(frozen=True, eq=False)
class LinkPlan:
    """A link before it has a state.

    ``register_map`` is the device's. ``sources`` has the slot of each tag of the device that lies in the cell;
    ``publication`` describes these tags. ``mode`` is the slot of the controller's mode, ``status`` has those of
    ``LinkStatus``. A broadcast has the map of what it writes, and no device. ``far_end`` makes the connection to a real
    device, or to all of a real line, None for emulated ones.
    """

    entry: LinkEntry
    register_map: RegisterMapDescription
    requests: tuple[LinkRequest, ...]
    publication: Publication
    sources: Mapping[str, Slot]
    status: Mapping[str, Slot]
    mode: Slot
    rules: tuple[Rule, ...]
    step_ns: int
    line: LinePlan | None = None
    far_end: Callable[[int], Framing] | None = None

    @property
    def name(self) -> str:
        return self.entry.name

    @property
    def connection_name(self) -> str:
        """Name of what its requests go over: its line, or the link itself."""
        return self.line.name if self.line is not None else self.name

    def own_values(self, seed: int) -> OwnValues:
        """Return the values that the device itself holds, at time 0.

        Raises:
            DescriptionError: a behaviour follows a name that does not exist, or cannot read its file.
        """
        return OwnValues(own_entries([self.register_map]), seed=seed, others=self.sources)

    def record(self, block: Block) -> Block:
        """Return the device's values that lie in the cell, as the publication lays them out."""
        record = block[self._record_from]
        for at, slot in self._record_bits:
            record[at] = record[at] >> slot.bit & 1
        return record

    @cached_property
    def _record_from(self) -> NDArray[np.intp]:
        """For each byte of a record, where it lies in the state block."""
        ordered = sorted(self.sources, key=self.publication.offset)
        return np.array([at for tag in ordered for at in _bytes(self.sources[tag])], dtype=np.intp)

    @cached_property
    def _record_bits(self) -> list[tuple[int, Slot]]:
        return [(self.publication.offset(tag), slot) for tag, slot in self.sources.items() if slot.bit is not None]


def _bytes(slot: Slot) -> range:
    return range(slot.offset, slot.offset + slot.size)


def plan_links(
    wirings: Sequence[LinkWiring], directory: Directory, left_out: LeftOut, findings: Findings, *, step_ns: int
) -> tuple[LinkPlan, ...]:
    """Return the plans of links with those of their lines; what is wrong is reported."""
    entries = dict.fromkeys(wiring.entry.line for wiring in wirings if wiring.entry.line is not None)
    lines = {entry.name: _line(entry, directory, findings) for entry in entries}
    plans = []
    for wiring in wirings:
        plan = _link(wiring, directory, left_out, findings, step_ns=step_ns)
        line = wiring.entry.line
        plans.append(plan if line is None else replace(plan, line=lines[line.name]))
    return tuple(plans)


def _line(entry: LineEntry, directory: Directory, findings: Findings) -> LinePlan:
    status = {name: directory.slot(f"{entry.name}.{name}") for name in LINE_STATUS_NAMES}
    return LinePlan(entry, status, _rules(entry, findings))


def _rules(entry: LineEntry | LinkEntry, findings: Findings) -> tuple[Rule, ...]:
    try:
        return described_rules(entry.faults, entry.protocol)
    except DescriptionError as error:
        findings.extend(error.diagnostics)
        return ()


def _link(wiring: LinkWiring, directory: Directory, left_out: LeftOut, findings: Findings, *, step_ns: int) -> LinkPlan:
    """Return the plan of what is sound of a link; everything else is reported."""
    entry = wiring.entry
    assert entry.register_map is not None, "a link without a map is left out"
    written = {each.entry.tag for each in wiring.registers.values() if each.is_written}
    device = _device(entry, entry.register_map, written, directory, findings, left_out)
    plan = LinkPlan(
        entry,
        device.register_map,
        scan_requests(wiring, directory),
        device.publication,
        device.sources,
        {name: directory.slot(f"{entry.name}.{name}") for name in STATUS_NAMES},
        directory.slot(f"{entry.controller.value}.mode"),
        _rules(entry, findings),
        step_ns,
    )
    if entry.is_broadcast:
        return plan
    if len(device.register_map.entries) < len(entry.register_map.entries) or not entry.register_map.is_whole:
        return plan  # a behaviour may follow what is missing, and that has been reported
    try:
        bind_register_map(device.register_map, joined_publication(plan.publication, plan.own_values(0).publication))
    except DescriptionError as error:
        findings.extend(error.diagnostics)
    return plan


@dataclass(frozen=True, slots=True)
class _Device:
    register_map: RegisterMapDescription
    publication: Publication
    sources: Mapping[str, Slot]


def _device(
    link: LinkEntry,
    register_map: RegisterMapDescription,
    written: set[str],
    directory: Directory,
    findings: Findings,
    left_out: LeftOut,
) -> _Device:
    """Return the device's side: each value is a signal of its component, or a tag of the rig, or its own.

    What something else in the cell drives cannot be written by a client.
    """
    entries, tags, sources = [], {}, {}
    for entry in () if link.is_broadcast else register_map.entries:
        if entry.is_own:
            entries.append(entry)
            continue
        name, span = entry.tag, entry.tag_span
        if entry.signal is not None and link.device is not None:
            name, span = f"{link.device.value}.{entry.signal.value}", entry.signal.span
        if name not in directory.targets or not directory.targets[name].has_value:
            if not left_out.may_mean(name):
                hint = did_you_mean(name, directory.slots)
                findings.add(span, f"link {link.name}: there is no signal '{name}' for register {entry.tag}", hint)
            continue
        driver = directory.driven.get(directory.signal(name))
        if driver is not None and entry.is_writable:
            if entry.tag in written:
                findings.add(link.span, f"link {link.name} writes {entry.tag}, but {name} has a source: {driver}")
            entry = replace(entry, access=RegisterAccess.READ)
        entries.append(entry)
        sources[entry.tag] = directory.slot(name)
        if entry.tag not in tags or entry.is_writable:
            tags[entry.tag] = _published(entry, directory.targets[name], sources[entry.tag])
    return _Device(replace(register_map, entries=tuple(entries)), Publication(list(tags.values())), sources)


def _published(entry: RegisterEntry, target: TargetDescription, slot: Slot) -> PublishedTag:
    label = Scalar.BOOL.label if slot.bit is not None else slot.scalar.label
    return PublishedTag(
        entry.tag, label, entry.is_writable, entry.eu_range or target.eu_range, entry.unit or target.unit
    )
