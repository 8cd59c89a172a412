"""Modbus RTU on a serial line whose time is emulated: silences part the frames, Serial Line V1.02 clause 2.5.1.

A frame ends when the line has been silent for 3.5 characters. A silence of more than 1.5 characters inside makes it
incomplete, a wrong CRC or a character with an error makes it damaged: both are dropped and counted. Frames that
follow each other with no silence at all, as programs write them to a pty, are told apart by their check sums.
"""

from __future__ import annotations

from collections.abc import Sequence

from emulators.modbus.faults.interface import ConnectionFaults, Ending
from emulators.modbus.framing import earliest
from emulators.modbus.line_time import LineTime
from emulators.modbus.line_units import LineStation, LineUnits
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
    ``rivals`` are further devices, whose unit ids others on the line may have too. ``wires`` is 2 where the far end
    shares the line with the devices, else 4. ``keeps_t1_5`` is whether a silence inside a frame spoils it; devices
    that do not look are common.
    """

    is_closed = False

    def __init__(
        self,
        directory: UnitDirectory,
        settings: SerialSettings,
        faults: ConnectionFaults | None = None,
        *,
        times: ResponseTimes | None = None,
        rivals: Sequence[LineStation] = (),
        wires: int = 2,
        keeps_t1_5: bool = True,
    ) -> None:
        self.line = LineTime(settings, wires=wires)
        self.frame_count = 0
        self.damaged_count = 0
        self._exit = WireExit(RTU_WIRE, directory.answer_on_line, faults)
        self._units = LineUnits(
            self.line,
            self._exit,
            lambda unit_id, pdu: RTU_WIRE.encode(0, unit_id, pdu),
            (LineStation(directory, times), *rivals),
            silence_ns=settings.t3_5_ns,
        )
        self._keeps_t1_5 = keeps_t1_5
        self._burst = bytearray()
        self._is_spoilt = False

    @property
    def has_partial_frame(self) -> bool:
        return bool(self._burst)

    @property
    def due_ns(self) -> int | None:
        return earliest(self.line.due_ns, self._exit.due_ns, self._burst_due_ns)

    @property
    def ending(self) -> Ending:
        return self._exit.ending

    def feed(self, chunk: bytes, time_ns: int) -> bytes:
        """Put characters on the line at this time, or behind those that still are on it."""
        sent = self.poll(time_ns)
        line = self.line
        self._is_spoilt = self._is_spoilt or (bool(self._burst) and line.is_disturbed)
        reception, gap_ns = line.arrive(chunk, time_ns)
        if self._burst and self._keeps_t1_5 and gap_ns > line.settings.t1_5_ns:
            self._is_spoilt = True
        self._burst += reception.characters
        self._is_spoilt = self._is_spoilt or reception.is_damaged or len(self._burst) > _LONGEST_BURST
        if self._is_spoilt:
            del self._burst[_LONGEST_BURST:]
        return sent

    def poll(self, time_ns: int) -> bytes:
        """Let the line fall silent; return the characters of responses that have left by now."""
        while (due_ns := earliest(self._burst_due_ns, self._exit.due_ns)) is not None and due_ns <= time_ns:
            if due_ns == self._burst_due_ns:
                self._end_burst()
                continue
            let_go = self._exit.take(due_ns)
            if not let_go:
                break
            self.line.go_on_sending(let_go, due_ns)
        return self.line.take(time_ns)

    def leave(self, time_ns: int) -> None:
        """On a line nobody notices; what has been asked for is carried out once it has fallen silent."""

    @property
    def _burst_due_ns(self) -> int | None:
        return self.line.received_ns + self.line.settings.t3_5_ns if self._burst or self._is_spoilt else None

    def _end_burst(self) -> None:
        burst, is_spoilt = bytes(self._burst), self._is_spoilt or self.line.is_disturbed
        self._burst.clear()
        self._is_spoilt = False
        if is_spoilt:
            self._drop()
        else:
            self._answer(burst)

    def _answer(self, burst: bytes) -> None:
        heard_ns = self.line.received_ns + self.line.settings.t3_5_ns
        for frame in split_frames(burst):
            if not is_whole(frame):
                self._drop()
                continue
            self.frame_count += 1
            heard_ns = self._units.answer(self.frame_count, frame[0], frame[1:-2], heard_ns)

    def _drop(self) -> None:
        self.damaged_count += 1
        self._units.record_damage()
