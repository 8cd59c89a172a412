"""Time on an emulated serial line, kept by bookkeeping: who talks when, and what everybody hears of it.

A pty hands over a whole frame at once. Here it takes the time that it would have taken on the line, in both
directions; whoever owns the line hands in the time, virtual or real. Characters that come while earlier ones are
still on the line follow them without a gap, as from the buffer of a serial port.

Two units that talk at once garble each other. On two wires (RS-485, Serial Line V1.02 clause 3.3.3) the far end shares
the pair with them: a request is damaged when a unit talks into it, and the far end hears nothing while it talks itself.
On four wires, and from point to point, it has a pair of its own.
"""

from __future__ import annotations

from collections import deque

from emulators.modbus.serial_settings import SerialSettings
from emulators.modbus.uart import HeardCharacter, Reception, Talk, hear, receive

__all__ = ["LineTime"]

_PIECE_NS = 2_000_000
"""Line time that leaves in one piece: waking up for each character would cost more than it shows."""


class LineTime:
    """One line. ``far_end`` is what the other side is set to; where it differs, characters garble."""

    def __init__(self, settings: SerialSettings, *, wires: int = 2) -> None:
        self.settings = settings
        self.far_end = settings
        self.received_ns = 0  # when the last character of the far end had arrived
        self.is_disturbed = False  # whether a unit has talked into what the far end said last
        self._is_shared = wires == 2
        self._spoken_from_ns = 0
        self._talks: list[Talk] = []
        self._heard: deque[HeardCharacter] = deque()  # by the far end, not returned yet
        self._taken_ns = 0

    def arrive(self, chunk: bytes, time_ns: int) -> tuple[Reception, int]:
        """Put characters of the far end on the line; return what the units make of them and the silence before them."""
        gap_ns = max(0, time_ns - self.received_ns)
        start_ns = self.received_ns + gap_ns
        self.received_ns = start_ns + len(chunk) * self.far_end.character_ns
        if gap_ns:
            self._spoken_from_ns = start_ns
            self.is_disturbed = False
        if self._is_shared and self._talks:
            self.is_disturbed = self.is_disturbed or any(self._is_talked_into(talk) for talk in self._talks)
            self._hear()
        return receive(chunk, self.far_end, self.settings), gap_ns

    def send(self, frame: bytes, start_ns: int) -> int:
        """Let a unit talk from this time on, whoever else does; return when it has ended."""
        talk = Talk(start_ns, frame)
        end_ns = self._end_ns(talk)
        if frame:
            self._talks.append(talk)
            self.is_disturbed = self.is_disturbed or (self._is_shared and self._is_talked_into(talk))
            self._hear()
        return end_ns

    @property
    def due_ns(self) -> int | None:
        """When the next piece has left."""
        if not self._heard:
            return None
        limit_ns = self._heard[0].end_ns + _PIECE_NS - self.settings.character_ns
        due_ns = self._heard[0].end_ns
        for each in self._heard:
            if each.end_ns > limit_ns:
                break
            due_ns = each.end_ns
        return due_ns

    def take(self, time_ns: int) -> bytes:
        """Return the characters that the far end has heard by now and that were not returned before."""
        taken = bytearray()
        while self._heard and self._heard[0].end_ns <= time_ns:
            taken.append(self._heard.popleft().character)
        self._taken_ns = max(self._taken_ns, time_ns)
        if not self._heard and all(self._end_ns(talk) <= time_ns for talk in self._talks):
            self._talks.clear()
        return bytes(taken)

    def _end_ns(self, talk: Talk) -> int:
        return talk.start_ns + len(talk.characters) * self.settings.character_ns

    def _is_talked_into(self, talk: Talk) -> bool:
        return talk.start_ns < self.received_ns and self._end_ns(talk) > self._spoken_from_ns

    def _hear(self) -> None:
        """Work out anew what the far end is still to hear."""
        heard = [each for talks in self._together() for each in self._heard_of(talks) if each.end_ns > self._taken_ns]
        if self._is_shared:
            character_ns = self.far_end.character_ns
            heard = [
                each
                for each in heard
                if each.end_ns <= self._spoken_from_ns or each.end_ns - character_ns >= self.received_ns
            ]
        self._heard = deque(heard)

    def _heard_of(self, talks: list[Talk]) -> list[HeardCharacter]:
        if len(talks) > 1 or self.far_end != self.settings:
            return list(hear(talks, self.settings, self.far_end))
        (talk,) = talks
        character_ns = self.settings.character_ns
        return [
            HeardCharacter(talk.start_ns + (index + 1) * character_ns, character, False)
            for index, character in enumerate(talk.characters)
        ]

    def _together(self) -> list[list[Talk]]:
        """Return the talks by time, those together that overlap."""
        groups: list[list[Talk]] = []
        end_ns = 0
        for talk in sorted(self._talks, key=lambda talk: talk.start_ns):
            if groups and talk.start_ns < end_ns:
                groups[-1].append(talk)
            else:
                groups.append([talk])
            end_ns = max(end_ns, self._end_ns(talk))
        return groups
