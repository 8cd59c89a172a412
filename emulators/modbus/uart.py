"""What a receiver makes of characters that were sent with other settings: the line, bit for bit.

The sender's bits are laid on a time axis, the receiver looks for a falling edge and samples the middle of each bit
at its own baud rate. A wrong baud rate thus yields the wrong characters that a real line yields, a wrong parity
yields characters with parity or framing errors.
"""

from __future__ import annotations

from dataclasses import dataclass

from emulators.modbus.serial_settings import Parity, SerialSettings

__all__ = ["Reception", "receive"]


@dataclass(frozen=True, slots=True)
class Reception:
    """Characters that a receiver saw, and whether any of them carried a parity or framing error."""

    characters: bytes
    is_damaged: bool


def receive(characters: bytes, sender: SerialSettings, receiver: SerialSettings) -> Reception:
    """Return what arrives of characters sent back to back."""
    if sender == receiver:
        return Reception(characters, False)
    bits = _line_bits(characters, sender)
    # one sender bit lasts receiver.baud_rate units, one receiver bit sender.baud_rate units: whole numbers only
    sent_unit, sampled_unit = receiver.baud_rate, sender.baud_rate
    seen, is_damaged, now = bytearray(), False, 0
    while (edge := _falling_edge(bits, now, sent_unit)) is not None:
        n_samples = receiver.bits_per_character - receiver.stop_bits + 1
        levels = [_level(bits, (edge * 2 + (2 * k + 1) * sampled_unit) // 2 // sent_unit) for k in range(n_samples)]
        now = edge + (2 * n_samples - 1) * sampled_unit // 2
        if levels[0]:
            continue  # a spike shorter than half a bit
        character = sum(level << k for k, level in enumerate(levels[1 : 1 + receiver.data_bits]))
        has_parity_error = receiver.parity is not Parity.NONE and levels[-2] != receiver.parity_bit(character)
        is_damaged = is_damaged or has_parity_error or not levels[-1]
        seen.append(character)
    return Reception(bytes(seen), is_damaged)


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


def _level(bits: list[int], index: int) -> int:
    return bits[index] if index < len(bits) else 1


def _falling_edge(bits: list[int], now: int, sent_unit: int) -> int | None:
    """Return when the line next falls, at the earliest now; None when it rests for good."""
    index = now // sent_unit
    if index == 0 and now == 0 and bits and not bits[0]:
        return 0
    previous = _level(bits, index)
    for position in range(index + 1, len(bits)):
        if previous and not bits[position]:
            return position * sent_unit
        previous = bits[position]
    return None
