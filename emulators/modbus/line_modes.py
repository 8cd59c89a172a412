"""The two modes of a serial line by protocol: the units on it, and a client of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

from emulators.modbus.ascii import AsciiLine
from emulators.modbus.faults.interface import EndpointFaults
from emulators.modbus.line_client import AsciiClient, LineClient, RtuClient
from emulators.modbus.line_units import LineStation
from emulators.modbus.mbap import UnitDirectory
from emulators.modbus.response_times import ResponseTimes
from emulators.modbus.rtu import RtuLine
from emulators.modbus.serial_line import SerialLine
from emulators.modbus.serial_settings import SerialSettings

__all__ = ["LINE_MODES", "LineMode", "MakeLine"]


class MakeLine(Protocol):
    """Makes a line with units on it, the one connection of its wire; arguments are as in ``RtuLine``."""

    def __call__(
        self,
        directory: UnitDirectory,
        settings: SerialSettings,
        faults: EndpointFaults | None,
        *,
        times: ResponseTimes | None,
        rivals: Sequence[LineStation],
        wires: int,
    ) -> SerialLine: ...


@dataclass(frozen=True, slots=True)
class LineMode:
    """``make_client`` makes what a client of the line understands of it."""

    make_line: MakeLine
    make_client: Callable[[SerialSettings], LineClient]


LINE_MODES: Mapping[str, LineMode] = MappingProxyType(
    {"modbus-rtu": LineMode(RtuLine, RtuClient), "modbus-ascii": LineMode(AsciiLine, AsciiClient)}
)
