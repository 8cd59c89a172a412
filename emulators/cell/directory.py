"""The one table of names of a cell: tag, plant signal or controller variable → slot in the state block.

Forces, tape, trace, endpoints and displays all look here. What a name is for people (unit, range, faults) stands in
its ``TargetDescription``; what it is for the loop stands in its ``Slot``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from emulators.cell.catalogue import TargetDescription
from emulators.cell.slots import Slot
from emulators.cell.tape import TapeValue
from emulators.errors import EmulatorError, did_you_mean
from emulators.native.ir import Scalar
from emulators.plc.forces import CHUNK_SIZE

__all__ = ["Directory", "ForceSlots", "ForcedMemory", "TargetError"]


class TargetError(EmulatorError):
    """A name that a scenario, a test or a client used does not exist or cannot do what was asked."""


@dataclass(frozen=True, slots=True)
class ForceSlots:
    """Where a force on a variable is written: its value, its bits in the mask, the flags that forces are used here."""

    value: Slot
    mask: Slot
    flags: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class ForcedMemory:
    """Offsets of the memory of a controller's program and of the forces beside it, as ``emulators/plc/forces`` says."""

    memory: int
    value: int
    mask: int
    chunks: int
    used: int

    def slots(self, variable: Slot) -> ForceSlots:
        """Return where a force on a variable in the memory is written."""
        inside = variable.offset - self.memory
        flags = (self.chunks + inside // CHUNK_SIZE, self.used)
        return ForceSlots(
            replace(variable, offset=self.value + inside),
            replace(variable, offset=self.mask + inside),
            tuple(Slot(variable.path, flag, Scalar.BOOL, stage=variable.stage) for flag in flags),
        )


@dataclass(frozen=True, slots=True)
class Directory:
    """Names of one cell.

    ``aliases`` maps tags to the signal they stand for; ``driven`` maps signals that may not be written to what drives
    them; controller variables are found without regard to case, and without the name of their program where
    only one can be meant: ``folded``, ``ambiguous``.
    """

    rig: str
    targets: Mapping[str, TargetDescription]
    slots: Mapping[str, Slot]
    aliases: Mapping[str, str] = field(default_factory=dict)
    driven: Mapping[str, str] = field(default_factory=dict)
    forces: Mapping[str, ForcedMemory] = field(default_factory=dict)
    faults: Mapping[str, TapeValue] = field(default_factory=dict)
    commands: Mapping[str, Slot] = field(default_factory=dict)
    links: Mapping[str, Slot] = field(default_factory=dict)
    folded: Mapping[str, str] = field(default_factory=dict)
    ambiguous: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def signal(self, name: str) -> str:
        """Return the signal that a name stands for.

        Raises:
            TargetError: no such name.
        """
        signal = self.aliases.get(name, name)
        if signal not in self.slots:
            signal = self.folded.get(signal.casefold(), signal)
        if signal.casefold() in self.ambiguous and signal not in self.slots:
            meant = ", ".join(self.ambiguous[signal.casefold()][:4])
            raise TargetError(f"{name} may mean several variables: {meant}; write the whole name")
        if signal not in self.slots:
            raise self._unknown("signal or tag", name, [*self.aliases, *self.slots])
        return signal

    def slot(self, name: str) -> Slot:
        """Return where the value of a tag or signal lies."""
        return self.slots[self.signal(name)]

    def writable(self, name: str) -> Slot:
        """Return the slot of a name that the tape may write.

        Raises:
            TargetError: unknown, or something else drives it at every step.
        """
        signal = self.signal(name)
        driver = self.driven.get(signal)
        if driver is not None:
            raise TargetError(f"{name} cannot be written: {driver}")
        return self.slots[signal]

    def force(self, name: str) -> ForceSlots:
        """Return where a force on ``name`` is written.

        Raises:
            TargetError: unknown, or no variable of a controller.
        """
        signal = self.signal(name)
        memory = self.forces.get(signal)
        if memory is None:
            same = next((each for each in self.forces if each.casefold().endswith(f".{name.casefold()}")), None)
            hint = f"did you mean '{same}'?" if same is not None else "write it, or inject a fault"
            reason = self.driven.get(signal, f"only variables of a controller can; {hint}")
            raise TargetError(f"{name} cannot be forced: {reason}")
        return memory.slots(self.slots[signal])

    def fault(self, name: str) -> tuple[Slot, TapeValue]:
        """Return the slot of a fault parameter ``instance.fault`` and its neutral value."""
        if name not in self.faults:
            every = [f"{target.name}.{fault.name}" for target in self.targets.values() for fault in target.faults]
            raise self._unknown("fault", name, every)
        return self.slots[name], self.faults[name]

    def command(self, controller: str) -> Slot:
        """Return the command field of a controller."""
        if controller not in self.commands:
            raise self._unknown("controller", controller, self.commands)
        return self.commands[controller]

    def link(self, name: str) -> Slot:
        """Return the field that takes a connection down."""
        if name not in self.links:
            raise self._unknown("connection", name, self.links)
        return self.links[name]

    def _unknown(self, what: str, name: str, candidates: object) -> TargetError:
        names = [str(candidate) for candidate in candidates] if hasattr(candidates, "__iter__") else []
        hint = did_you_mean(name, names)
        return TargetError(f"rig {self.rig} has no {what} '{name}'" + (f"; {hint}" if hint else ""))
