"""Wire of an endpoint in a test: ``bench.wire("plc1-modbus").inject("delay", time="200 ms", function=3)``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from emulators.cell.tape import TapeValue
from emulators.errors import did_you_mean
from emulators.modbus.faults.pipeline import FaultPipeline, Injection
from emulators.modbus.faults.rule import OptionValue, Rule
from hil.errors import UnknownNameError

__all__ = ["Wire"]


@dataclass(frozen=True, slots=True)
class Wire:
    """What happens to the exchanges at one endpoint. Faults act from the next exchange on."""

    name: str
    _pipeline: FaultPipeline
    _inject: Callable[[str, TapeValue], None]

    @classmethod
    def of(cls, name: str, wires: Mapping[str, FaultPipeline], inject: Callable[[str, TapeValue], None]) -> Wire:
        """Return the wire of that name; ``inject`` puts a fault on the tape.

        Raises:
            UnknownNameError: there is none.
        """
        if name not in wires:
            hint = did_you_mean(name, wires) or f"there are {', '.join(wires) or 'none'}"
            raise UnknownNameError(f"no endpoint '{name}' whose wire can fail; {hint}")
        return cls(name, wires[name], inject)

    def inject(self, fault: str, **options: OptionValue) -> None:
        """Let exchanges fail, in place of the rules that this fault had.

        ``options`` are those of the fault (``time="200 ms"``, ``code=4``) and of every rule: ``connection``, ``unit``,
        ``function``, ``address``, ``probability``, ``count``, and ``from`` and ``until`` (written ``from_``).

        Raises:
            RuleError: unknown fault or option, or a value that does not fit.
        """
        rule = Rule.from_options(fault, {key.rstrip("_"): value for key, value in options.items()})
        self._inject(f"{self.name}.{fault}", rule.text or True)

    def clear(self, *faults: str) -> None:
        """End faults, all of them when none is named."""
        active = dict.fromkeys(rule.fault.NAME for rule in self._pipeline.rules)
        for fault in faults or active:
            self._inject(f"{self.name}.{fault}", None)

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules that are switched on now."""
        return self._pipeline.rules

    @property
    def injections(self) -> tuple[Injection, ...]:
        """Every fault that has happened to an exchange or a client at the door, oldest first."""
        return tuple(self._pipeline.injections)

    def replay(self, injections: tuple[Injection, ...]) -> None:
        """Let exactly these exchanges fail again, in the way they did; the run needs the seed of the recorded one."""
        self._pipeline.replay(injections)
