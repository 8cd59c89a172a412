"""How the characters of a serial line are set: baud rate, parity, stop bits, data bits."""

from __future__ import annotations

from dataclasses import dataclass

from emulators.description.table_reader import TableReader

__all__ = ["CHARACTER_KEYS", "PARITIES", "SERIAL_PROTOCOLS", "CharacterEntry", "read_characters"]

SERIAL_PROTOCOLS = ("modbus-rtu", "modbus-ascii")
PARITIES = ("none", "even", "odd")
CHARACTER_KEYS = ("baud_rate", "parity", "stop_bits", "data_bits")


@dataclass(frozen=True, slots=True)
class CharacterEntry:
    """The default is the one of the standard for RTU: 19,200 baud, 8E1."""

    baud_rate: int = 19_200
    parity: str = "even"
    stop_bits: int = 1
    data_bits: int = 8


def read_characters(reader: TableReader, protocol: str) -> CharacterEntry:
    """Read what a table says about the characters of a line that speaks this protocol.

    RTU needs all eight bits of a character; ASCII has seven unless told otherwise.
    """
    default = CharacterEntry(data_bits=7 if protocol == "modbus-ascii" else 8)
    baud_rate = reader.integer("baud_rate", low=50, high=4_000_000)
    parity = reader.choice("parity", PARITIES)
    stop_bits = reader.integer("stop_bits", low=1, high=2)
    data_bits = reader.integer("data_bits", low=default.data_bits, high=8)
    return CharacterEntry(
        baud_rate.value if baud_rate else default.baud_rate,
        parity.value if parity else default.parity,
        stop_bits.value if stop_bits else default.stop_bits,
        data_bits.value if data_bits else default.data_bits,
    )
