from __future__ import annotations

import threading

import pytest

from emulators.errors import EmulatorError
from emulators.serving.pacing import Pacing
from emulators.serving.scan import ServingRefusal
from emulators.serving.served_cell import ServedCell
from emulators.signals.publication import ClientWrite


def test_paced_cell_runs_by_itself_and_stops_cleanly(cell, publisher) -> None:
    with ServedCell(cell, publisher, speed=10) as served:
        publisher.wait_for_tick(5)

    assert served.is_over
    assert served.status().state == "stopped"
    assert "hil-scan" not in [thread.name for thread in threading.enumerate()]


def test_every_step_of_a_paced_cell_is_published(cell, publisher) -> None:
    with ServedCell(cell, publisher, speed=20):
        publisher.wait_for_tick(20)

    assert [snapshot.tick for snapshot in publisher.snapshots] == list(range(cell.tick + 1))


@pytest.mark.parametrize(("pacing", "ticks"), [(Pacing.WALL, [0, 1]), (Pacing.STEPPED, [0])])
def test_whoever_asks_first_finds_the_first_step_done_unless_time_stands(
    cell, publisher, pacing: Pacing, ticks: list[int]
) -> None:
    with ServedCell(cell, publisher, pacing=pacing, speed=0.001):
        assert [snapshot.tick for snapshot in publisher.snapshots] == ticks


def test_a_plant_that_fails_in_the_first_step_is_told_like_any_other(cell, publisher) -> None:
    def fail(n_steps: int, events: object) -> None:
        raise EmulatorError("tank T-101 overflows")

    cell.advance = fail
    with ServedCell(cell, publisher) as served:
        status = served.status()

    assert (status.state, status.message) == ("faulted", "tank T-101 overflows")


def test_write_is_seen_by_the_next_step(cell, publisher) -> None:
    with ServedCell(cell, publisher, pacing=Pacing.STEPPED) as served:
        served.write("SP", 12.5)
        before = served.read(["SP"])
        served.step(1)
        after = served.read(["SP"])

    assert (before, after) == ({"SP": 50.0}, {"SP": 12.5})


@pytest.mark.parametrize("pacing", [Pacing.WALL, Pacing.FREE])
def test_what_was_asked_for_while_time_passes_has_acted_when_the_answer_comes(cell, publisher, pacing: Pacing) -> None:
    with ServedCell(cell, publisher, pacing=pacing) as served:
        seen = []
        for value in (1.0, 2.0, 3.0):
            served.write("SP", value)
            seen.append(cell.values["SP"])

    assert seen == [1.0, 2.0, 3.0]


def test_clients_write_acts_although_nobody_asks(cell, publisher) -> None:
    with ServedCell(cell, publisher, speed=10) as served:
        publisher.writes = [ClientWrite("SP", 33.0)]
        publisher.wait_for_tick(cell.tick + 3)

    assert cell.values["SP"] == 33.0
    assert [event.target for event in served.tape] == ["SP"]


def test_values_read_together_are_of_one_step(cell, publisher) -> None:
    real_advance = cell.advance

    def advance(n_steps, events) -> None:
        real_advance(n_steps, events)
        cell.values["SP"] = cell.tick

    cell.advance = advance
    cell.values["SP"] = 0
    with ServedCell(cell, publisher, pacing=Pacing.FREE) as served:
        reads = [served.read(["COUNT", "SP"]) for _ in range(200)]

    assert all(read["COUNT"] == read["SP"] for read in reads)


def test_free_cell_is_paused_and_resumed(cell, publisher) -> None:
    with ServedCell(cell, publisher, pacing=Pacing.FREE) as served:
        served.pause()
        paused_at = served.status().tick
        still = served.status().tick
        served.resume()
        publisher.wait_for_tick(paused_at + 1)

    assert still == paused_at


def test_paused_cell_is_stepped(cell, publisher) -> None:
    with ServedCell(cell, publisher) as served:
        served.pause()
        tick = served.status().tick

        assert served.step(100) == tick + 100


def test_error_of_the_cell_reaches_who_asked_and_the_cell_goes_on(cell, publisher) -> None:
    with ServedCell(cell, publisher, pacing=Pacing.STEPPED) as served:
        with pytest.raises(EmulatorError, match="did you mean"):
            served.inject("LT-101.stuc", True)

        assert served.step(3) == 3


def test_stop_releases_whoever_waits_for_steps(cell, publisher, wait_until) -> None:
    served = ServedCell(cell, publisher, pacing=Pacing.STEPPED)
    outcome: list[Exception] = []

    def wait_for_ever() -> None:
        try:
            served.step(1 << 60)
        except ServingRefusal as error:
            outcome.append(error)

    with served:
        waiter = threading.Thread(target=wait_for_ever)
        waiter.start()
        wait_until(lambda: cell.tick > 0)
    waiter.join(10)

    assert "was stopped" in str(outcome[0])


def test_cell_that_does_not_run_refuses_requests(cell, publisher) -> None:
    served = ServedCell(cell, publisher)

    with pytest.raises(ServingRefusal, match="is not running"):
        served.read(["SP"])
    with served:
        pass
    with pytest.raises(ServingRefusal, match="is not running"):
        served.read(["SP"])


def test_request_on_the_scans_own_thread_is_refused_instead_of_dead_locking(cell, publisher, wait_until) -> None:
    errors: list[str] = []
    with ServedCell(cell, publisher, pacing=Pacing.FREE) as served:

        def read_again(time_ns, values) -> None:
            try:
                served.read(["SP"])
            except EmulatorError as error:
                errors.append(str(error))

        cancel = served.subscribe(["SP"], 0, read_again)
        wait_until(lambda: bool(errors))
        cancel()

    assert "would wait for itself" in errors[0]


def test_many_threads_ask_at_once_and_each_gets_its_answer(cell, publisher) -> None:
    answers: list[dict] = []

    def ask() -> None:
        for _ in range(50):
            served.write("SP", 1.0)
            answers.append(served.read(["SP"]))

    with ServedCell(cell, publisher, pacing=Pacing.FREE) as served:
        askers = [threading.Thread(target=ask) for _ in range(8)]
        for asker in askers:
            asker.start()
        for asker in askers:
            asker.join(10)

    assert len(answers) == 400
    assert len(served.tape) <= 400
