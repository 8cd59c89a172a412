"""Files of a device for Read and Write File Record: numbered records of two bytes each, in wire order."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from emulators.modbus.codes import ExceptionCode, ModbusRefusal

__all__ = ["FileRecords"]

_MAX_RECORDS = 10_000


class FileRecords:
    """Files by number, 1..65535; records count from 0 to 9999. A file has a fixed size and is zero where not given."""

    __slots__ = ("_files", "_first", "_read_only")

    def __init__(self, files: Mapping[int, bytes] | None = None, *, read_only: Collection[int] = ()) -> None:
        for number, content in (files or {}).items():
            if not 1 <= number <= 0xFFFF:
                raise ValueError(f"file number {number} is outside 1..65535")
            if len(content) % 2 or len(content) > 2 * _MAX_RECORDS:
                raise ValueError(f"file {number} has {len(content)} bytes; a file is up to {_MAX_RECORDS} words")
        self._first = {number: bytes(content) for number, content in (files or {}).items()}
        self._read_only = frozenset(read_only)
        self.restart()

    def restart(self) -> None:
        """Let every file be as it was given."""
        self._files = {number: bytearray(content) for number, content in self._first.items()}

    def content(self, number: int) -> bytes:
        """Return a whole file."""
        return bytes(self._files[number])

    def check_read(self, number: int, record: int, count: int) -> None:
        """Refuse with ILLEGAL DATA ADDRESS unless the file exists and has these records."""
        if not count or 2 * (record + count) > len(self._files.get(number, b"")):
            raise ModbusRefusal(ExceptionCode.ILLEGAL_DATA_ADDRESS, f"file {number} record {record}")

    def check_write(self, number: int, record: int, count: int) -> None:
        """Refuse with ILLEGAL DATA ADDRESS unless these records exist and may be written."""
        self.check_read(number, record, count)
        if number in self._read_only:
            raise ModbusRefusal(ExceptionCode.ILLEGAL_DATA_ADDRESS, f"file {number} is read-only")

    def read(self, number: int, record: int, count: int) -> bytes:
        """Return records that have been checked."""
        return bytes(self._files[number][2 * record : 2 * (record + count)])

    def write(self, number: int, record: int, payload: bytes) -> None:
        """Write records that have been checked."""
        self._files[number][2 * record : 2 * record + len(payload)] = payload
