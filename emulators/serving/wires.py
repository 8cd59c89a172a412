"""Faults of the wires of a served cell: endpoints and lines behind them, beside the parts of the plant.

``WiredCell`` puts the wires of a cell's endpoints into its catalogue as targets of kind LINK and takes the events on
them off the tape, so that everything that can inject a fault (control channel, commands, tests, scenarios) reaches
wires too, by the same names: ``plc1-modbus.no_response``, ``gateway.meters.bad_checksum`` for a line of a gateway. An
event acts before the step that it belongs to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Protocol, runtime_checkable

from emulators.cell.catalogue import TargetDescription, TargetKind
from emulators.cell.directory import TargetError
from emulators.cell.tape import Operation, TapeEvent
from emulators.cell.wires import act_on_wire, check_wire_event, wire_of, wire_target
from emulators.errors import closest_name
from emulators.modbus.faults.kinds import FAULTS
from emulators.modbus.faults.pipeline import FaultPipeline
from emulators.serving.stepped_cell import SteppedCell
from emulators.signals.publication import Publication, PublishedSnapshot
from emulators.signals.tags import TagValue

__all__ = [
    "FaultyEndpoint",
    "FaultyWire",
    "WiredCell",
    "count_target",
    "wire_targets",
    "wires_of",
]

_COUNT = ".injections"


class FaultyWire(Protocol):
    """A wire that can fail; ``about`` says whose it is."""

    @property
    def name(self) -> str: ...

    @property
    def protocol(self) -> str: ...

    @property
    def about(self) -> str: ...

    @property
    def faults(self) -> FaultPipeline: ...


@runtime_checkable
class FaultyEndpoint(Protocol):
    """An endpoint with wires that can fail."""

    @property
    def wires(self) -> Sequence[FaultyWire]: ...


def wires_of(endpoints: Iterable[object]) -> dict[str, FaultPipeline]:
    """Return the wires that can fail by their names."""
    return {wire.name: wire.faults for wire in _wires(endpoints)}


def wire_targets(endpoints: Iterable[object]) -> dict[str, TargetDescription]:
    """Return what the catalogue says about these wires."""
    targets = {}
    for wire in _wires(endpoints):
        count = f"{wire.name}{_COUNT}"
        targets[wire.name] = wire_target(wire.name, wire.protocol, wire.about)
        targets[count] = TargetDescription(
            count, "LINT", description=f"faults that happened at the {wire.about} so far"
        )
    return targets


def _wires(endpoints: Iterable[object]) -> Iterator[FaultyWire]:
    for each in endpoints:
        if isinstance(each, FaultyEndpoint):
            yield from each.wires


def count_target(wires: Mapping[str, FaultPipeline], name: str) -> FaultPipeline | None:
    """Return the wire whose injections ``name`` counts (``plc1-modbus.injections``), None for every other name."""
    return wires.get(name.removesuffix(_COUNT)) if name.endswith(_COUNT) else None


class WiredCell:
    """A cell and the wires of its endpoints as one; satisfies ``SteppedCell``."""

    def __init__(self, cell: SteppedCell, endpoints: Sequence[object]) -> None:
        self._cell = cell
        self._wires = wires_of(endpoints)
        self.targets: Mapping[str, TargetDescription] = MappingProxyType(
            {**wire_targets(endpoints), **cell.targets}  # a cell's own name goes before a wire's
        )
        for name in set(self._wires) & set(cell.targets):
            del self._wires[name]

    @property
    def name(self) -> str:
        return self._cell.name

    @property
    def step_ns(self) -> int:
        return self._cell.step_ns

    @property
    def tick(self) -> int:
        return self._cell.tick

    @property
    def publication(self) -> Publication:
        return self._cell.publication

    def check(self, event: TapeEvent) -> None:
        if wire_of(self._wires, event) is not None:
            check_wire_event(event, self.targets)
            return
        if event.operation is Operation.FAULT:
            self._refuse_if_of_wires(event.target)
        self._cell.check(event)

    def _refuse_if_of_wires(self, name: str) -> None:
        """Say which wire may be meant where a fault of wires is asked of something else."""
        owner, _, fault = name.rpartition(".")
        target = self.targets.get(owner)
        if target is None and (meant := closest_name(owner, self._wires)) is not None:
            raise TargetError(f"{self.name} has no fault '{name}'; did you mean '{meant}.{fault}'?")
        if fault not in FAULTS or (target is not None and (target.kind is TargetKind.LINK or target.fault(fault))):
            return
        wires = [each.name for each in self.targets.values() if each.kind is TargetKind.LINK and each.fault(fault)]
        if wires:
            there = f"there are {', '.join(wires)}, where unit=… names one device"
            raise TargetError(f"{fault} is a fault of wires and {owner} is none; {there}")

    def advance(self, n_steps: int, events: Sequence[TapeEvent]) -> None:
        others = []
        for event in events:
            wire = wire_of(self._wires, event)
            if wire is not None:
                act_on_wire(wire, event)
            else:
                others.append(event)
        self._cell.advance(n_steps, others)

    def snapshot(self) -> PublishedSnapshot:
        return self._cell.snapshot()

    def read(self, name: str) -> TagValue:
        wire = count_target(self._wires, name)
        return wire.injection_count if wire is not None else self._cell.read(name)

    def controller_modes(self) -> Mapping[str, str]:
        return self._cell.controller_modes()
