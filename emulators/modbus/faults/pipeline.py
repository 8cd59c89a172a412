"""The faults of one wire: its rules, what they did, and the connections they act on.

Rules are switched, cleared and replayed, the wire is cut and time shown by one thread at a time, which may be another
than that of the endpoint, to which everything else belongs.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable
from copy import copy, deepcopy
from dataclasses import replace
from typing import Any

from emulators.modbus.faults.exchange import ActingRule, Exchange, SwitchedRule
from emulators.modbus.faults.fault import DoorFault
from emulators.modbus.faults.faulted_connection import FaultedConnection
from emulators.modbus.faults.injection import Injection
from emulators.modbus.faults.interface import Door, WireFraming
from emulators.modbus.faults.matching import touched_addresses
from emulators.modbus.faults.rule import OptionValue, Rule, rules_from_value
from emulators.modbus.faults.switched_rules import SwitchedRules

__all__ = ["FaultPipeline"]

_MAX_KEPT = 100_000


class FaultPipeline:
    """Satisfies ``EndpointFaults``.

    ``endpoint`` is the name of the wire; ``rules`` and ``seed`` are as in ``SwitchedRules``. Windows are in
    plant time: what ``show_time`` was told, or without it the time since the first connection. A wire may be a part of
    a ``line``, whose rules act on every exchange of its parts and are counted there.
    """

    def __init__(
        self,
        endpoint: str,
        *,
        seed: int = 0,
        rules: Iterable[Rule] = (),
        line: FaultPipeline | None = None,
    ) -> None:
        self.endpoint = endpoint
        self.injections: deque[Injection] = deque(maxlen=_MAX_KEPT)
        self.injection_count = 0
        self.when_down: Callable[[], object] | None = None
        self.when_injected: Callable[[Injection], object] | None = None
        self.is_down = False
        self.is_active = False  # looked at for each request, so kept
        self.stretch = 0  # counts the times in which it was active without a break
        self._lock = threading.Lock()
        self._switched = SwitchedRules(endpoint, rules, seed=seed)
        self._connections = 0
        self._plant_ns: int | None = None
        self._start_ns: int | None = None
        self._line = line
        self._parts: list[FaultPipeline] = []
        self._decided: tuple[int, list[ActingRule]] = (-1, [])
        if line is not None:
            line._parts.append(self)
        self._settle()

    def __deepcopy__(self, memo: dict[int, Any]) -> FaultPipeline:
        """Return a pipeline in the same state; what has happened so far is shared, as it never changes."""
        twin = copy(self)
        memo[id(self)] = twin
        twin._lock = threading.Lock()
        twin.injections = self.injections.copy()
        twin.when_down = deepcopy(self.when_down, memo)
        twin.when_injected = None  # tells of this run
        twin._switched = self._switched.copy()
        twin._line, twin._parts = deepcopy(self._line, memo), deepcopy(self._parts, memo)
        twin._decided = (-1, [])  # an exchange is not divided between two copies
        return twin

    @property
    def is_cut(self) -> bool:
        """Whether nothing comes through, here or on the whole line."""
        return self.is_down or (self._line is not None and self._line.is_down)

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules that are switched on."""
        return tuple(self._switched)

    @property
    def seed(self) -> int:
        return self._switched.seed

    def switch(self, name: str, value: OptionValue | None) -> tuple[Rule, ...]:
        """Set the rules of a fault, in place of those it had; None clears it. Returns the rules set.

        Raises:
            RuleError: the value says nothing that the fault understands.
        """
        rules = () if value is None else rules_from_value(name, value)
        with self._lock:
            self._switched.switch(name, rules)
            self._settle()
        return rules

    def clear(self) -> None:
        """Switch every rule off."""
        with self._lock:
            self._switched.clear()
            self._settle()

    def replay(self, injections: Iterable[Injection]) -> None:
        """Let exactly these injections happen again, whatever the rules say; needs the seed of their run."""
        with self._lock:
            self._switched.replay(injections)
            self._settle()

    def restart(self, *, seed: int | None = None) -> None:
        """Begin anew: the rules of the start, nothing counted or recorded, connections cut and numbered from 1."""
        with self._lock:
            self._switched.restart()
            self._switched.sow(self.seed if seed is None else seed)
            self._connections, self._plant_ns, self._start_ns = 0, None, None
            self._decided = (-1, [])
            self.is_down = False
            self._settle()
        self.injections.clear()
        self.injection_count = 0
        if self.when_down is not None:
            self.when_down()

    def take_down(self, *, is_down: bool) -> None:
        """Cut the endpoint off or connect it again: connections are reset and new ones refused where there are any,
        and nothing is answered."""
        with self._lock:
            self.is_down = is_down
            self._settle()
        if is_down and self.when_down is not None:
            self.when_down()

    def show_time(self, time_ns: int) -> None:
        """Say what plant time it is."""
        self._plant_ns = time_ns

    def plant_ns(self, now_ns: int) -> int:
        """Return the time that windows are compared with."""
        if self._plant_ns is not None:
            return self._plant_ns
        if self._start_ns is None:
            self._start_ns = now_ns
        return now_ns - self._start_ns

    def connect(self, framing: WireFraming, now_ns: int, peer: str = "") -> FaultedConnection:
        """Return the faults of a new connection; its number is the next one."""
        self._connections += 1
        connection = FaultedConnection(self, framing, self._connections, peer)
        if self.is_down:
            connection.door = Door.REFUSE
        elif self.is_active:
            connection.door = self._door(Exchange(connection.number, peer), self.plant_ns(now_ns))
        return connection

    def acting(self, exchange: Exchange, time_ns: int) -> list[ActingRule]:
        """Return the rules that are to act on an exchange, by stage and age, those of the line first."""
        own = self._acting(exchange, time_ns)
        if self._line is None:
            return own
        together = [*self._line._acting_on_parts(exchange, time_ns), *own]
        return sorted(together, key=lambda acting: acting.each.rule.fault.STAGE)

    def _acting_on_parts(self, exchange: Exchange, time_ns: int) -> list[ActingRule]:
        """Return the line's own rules; a broadcast comes to all parts, and what acts on it is decided once."""
        place = exchange.place
        if self._decided[0] != place:
            self._decided = (place, self._acting(exchange, time_ns))
        return self._decided[1]

    def _acting(self, exchange: Exchange, time_ns: int) -> list[ActingRule]:
        return [ActingRule(self, each, draws) for each, draws in self._switched.acting(exchange, time_ns)]

    def record(self, each: SwitchedRule, exchange: Exchange, time_ns: int) -> None:
        """Count an injection and keep it, once for all units that hear a broadcast."""
        place = exchange.place
        if each.place == place:
            return
        each.spent, each.place = each.spent + 1, place
        self.injection_count += 1
        request = exchange.request
        touched = touched_addresses(request) if request else ()
        injection = Injection(
            time_ns,
            self.endpoint,
            exchange.connection,
            exchange.number,
            exchange.unit_id,
            request[0] if request else 0,
            touched[-1][0] if touched else None,
            each.number,
            str(replace(each.rule, probability=1.0, count=None, from_ns=0, until_ns=None)),
        )
        self.injections.append(injection)
        if self.when_injected is not None:
            self.when_injected(injection)

    def _settle(self) -> None:
        has_own = not self._switched.is_empty or self.is_down
        is_active = has_own or (self._line is not None and self._line.is_active)
        self.stretch += is_active and not self.is_active
        self.is_active = is_active
        for part in self._parts:
            part._settle()

    def _door(self, exchange: Exchange, time_ns: int) -> Door:
        for each, _ in self._switched.acting(exchange, time_ns):
            fault = each.rule.fault
            if isinstance(fault, DoorFault):
                self.record(each, exchange, time_ns)
                return fault.DOOR
        return Door.OPEN
