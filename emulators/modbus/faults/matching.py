"""Which exchanges a rule is about: connection, unit, function code and addresses of the request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from struct import Struct

from emulators.modbus.codes import FunctionCode

__all__ = ["Match", "NumberSet", "touched_addresses"]

_TWO = Struct(">HH")


@dataclass(frozen=True, slots=True)
class NumberSet:
    """Whole numbers as ranges, both ends included."""

    ranges: tuple[tuple[int, int], ...]

    @classmethod
    def parse(cls, text: str, *, low: int, high: int) -> NumberSet:
        """Return the set written as ``1,3..5``.

        Raises:
            ValueError: not numbers, outside ``low..high``, or a range that is reversed.
        """
        ranges = []
        for part in text.split(","):
            first, dots, last = part.strip().partition("..")
            try:
                start = int(first, 0)
                end = int(last, 0) if dots else start
            except ValueError:
                raise ValueError(f"'{text}' is not a set of numbers; write 5, 1,3 or 0..9") from None
            if start > end:
                raise ValueError(f"'{part.strip()}' is reversed; write the lower number first")
            if start < low or end > high:
                raise ValueError(f"'{part.strip()}' is outside {low}..{high}")
            ranges.append((start, end))
        return cls(tuple(ranges))

    def __contains__(self, number: int) -> bool:
        return any(low <= number <= high for low, high in self.ranges)

    def meets(self, start: int, count: int) -> bool:
        """Whether one of ``count`` numbers from ``start`` on belongs to the set."""
        return any(low < start + count and start <= high for low, high in self.ranges)

    def __str__(self) -> str:
        return ",".join(f"{low}..{high}" if low != high else str(low) for low, high in self.ranges)


@dataclass(frozen=True, slots=True)
class Match:
    """Condition of a rule; None stands for any. ``connection`` is the number of the connection, counted from 1 in the
    order of accepting, or a client's ``host`` or ``host:port``. ``addresses`` are 0-based PDU addresses, ``quantities``
    how many cells are read or written at once; a request without cells matches only when neither is asked for."""

    connection: int | str | None = None
    units: NumberSet | None = None
    functions: NumberSet | None = None
    addresses: NumberSet | None = None
    quantities: NumberSet | None = None

    def meets_connection(self, number: int, peer: str) -> bool:
        wanted = self.connection
        if wanted is None or isinstance(wanted, int):
            return wanted is None or wanted == number
        return wanted in (peer, peer.rpartition(":")[0])

    def meets_request(self, unit_id: int, request: bytes) -> bool:
        if self.units is not None and unit_id not in self.units:
            return False
        if self.functions is not None and request[0] not in self.functions:
            return False
        addresses, quantities = self.addresses, self.quantities
        if addresses is None and quantities is None:
            return True
        return any(
            (addresses is None or addresses.meets(start, count)) and (quantities is None or count in quantities)
            for start, count in touched_addresses(request)
        )


def touched_addresses(request: bytes) -> tuple[tuple[int, int], ...]:
    """Return start and count of each range of cells that a request is about; what it writes stands first."""
    ranges = _RANGES.get(request[0])
    return ranges(request) if ranges is not None else ()


def _span(request: bytes) -> tuple[tuple[int, int], ...]:
    return (_TWO.unpack_from(request, 1),) if len(request) >= 5 else ()


def _single(request: bytes) -> tuple[tuple[int, int], ...]:
    return ((int.from_bytes(request[1:3], "big"), 1),) if len(request) >= 3 else ()


def _read_and_write(request: bytes) -> tuple[tuple[int, int], ...]:
    return (_TWO.unpack_from(request, 5), _TWO.unpack_from(request, 1)) if len(request) >= 9 else ()


_RANGES: Mapping[int, Callable[[bytes], tuple[tuple[int, int], ...]]] = {
    FunctionCode.READ_COILS: _span,
    FunctionCode.READ_DISCRETE_INPUTS: _span,
    FunctionCode.READ_HOLDING_REGISTERS: _span,
    FunctionCode.READ_INPUT_REGISTERS: _span,
    FunctionCode.WRITE_SINGLE_COIL: _single,
    FunctionCode.WRITE_SINGLE_REGISTER: _single,
    FunctionCode.WRITE_MULTIPLE_COILS: _span,
    FunctionCode.WRITE_MULTIPLE_REGISTERS: _span,
    FunctionCode.MASK_WRITE_REGISTER: _single,
    FunctionCode.READ_WRITE_MULTIPLE_REGISTERS: _read_and_write,
    0x18: _single,
}
