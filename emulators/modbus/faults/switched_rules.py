"""The rules of one wire that are switched on, or in their place what is to happen again: which of them act.

Whether a rule acts, and with which draws, depends on the seed, the wire's name, the rule's number, the connection's
number and the number of the exchange in it, on nothing else: two runs with the same requests fail in the same way, two
wires with the same rules do not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from copy import copy

from emulators.modbus.faults.draft import Draws
from emulators.modbus.faults.exchange import Exchange, SwitchedRule
from emulators.modbus.faults.fault import Stage
from emulators.modbus.faults.injection import Injection
from emulators.modbus.faults.rule import Rule
from emulators.native.same_bits.noise import channel_of, hash_u64

__all__ = ["SwitchedRules"]


class SwitchedRules:
    """``rules`` are switched on from the start.

    Changes are made by one thread at a time; ``acting`` sees what was before or after each.
    """

    def __init__(self, wire: str, rules: Iterable[Rule] = (), *, seed: int = 0) -> None:
        self._channel = channel_of(wire)
        self.sow(seed)
        self._first_rules = tuple(rules)
        self._script: dict[int, list[tuple[Rule, int]]] | None = None
        self._switched: tuple[SwitchedRule, ...] = ()
        self.restart()

    def sow(self, seed: int) -> None:
        """Draw from another seed from now on."""
        self.seed = seed
        self._own_seed = hash_u64(seed, 0, self._channel)

    def copy(self) -> SwitchedRules:
        """Return the same rules in the same state, to be spent apart from these."""
        twin = copy(self)
        twin._switched = tuple(copy(each) for each in self._switched)
        return twin

    def __iter__(self) -> Iterator[Rule]:
        return (each.rule for each in self._switched)

    @property
    def is_empty(self) -> bool:
        """Whether nothing can happen."""
        return not self._switched and self._script is None

    def switch(self, name: str, rules: Iterable[Rule]) -> None:
        """Set the rules of a fault, in place of those it had."""
        others = (each for each in self._switched if name != each.rule.fault.NAME)
        self._switched = _by_stage(*others, *self._numbered(rules))

    def clear(self) -> None:
        """Switch every rule off."""
        self._switched = ()

    def replay(self, injections: Iterable[Injection]) -> None:
        """Let exactly these injections happen again, whatever the rules say; needs the seed of their run."""
        script: dict[int, list[tuple[Rule, int]]] = {}
        for injection in injections:
            place = Exchange(injection.connection, "", injection.exchange).place
            script.setdefault(place, []).append((injection.as_rule(), injection.number))
        self._script = script

    def restart(self) -> None:
        """Begin anew with the rules of the start."""
        self._numbers = 0
        self._switched = _by_stage(*self._numbered(self._first_rules))
        self._script = None

    def acting(self, exchange: Exchange, time_ns: int) -> list[tuple[SwitchedRule, Draws]]:
        """Return the rules that are to act on an exchange or at the door, by stage and age, with their draws."""
        if self._script is not None:
            due = (SwitchedRule(rule, number) for rule, number in self._script.get(exchange.place, ()))
            return [(each, self._draws(each, exchange)) for each in due]
        is_at_door = not exchange.request
        found = []
        for each in self._switched:
            if (each.rule.fault.STAGE is Stage.DOOR) is is_at_door and each.may_act(exchange, time_ns):
                draws = self._draws(each, exchange)
                if draws.chance(each.rule.probability):
                    found.append((each, draws))
        return found

    def _draws(self, each: SwitchedRule, exchange: Exchange) -> Draws:
        return Draws(self._own_seed, each.number, exchange.place)

    def _numbered(self, rules: Iterable[Rule]) -> Iterator[SwitchedRule]:
        for rule in rules:
            self._numbers += 1
            yield SwitchedRule(rule, self._numbers)


def _by_stage(*rules: SwitchedRule) -> tuple[SwitchedRule, ...]:
    return tuple(sorted(rules, key=lambda each: (each.rule.fault.STAGE, each.number)))
