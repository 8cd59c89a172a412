"""The units on a serial line: all hear a request, each that is meant answers in its own time, whoever else talks."""

from __future__ import annotations

from collections.abc import Sequence

from emulators.modbus.faults.interface import WireFraming
from emulators.modbus.line_time import LineTime
from emulators.modbus.mbap import UnitDirectory
from emulators.modbus.response_times import ResponseTimes
from emulators.modbus.wire_exit import WireExit

__all__ = ["LineStation", "LineUnits"]


class LineStation:
    """A directory of units with their times. A unit deals with one request after the other.

    Two stations on one line may have the same unit id: both answer, and garble each other.
    """

    def __init__(self, directory: UnitDirectory, times: ResponseTimes | None = None) -> None:
        self.directory = directory
        self._times = times or ResponseTimes()
        self._free_ns: dict[int, int] = {}

    def begin_ns(self, unit_id: int, heard_ns: int) -> int:
        """Return when a unit begins to answer what it has heard at this time."""
        return max(heard_ns, self._free_ns.get(unit_id, heard_ns)) + self._times.draw_ns(unit_id)

    def end(self, unit_id: int, end_ns: int) -> None:
        """Say when the unit has ended its answer."""
        self._free_ns[unit_id] = end_ns


class LineUnits:
    """Lets the stations of a line answer. Faults act on what leaves through ``wire_exit``, the first station's way.
    ``silence_ns`` follows each answer."""

    def __init__(
        self,
        line: LineTime,
        wire_exit: WireExit,
        wire: WireFraming,
        stations: Sequence[LineStation],
        *,
        silence_ns: int = 0,
    ) -> None:
        self._line = line
        self._exit = wire_exit
        self._wire = wire
        self._first, *self._rivals = stations
        self._silence_ns = silence_ns

    def answer(self, number: int, unit_id: int, request: bytes, heard_ns: int) -> int:
        """Let every unit of this id answer the ``number``-th frame; return when all have, with the silence behind."""
        begin_ns = self._first.begin_ns(unit_id, heard_ns)
        frame = self._exit.answer(number, 0, unit_id, request, begin_ns)
        free_ns = self._send(self._first, unit_id, frame, begin_ns)
        for rival in self._rivals:
            response = rival.directory.answer_on_line(unit_id, request)
            frame = self._wire.encode(0, unit_id, response) if response else b""
            free_ns = max(free_ns, self._send(rival, unit_id, frame, rival.begin_ns(unit_id, heard_ns)))
        return max(free_ns, heard_ns)

    def record_damage(self) -> None:
        """Let every unit count a frame that arrived damaged."""
        for station in (self._first, *self._rivals):
            station.directory.record_damage()

    def _send(self, station: LineStation, unit_id: int, frame: bytes, begin_ns: int) -> int:
        if not frame:
            return 0
        free_ns = self._line.send(frame, begin_ns) + self._silence_ns
        station.end(unit_id, free_ns)
        return free_ns
