"""What a gateway does with units behind it: how long it waits for one, how many requests it keeps, its serial lines."""

from __future__ import annotations

from dataclasses import dataclass, field

from emulators.description.characters import SERIAL_PROTOCOLS
from emulators.modbus.serial_settings import SerialSettings

__all__ = ["GatewayLine", "GatewaySettings"]


@dataclass(frozen=True, slots=True)
class GatewayLine:
    """A serial line (two wires) behind a gateway and the units on it: one request at a time for all of them.

    ``protocol`` is modbus-rtu or modbus-ascii; by its ``name`` faults of its wire are told from those of others.
    """

    unit_ids: frozenset[int]
    settings: SerialSettings = field(default_factory=SerialSettings)
    protocol: str = SERIAL_PROTOCOLS[0]
    name: str = ""

    def __post_init__(self) -> None:
        if self.protocol not in SERIAL_PROTOCOLS:
            raise ValueError(f"no serial line speaks '{self.protocol}'; known are {', '.join(SERIAL_PROTOCOLS)}")


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    """``unit_timeout_ns`` is how long the gateway waits for a unit, None: for ever. ``max_waiting`` is how many
    requests wait, for a line or a unit on none, while it deals with one; each further one finds it busy."""

    unit_timeout_ns: int | None = None
    max_waiting: int = 16
    lines: tuple[GatewayLine, ...] = ()

    def __post_init__(self) -> None:
        if self.max_waiting < 0 or (self.unit_timeout_ns is not None and self.unit_timeout_ns <= 0):
            raise ValueError(f"a gateway that waits {self.unit_timeout_ns} ns and keeps {self.max_waiting} requests")
        if self.lines and self.unit_timeout_ns is None:
            raise ValueError("a gateway with serial lines must not wait for ever; say how long it waits for a unit")
