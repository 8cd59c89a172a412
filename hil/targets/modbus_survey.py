"""What a device has that no map tells: its units, and in each table the stretches of addresses that can be read.

Only reads are sent. A block that is refused is halved until every stretch is known; in small blocks every address is
asked for as one, two and four registers, so that values are found whose half the device does not give.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from emulators.description import RegisterTable
from emulators.errors import LinkError
from emulators.modbus.codes import MAX_READ_BITS, MAX_READ_REGISTERS, ExceptionCode
from hil.targets.modbus_client import ModbusClient
from hil.targets.modbus_errors import ExceptionAnswerError, NoAnswerError
from hil.targets.modbus_identity import UnitIdentity, ask_identity

__all__ = ["Stretch", "UnitSearch", "UnitSurvey", "find_units"]

_ABSENT = (ExceptionCode.GATEWAY_PATH_UNAVAILABLE, ExceptionCode.GATEWAY_TARGET_FAILED)
_SMALL_BLOCK = 8
_WIDTHS = (1, 2, 4)
_BUSY_TRIES = 5
_SILENT_TRIES = 2


@dataclass(frozen=True, slots=True)
class Stretch:
    """Neighbouring addresses of one table that can be read; ``last`` belongs to it."""

    table: RegisterTable
    first: int
    last: int

    @property
    def count(self) -> int:
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class UnitSurvey:
    """What one unit has; ``troubles`` say what kept a table from being searched to its end."""

    unit_id: int
    identity: UnitIdentity
    stretches: tuple[Stretch, ...]
    troubles: tuple[str, ...] = ()


def find_units(
    client: ModbusClient,
    unit_ids: Iterable[int],
    advance: Callable[[int], None] = lambda _: None,
    warn: Callable[[str], None] = lambda _: None,
) -> Iterator[int]:
    """Yield the units that answer a read at all, be it with an exception of their own, as they are found.

    Silence, and a gateway's exceptions for a missing device, mean that there is none; ``warn`` gets the text of an
    answer that cannot be understood: somebody is there. ``advance`` counts units.
    """
    return (unit_id for unit_id in unit_ids if _is_present(client, unit_id, advance, warn))


class UnitSearch:
    """Finds out what a unit has; whoever stops it keeps what was found until then."""

    def __init__(
        self,
        client: ModbusClient,
        unit_id: int,
        *,
        max_registers: int = MAX_READ_REGISTERS,
        max_bits: int = MAX_READ_BITS,
    ) -> None:
        self._client = client
        self._unit_id = unit_id
        self._max_registers = max_registers
        self._max_bits = max_bits
        self._identity = UnitIdentity()
        self._tables: list[_TableSearch] = []

    @property
    def survey(self) -> UnitSurvey:
        """What is known by now."""
        stretches = tuple(stretch for table in self._tables for stretch in table.stretches)
        troubles = tuple(text for table in self._tables for text in table.troubles)
        return UnitSurvey(self._unit_id, self._identity, stretches, troubles)

    def run(
        self, tables: Iterable[RegisterTable], addresses: range, advance: Callable[[int], None] = lambda _: None
    ) -> None:
        """Ask who the unit is and search ``addresses`` of ``tables``. ``advance`` counts addresses.

        A table in which the unit falls silent or stays busy is left where it did.
        """
        self._identity = ask_identity(self._client, self._unit_id)
        for table in tables:
            block = self._max_bits if table.has_bits else self._max_registers
            self._tables.append(_TableSearch(self._client, self._unit_id, table, block, advance))
            self._tables[-1].run(addresses)


def _is_present(
    client: ModbusClient, unit_id: int, advance: Callable[[int], None], warn: Callable[[str], None]
) -> bool:
    try:
        client.read(RegisterTable.HOLDING_REGISTER, 0, 1, unit_id=unit_id)
    except ExceptionAnswerError as error:
        return error.code not in _ABSENT
    except NoAnswerError as error:
        if not error.is_silent:
            warn(str(error))
        return False
    finally:
        advance(1)
    return True


class _TableSearch:
    """Searches one table of one unit, at most ``block`` addresses at once."""

    def __init__(
        self, client: ModbusClient, unit_id: int, table: RegisterTable, block: int, advance: Callable[[int], None]
    ) -> None:
        self._client = client
        self._unit_id = unit_id
        self._table = table
        self._block = block
        self._advance = advance
        self._is_known = True
        self._found: set[int] = set()
        self.troubles: list[str] = []

    @property
    def stretches(self) -> list[Stretch]:
        """What can be read, as far as it is known."""
        return _stretches(self._table, self._found)

    def run(self, addresses: range) -> None:
        """Find the addresses that can be read."""
        for first in range(addresses.start, addresses.stop, self._block):
            count = min(self._block, addresses.stop - first)
            if self._is_known:
                try:
                    self._search_block(first, count)
                except (ExceptionAnswerError, NoAnswerError) as error:
                    self.troubles.append(str(error))
                    self._is_known = False
            self._advance(count)

    def _search_block(self, first: int, count: int) -> None:
        if self._is_readable(first, count):
            self._found.update(range(first, first + count))
        elif self._is_known and count <= _SMALL_BLOCK and not self._table.has_bits:
            self._search_each(first, count)
        elif self._is_known and count > 1:
            half = count // 2
            self._search_block(first, half)
            self._search_block(first + half, count - half)

    def _search_each(self, first: int, count: int) -> None:
        """Ask at every address for one, two and four registers; values may reach behind the block."""
        address = first
        while address < first + count:
            width = next((each for each in _WIDTHS if self._fits(address, each)), 0)
            self._found.update(range(address, address + width))
            address += max(width, 1)

    def _fits(self, address: int, width: int) -> bool:
        return width <= self._block and address + width <= 0x10000 and self._is_readable(address, width)

    def _is_readable(self, first: int, count: int) -> bool:
        """Ask once; a busy device a few times, a silent one once more, before their error is raised."""
        tries_left: dict[type[LinkError], int] = {ExceptionAnswerError: _BUSY_TRIES, NoAnswerError: _SILENT_TRIES}
        while True:
            try:
                self._client.read(self._table, first, count, unit_id=self._unit_id)
            except ExceptionAnswerError as error:
                if error.code != ExceptionCode.SERVER_DEVICE_BUSY:
                    self._is_known = self._is_known and error.code != ExceptionCode.ILLEGAL_FUNCTION
                    return False
                _use_up(tries_left, error)
            except NoAnswerError as error:
                _use_up(tries_left, error)
            else:
                return True


def _use_up(tries_left: dict[type[LinkError], int], error: LinkError) -> None:
    """Count a try of this kind; raise the error when it was the last."""
    tries_left[type(error)] -= 1
    if tries_left[type(error)] <= 0:
        raise error


def _stretches(table: RegisterTable, addresses: set[int]) -> list[Stretch]:
    found: list[Stretch] = []
    for address in sorted(addresses):
        if found and found[-1].last == address - 1:
            found[-1] = Stretch(table, found[-1].first, address)
        else:
            found.append(Stretch(table, address, address))
    return found
