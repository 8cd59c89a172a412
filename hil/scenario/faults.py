"""Faults a scenario may meet: which instrument, actuator, controller or connection, and how it may fail.

What a component can suffer comes from the catalogue of the bench, so ``faults.sensor("LT-101")`` draws among all
faults of that transmitter; further arguments name the ones wanted: ``faults.sensor("LT-101", "stuck", "drift")``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import isfinite

from emulators.cell.catalogue import DOWN, FaultDescription, TargetDescription, TargetKind
from emulators.cell.tape import Operation, TapeEvent, TapeValue
from emulators.errors import Diagnostic, did_you_mean
from emulators.timebase import NS_PER_MS, NS_PER_S, Duration, parse_duration
from hil.scenario.fault_source import FaultOption, FaultSource
from hil.scenario.stimulus import Catalogue, DurationRange, caller_span, parse_range
from hil.scenario.timeline import Event

__all__ = [
    "FaultSource",
    "actuator",
    "any_of",
    "component",
    "inject",
    "motor",
    "network",
    "plc",
    "power_cycle",
    "restart",
    "sensor",
    "valve",
    "wire",
]

_LASTING: DurationRange = ("1 s", "5 min")
_OUTAGE: DurationRange = ("200 ms", "30 s")
_SHORTEST_NS = 100 * NS_PER_MS
_SERVE = 'give the rig a link, or serve its endpoints: pytest.mark.rig("…", endpoints=True)'


def sensor(name: str, *kinds: str, lasting: DurationRange = _LASTING) -> FaultSource:
    """Any fault of an instrument, or those named."""
    return _ComponentFaults(caller_span(), "sensor", name, kinds, parse_range(lasting, "lasting"))


def valve(name: str, *kinds: str, lasting: DurationRange = _LASTING) -> FaultSource:
    """Any fault of a valve, or those named."""
    return _ComponentFaults(caller_span(), "valve", name, kinds, parse_range(lasting, "lasting"))


def motor(name: str, *kinds: str, lasting: DurationRange = _LASTING) -> FaultSource:
    """Any fault of a motor or what it drives, or those named."""
    return _ComponentFaults(caller_span(), "motor", name, kinds, parse_range(lasting, "lasting"))


def actuator(name: str, *kinds: str, lasting: DurationRange = _LASTING) -> FaultSource:
    """Any fault of an actuator, or those named."""
    return _ComponentFaults(caller_span(), "actuator", name, kinds, parse_range(lasting, "lasting"))


def component(name: str, *kinds: str, lasting: DurationRange = _LASTING) -> FaultSource:
    """Any fault of a plant part, such as a leaking tank, or those named."""
    return _ComponentFaults(caller_span(), "component", name, kinds, parse_range(lasting, "lasting"))


def power_cycle(*controllers: str, off: DurationRange = _OUTAGE) -> FaultSource:
    """The power of a controller fails and comes back after ``off``; any controller if none is named."""
    return _ControllerFaults(caller_span(), "power_cycle", controllers, ("power_off",), parse_range(off, "off"))


def restart(*controllers: str, kinds: tuple[str, ...] = ("warm", "cold")) -> FaultSource:
    """A controller restarts, keeping retained values (warm) or not (cold); any controller if none is named."""
    return _ControllerFaults(caller_span(), "restart", controllers, kinds, parse_range(_OUTAGE, "off"))


def plc(*controllers: str, off: DurationRange = _OUTAGE) -> FaultSource:
    """Anything that stops a controller for a while: power failure, warm restart, cold restart."""
    kinds = ("power_off", "warm", "cold")
    return _ControllerFaults(caller_span(), "plc", controllers, kinds, parse_range(off, "off"))


def network(*links: str, lasting: DurationRange = ("200 ms", "1 min")) -> FaultSource:
    """A connection or endpoint goes down for a while, or fails in one of its other ways; any if none is named."""
    return _LinkFaults(caller_span(), links, parse_range(lasting, "lasting"))


def wire(name: str, *kinds: str, lasting: DurationRange = ("200 ms", "1 min")) -> FaultSource:
    """Any fault of the exchanges on a link or at a served endpoint, such as ``"no_response"``, or those named."""
    return _ComponentFaults(caller_span(), "wire", name, kinds, parse_range(lasting, "lasting"))


def any_of(*sources: FaultSource) -> FaultSource:
    """One of several, each as likely as the other."""
    if not sources:
        raise ValueError("any_of() offers no faults; name at least one")
    return _AnyOf(caller_span(), sources)


def inject(fault: str, value: TapeValue = True, *, lasting: Duration | None = None) -> FaultSource:
    """One given fault such as ``inject("LT-101.stuck", 61.2)``; to be placed with ``at``, or drawn in time."""
    if "." not in fault:
        raise ValueError(f"inject('{fault}') names no fault; write 'instance.fault' such as 'LT-101.stuck'")
    lasting_ns = None if lasting is None else parse_duration(lasting)
    return _Injected(caller_span(), fault, value, lasting_ns)


@dataclass(frozen=True)
class _ComponentFaults(FaultSource):
    place: str
    name: str
    kinds: tuple[str, ...]
    lasting_ns: tuple[int, int]

    def options(self, catalogue: Catalogue) -> list[FaultOption]:
        target = catalogue.get(self.name)
        offered = () if target is None else target.faults
        return [
            FaultOption(Operation.FAULT, f"{self.name}.{fault.name}", True, self.lasting_ns, str(self), described=fault)
            for fault in offered
            if (not self.kinds or fault.name in self.kinds) and _can_be_drawn(fault)
        ]

    def findings(self, catalogue: Catalogue) -> list[Diagnostic]:
        target = catalogue.get(self.name)
        if target is None or not target.faults:
            faulty = [name for name, other in catalogue.items() if other.faults]
            message = f"{self}: the bench has no '{self.name}' that can fail"
            hint = did_you_mean(self.name, faulty) or (_SERVE if self.place == "wire" else "")
            return [Diagnostic(self.span, "", message, hint)]
        return _unknown_kinds(self, target, self.kinds)

    def __str__(self) -> str:
        return f"{self.place}({', '.join([self.name, *self.kinds])})"


def _can_be_drawn(fault: FaultDescription) -> bool:
    if fault.type == "bool":
        return True
    return fault.low is not None and fault.high is not None and isfinite(fault.low) and isfinite(fault.high)


def _unknown_kinds(source: FaultSource, target: TargetDescription, kinds: tuple[str, ...]) -> list[Diagnostic]:
    offered = [fault.name for fault in target.faults]
    findings = []
    for kind in kinds:
        if kind not in offered:
            from emulators.cell.wires import fault_hint  # loads Modbus, which few tests need

            message = f"{source}: {target.name} has no fault '{kind}'"
            findings.append(Diagnostic(source.span, "", message, fault_hint(kind, offered)))
    return findings


@dataclass(frozen=True)
class _ControllerFaults(FaultSource):
    word: str
    controllers: tuple[str, ...]
    kinds: tuple[str, ...]
    off_ns: tuple[int, int]

    def _names(self, catalogue: Catalogue) -> list[str]:
        known = [name for name, target in catalogue.items() if target.kind is TargetKind.CONTROLLER]
        return [name for name in self.controllers if name in known] if self.controllers else known

    def options(self, catalogue: Catalogue) -> list[FaultOption]:
        return [
            FaultOption(Operation.RESTART, name, kind, self._lasting(kind), str(self), may_stay=False)
            for name in self._names(catalogue)
            for kind in self.kinds
        ]

    def _lasting(self, kind: str) -> tuple[int, int] | None:
        return self.off_ns if kind == "power_off" else None

    def findings(self, catalogue: Catalogue) -> list[Diagnostic]:
        known = [name for name, target in catalogue.items() if target.kind is TargetKind.CONTROLLER]
        if not known:
            return [Diagnostic(self.span, "", f"{self}: the bench has no controller that can restart")]
        return [
            Diagnostic(self.span, "", f"{self}: the bench has no controller '{name}'", did_you_mean(name, known))
            for name in self.controllers
            if name not in known
        ]

    def fixed_events(self, time_ns: int) -> tuple[Event, ...] | None:
        if not self.controllers or len(self.kinds) != 1:
            return None
        kind = self.kinds[0]
        until_ns = time_ns + max(self.off_ns[0], min(self.off_ns[1], NS_PER_S)) if kind == "power_off" else None
        return tuple(
            Event(time_ns, Operation.RESTART, name, kind, until_ns, source=str(self)) for name in self.controllers
        )

    def __str__(self) -> str:
        return f"{self.word}({', '.join(self.controllers)})"


@dataclass(frozen=True)
class _LinkFaults(FaultSource):
    links: tuple[str, ...]
    lasting_ns: tuple[int, int]

    def options(self, catalogue: Catalogue) -> list[FaultOption]:
        known = _connections(catalogue)
        chosen = [name for name in self.links if name in known] if self.links else known
        down = [FaultOption(Operation.LINK, name, "down", self.lasting_ns, str(self)) for name in chosen]
        failing = [
            FaultOption(Operation.FAULT, f"{name}.{fault.name}", True, self.lasting_ns, str(self), described=fault)
            for name in chosen
            for fault in catalogue[name].faults
            if _can_be_drawn(fault) and fault.name != DOWN
        ]
        return down + failing

    def findings(self, catalogue: Catalogue) -> list[Diagnostic]:
        known = _connections(catalogue)
        if not known:
            return [Diagnostic(self.span, "", f"{self}: the bench has no connection that can go down", _SERVE)]
        return [
            Diagnostic(self.span, "", f"{self}: the bench has no connection '{name}'", did_you_mean(name, known))
            for name in self.links
            if name not in known
        ]

    def __str__(self) -> str:
        return f"network({', '.join(self.links)})"


def _connections(catalogue: Catalogue) -> list[str]:
    """Return what can go down: links, endpoints, and connections that take time."""
    return [name for name, target in catalogue.items() if target.kind is TargetKind.LINK or target.fault(DOWN)]


@dataclass(frozen=True)
class _AnyOf(FaultSource):
    sources: tuple[FaultSource, ...]

    def options(self, catalogue: Catalogue) -> list[FaultOption]:
        return [replace(option, source=str(self)) for source in self.sources for option in source.options(catalogue)]

    def findings(self, catalogue: Catalogue) -> list[Diagnostic]:
        return [finding for source in self.sources for finding in source.findings(catalogue)]

    def __str__(self) -> str:
        return f"any_of({', '.join(str(source) for source in self.sources)})"


@dataclass(frozen=True)
class _Injected(FaultSource):
    fault: str
    value: TapeValue
    lasting_ns: int | None

    def options(self, catalogue: Catalogue) -> list[FaultOption]:
        lasting = None if self.lasting_ns is None else (min(_SHORTEST_NS, self.lasting_ns), self.lasting_ns)
        return [FaultOption(Operation.FAULT, self.fault, self.value, lasting, str(self))]

    def findings(self, catalogue: Catalogue) -> list[Diagnostic]:
        owner, _, kind = self.fault.rpartition(".")
        target = catalogue.get(owner)
        if target is None or not target.faults:
            faulty = [name for name, other in catalogue.items() if other.faults]
            message = f"{self}: the bench has no '{owner}' that can fail"
            return [Diagnostic(self.span, "", message, did_you_mean(owner, faulty))]
        return _unknown_kinds(self, target, (kind,)) or self._wrong_value(target, catalogue)

    def _wrong_value(self, target: TargetDescription, catalogue: Catalogue) -> list[Diagnostic]:
        """Say what a wire does not understand; a part of the plant takes a number, which the cell looks at."""
        if target.kind is not TargetKind.LINK:
            is_text = isinstance(self.value, str)
            return [Diagnostic(self.span, "", f"{self}: the value is a text", "give a number")] if is_text else []
        from emulators.cell.directory import TargetError
        from emulators.cell.wires import check_wire_event

        try:
            check_wire_event(TapeEvent(0, 0, Operation.FAULT, self.fault, self.value), catalogue)
        except TargetError as error:
            message, _, hint = str(error).partition("; ")
            return [Diagnostic(self.span, "", f"{self}: {message}", hint)]
        return []

    def fixed_events(self, time_ns: int) -> tuple[Event, ...]:
        until_ns = None if self.lasting_ns is None else time_ns + self.lasting_ns
        return (Event(time_ns, Operation.FAULT, self.fault, self.value, until_ns, source=str(self)),)

    def __str__(self) -> str:
        return f"inject({self.fault}, {self.value})"
