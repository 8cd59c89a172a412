"""The faults of one endpoint: rules that are switched on, what they did, and the connections they act on.

Whether a rule acts, and with which draws, depends on the seed, the rule's number, the connection's number and the
number of the exchange in it, on nothing else: two runs with the same requests fail in the same way. ``switch`` may be
called from any thread, everything else belongs to the thread of the endpoint.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from copy import copy, deepcopy
from dataclasses import dataclass, replace
from typing import Any

from emulators.modbus.faults.draft import Draft, Draws, SentAnswer
from emulators.modbus.faults.fault import DoorFault, Stage
from emulators.modbus.faults.injection import Injection
from emulators.modbus.faults.interface import Door, Ending, WireFraming
from emulators.modbus.faults.matching import touched_addresses
from emulators.modbus.faults.rule import OptionValue, Rule, rules_from_value
from emulators.modbus.faults.sending import SendQueue

__all__ = ["Exchange", "FaultPipeline", "FaultedConnection", "SwitchedRule"]

_MAX_KEPT = 100_000
_EXCHANGES = 1 << 32
_STAGES = (Stage.REQUEST, Stage.RESPONSE, Stage.FRAME, Stage.SENDING)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request as it came; number 0 and no request stand for the door."""

    number: int
    unit_id: int
    request: bytes


@dataclass(slots=True, eq=False)
class SwitchedRule:
    """A rule that is switched on, its number and how often it has acted."""

    rule: Rule
    number: int
    spent: int = 0

    def may_act(self, connection: FaultedConnection, time_ns: int) -> bool:
        """Whether count, window and connection allow it."""
        rule = self.rule
        return (
            (rule.count is None or self.spent < rule.count)
            and rule.is_open(time_ns)
            and rule.match.meets_connection(connection.number, connection.peer)
        )


