"""The client of a serial line, such as a gateway: the frames that it sends, and those it makes out in what it hears.

Damaged frames are passed over; how long an answer is waited for is up to whoever asks.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from emulators.modbus.ascii import ascii_frame, ascii_octets
from emulators.modbus.checksums import with_crc
from emulators.modbus.rtu_frames import is_whole
from emulators.modbus.serial_settings import SerialSettings

__all__ = ["AsciiClient", "LineClient", "RtuClient"]

_START, _END = b":", b"\r\n"


class LineClient(ABC):
    """One line as its client hears it."""

    def __init__(self, settings: SerialSettings) -> None:
        self._settings = settings
        self._heard = bytearray()

    def forget(self) -> None:
        """Forget what has been heard so far."""
        self._heard.clear()

    @property
    def due_ns(self) -> int | None:
        """When ``hear`` may make a frame out though nothing more has come."""
        return None

    @abstractmethod
    def frame(self, unit_id: int, pdu: bytes) -> bytes:
        """Return a request as it goes on the line."""

    @abstractmethod
    def hear(self, characters: bytes, time_ns: int) -> list[bytes]:
        """Take the characters that have come up to now; return unit id and PDU of each whole frame among them."""


class RtuClient(LineClient):
    """RTU: a silence of 3.5 characters ends a frame."""

    def __init__(self, settings: SerialSettings) -> None:
        super().__init__(settings)
        self._heard_ns = 0

    @property
    def due_ns(self) -> int | None:
        return self._heard_ns + self._settings.t3_5_ns if self._heard else None

    def frame(self, unit_id: int, pdu: bytes) -> bytes:
        return with_crc(bytes((unit_id,)) + pdu)

    def hear(self, characters: bytes, time_ns: int) -> list[bytes]:
        ended = b""
        if time_ns - len(characters) * self._settings.character_ns - self._heard_ns >= self._settings.t3_5_ns:
            ended = bytes(self._heard)
            self._heard.clear()
        if characters:
            self._heard += characters
            self._heard_ns = time_ns
        return [ended[:-2]] if is_whole(ended) else []


class AsciiClient(LineClient):
    """ASCII: ``:`` begins a frame, CR and LF end it."""

    def frame(self, unit_id: int, pdu: bytes) -> bytes:
        return ascii_frame(bytes((unit_id,)) + pdu)

    def hear(self, characters: bytes, time_ns: int) -> list[bytes]:
        self._heard += characters
        *ended, rest = bytes(self._heard).split(_END)
        self._heard[:] = rest[rest.rfind(_START) :] if _START in rest else b""
        octets = (ascii_octets(each.rpartition(_START)[2]) for each in ended if _START in each)
        return [each for each in octets if each is not None]
