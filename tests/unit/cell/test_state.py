"""The state block: snapshot, restore, fork, reset; a run is a function of program, plant, tape and seed."""

from __future__ import annotations

import numpy as np
import pytest
from small_cells import MS, SmallCells, fault, force, write
from small_loop import LOOP_RIG

from emulators.cell import Cell, Recording, TapeEvent

COLUMNS = ["T.level", "L.reading", "PLC1.scans", "V.opening", "PLC1.open"]
TAPE = (
    write(30 * MS, "GO", True),
    fault(100 * MS, "L.offset", 2.0),
    force(150 * MS, "PLC1.open", False),
    fault(200 * MS, "T.leak", 0.5),
)
NOISY = LOOP_RIG.replace('"parts.py:Sensor"\n', '"parts.py:Sensor"\nnoise = 0.5\n')


@pytest.fixture(params=("tcc", "python"))
def cell(request: pytest.FixtureRequest, cells: SmallCells) -> Cell:
    return cells.loop(rig=NOISY, executor=request.param)


def bits(recording: Recording) -> list[bytes]:
    return [recording.time_ns.tobytes(), *(column.tobytes() for column in recording.columns.values())]


def play(cell: Cell, n_steps: int = 40, tape: tuple[TapeEvent, ...] = TAPE) -> list[bytes]:
    return bits(cell.run(n_steps, tape=tape, columns=COLUMNS))


def test_a_reset_gives_the_same_bits_again(cell: Cell) -> None:
    first = play(cell)

    cell.reset()

    assert play(cell) == first


def test_another_seed_gives_other_noise_and_the_same_program(cell: Cell) -> None:
    first = cell.run(40, columns=COLUMNS)

    cell.reset(seed=6)
    second = cell.run(40, columns=COLUMNS)

    assert not np.array_equal(first.columns["L.reading"], second.columns["L.reading"])
    assert np.array_equal(first.columns["PLC1.scans"], second.columns["PLC1.scans"])


def test_the_seed_of_the_rig_is_used_unless_another_is_given(cell: Cell) -> None:
    first = play(cell)

    cell.reset(seed=cell.blueprint.seed)

    assert play(cell) == first


def test_a_run_in_slices_has_the_bits_of_a_run_in_one_call(cell: Cell) -> None:
    whole = cell.run(40, tape=TAPE, columns=COLUMNS)
    end = cell.block.copy()
    cell.reset()

    parts = [cell.run(n, tape=TAPE_OF[n], columns=COLUMNS) for n in (7, 1, 32)]

    assert np.array_equal(cell.block, end)
    for name in COLUMNS:
        assert np.concatenate([part.columns[name] for part in parts]).tobytes() == whole.columns[name].tobytes()


TAPE_OF = {7: TAPE[:1], 1: (), 32: TAPE[1:]}


def test_a_restored_snapshot_goes_on_with_the_same_bits(cell: Cell) -> None:
    cell.run(20, tape=TAPE[:3])
    snapshot = cell.snapshot()
    first = play(cell, tape=TAPE[3:])

    cell.restore(snapshot)

    assert cell.tick == 20
    assert play(cell, tape=TAPE[3:]) == first


def test_a_snapshot_is_not_changed_by_what_follows(cell: Cell) -> None:
    snapshot = cell.snapshot()
    before = snapshot.block.copy()

    play(cell)

    assert np.array_equal(snapshot.block, before)


def test_a_snapshot_of_another_seed_brings_its_seed_along(cells: SmallCells, cell: Cell) -> None:
    other = cell.fork()
    other.reset(seed=99)
    expected_start = other.snapshot()
    expected = play(other)

    cell.restore(expected_start)

    assert play(cell) == expected


def test_forks_go_on_from_the_same_state_and_do_not_touch_each_other(cell: Cell) -> None:
    cell.run(20, tape=TAPE[:3])
    fork = cell.fork()
    before = fork.block.copy()

    first = play(cell, tape=TAPE[3:])

    assert np.array_equal(fork.block, before)
    assert play(fork, tape=TAPE[3:]) == first


def test_a_snapshot_of_another_cell_is_refused(cells: SmallCells, cell: Cell) -> None:
    other = cells.loop()

    with pytest.raises(ValueError, match="belongs to a cell of another program or plant"):
        cell.restore(other.snapshot())


def test_executors_share_the_state_block_bit_for_bit(cells: SmallCells) -> None:
    native, python = (cells.loop(rig=NOISY, executor=name) for name in ("tcc", "python"))

    assert play(native) == play(python)
    assert np.array_equal(native.block, python.block)
    python.restore(native.snapshot())
    assert play(native) == play(python)


def test_no_steps_change_nothing(cell: Cell) -> None:
    before = cell.block.copy()

    recording = cell.run(0, columns=COLUMNS)

    assert len(recording.time_ns) == 0
    assert np.array_equal(cell.block, before)
