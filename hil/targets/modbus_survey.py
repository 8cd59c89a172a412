"""What a device has that no map tells: its units, and in each table the stretches of addresses that can be read.

Only reads are sent. A block that is refused is halved until every stretch is known; in small blocks every address is
asked for as one, two and four registers, so that values are found whose half the device does not give.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from emulators.description import RegisterTable
from emulators.errors import LinkError
from emulators.modbus.codes import MAX_READ_BITS, MAX_READ_REGISTERS, ExceptionCode
from hil.targets.modbus_client import ModbusClient
from hil.targets.modbus_errors import ExceptionAnswerError, NoAnswerError
from hil.targets.modbus_identity import UnitIdentity, ask_identity

__all__ = ["Stretch", "UnitSurvey", "find_units", "survey_unit"]

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
) -> tuple[int, ...]:
    """Return the units that answer a read at all, be it with an exception of their own.

    Silence, and a gateway's exceptions for a missing device, mean that there is none; ``warn`` gets the text of an
    answer that cannot be understood: somebody is there. ``advance`` counts units.
    """
    return tuple(unit_id for unit_id in unit_ids if _is_present(client, unit_id, advance, warn))


def survey_unit(
    client: ModbusClient,
    unit_id: int,
    tables: Sequence[RegisterTable],
    addresses: range,
    advance: Callable[[int], None] = lambda _: None,
) -> UnitSurvey:
    """Return what a unit has in ``addresses`` of ``tables``. ``advance`` counts addresses.

    A table in which the unit falls silent or stays busy is left where it did.
    """
    stretches: list[Stretch] = []
    troubles: list[str] = []
    for table in tables:
        survey = _TableSurvey(client, unit_id, table, advance)
        stretches.extend(_stretches(table, survey.search(addresses)))
        troubles.extend(survey.troubles)
    return UnitSurvey(unit_id, ask_identity(client, unit_id), tuple(stretches), tuple(troubles))


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


class _TableSurvey:
    """Searches one table of one unit."""

    def __init__(
        self, client: ModbusClient, unit_id: int, table: RegisterTable, advance: Callable[[int], None]
    ) -> None:
        self._client = client
        self._unit_id = unit_id
        self._table = table
        self._advance = advance
        self._is_known = True
        self.troubles: list[str] = []

    def search(self, addresses: range) -> set[int]:
        """Return the addresses that can be read."""
        block = MAX_READ_BITS if self._table.has_bits else MAX_READ_REGISTERS
        found: set[int] = set()
        for first in range(addresses.start, addresses.stop, block):
            count = min(block, addresses.stop - first)
            if self._is_known:
                try:
                    found |= self._search_block(first, count)
                except (ExceptionAnswerError, NoAnswerError) as error:
                    self.troubles.append(str(error))
                    self._is_known = False
            self._advance(count)
        return found

    def _search_block(self, first: int, count: int) -> set[int]:
        if self._is_readable(first, count):
            return set(range(first, first + count))
        if not self._is_known:
            return set()
        if count <= _SMALL_BLOCK and not self._table.has_bits:
            return self._search_each(first, count)
        if count == 1:
            return set()
        half = count // 2
        return self._search_block(first, half) | self._search_block(first + half, count - half)

    def _search_each(self, first: int, count: int) -> set[int]:
        """Ask at every address for one, two and four registers; values may reach behind the block."""
        found: set[int] = set()
        address = first
        while address < first + count:
            width = next((each for each in _WIDTHS if self._fits(address, each)), 0)
            found.update(range(address, address + width))
            address += max(width, 1)
        return found

    def _fits(self, address: int, width: int) -> bool:
        return address + width <= 0x10000 and self._is_readable(address, width)

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
