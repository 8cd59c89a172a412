"""Faults of the frame of an answer: bytes that are wrong, missing or too many."""

from __future__ import annotations

from dataclasses import dataclass

from emulators.modbus.faults.draft import Draft
from emulators.modbus.faults.fault import FrameFault, number

__all__ = ["BadChecksum", "ExtraBytes", "Garble", "Truncate"]


@dataclass(frozen=True, slots=True)
class BadChecksum(FrameFault):
    """CRC or LRC is wrong; frames of Modbus TCP have none."""

    def act(self, draft: Draft) -> bool:
        spoil = draft.framing.spoil_checksum
        if spoil is None:
            return False
        draft.frame = spoil(draft.frame)
        return True


@dataclass(frozen=True, slots=True)
class Garble(FrameFault):
    """Noise on the line: characters of the answer arrive wrong, one bit in each.

    It is one of the lower seven bits: ASCII has no other.
    """

    characters: int = number(1, 1, 513)

    def act(self, draft: Draft) -> bool:
        frame = bytearray(draft.frame)
        left = list(range(len(frame)))
        for index in range(min(self.characters, len(frame))):
            position = left.pop(draft.draws.below(len(left), 1 + (index << 26)))
            frame[position] ^= 1 << draft.draws.below(7, 2 + (index << 26))
        draft.frame = bytes(frame)
        return True


@dataclass(frozen=True, slots=True)
class Truncate(FrameFault):
    """The last bytes of the answer are missing."""

    by: int = number(1, 1, 512)

    def act(self, draft: Draft) -> bool:
        draft.cut(max(0, len(draft.frame) - self.by))
        return True


@dataclass(frozen=True, slots=True)
class ExtraBytes(FrameFault):
    """Random bytes follow the answer."""

    size: int = number(1, 1, 1024)

    def act(self, draft: Draft) -> bool:
        draws = draft.draws
        draft.frame += bytes(draws.below(256, 1 + (index << 26)) for index in range(self.size))
        return True
