"""Events in the words of an operator: ``START pressed``, ``LT-101 stuck at 61.2 %``, ``PLC1 loses power for 2.0 s``."""

from __future__ import annotations

from collections.abc import Mapping

from emulators.cell.catalogue import FaultDescription, TargetDescription
from emulators.cell.tape import Operation, TapeValue
from emulators.timebase import NS_PER_S, format_duration
from hil.scenario.timeline import Event

__all__ = ["describe_event"]

_LONG_PRESS_NS = NS_PER_S
_RESTARTS = {"cold": "restarts cold", "warm": "restarts warm", "power_on": "gets power back"}


def describe_event(event: Event, catalogue: Mapping[str, TargetDescription]) -> str:
    """Return one phrase that says what the event does and, where it matters, for how long."""
    match event.operation:
        case Operation.WRITE:
            return _write(event, catalogue)
        case Operation.FORCE:
            return f"{event.target} forced to {_value(event.target, event.value, catalogue)}{_lasting(event)}"
        case Operation.RELEASE:
            return f"{event.target} released"
        case Operation.FAULT:
            return _fault(event, catalogue)
        case Operation.RESTART if event.value == "power_off":
            return f"{event.target} loses power{_lasting(event)}"
        case Operation.RESTART:
            return f"{event.target} {_RESTARTS.get(str(event.value), f'restarts {event.value}')}"
        case Operation.LINK:
            return f"{event.target} goes {event.value}{_lasting(event)}"


def _write(event: Event, catalogue: Mapping[str, TargetDescription]) -> str:
    value = _value(event.target, event.value, catalogue)
    if event.until_ns is None:
        return f"{event.target} set to {value}"
    if event.ramp_from is not None:
        first = _number(event.ramp_from)
        return f"{event.target} ramps from {first} to {value} in {format_duration(event.until_ns - event.time_ns)}"
    if event.value is True and event.rest in (None, False):
        held = _lasting(event) if event.until_ns - event.time_ns > _LONG_PRESS_NS else ""
        return f"{event.target} pressed{held}"
    return f"{event.target} at {value}{_lasting(event)}"


def _fault(event: Event, catalogue: Mapping[str, TargetDescription]) -> str:
    owner, _, kind = event.target.rpartition(".")
    target = catalogue.get(owner)
    fault = target.fault(kind) if target is not None else None
    words = _fault_words(kind)
    if event.value is None:
        return f"{owner} {words} ends"
    if event.value is True:
        return f"{owner} {words}{_lasting(event)}"
    if words == "stuck":
        at_value = _value(owner, event.value, catalogue)
        return f"{owner} stuck at {at_value}{_lasting(event)}"
    return f"{owner} {words} {_fault_value(kind, event.value, fault)}{_lasting(event)}"


def _fault_value(kind: str, value: TapeValue, fault: FaultDescription | None) -> str:
    if kind.endswith("_frac") and isinstance(value, int | float):
        return f"{100 * value:.4g} %"
    if fault is None or fault.unit == "1" or isinstance(value, str):  # options of a wire's fault have their units
        return _number(value)
    unit = "byte" if fault.unit == "bytes" and value == 1 else fault.unit
    return f"{_number(value)} {unit}".rstrip()


def _fault_words(kind: str) -> str:
    """Return the fault's name as words, without the unit that ends it and without ``is`` before it."""
    words = kind.removeprefix("is_").split("_")
    while len(words) > 1 and words[-1].casefold() in _NOT_SPOKEN:
        words.pop()
    return " ".join(words)


_UNIT_WORDS = "pct frac s ms ns m m2 m3 mm ma v w kw hz degc k pa bar kg rpm per min h count"
_NOT_SPOKEN = frozenset(f"{_UNIT_WORDS} at to by".split())


def _lasting(event: Event) -> str:
    return "" if event.until_ns is None else f" for {format_duration(event.until_ns - event.time_ns)}"


def _value(name: str, value: TapeValue, catalogue: Mapping[str, TargetDescription]) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    target = catalogue.get(name)
    unit = f" {target.unit}" if target is not None and target.unit else ""
    return f"{_number(value)}{unit}"


def _number(value: TapeValue) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
