"""Compiles the symbolic tape into masked writes that the native loop applies.

Every operation becomes writes: a force sets mask and value, a restart sets the command field, a fault sets a fault
parameter. Entries are sorted by tick, by stage, then by the order of the events.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emulators.cell.directory import Directory, TargetError
from emulators.cell.slots import Slot, encode
from emulators.cell.tape import Operation, TapeEvent, TapeValue
from emulators.native.loop import TAPE_FIELDS
from emulators.plc import PlcCommand

__all__ = ["TAPE_DTYPE", "MaskedWrite", "compile_tape", "masked_writes", "tick_of"]

TAPE_DTYPE = np.dtype(TAPE_FIELDS)


@dataclass(frozen=True, slots=True)
class MaskedWrite:
    """``size`` bytes at ``slot``: bits under ``mask`` become those of ``value``."""

    slot: Slot
    value: int
    mask: int


def tick_of(time_ns: int, step_ns: int) -> int:
    """Return the first step that ends at or after ``time_ns``; steps count from 1."""
    return max(1, -(-time_ns // step_ns))


def compile_tape(events: Iterable[TapeEvent], directory: Directory, *, step_ns: int) -> NDArray[np.void]:
    """Return the tape as an array of ``TAPE_DTYPE``, one row a masked write.

    Raises:
        TargetError: a name does not exist, cannot take the operation, or the value does not fit.
    """
    rows = []
    for event in sorted(events, key=lambda event: (tick_of(event.time_ns, step_ns), event.time_ns, event.order)):
        tick = tick_of(event.time_ns, step_ns)
        for write in masked_writes(directory, event.operation, event.target, event.value):
            slot = write.slot
            rows.append((tick, write.value, write.mask, slot.offset, slot.size, int(slot.stage), 0))
    rows.sort(key=lambda row: (row[0], row[5]))
    return np.array(rows, dtype=TAPE_DTYPE)


def masked_writes(directory: Directory, operation: Operation, target: str, value: TapeValue) -> tuple[MaskedWrite, ...]:
    """Return what one operation writes.

    Raises:
        TargetError: see ``compile_tape``.
    """
    match operation:
        case Operation.WRITE:
            slot = directory.writable(target)
            _check_range(directory, target, value)
            return (_write(slot, target, value),)
        case Operation.FAULT:
            fault, neutral = directory.fault(target)
            _check_size_of_fault(directory, target, value)
            return (_write(fault, target, neutral if value is None else value),)
        case Operation.FORCE:
            return _force(directory, target, value)
        case Operation.RELEASE:
            mask = directory.force(target).mask
            return (MaskedWrite(mask, 0, _mask_bits(mask)),)
        case Operation.RESTART:
            return (_write(directory.command(target), target, _command(target, value)),)
        case Operation.LINK:
            return (_write(directory.link(target), target, _is_down(target, value)),)


def _check_range(directory: Directory, target: str, value: TapeValue) -> None:
    """Refuse a value outside the range of a tag or of a quantity of the plant; program variables have none."""
    described = directory.targets.get(target)
    if described is None or described.eu_range is None or not isinstance(value, int | float):
        return
    low, high = described.eu_range
    if not low <= value <= high:
        behind = directory.aliases.get(target)
        hint = f"; write {behind} to go beyond" if behind is not None else ""
        raise TargetError(
            f"{target}: {value!r} is outside its range {low:g}..{high:g} {described.unit}".rstrip() + hint
        )


def _check_size_of_fault(directory: Directory, target: str, value: TapeValue) -> None:
    owner, _, name = target.partition(".")
    described = directory.targets.get(owner)
    fault = described.fault(name) if described is not None else None
    if fault is None or fault.low is None or fault.high is None or not isinstance(value, int | float):
        return
    if not fault.low <= value <= fault.high:
        raise TargetError(f"{target}: {value!r} is outside {fault.low:g}..{fault.high:g} {fault.unit}".rstrip())


def _write(slot: Slot, target: str, value: TapeValue) -> MaskedWrite:
    if value is None or isinstance(value, str):
        raise TargetError(f"{target}: {value!r} cannot be written; give a number or a truth value")
    try:
        bits, mask = encode(slot, value)
    except ValueError as error:
        raise TargetError(f"{target}: {error}") from error
    return MaskedWrite(slot, bits, mask)


def _force(directory: Directory, target: str, value: TapeValue) -> tuple[MaskedWrite, ...]:
    force = directory.force(target)
    forced = _write(force.value, target, value)
    mask = MaskedWrite(force.mask, _mask_bits(force.mask), _mask_bits(force.mask))
    return (forced, mask, *(_write(flag, target, True) for flag in force.flags))


def _mask_bits(slot: Slot) -> int:
    return 1 << slot.bit if slot.bit is not None else (1 << 8 * slot.scalar.size) - 1


def _command(target: str, value: TapeValue) -> int:
    try:
        return int(PlcCommand.from_word(str(value)))
    except ValueError as error:
        raise TargetError(f"{target}: {error}") from error


def _is_down(target: str, value: TapeValue) -> bool:
    if value not in ("down", "up"):
        raise TargetError(f"{target}: a link goes 'down' or 'up', not {value!r}")
    return value == "down"
