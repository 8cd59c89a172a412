"""An exchange while rules act on it: what will be answered, in which frame, when, and what happens then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from emulators.modbus.faults.interface import Ending, WireFraming
from emulators.modbus.faults.matching import Match
from emulators.native.same_bits.noise import hash_u64

__all__ = ["Draft", "Draws", "SentAnswer"]

_DRAWS_PER_RULE = 64


@dataclass(frozen=True, slots=True)
class SentAnswer:
    """Answer of an earlier exchange of the connection."""

    transaction_id: int
    unit_id: int
    pdu: bytes


@dataclass(frozen=True, slots=True)
class Draws:
    """Numbers that look random and depend on seed, rule and exchange alone; ``index`` tells those of a fault apart."""

    seed: int
    rule: int
    exchange: int

    def below(self, count: int, index: int = 0) -> int:
        """Return a number in ``0..count-1``."""
        return hash_u64(self.seed, self.exchange, self.rule * _DRAWS_PER_RULE + 1 + index) * count >> 64

    def fraction(self, index: int = 0) -> float:
        """Return a number in [0, 1)."""
        return self.below(1 << 53, index) * 2.0**-53

    def chance(self, probability: float) -> bool:
        bits = hash_u64(self.seed, self.exchange, self.rule * _DRAWS_PER_RULE)
        return (bits >> 11) * 2.0**-53 < probability


@dataclass(slots=True)
class Draft:
    """``pdu`` is None until the device has been asked; empty when there is to be no answer.

    Faults change the members before they are used: the request's before the device is asked, the answer's before it
    is framed, ``frame`` before it is sent. ``match`` and ``draws`` belong to the rule that acts.
    """

    framing: WireFraming
    transaction_id: int
    unit_id: int
    request: bytes
    ask: Callable[[], bytes]
    earlier: SentAnswer | None = None
    match: Match = field(default_factory=Match)
    draws: Draws = field(default_factory=lambda: Draws(0, 0, 0))
    pdu: bytes | None = None
    frame: bytes = b""
    delay_ns: int = 0
    hold_ns: int = 0
    gap_ns: int = 0
    copies: int = 1
    ending: Ending = Ending.NONE

    @property
    def answered(self) -> bytes:
        """The response PDU; empty when there is none."""
        return self.pdu or b""

    def cut(self, size: int) -> None:
        """Keep ``size`` bytes of the frame."""
        self.frame = self.frame[:size]
