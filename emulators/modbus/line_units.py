"""The units on a serial line: all hear a request, each that is meant answers in its own time, whoever else talks."""

from __future__ import annotations

from collections.abc import Sequence

from emulators.modbus.codes import BROADCAST
from emulators.modbus.faults.interface import ConnectionFaults, Ending, EndpointFaults, WireFraming
from emulators.modbus.line_time import LineTime
from emulators.modbus.mbap import UnitDirectory
from emulators.modbus.response_times import ResponseTimes
from emulators.modbus.wire_exit import WireExit

__all__ = ["LineStation", "LineUnits"]


class LineStation:
    """A directory of units with their times and the ``faults`` of the wire that leads to them. A unit deals with one
    request after the other.

    Two stations on one line may have the same unit id: both answer, and garble each other.
    """

    def __init__(
        self, directory: UnitDirectory, times: ResponseTimes | None = None, faults: EndpointFaults | None = None
    ) -> None:
        self.directory = directory
        self._times = times or ResponseTimes()
        self._faults = faults
        self._free_ns: dict[int, int] = {}

    def connect(self, wire: WireFraming) -> ConnectionFaults | None:
        """Return the faults of the station's wire on a line, None where it never fails."""
        return self._faults.connect(wire, 0) if self._faults is not None else None

    def restart(self, seed: int) -> None:
        """Let every unit be as at the beginning, with draws of this seed."""
        self.directory.restart()
        self._times.restart(seed)
        self._free_ns.clear()

    def is_meant(self, unit_id: int) -> bool:
        """Whether a frame is for a unit here, or for everybody."""
        return unit_id == BROADCAST or self.directory.has(unit_id)

    def begin_ns(self, unit_id: int, heard_ns: int) -> int:
        """Return when a unit begins to answer what it has heard at this time."""
        return max(heard_ns, self._free_ns.get(unit_id, heard_ns)) + self._times.draw_ns(unit_id)

    def end(self, unit_id: int, end_ns: int) -> None:
        """Say when the unit has ended its answer."""
        self._free_ns[unit_id] = end_ns


class LineUnits:
    """Lets the stations of a line answer, each through its own faults: those given are the first station's, the others
    bring theirs. ``silence_ns`` follows each answer."""

    def __init__(
        self,
        line: LineTime,
        wire: WireFraming,
        faults: ConnectionFaults | None,
        stations: Sequence[LineStation],
        *,
        silence_ns: int = 0,
    ) -> None:
        first, *others = stations
        connections = [faults, *(station.connect(wire) for station in others)]
        self._line = line
        self._mouths = [
            _Mouth(station, WireExit(wire, station.directory.answer_on_line, connection), line, silence_ns)
            for station, connection in zip((first, *others), connections, strict=True)
        ]
        self._silence_ns = silence_ns
        self._faults = tuple(connection for connection in connections if connection is not None)

    @property
    def due_ns(self) -> int | None:
        """When ``let_go`` has something to do."""
        first_ns: int | None = None
        for faults in self._faults:  # asked for many times in an exchange
            due_ns = faults.next_ns
            if due_ns is not None and (first_ns is None or due_ns < first_ns):
                first_ns = due_ns
        return first_ns

    @property
    def ending(self) -> Ending:
        """What the faults of the first station do to the line."""
        return self._mouths[0].ending

    def answer(self, number: int, unit_id: int, request: bytes, heard_ns: int) -> int:
        """Let every unit of this id answer the ``number``-th frame; return when all have, with the silence behind."""
        free_ns = heard_ns
        for mouth in self._mouths:
            station = mouth.station
            if not station.is_meant(unit_id):
                station.directory.answer_on_line(unit_id, request)
                continue
            begin_ns = station.begin_ns(unit_id, heard_ns)
            if mouth.answer(number, unit_id, request, begin_ns):
                station.end(unit_id, mouth.silent_ns + self._silence_ns)
                free_ns = max(free_ns, mouth.silent_ns + self._silence_ns)
        return free_ns

    def let_go(self, time_ns: int) -> bool:
        """Send what the faults have held back until now, a station after its own characters; False if nothing is."""
        has_said = False
        for mouth in self._mouths:
            has_said = mouth.let_go(time_ns) or has_said
        return has_said

    def record_damage(self) -> None:
        """Let every unit count a frame that arrived damaged."""
        for mouth in self._mouths:
            mouth.station.directory.record_damage()


class _Mouth:
    """Where a station talks on a line; it is silent from ``silent_ns`` on. Frames that leave one after the other, as a
    duplicate behind its answer, have the silence between them without which nobody would tell them apart."""

    __slots__ = ("_exit", "_line", "_next_ns", "_said_count", "_silence_ns", "silent_ns", "station")

    def __init__(self, station: LineStation, wire_exit: WireExit, line: LineTime, silence_ns: int) -> None:
        self.station = station
        self.silent_ns = 0
        self._exit = wire_exit
        self._exit.send_apart = self._say
        self._line = line
        self._silence_ns = silence_ns
        self._next_ns = 0
        self._said_count = 0

    @property
    def ending(self) -> Ending:
        return self._exit.ending

    def answer(self, number: int, unit_id: int, request: bytes, begin_ns: int) -> bool:
        """Execute a request and talk from ``begin_ns`` on, whoever else does; return whether anything was said."""
        said_count, self._next_ns = self._said_count, begin_ns
        frame = self._exit.answer(number, 0, unit_id, request, begin_ns)
        if frame:
            self._say(frame)
        return self._said_count != said_count

    def let_go(self, time_ns: int) -> bool:
        """Say what the faults have held back until now, behind what the station itself says; False if nothing is."""
        due_ns = self._exit.due_ns
        if due_ns is None or due_ns > time_ns:
            return False
        said_count, self._next_ns = self._said_count, max(time_ns, self._next_ns)
        self._exit.take(time_ns)
        return self._said_count != said_count

    def _say(self, characters: bytes) -> None:
        faults = self._exit.faults
        self._said_count += 1
        self.silent_ns = self._line.send(characters, self._next_ns)
        is_inside = faults is not None and faults.is_inside_frame
        self._next_ns = self.silent_ns if is_inside else self.silent_ns + self._silence_ns
