"""Modbus ASCII on an emulated line: ``:`` starts a frame, CR and a delimiter end it, Serial Line V1.02 clause 2.5.2.

Two hexadecimal characters, upper case, stand for one byte. Silences of up to a second may lie inside a frame; a
longer one, a wrong LRC or a character that is no hexadecimal digit make the device drop the frame and count it.
Diagnostics subfunction 3 changes the delimiter, which is LF at the start.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from emulators.modbus.checksums import lrc
from emulators.modbus.faults.interface import EndpointFaults, WireFraming
from emulators.modbus.line_units import LineStation
from emulators.modbus.mbap import UnitDirectory
from emulators.modbus.response_times import ResponseTimes
from emulators.modbus.serial_line import SerialLine
from emulators.modbus.serial_settings import Parity, SerialSettings
from emulators.timebase import NS_PER_S

__all__ = ["ASCII_SETTINGS", "AsciiLine", "ascii_frame", "ascii_octets", "spoil_lrc"]

ASCII_SETTINGS = SerialSettings(19_200, Parity.EVEN, 1, 7)
"""The standard's default for ASCII: 7E1."""

_START, _CR, _LF = 0x3A, 0x0D, 0x0A
_MAX_FRAME_SIZE = 513
_DIGITS = frozenset(b"0123456789ABCDEF")
_LOWER_DIGITS = _DIGITS | frozenset(b"abcdef")


def ascii_frame(octets: bytes, *, delimiter: int = _LF) -> bytes:
    """Return the frame of unit id and PDU: ``:010300000001FB`` with CR and the delimiter."""
    return b":%s\r%c" % ((octets + bytes((lrc(octets),))).hex().upper().encode(), delimiter)


def ascii_octets(digits: bytes, *, accepts_lower_case: bool = False) -> bytes | None:
    """Return unit id and PDU of what stands between ``:`` and CR, or None when it is damaged."""
    allowed = _LOWER_DIGITS if accepts_lower_case else _DIGITS
    if len(digits) < 6 or len(digits) % 2 or not allowed.issuperset(digits):
        return None
    octets = bytes.fromhex(digits.decode())
    return octets[:-1] if lrc(octets) == 0 else None


def spoil_lrc(frame: bytes) -> bytes:
    """Return the frame with a wrong LRC."""
    return frame[:-3] + (b"0" if frame[-3:-2] != b"0" else b"1") + frame[-2:]


class AsciiLine(SerialLine):
    """The devices on one line. ``times``, ``rivals`` and ``wires`` are as in RTU."""

    def __init__(
        self,
        directory: UnitDirectory,
        settings: SerialSettings = ASCII_SETTINGS,
        faults: EndpointFaults | None = None,
        *,
        times: ResponseTimes | None = None,
        rivals: Sequence[LineStation] = (),
        wires: int = 2,
        pause_ns: int = NS_PER_S,
        accepts_lower_case: bool = False,
    ) -> None:
        wire = WireFraming("ascii", self._encode, spoil_lrc)
        super().__init__(settings, wire, (LineStation(directory, times), *rivals), faults, wires=wires)
        self._directory = directory
        self._delimiter = _LF  # of the frame that is being answered
        self._pause_ns = pause_ns
        self._accepts_lower_case = accepts_lower_case
        self._arriving: deque[_Arriving] = deque()
        self._frame: bytearray | None = None  # what followed the last start, without it
        self._is_spoilt = False

    @property
    def has_partial_frame(self) -> bool:
        return self._frame is not None or bool(self._arriving)

    @property
    def _next_ns(self) -> int | None:
        return self._arriving[0].end_ns if self._arriving else None

    @property
    def _arrived_ns(self) -> int | None:
        return self._arriving[-1].end_ns if self._arriving else None

    def _arrive(self, chunk: bytes, time_ns: int) -> None:
        line = self.line
        reception, gap_ns = line.arrive(chunk, time_ns)
        if self._frame is not None and gap_ns > self._pause_ns:
            self._drop_frame()
        end_ns = line.received_ns - len(reception.characters) * line.far_end.character_ns
        for character in reception.characters:
            end_ns += line.far_end.character_ns
            self._arriving.append(_Arriving(end_ns, character, reception.is_damaged))

    def _take_next(self) -> None:
        arrived = self._arriving.popleft()
        character, is_spoilt = arrived.character, arrived.is_damaged or self.line.is_disturbed
        if character == _START:
            if self._frame is not None:
                self._drop_frame()
            self._frame, self._is_spoilt = bytearray(), is_spoilt
        elif self._frame is not None:
            self._is_spoilt = self._is_spoilt or is_spoilt
            is_after_cr = self._frame[-1:] == b"\r"
            self._frame.append(character)
            if is_after_cr and character in self._directory.ascii_delimiters().values():
                self._end(bytes(self._frame[:-2]), character, arrived.end_ns)
            elif len(self._frame) > _MAX_FRAME_SIZE:
                self._drop_frame()

    def _end(self, digits: bytes, delimiter: int, heard_ns: int) -> None:
        octets = ascii_octets(digits, accepts_lower_case=self._accepts_lower_case)
        if octets is None or self._is_spoilt:
            self._drop_frame()
            return
        self._frame = None
        unit_id = octets[0]
        if self._directory.ascii_delimiters().get(unit_id, delimiter) != delimiter:
            self.frame_count += 1
            return  # the device still waits for the end of this frame, and drops it when the next one starts
        self._delimiter = delimiter
        self._answer(unit_id, octets[1:], heard_ns)

    def _encode(self, transaction_id: int, unit_id: int, pdu: bytes) -> bytes:
        return ascii_frame(bytes((unit_id,)) + pdu, delimiter=self._delimiter)

    def _drop_frame(self) -> None:
        self._frame, self._is_spoilt = None, False
        self._drop()


class _Arriving(NamedTuple):
    """A character on its way to the units."""

    end_ns: int
    character: int
    is_damaged: bool
