"""Modbus RTU on a serial line whose time is emulated: silences part the frames, Serial Line V1.02 clause 2.5.1.

A frame ends when the line has been silent for 3.5 characters. A silence of more than 1.5 characters inside makes it
incomplete, a wrong CRC or a character with an error makes it damaged: both are dropped and counted. Frames that
follow each other with no silence at all, as programs write them to a pty, are told apart by their check sums.
"""

from __future__ import annotations

from collections.abc import Sequence

from emulators.modbus.faults.interface import EndpointFaults
from emulators.modbus.line_units import LineStation
from emulators.modbus.mbap import UnitDirectory
from emulators.modbus.response_times import ResponseTimes
from emulators.modbus.rtu_frames import RTU_WIRE, is_whole, split_frames
from emulators.modbus.serial_line import SerialLine
from emulators.modbus.serial_settings import SerialSettings

__all__ = ["RtuLine"]

_LONGEST_BURST = 8192


class RtuLine(SerialLine):
    """The devices on one line, which is the one connection of its wire.

    ``times`` is what passes between the end of a request's silence and the first character of the response.
    ``rivals`` are further devices, each with a wire of its own that may fail; they may have the unit ids of devices
    here, too. ``wires`` is 2 where the far end shares the line with the devices, else 4. ``keeps_t1_5`` is whether a
    silence inside a frame spoils it; devices that do not look are common.
    """

    def __init__(
        self,
        directory: UnitDirectory,
        settings: SerialSettings,
        faults: EndpointFaults | None = None,
        *,
        times: ResponseTimes | None = None,
        rivals: Sequence[LineStation] = (),
        wires: int = 2,
        keeps_t1_5: bool = True,
    ) -> None:
        stations = (LineStation(directory, times), *rivals)
        super().__init__(settings, RTU_WIRE, stations, faults, wires=wires, silence_ns=settings.t3_5_ns)
        self._keeps_t1_5 = keeps_t1_5
        self._burst = bytearray()
        self._is_spoilt = False

    @property
    def has_partial_frame(self) -> bool:
        return bool(self._burst)

    @property
    def _next_ns(self) -> int | None:
        return self.line.received_ns + self.line.settings.t3_5_ns if self._burst or self._is_spoilt else None

    def _arrive(self, chunk: bytes, time_ns: int) -> None:
        line = self.line
        self._is_spoilt = self._is_spoilt or (bool(self._burst) and line.is_disturbed)
        reception, gap_ns = line.arrive(chunk, time_ns)
        if self._burst and self._keeps_t1_5 and gap_ns > line.settings.t1_5_ns:
            self._is_spoilt = True
        self._burst += reception.characters
        self._is_spoilt = self._is_spoilt or reception.is_damaged or len(self._burst) > _LONGEST_BURST
        if self._is_spoilt:
            del self._burst[_LONGEST_BURST:]

    def _take_next(self) -> None:
        """End the burst: the line has fallen silent."""
        burst, is_spoilt = bytes(self._burst), self._is_spoilt or self.line.is_disturbed
        self._burst.clear()
        self._is_spoilt = False
        if is_spoilt:
            self._drop()
            return
        heard_ns = self.line.received_ns + self.line.settings.t3_5_ns
        for frame in split_frames(burst):
            if is_whole(frame):
                heard_ns = self._answer(frame[0], frame[1:-2], heard_ns)
            else:
                self._drop()
