"""From what a rig file says about the characters of a serial line to its settings."""

from __future__ import annotations

from emulators.description.characters import CharacterEntry
from emulators.modbus.serial_settings import Parity, SerialSettings

__all__ = ["described_characters"]


def described_characters(said: CharacterEntry) -> SerialSettings:
    """Return the settings of a line."""
    return SerialSettings(said.baud_rate, Parity[said.parity.upper()], said.stop_bits, said.data_bits)
