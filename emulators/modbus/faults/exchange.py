"""An exchange on a wire that can fail, and the rules that act on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from emulators.modbus.faults.draft import Draws
from emulators.modbus.faults.rule import Rule

if TYPE_CHECKING:
    from emulators.modbus.faults.pipeline import FaultPipeline

__all__ = ["ActingRule", "Exchange", "SwitchedRule"]

_EXCHANGES = 1 << 32


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request as it came: the ``number``-th of the ``connection``-th client, who is ``peer``; 0 and no request stand
    for the door."""

    connection: int
    peer: str
    number: int = 0
    unit_id: int = 0
    request: bytes = b""

    @property
    def place(self) -> int:
        """Where it stands among all exchanges of its wire."""
        return self.connection * _EXCHANGES + self.number


@dataclass(slots=True, eq=False)
class SwitchedRule:
    """A rule that is switched on, its number, how often it has acted and at which place it did so last."""

    rule: Rule
    number: int
    spent: int = 0
    place: int = -1

    def may_act(self, exchange: Exchange, time_ns: int) -> bool:
        """Whether count, window and condition allow it."""
        rule = self.rule
        return (
            (rule.count is None or self.spent < rule.count)
            and rule.is_open(time_ns)
            and rule.match.meets_connection(exchange.connection, exchange.peer)
            and (not exchange.request or rule.match.meets_request(exchange.unit_id, exchange.request))
        )


class ActingRule(NamedTuple):
    """A rule that acts on an exchange, the wire that it belongs to, and its draws."""

    wire: FaultPipeline
    each: SwitchedRule
    draws: Draws
