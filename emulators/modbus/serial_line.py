"""One emulated serial line: line time, the order of events, units and faults, which RTU and ASCII share.

How characters become frames is the mode's: a subclass says when the next of them has something to tell, and what.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from emulators.modbus.faults.interface import Ending, EndpointFaults, WireFraming
from emulators.modbus.framing import earliest
from emulators.modbus.line_time import LineTime
from emulators.modbus.line_units import LineStation, LineUnits
from emulators.modbus.serial_settings import SerialSettings

__all__ = ["SerialLine"]


class SerialLine(ABC):
    """The devices on one emulated line; satisfies ``Framing``.

    ``stations`` are the devices, each with the faults of its own wire; those of the first are given. ``wires`` is 2
    where the far end shares the line with the devices, else 4. ``silence_ns`` follows each answer.
    """

    is_closed = False

    def __init__(
        self,
        settings: SerialSettings,
        wire: WireFraming,
        stations: Sequence[LineStation],
        faults: EndpointFaults | None,
        *,
        wires: int,
        silence_ns: int = 0,
    ) -> None:
        self.line = LineTime(settings, wires=wires)
        self.frame_count = 0
        self.damaged_count = 0
        connection = faults.connect(wire, 0) if faults is not None else None
        self._units = LineUnits(self.line, wire, connection, stations, silence_ns=silence_ns)

    @property
    @abstractmethod
    def has_partial_frame(self) -> bool: ...

    @property
    def due_ns(self) -> int | None:
        return earliest(self.line.due_ns, self._units.due_ns, self._arrived_ns)

    @property
    def ending(self) -> Ending:
        return self._units.ending

    def feed(self, chunk: bytes, time_ns: int) -> bytes:
        """Put characters on the line at this time, or behind those that still are on it."""
        sent = self.poll(time_ns)
        self._arrive(chunk, time_ns)
        return sent

    def poll(self, time_ns: int) -> bytes:
        """Let characters arrive and units answer; return the characters of responses that have left by now."""
        while (due_ns := earliest(next_ns := self._next_ns, self._units.due_ns)) is not None and due_ns <= time_ns:
            if due_ns == next_ns:
                self._take_next()
            elif not self._units.let_go(due_ns):
                break
        return self.line.take(time_ns)

    def leave(self, time_ns: int) -> None:  # noqa: B027 - that nothing happens is what a line does
        """On a line nobody notices; what has been asked for is carried out."""

    @property
    @abstractmethod
    def _next_ns(self) -> int | None:
        """When ``_take_next`` has something to do."""

    @property
    def _arrived_ns(self) -> int | None:
        """When all that is on its way will have arrived."""
        return self._next_ns

    @abstractmethod
    def _arrive(self, chunk: bytes, time_ns: int) -> None:
        """Put characters on the line; nothing is due before this time any more."""

    @abstractmethod
    def _take_next(self) -> None:
        """Deal with what has arrived first."""

    def _answer(self, unit_id: int, request: bytes, heard_ns: int) -> int:
        """Let the units answer a whole frame; return when the line is theirs no more."""
        self.frame_count += 1
        return self._units.answer(self.frame_count, unit_id, request, heard_ns)

    def _drop(self) -> None:
        """Count a frame that arrived damaged."""
        self.damaged_count += 1
        self._units.record_damage()
