"""Connections that take time: period, delay, seeded jitter, links that go down."""

from __future__ import annotations

import numpy as np
import pytest
from small_cells import MS, SmallCells, event, restart, write

from emulators.cell import Cell, Operation, TapeEvent, TapeValue, TargetError, TargetKind

PARTS = """
from emulators.component import Component, Input, Output, Phase, State, port, state

class Clock(Component):
    PHASE = Phase.SENSOR
    count: State[int] = state(0)
    seconds: Output[float] = port()
    is_odd: Output[bool] = port()
    def tick(self, step_s: float) -> None:
        self.count = self.count + 1
    def outputs(self) -> None:
        self.seconds = 0.5 * float(self.count)
        self.is_odd = self.count % 2 == 1

class Sink(Component):
    PHASE = Phase.ACTUATOR
    wanted: Input[int] = port()
    got: Output[int] = port()
    def outputs(self) -> None:
        self.got = self.wanted
"""
PROGRAM = "PROGRAM Main\nVAR n, seen : DINT; half : REAL; odd : BOOL; END_VAR\n  n := n + 1;\nEND_PROGRAM\n"
RIG = """
[plant.C]
component = "parts.py:Clock"
[plant.S]
component = "parts.py:Sink"
[controllers.PLC1]
language = "st"
sources = "PLC1.st"
[controllers.PLC1.inputs]
seen = {input}
half = { from = "C.seconds", delay = "20 ms" }
odd = { from = "C.is_odd", delay = "10 ms" }
[controllers.PLC1.outputs]
"S.wanted" = {output}
"""


def cell_of(
    cells: SmallCells, *, source: str = '"C.count"', sink: str = '"n"', executor: str = "tcc", seed: int | None = None
) -> Cell:
    rig = RIG.replace("{input}", source).replace("{output}", sink)
    return cells.cell(rig, executor=executor, seed=seed, parts_py=PARTS, PLC1_st=PROGRAM)


def timed(source: str, **timing: str) -> str:
    return "{ " + ", ".join([f'from = "{source}"', *(f'{key} = "{value}"' for key, value in timing.items())]) + " }"


def seen(cell: Cell, n_steps: int, name: str = "PLC1.seen", tape: tuple[TapeEvent, ...] = ()) -> list[int]:
    return cell.run(n_steps, tape=tape, columns=[name]).columns[name].tolist()


def link(time_ns: int, target: str, state: TapeValue) -> TapeEvent:
    return event(time_ns, Operation.LINK, target, state)


def test_a_plain_connection_carries_each_value_in_its_own_step(cells: SmallCells) -> None:
    assert seen(cell_of(cells), 4) == [1, 2, 3, 4]


def test_a_delay_holds_values_back(cells: SmallCells) -> None:
    assert seen(cell_of(cells, source=timed("C.count", delay="30 ms")), 6) == [0, 0, 0, 1, 2, 3]


def test_a_period_samples_and_holds(cells: SmallCells) -> None:
    assert seen(cell_of(cells, source=timed("C.count", period="30 ms")), 7) == [1, 1, 1, 4, 4, 4, 7]


def test_period_and_delay_add_up(cells: SmallCells) -> None:
    timing = timed("C.count", period="30 ms", delay="20 ms")

    assert seen(cell_of(cells, source=timing), 9) == [0, 0, 1, 1, 1, 4, 4, 4, 7]


def test_an_output_is_delayed_on_its_way_to_the_plant(cells: SmallCells) -> None:
    cell = cell_of(cells, sink=timed("n", delay="20 ms"))

    assert seen(cell, 5, "S.got") == [0, 0, 1, 2, 3]


def test_real_and_bool_travel_too(cells: SmallCells) -> None:
    columns = cell_of(cells).run(4, columns=["PLC1.half", "PLC1.odd"]).columns

    assert columns["PLC1.half"].tolist() == [0.0, 0.0, 0.5, 1.0]
    assert columns["PLC1.odd"].tolist() == [0, 1, 0, 1]


def test_jitter_is_drawn_from_the_seed_and_keeps_the_order(cells: SmallCells) -> None:
    timing = timed("C.count", jitter="50 ms")
    first, again, other = (seen(cell_of(cells, source=timing, seed=seed), 200) for seed in (1, 1, 2))

    assert first == again
    assert first != other
    assert all(0 <= step - value <= 5 for step, value in enumerate(first, start=1))
    assert np.all(np.diff(first) >= 0)


@pytest.mark.parametrize("executor", ["tcc", "python"])
def test_a_link_that_is_down_holds_the_last_value(cells: SmallCells, executor: str) -> None:
    cell = cell_of(cells, source=timed("C.count", delay="10 ms"), executor=executor)
    tape = (link(30 * MS, "PLC1.seen", "down"), link(60 * MS, "PLC1.seen", "up"))

    assert seen(cell, 9, tape=tape) == [0, 1, 2, 2, 2, 2, 6, 7, 8]


def test_a_link_to_an_actuator_goes_down_too(cells: SmallCells) -> None:
    cell = cell_of(cells, sink=timed("n", delay="10 ms"))

    found = seen(cell, 6, "S.got", (link(30 * MS, "S.wanted", "down"), restart(50 * MS, "PLC1", "stop")))

    assert found == [0, 1, 2, 2, 2, 2]


def test_links_stand_in_the_catalogue(cells: SmallCells) -> None:
    cell = cell_of(cells, source=timed("C.count", delay="10 ms"), sink=timed("n", delay="10 ms"))

    targets = cell.blueprint.directory.targets

    assert set(cell.blueprint.directory.links) == {"PLC1.seen", "PLC1.half", "PLC1.odd", "S.wanted"}
    assert not [name for name in targets if name.startswith("link:")]
    assert TargetKind.LINK in {targets[name].kind for name in ("S.wanted", "PLC1.seen")} or targets["S.wanted"].type


def test_only_links_go_down_and_only_in_words(cells: SmallCells) -> None:
    cell = cell_of(cells, source=timed("C.count", delay="10 ms"))

    with pytest.raises(TargetError, match=r"has no connection 'PLC1\.sen'; did you mean 'PLC1\.seen'\?"):
        cell.run(1, tape=[link(0, "PLC1.sen", "down")])
    with pytest.raises(TargetError, match=r"PLC1\.seen: a link goes 'down' or 'up', not 'broken'"):
        cell.run(1, tape=[link(0, "PLC1.seen", "broken")])


def test_a_wired_input_behind_a_link_cannot_be_written(cells: SmallCells) -> None:
    cell = cell_of(cells, source=timed("C.count", delay="10 ms"))

    with pytest.raises(TargetError, match=r"PLC1\.seen cannot be written: it is wired to C\.count; force it"):
        cell.run(1, tape=[write(0, "PLC1.seen", 1)])
