"""Time on an emulated serial line, kept by bookkeeping: when characters have arrived and when those sent have left.

A pty hands over a whole frame at once. Here it takes the time that it would have taken on the line, in both
directions; whoever owns the line hands in the time, virtual or real. Characters that come while earlier ones are
still on the line follow them without a gap, as from the buffer of a serial port.
"""

from __future__ import annotations

from collections import deque

from emulators.modbus.serial_settings import SerialSettings
from emulators.modbus.uart import Reception, receive

__all__ = ["LineTime"]


class LineTime:
    """Both directions of a line. ``far_end`` is what the other side is set to; where it differs, characters garble.

    ``piece_ns`` is how much line time leaves in one piece: waking up for each character would cost more than it shows.
    """

    def __init__(self, settings: SerialSettings, *, piece_ns: int = 2_000_000) -> None:
        self.settings = settings
        self.far_end = settings
        self.received_ns = 0  # when the last character had arrived
        self._piece = max(1, piece_ns // settings.character_ns)
        self._sending: deque[tuple[int, bytes]] = deque()  # when the first character starts, what is left
        self._sent_ns = 0

    def arrive(self, chunk: bytes, time_ns: int) -> tuple[Reception, int]:
        """Put characters on the line; return what the receiver makes of them and the silence before them."""
        gap_ns = max(0, time_ns - self.received_ns)
        start_ns = self.received_ns + gap_ns
        self.received_ns = start_ns + len(chunk) * self.far_end.character_ns
        return receive(chunk, self.far_end, self.settings), gap_ns

    def send(self, frame: bytes, earliest_ns: int) -> None:
        """Send a frame after those that are being sent, with the silence between that RTU asks for."""
        if not frame:
            return
        start_ns = max(earliest_ns, self._sent_ns + self.settings.t3_5_ns if self._sent_ns else earliest_ns)
        self._sent_ns = start_ns + len(frame) * self.settings.character_ns
        self._sending.append((start_ns, receive(frame, self.settings, self.far_end).characters))

    def go_on_sending(self, characters: bytes, earliest_ns: int) -> None:
        """Send characters after those that are being sent, without a silence between."""
        if not characters:
            return
        start_ns = max(earliest_ns, self._sent_ns)
        self._sent_ns = start_ns + len(characters) * self.settings.character_ns
        self._sending.append((start_ns, receive(characters, self.settings, self.far_end).characters))

    @property
    def due_ns(self) -> int | None:
        """When the next piece has left."""
        if not self._sending:
            return None
        start_ns, characters = self._sending[0]
        return start_ns + min(self._piece, len(characters)) * self.settings.character_ns

    def take(self, time_ns: int) -> bytes:
        """Return the characters that have left by now and were not returned before."""
        character_ns, left = self.settings.character_ns, bytearray()
        while self._sending:
            start_ns, characters = self._sending[0]
            n_left = min(len(characters), max(0, time_ns - start_ns) // character_ns)
            left += characters[:n_left]
            if n_left < len(characters):
                self._sending[0] = (start_ns + n_left * character_ns, characters[n_left:])
                break
            self._sending.popleft()
        return bytes(left)
