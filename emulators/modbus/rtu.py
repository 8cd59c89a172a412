"""Modbus RTU on a serial line whose time is emulated: silences part the frames, Serial Line V1.02 clause 2.5.1.

A frame ends when the line has been silent for 3.5 characters. A silence of more than 1.5 characters inside makes it
incomplete, a wrong CRC or a character with an error makes it damaged: both are dropped and counted. Frames that
follow each other with no silence at all, as programs write them to a pty, are told apart by their check sums.
"""

from __future__ import annotations

from emulators.modbus.faults.interface import ConnectionFaults, Ending
from emulators.modbus.framing import earliest
from emulators.modbus.line_time import LineTime
from emulators.modbus.mbap import UnitDirectory
from emulators.modbus.response_times import ResponseTimes
from emulators.modbus.rtu_frames import RTU_WIRE, is_whole, split_frames
from emulators.modbus.serial_settings import SerialSettings
from emulators.modbus.wire_exit import WireExit

__all__ = ["RtuLine"]

_LONGEST_BURST = 8192


class RtuLine:
    """The devices on one emulated line; satisfies ``Framing``.

    ``times`` is what passes between the end of a request's silence and the first character of the response.
    ``keeps_t1_5`` is whether a silence inside a frame spoils it; devices that do not look are common.
    """

    is_closed = False

    def __init__(
        self,
        directory: UnitDirectory,
        settings: SerialSettings,
        faults: ConnectionFaults | None = None,
        *,
        times: ResponseTimes | None = None,
        keeps_t1_5: bool = True,
    ) -> None:
        self.line = LineTime(settings)
        self.frame_count = 0
        self.damaged_count = 0
        self._directory = directory
        self._exit = WireExit(RTU_WIRE, directory.answer_on_line, faults)
        self._times = times or ResponseTimes()
        self._keeps_t1_5 = keeps_t1_5
        self._burst = bytearray()
        self._is_spoilt = False

    @property
    def has_partial_frame(self) -> bool:
        return bool(self._burst)

    @property
    def due_ns(self) -> int | None:
        burst_end_ns = self._burst_end_ns if self._burst or self._is_spoilt else None
        return earliest(self.line.due_ns, self._exit.due_ns, burst_end_ns)

    @property
    def ending(self) -> Ending:
        return self._exit.ending

    def feed(self, chunk: bytes, time_ns: int) -> bytes:
        """Put characters on the line at this time, or behind those that still are on it."""
        sent = self.poll(time_ns)
        settings = self.line.settings
        reception, gap_ns = self.line.arrive(chunk, time_ns)
        if self._burst and self._keeps_t1_5 and gap_ns > settings.t1_5_ns:
            self._is_spoilt = True
        self._burst += reception.characters
        self._is_spoilt = self._is_spoilt or reception.is_damaged or len(self._burst) > _LONGEST_BURST
        if self._is_spoilt:
            del self._burst[_LONGEST_BURST:]
        return sent

    def poll(self, time_ns: int) -> bytes:
        """Let the line fall silent; return the characters of responses that have left by now."""
        if (self._burst or self._is_spoilt) and time_ns >= self._burst_end_ns:
            burst, is_spoilt = bytes(self._burst), self._is_spoilt
            self._burst.clear()
            self._is_spoilt = False
            if is_spoilt:
                self._drop()
            else:
                self._answer(burst)
        self.line.go_on_sending(self._exit.take(time_ns), time_ns)
        return self.line.take(time_ns)

    @property
    def _burst_end_ns(self) -> int:
        return self.line.received_ns + self.line.settings.t3_5_ns

    def _answer(self, burst: bytes) -> None:
        burst_end_ns = self._burst_end_ns
        for frame in split_frames(burst):
            if not is_whole(frame):
                self._drop()
                continue
            self.frame_count += 1
            earliest_ns = burst_end_ns + self._times.draw_ns(frame[0])
            self.line.send(self._exit.answer(self.frame_count, 0, frame[0], frame[1:-2], earliest_ns), earliest_ns)

    def _drop(self) -> None:
        self.damaged_count += 1
        self._directory.record_damage()
