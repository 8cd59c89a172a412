"""The state of a link: the same bits on every executor, in any pieces, in copies, and when injections happen again."""

from __future__ import annotations

import numpy as np
import pytest
from link_cells import A_BIT_OF_EVERYTHING, LINK_COLUMNS, LINK_PROTOCOLS, LinkedCells, rows
from small_cells import MS, SmallCells


@pytest.mark.parametrize("protocol", LINK_PROTOCOLS)
def test_a_run_has_the_same_bits_on_every_executor_and_in_any_pieces(linked: LinkedCells, protocol: str) -> None:
    whole = rows(linked(protocol), 180, *A_BIT_OF_EVERYTHING)
    python = rows(linked(protocol, executor="python"), 180, *A_BIT_OF_EVERYTHING)
    cell, pieces = linked(protocol), []
    for first, last in ((0, 1), (1, 34), (34, 35), (35, 100), (100, 180)):
        due = [each for each in A_BIT_OF_EVERYTHING if first * 10 * MS < each.time_ns <= last * 10 * MS]
        pieces.append(rows(cell, last - first, *due))

    assert whole == python
    assert whole == {name: [value for piece in pieces for value in piece[name]] for name in LINK_COLUMNS}
    assert whole["BUS.injections"][-1] > 10


def test_a_reset_gives_the_same_run_and_another_seed_another_one(linked: LinkedCells) -> None:
    cell = linked()

    first = rows(cell, 180, *A_BIT_OF_EVERYTHING)
    cell.reset()
    again = rows(cell, 180, *A_BIT_OF_EVERYTHING)
    cell.reset(seed=99)
    other = rows(cell, 180, *A_BIT_OF_EVERYTHING)

    assert first == again
    assert first["PLC1.seen"] != other["PLC1.seen"]


@pytest.mark.parametrize("protocol", LINK_PROTOCOLS)
@pytest.mark.parametrize("at_step", [25, 75, 112, 135])
def test_a_snapshot_and_a_fork_go_on_with_what_is_under_way(linked: LinkedCells, protocol: str, at_step: int) -> None:
    cell = linked(protocol)
    later = [each for each in A_BIT_OF_EVERYTHING if each.time_ns > at_step * 10 * MS]
    cell.run(at_step, tape=[each for each in A_BIT_OF_EVERYTHING if each not in later])
    snapshot, twin = cell.snapshot(), cell.fork()

    first = rows(cell, 180 - at_step, *later)
    injections = tuple(cell.wires["BUS"].injections)
    cell.restore(snapshot)
    again = rows(cell, 180 - at_step, *later)
    forked = rows(twin, 180 - at_step, *later)

    assert first == again == forked
    assert injections == tuple(cell.wires["BUS"].injections) == tuple(twin.wires["BUS"].injections)


def test_injections_happen_again_without_their_rules(linked: LinkedCells) -> None:
    cell = linked()
    first = rows(cell, 180, *A_BIT_OF_EVERYTHING[:4])
    injections = tuple(cell.wires["BUS"].injections)

    cell.reset()
    cell.wires["BUS"].replay(injections)
    again = rows(cell, 180)

    assert again == first
    assert tuple(cell.wires["BUS"].injections) == injections


def test_a_cell_without_links_copies_no_link_state(cells: SmallCells) -> None:
    cell = cells.loop()

    assert cell.snapshot().links == ()
    assert cell.wires == {}
    assert np.array_equal(cell.snapshot().block, cell.block)
