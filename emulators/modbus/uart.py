"""What a receiver makes of characters that were sent with other settings, or by several talkers at once: bit for bit.

The senders' bits are laid on a time axis, the receiver looks for a falling edge and samples the middle of each bit
at its own baud rate. A wrong baud rate thus yields the wrong characters that a real line yields, a wrong parity
yields characters with parity or framing errors. Where two drivers contend, the low level wins.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from emulators.modbus.serial_settings import Parity, SerialSettings
from emulators.timebase import NS_PER_S

__all__ = ["HeardCharacter", "Reception", "Talk", "hear", "receive"]


@dataclass(frozen=True, slots=True)
class Reception:
    """Characters that a receiver saw, and whether any of them carried a parity or framing error."""

    characters: bytes
    is_damaged: bool


@dataclass(frozen=True, slots=True)
class Talk:
    """Characters that one talker sends back to back from ``start_ns`` on."""

    start_ns: int
    characters: bytes


class HeardCharacter(NamedTuple):
    """A character that a receiver saw, and when it was over."""

    end_ns: int
    character: int
    is_damaged: bool


def receive(characters: bytes, sender: SerialSettings, receiver: SerialSettings) -> Reception:
    """Return what arrives of characters sent back to back."""
    if sender == receiver:
        return Reception(characters, False)
    heard = tuple(hear([Talk(0, characters)], sender, receiver))
    return Reception(bytes(each.character for each in heard), any(each.is_damaged for each in heard))


def hear(talks: Sequence[Talk], sender: SerialSettings, receiver: SerialSettings) -> Iterator[HeardCharacter]:
    """Yield what arrives of talks on one line, all sent with the same settings; they may overlap."""
    # one sender bit lasts receiver.baud_rate units, one receiver bit sender.baud_rate units: whole numbers only
    units_per_s = sender.baud_rate * receiver.baud_rate
    sampled_unit = sender.baud_rate
    origin_ns = min(talk.start_ns for talk in talks)
    line = _Line(
        [
            _Signal((talk.start_ns - origin_ns) * units_per_s // NS_PER_S, _line_bits(talk.characters, sender))
            for talk in talks
        ],
        receiver.baud_rate,
    )
    n_samples = receiver.bits_per_character - receiver.stop_bits + 1
    now = 0
    while (edge := line.falling_edge(now)) is not None:
        levels = [line.level((edge * 2 + (2 * k + 1) * sampled_unit) // 2) for k in range(n_samples)]
        now = edge + (2 * n_samples - 1) * sampled_unit // 2
        if levels[0]:
            continue  # a spike shorter than half a bit
        character = sum(level << k for k, level in enumerate(levels[1 : 1 + receiver.data_bits]))
        has_parity_error = receiver.parity is not Parity.NONE and levels[-2] != receiver.parity_bit(character)
        end = edge + receiver.bits_per_character * sampled_unit
        yield HeardCharacter(origin_ns + end * NS_PER_S // units_per_s, character, has_parity_error or not levels[-1])


@dataclass(frozen=True, slots=True)
class _Signal:
    start: int
    bits: list[int]


class _Line:
    """Levels of all signals together; ``bit`` is how long one of their bits lasts, in units."""

    def __init__(self, signals: Sequence[_Signal], bit: int) -> None:
        self._signals = signals
        self._bit = bit

    def level(self, now: int) -> int:
        for signal in self._signals:
            index = (now - signal.start) // self._bit
            if 0 <= index < len(signal.bits) and not signal.bits[index]:
                return 0
        return 1

    def falling_edge(self, now: int) -> int | None:
        """Return when the line next falls, at the earliest now; None when it rests for good."""
        return min(
            (edge for signal in self._signals if (edge := self._falling_edge_of(signal, now)) is not None),
            default=None,
        )

    def _falling_edge_of(self, signal: _Signal, now: int) -> int | None:
        first = 0 if signal.start >= now else (now - signal.start) // self._bit + 1
        for index in range(first, len(signal.bits)):
            edge = signal.start + index * self._bit
            if not signal.bits[index] and (index == 0 or signal.bits[index - 1]) and self.level(edge - 1):
                return edge
        return None


def _line_bits(characters: bytes, sender: SerialSettings) -> list[int]:
    bits: list[int] = []
    for character in characters:
        data = character & ((1 << sender.data_bits) - 1)
        bits.append(0)
        bits += [data >> k & 1 for k in range(sender.data_bits)]
        if sender.parity is not Parity.NONE:
            bits.append(sender.parity_bit(data))
        bits += [1] * sender.stop_bits
    return bits
