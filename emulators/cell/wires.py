"""Wires that can fail, as names of a cell: what the catalogue says about them and what events do to them.

The same for a link inside the cell and for an endpoint that is served: both have a ``FaultPipeline``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from emulators.cell.catalogue import DOWN, FaultDescription, TargetDescription, TargetKind
from emulators.cell.directory import TargetError
from emulators.cell.tape import Operation, TapeEvent, TapeValue
from emulators.errors import did_you_mean
from emulators.modbus.faults.kinds import FAULTS, faults_on
from emulators.modbus.faults.pipeline import FaultPipeline
from emulators.modbus.faults.rule import RuleError, rules_from_value

__all__ = ["act_on_wire", "check_wire_event", "fault_hint", "standing_faults", "wire_of", "wire_target"]

_SIZES = {  # what a drawn or bare number means: type, lowest, highest, unit, value without the fault
    "delay": ("float", 0.0, 5.0, "s", 0.0),
    "exception": ("int", 1.0, 11.0, "", None),
    "truncate": ("int", 1.0, 260.0, "bytes", None),
    "extra_bytes": ("int", 1.0, 260.0, "bytes", None),
}


def wire_target(name: str, protocol: str, description: str) -> TargetDescription:
    """Return what the catalogue says about a wire of this protocol."""
    faults = [FaultDescription(DOWN, neutral=False, description="the wire is cut: nobody gets in, nothing is answered")]
    for fault, kind in faults_on(protocol).items():
        type_name, low, high, unit, neutral = _SIZES.get(fault, ("bool", None, None, "", None))
        faults.append(FaultDescription(fault, type_name, low, high, unit, neutral, kind.SUMMARY))
    return TargetDescription(name, kind=TargetKind.LINK, faults=tuple(faults), description=description)


def wire_of(wires: Mapping[str, FaultPipeline], event: TapeEvent) -> FaultPipeline | None:
    """Return the wire that an event is about, None for everything else."""
    if event.operation is Operation.LINK:
        return wires.get(event.target)
    if event.operation is Operation.FAULT:
        return wires.get(event.target.rpartition(".")[0])
    return None


def fault_hint(fault: str, offered: Sequence[str]) -> str:
    """Return what to write in place of a fault that is not among those of a wire or a part of the plant."""
    listed = f"it has {', '.join(offered) or 'none'}"
    if fault in FAULTS and DOWN in offered:
        return f"wires of other protocols have it; {listed}"
    return did_you_mean(fault, offered) or listed


def check_wire_event(event: TapeEvent, targets: Mapping[str, TargetDescription]) -> None:
    """Refuse an event that a wire would not understand.

    Raises:
        TargetError: the wire cannot have such a fault, or the value says nothing to it.
    """
    wire, _, fault = event.target.rpartition(".")
    if event.operation is Operation.LINK:
        if event.value not in ("down", "up"):
            raise TargetError(f"{event.target}: a link goes 'down' or 'up', not {event.value!r}")
        return
    offered = [described.name for described in targets[wire].faults]
    if fault not in offered:
        raise TargetError(f"{wire} has no fault '{fault}'; {fault_hint(fault, offered)}")
    if fault == DOWN:
        if event.value is not None and not isinstance(event.value, bool):
            raise TargetError(f"{event.target}: a wire is down or not; write true, or clear the fault")
    elif event.value is not None:
        try:
            rules_from_value(fault, event.value)
        except RuleError as error:
            raise TargetError(f"{event.target}: {error}") from error


def standing_faults(wires: Mapping[str, FaultPipeline]) -> dict[str, TapeValue]:
    """Return the faults whose rules are switched on, each with the value that says the same."""
    texts: dict[str, list[str]] = {}
    for name, wire in wires.items():
        for rule in wire.rules:
            texts.setdefault(f"{name}.{rule.fault.NAME}", []).append(rule.text)
    return {fault: "; ".join(each) or True for fault, each in texts.items()}


def act_on_wire(wire: FaultPipeline, event: TapeEvent) -> None:
    """Carry out an event that has been checked."""
    fault = event.target.rpartition(".")[2]
    if event.operation is Operation.LINK:
        wire.take_down(is_down=event.value == "down")
    elif fault == DOWN:
        wire.take_down(is_down=bool(event.value))
    else:
        wire.switch(fault, event.value)
