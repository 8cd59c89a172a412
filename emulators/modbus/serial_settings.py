"""How a serial line is set: characters, their time on the line, and the silences that part frames.

Serial Line V1.02, clauses 2.5.1.1 and 3.3: above 19,200 baud the silences are fixed at 750 µs and 1.75 ms.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

from emulators.timebase import NS_PER_S

__all__ = ["Parity", "SerialSettings"]

_FIXED_ABOVE_BAUD = 19_200
_FIXED_T1_5_NS, _FIXED_T3_5_NS = 750_000, 1_750_000


class Parity(enum.Enum):
    """Parity bit of a character."""

    NONE = "N"
    EVEN = "E"
    ODD = "O"


@dataclass(frozen=True, slots=True)
class SerialSettings:
    """Baud rate and frame of a character. The default is the one of the standard: 19,200 baud, 8E1."""

    baud_rate: int = 19_200
    parity: Parity = Parity.EVEN
    stop_bits: int = 1
    data_bits: int = 8
    bits_per_character: int = field(init=False, repr=False, compare=False)
    """Bits on the line, start bit included: 11 for 8E1, 10 for 8N1."""
    character_ns: int = field(init=False, repr=False, compare=False)
    """Time of one character on the line."""
    t1_5_ns: int = field(init=False, repr=False, compare=False)
    """Longest silence inside an RTU frame."""
    t3_5_ns: int = field(init=False, repr=False, compare=False)
    """Shortest silence between two RTU frames."""

    def __post_init__(self) -> None:
        if not 50 <= self.baud_rate <= 4_000_000:
            raise ValueError(f"baud rate {self.baud_rate} is outside 50..4000000")
        if self.stop_bits not in (1, 2):
            raise ValueError(f"{self.stop_bits} stop bits; write 1 or 2")
        if self.data_bits not in (7, 8):
            raise ValueError(f"{self.data_bits} data bits; write 7 (ASCII only) or 8")
        bits = 1 + self.data_bits + (self.parity is not Parity.NONE) + self.stop_bits
        character_ns = bits * NS_PER_S // self.baud_rate
        is_fixed = self.baud_rate > _FIXED_ABOVE_BAUD
        object.__setattr__(self, "bits_per_character", bits)
        object.__setattr__(self, "character_ns", character_ns)
        object.__setattr__(self, "t1_5_ns", _FIXED_T1_5_NS if is_fixed else character_ns * 3 // 2)
        object.__setattr__(self, "t3_5_ns", _FIXED_T3_5_NS if is_fixed else character_ns * 7 // 2)

    def __str__(self) -> str:
        return f"{self.baud_rate} {self.data_bits}{self.parity.value}{self.stop_bits}"

    def parity_bit(self, character: int) -> int:
        """Return the parity bit of a character's data bits; meaningless without parity."""
        return (character.bit_count() & 1) ^ (self.parity is Parity.ODD)
