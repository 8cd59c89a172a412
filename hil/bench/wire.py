"""A wire in a test, of an endpoint or a link: ``bench.wire("VFD").inject("delay", time="200 ms", function=3)``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from emulators.cell.catalogue import DOWN
from emulators.cell.tape import TapeValue
from emulators.errors import did_you_mean
from emulators.modbus.faults.injection import Injection
from emulators.modbus.faults.pipeline import FaultPipeline
from emulators.modbus.faults.rule import GivenValue, Rule, RuleError
from hil.errors import UnknownNameError

__all__ = ["Wire"]


@dataclass(frozen=True, slots=True)
class Wire:
    """What happens to the exchanges at one endpoint or on one link. Faults act from the next exchange on."""

    name: str
    _wires: Callable[[], Mapping[str, FaultPipeline]]
    _inject: Callable[[str, TapeValue], None]

    @classmethod
    def of(
        cls,
        name: str,
        wires: Callable[[], Mapping[str, FaultPipeline]],
        inject: Callable[[str, TapeValue], None],
        *,
        otherwise: str = "",
    ) -> Wire:
        """Return the wire of that name; ``wires`` gives those there are now, ``inject`` puts a fault on the tape.

        ``otherwise`` says how there may be others.

        Raises:
            UnknownNameError: there is none.
        """
        known = wires()
        if name not in known:
            hint = did_you_mean(name, known) or f"there are {', '.join(known) or 'none'}{otherwise}"
            raise UnknownNameError(f"no endpoint or link '{name}' whose wire can fail; {hint}")
        return cls(name, wires, inject)

    def inject(self, fault: str, **options: GivenValue) -> None:
        """Let exchanges fail, in place of the rules that this fault had.

        ``options`` are those of the fault (``time="200 ms"``, ``code=4``) and of every rule: ``connection``, ``unit``,
        ``function``, ``address``, ``quantity``, ``probability``, ``count``, and ``from`` and ``until`` (written
        ``from_``). Several numbers are ``"3,4"``, ``[3, 4]``, ``"0..9"`` or ``range(10)``.

        Raises:
            RuleError: unknown fault or option, or a value that does not fit.
            TargetError: wires of this protocol cannot have the fault.
        """
        if fault == DOWN:
            if options:
                raise RuleError("a wire that is down takes no option", option=next(iter(options)))
            self.take_down()
            return
        rule = Rule.from_options(fault, {key.rstrip("_"): value for key, value in options.items()})
        self._inject(f"{self.name}.{fault}", rule.text or True)

    def clear(self, *faults: str) -> None:
        """End faults, all of them when none is named; a wire that is down stays so unless ``down`` is named.

        Raises:
            TargetError: the wire knows no such fault.
        """
        active = dict.fromkeys(rule.fault.NAME for rule in self.rules)
        for fault in faults or active:
            self._inject(f"{self.name}.{fault}", None)

    def take_down(self) -> None:
        """Cut the wire until ``bring_up``: connections are reset and refused, nothing is answered."""
        self._inject(f"{self.name}.{DOWN}", True)

    def bring_up(self) -> None:
        """Connect the wire again."""
        self._inject(f"{self.name}.{DOWN}", None)

    @property
    def is_down(self) -> bool:
        return self._pipeline.is_down

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules that are switched on now."""
        return self._pipeline.rules

    @property
    def injections(self) -> tuple[Injection, ...]:
        """Every fault that has happened to an exchange or a client at the door, oldest first."""
        return tuple(self._pipeline.injections)

    def replay(self, injections: Iterable[Injection]) -> None:
        """Let exactly these exchanges fail again, in the way they did; the run needs the seed of the recorded one."""
        self._pipeline.replay(injections)

    @property
    def _pipeline(self) -> FaultPipeline:
        return self._wires()[self.name]