class FaultPipeline:
    """Satisfies ``EndpointFaults``.

    ``endpoint`` is the name of the wire. ``rules`` are switched on from the start. Windows are plant time: what
    ``show_time`` was told, or without it the time since the first connection. ``salt`` tells the draws of wires apart
    whose exchanges belong together, 0..255.
    """

    def __init__(self, endpoint: str, *, seed: int = 0, salt: int = 0, rules: Iterable[Rule] = ()) -> None:
        self.endpoint = endpoint
        self.seed = seed
        self._salt = salt
        self.injections: deque[Injection] = deque(maxlen=_MAX_KEPT)
        self.injection_count = 0
        self.when_down: Callable[[], object] | None = None
        self.when_injected: Callable[[Injection], object] | None = None
        self.is_down = False
        self.is_active = False  # looked at for each request, so kept
        self._lock = threading.Lock()
        self._numbers = 0
        self._switched: tuple[SwitchedRule, ...] = ()
        self._script: dict[tuple[int, int], list[tuple[int, Rule]]] | None = None
        self._connections = 0
        self._plant_ns: int | None = None
        self._start_ns: int | None = None
        self._first_rules = tuple(rules)
        self._add(self._first_rules)

    def __deepcopy__(self, memo: dict[int, Any]) -> FaultPipeline:
        """Return a pipeline in the same state; what has happened so far is shared, as it never changes."""
        twin = copy(self)
        memo[id(self)] = twin
        twin._lock = threading.Lock()
        twin.injections = self.injections.copy()
        twin.when_down = deepcopy(self.when_down, memo)
        twin.when_injected = None  # tells of this run
        twin._switched = tuple(copy(each) for each in self._switched)
        return twin

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules that are switched on."""
        return tuple(each.rule for each in self._switched)

    def switch(self, name: str, value: OptionValue | None) -> tuple[Rule, ...]:
        """Set the rules of a fault, in place of those it had; None clears it. Returns the rules set.

        Raises:
            RuleError: the value says nothing that the fault understands.
        """
        rules = () if value is None else rules_from_value(name, value)
        with self._lock:
            self._switched = tuple(each for each in self._switched if name != each.rule.fault.NAME)
            self._add(rules)
        return rules

    def clear(self) -> None:
        """Switch every rule off."""
        with self._lock:
            self._switched = ()
            self._settle()

    def replay(self, injections: Iterable[Injection]) -> None:
        """Let exactly these injections happen again, whatever the rules say; needs the seed of their run."""
        due: dict[tuple[int, int], list[tuple[int, Rule]]] = {}
        for injection in injections:
            place = (injection.connection, injection.exchange)
            due.setdefault(place, []).append((injection.number, injection.as_rule()))
        self._script = due
        self._settle()

    def restart(self, *, seed: int | None = None) -> None:
        """Begin anew: the rules of the start, nothing counted or recorded, connections cut and numbered from 1."""
        with self._lock:
            self._switched, self._numbers = (), 0
            self._add(self._first_rules)
            self._script, self._connections, self._plant_ns = None, 0, None
            self.is_down = False
            self._settle()
            self.seed = self.seed if seed is None else seed
        self.injections.clear()
        self.injection_count = 0
        if self.when_down is not None:
            self.when_down()

    def take_down(self, *, is_down: bool) -> None:
        """Cut the endpoint off or connect it again: connections are reset and new ones refused where there are any,
        and nothing is answered."""
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
            connection.door = self._door(connection, self.plant_ns(now_ns))
        return connection

    def acting(
        self, connection: FaultedConnection, exchange: Exchange, time_ns: int
    ) -> list[tuple[SwitchedRule, Draws]]:
        """Return the rules that are to act on an exchange, by stage and age, with their draws."""
        place = self._place(connection, exchange.number)
        if self._script is not None:
            due = self._script.get((connection.number, exchange.number), ())
            return [(SwitchedRule(rule, number), Draws(self.seed, number, place)) for number, rule in due]
        found = []
        for each in self._switched:
            rule, draws = each.rule, Draws(self.seed, each.number, place)
            if (
                rule.fault.STAGE is not Stage.DOOR
                and each.may_act(connection, time_ns)
                and rule.match.meets_request(exchange.unit_id, exchange.request)
                and draws.chance(rule.probability)
            ):
                found.append((each, draws))
        return found

    def record(self, each: SwitchedRule, connection: FaultedConnection, exchange: Exchange, time_ns: int) -> None:
        """Count an injection and keep it."""
        each.spent += 1
        self.injection_count += 1
        request = exchange.request
        touched = touched_addresses(request) if request else ()
        injection = Injection(
            time_ns,
            self.endpoint,
            connection.number,
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

    def counts(self) -> Mapping[str, int]:
        """Return how often each rule that is switched on has acted."""
        return {str(each.rule): each.spent for each in self._switched}

    def _add(self, rules: Iterable[Rule]) -> None:
        added = []
        for rule in rules:
            self._numbers += 1
            added.append(SwitchedRule(rule, self._numbers))
        together = (*self._switched, *added)
        self._switched = tuple(sorted(together, key=lambda each: (each.rule.fault.STAGE, each.number)))
        self._settle()

    def _place(self, connection: FaultedConnection, number: int) -> int:
        return (self._salt & 0xFF) << 56 | connection.number * _EXCHANGES + number

    def _settle(self) -> None:
        self.is_active = bool(self._switched) or self._script is not None or self.is_down

    def _door(self, connection: FaultedConnection, time_ns: int) -> Door:
        place = self._place(connection, 0)
        if self._script is not None:
            due = self._script.get((connection.number, 0), ())
            candidates = [SwitchedRule(rule, number) for number, rule in due]
        else:
            candidates = [
                each
                for each in self._switched
                if each.may_act(connection, time_ns)
                and Draws(self.seed, each.number, place).chance(each.rule.probability)
            ]
        for each in candidates:
            fault = each.rule.fault
            if isinstance(fault, DoorFault):
                self.record(each, connection, Exchange(0, 0, b""), time_ns)
                return fault.DOOR
        return Door.OPEN


class FaultedConnection:
    """Satisfies ``ConnectionFaults``: the exchanges of one connection and what still waits to be sent."""

    __slots__ = ("_earlier", "_framing", "_pipeline", "_queue", "door", "number", "peer")

    def __init__(self, pipeline: FaultPipeline, framing: WireFraming, number: int, peer: str) -> None:
        self.number = number
        self.peer = peer
        self.door = Door.OPEN
        self._pipeline = pipeline
        self._framing = framing
        self._queue = SendQueue()
        self._earlier: SentAnswer | None = None

    @property
    def is_active(self) -> bool:
        return self._pipeline.is_active or not self._queue.is_idle

    @property
    def next_ns(self) -> int | None:
        return self._queue.next_ns

    def take(self, now_ns: int) -> tuple[bytes, Ending]:
        """Return the next bytes that are due."""
        return self._queue.take(now_ns)

    def is_unit_off(self, number: int, unit_id: int, request: bytes, now_ns: int) -> bool:
        """Whether a rule switches the unit off, which is counted then."""
        pipeline, exchange = self._pipeline, Exchange(number, unit_id, request)
        time_ns = pipeline.plant_ns(now_ns)
        for each, _ in pipeline.acting(self, exchange, time_ns):
            if each.rule.fault.STAGE is Stage.UNIT:
                pipeline.record(each, self, exchange, time_ns)
                return True
        return False

    def exchange(
        self, number: int, transaction_id: int, unit_id: int, request: bytes, answer: Callable[[], bytes], now_ns: int
    ) -> None:
        """Answer a request as the rules say."""
        pipeline = self._pipeline
        lane = unit_id if self._framing.has_transactions else 0
        if pipeline.is_down:
            return
        exchange, time_ns = Exchange(number, unit_id, request), pipeline.plant_ns(now_ns)
        acting = pipeline.acting(self, exchange, time_ns)
        draft = Draft(self._framing, transaction_id, unit_id, request, answer, self._earlier)
        for stage in _STAGES:
            self._reach(stage, draft)
            for each, draws in acting:
                fault = each.rule.fault
                if fault.STAGE is stage and (draft.pdu or not fault.NEEDS_ANSWER or stage is Stage.REQUEST):
                    draft.match, draft.draws = each.rule.match, draws
                    if fault.act(draft):
                        pipeline.record(each, self, exchange, time_ns)
        self._send(lane, draft, now_ns)

    def _reach(self, stage: Stage, draft: Draft) -> None:
        if stage is Stage.RESPONSE and draft.pdu is None:
            draft.pdu = draft.ask()
            if draft.pdu:
                self._earlier = SentAnswer(draft.transaction_id, draft.unit_id, draft.pdu)
        if stage is Stage.FRAME and draft.pdu:
            draft.frame = draft.framing.encode(draft.transaction_id, draft.unit_id, draft.pdu)

    def _send(self, lane: int, draft: Draft, now_ns: int) -> None:
        last = draft.copies - 1
        hold_ns = 0 if self._queue.is_holding else draft.hold_ns  # a frame that overtakes does not wait itself
        for index in range(draft.copies):
            ending = draft.ending if index == last else Ending.NONE
            if draft.frame or ending is not Ending.NONE:
                self._queue.put(
                    lane,
                    now_ns + draft.delay_ns,
                    draft.frame,
                    gap_ns=draft.gap_ns,
                    ending=ending,
                    hold_ns=hold_ns,
                )
