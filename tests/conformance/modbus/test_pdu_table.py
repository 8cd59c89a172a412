"""Every row of the tables of requests and their only right answers holds for our device."""

from __future__ import annotations

import pytest
from modbus_rows import (
    CONVERSATION_ROWS,
    DATA_ROWS,
    FILE_ROWS,
    IDENTITY_ROWS,
    LIMIT_ROWS,
    PROTECTED_ROWS,
    STATUS_ROWS,
    Row,
    conformance_device,
)

PLAIN_ROWS = [*DATA_ROWS, *LIMIT_ROWS, *CONVERSATION_ROWS, *STATUS_ROWS, *FILE_ROWS, *IDENTITY_ROWS]
REFUSED_ROWS = [row for row in [*DATA_ROWS, *PROTECTED_ROWS] if row[2][0] in "89C"]


def asked(row: Row, *, is_protected: bool) -> list[str]:
    device = conformance_device(is_protected=is_protected)
    return [device.pdu(bytes.fromhex(request)).hex() for request in row[1::2]]


def expected(row: Row) -> list[str]:
    return [bytes.fromhex(response).hex() for response in row[2::2]]


@pytest.mark.parametrize("row", PLAIN_ROWS, ids=[row[0] for row in PLAIN_ROWS])
def test_responses_are_the_ones_the_clause_asks_for(row: Row) -> None:
    assert asked(row, is_protected=False) == expected(row)


@pytest.mark.parametrize("row", PROTECTED_ROWS, ids=[row[0] for row in PROTECTED_ROWS])
def test_gaps_and_read_only_cells_are_refused(row: Row) -> None:
    assert asked(row, is_protected=True) == expected(row)


@pytest.mark.parametrize("row", REFUSED_ROWS, ids=[row[0] for row in REFUSED_ROWS])
def test_refused_request_leaves_every_cell_as_it_was(row: Row) -> None:
    device = conformance_device(is_protected=True)
    before = (bytes(device.memory.coils.cells), bytes(device.memory.holding_registers.cells))

    device.pdu(bytes.fromhex(row[1]))

    assert (bytes(device.memory.coils.cells), bytes(device.memory.holding_registers.cells)) == before
