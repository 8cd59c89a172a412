"""The scan without its thread: what is done in which step."""

from __future__ import annotations

from concurrent.futures import Future

import pytest

from emulators.cell.tape import Operation, TapeEvent
from emulators.errors import EmulatorError
from emulators.serving.pacing import Pacing
from emulators.serving.scan import CellState, Scan, ServingRefusal
from emulators.signals.publication import ClientWrite

STEP_NS = 10_000_000


def make_scan(cell, publisher, clock, pacing: Pacing = Pacing.WALL, speed: float = 1.0) -> Scan:
    scan = Scan(cell, publisher, pacing, speed=speed, clock_ns=clock)
    scan.start()
    return scan


def test_present_snapshot_is_published_before_the_first_step(cell, publisher, clock) -> None:
    make_scan(cell, publisher, clock)

    assert [snapshot.tick for snapshot in publisher.snapshots] == [0]


def test_paced_scan_runs_and_publishes_one_step_at_a_time(cell, publisher, clock) -> None:
    scan = make_scan(cell, publisher, clock)

    assert scan.wait_ns() == STEP_NS
    for _ in range(3):
        clock.now_ns += STEP_NS
        scan.run_batch()

    assert [snapshot.tick for snapshot in publisher.snapshots] == [0, 1, 2, 3]
    assert scan.wait_ns() == STEP_NS


def test_speed_shortens_the_period_of_the_wall_clock(cell, publisher, clock) -> None:
    assert make_scan(cell, publisher, clock, speed=10).wait_ns() == STEP_NS // 10


def test_write_of_a_client_is_on_the_tape_at_the_step_in_which_it_acts(cell, publisher, clock) -> None:
    scan = make_scan(cell, publisher, clock)
    scan.run_batch()
    publisher.writes = [ClientWrite("SP", 20.0), ClientWrite("START", True)]

    scan.run_batch()

    expected = (
        TapeEvent(2 * STEP_NS, 1, Operation.WRITE, "SP", 20.0),
        TapeEvent(2 * STEP_NS, 2, Operation.WRITE, "START", True),
    )
    assert cell.batches[-1] == (1, expected)
    assert tuple(scan.tape) == expected
    assert publisher.taken_at == [2]


def test_tape_of_a_live_run_replays_it(cell, publisher, clock) -> None:
    scan = make_scan(cell, publisher, clock)
    for number in range(5):
        publisher.writes = [ClientWrite("SP", float(number))]
        scan.force("START", True)
        scan.run_batch()
    replayed = type(cell)()

    for tick in range(1, 6):
        replayed.advance(1, [event for event in scan.tape if event.time_ns == tick * STEP_NS])

    assert replayed.batches == cell.batches
    assert replayed.values == cell.values


def test_write_that_the_cell_refuses_is_counted_and_the_scan_goes_on(cell, publisher, clock) -> None:
    scan = make_scan(cell, publisher, clock)
    publisher.writes = [ClientWrite("NOWHERE", 1), ClientWrite("SP", 30.0)]

    scan.run_batch()

    assert cell.values["SP"] == 30.0
    assert scan.status().refused_write_count == 1
    assert "no tag 'NOWHERE'" in scan.status().message


def test_free_scan_takes_many_steps_in_one_batch(cell, publisher, clock) -> None:
    scan = make_scan(cell, publisher, clock, Pacing.FREE)

    for _ in range(12):
        scan.run_batch()

    assert scan.wait_ns() == 0
    assert cell.batches[0][0] == 1
    assert cell.batches[-1][0] > 1000


def test_stepped_scan_waits_until_it_is_told(cell, publisher, clock) -> None:
    scan = make_scan(cell, publisher, clock, Pacing.STEPPED)
    reached: Future[int] = Future()

    assert scan.wait_ns() is None
    scan.step(5, reached)
    while scan.wait_ns() == 0:
        scan.run_batch()

    assert reached.result(0) == cell.tick == 5


def test_step_of_zero_is_answered_at_once(cell, publisher, clock) -> None:
    scan = make_scan(cell, publisher, clock, Pacing.STEPPED)
    reached: Future[int] = Future()

    scan.step(0, reached)

    assert reached.result(0) == 0


def test_pause_interrupts_whoever_waits_for_steps(cell, publisher, clock) -> None:
    scan = make_scan(cell, publisher, clock, Pacing.STEPPED)
    reached: Future[int] = Future()
    scan.step(1_000_000, reached)
    scan.run_batch()

    scan.pause()

    assert scan.wait_ns() is None
    with pytest.raises(ServingRefusal, match="interrupted by a pause"):
        reached.result(0)


def test_running_cell_refuses_a_step(cell, publisher, clock) -> None:
    with pytest.raises(ServingRefusal, match="pause it, then step"):
        make_scan(cell, publisher, clock).step(1, Future())


def test_stepped_cell_refuses_to_resume(cell, publisher, clock) -> None:
    with pytest.raises(ServingRefusal, match="only in steps"):
        make_scan(cell, publisher, clock, Pacing.STEPPED).resume()


def test_time_of_a_pause_is_not_caught_up_with(cell, publisher, clock) -> None:
    scan = make_scan(cell, publisher, clock)
    scan.pause()
    clock.now_ns += 3600 * 1_000_000_000

    scan.resume()

    assert scan.wait_ns() == STEP_NS
    assert scan.status().overrun_count == 0


def test_late_step_is_counted_as_overrun(cell, publisher, clock) -> None:
    scan = make_scan(cell, publisher, clock)
    clock.now_ns += 3 * STEP_NS

    scan.run_batch()

    assert scan.status().overrun_count == 1
    assert scan.status().worst_lag_ns == 2 * STEP_NS


def test_forces_and_faults_stand_in_the_status_until_they_are_taken_back(cell, publisher, clock) -> None:
    scan = make_scan(cell, publisher, clock)
    scan.force("SP", 10.0)
    scan.inject("LT-101.stuck", True)
    held = scan.status()

    released = scan.release(())
    scan.inject("LT-101.stuck", None)

    assert (held.forces, held.faults) == ({"SP": 10.0}, {"LT-101.stuck": True})
    assert released == ("SP",)
    assert (scan.status().forces, scan.status().faults) == ({}, {})


def test_fault_set_to_false_is_none_and_those_of_the_start_stand(cell, publisher, clock) -> None:
    already = {"wire.busy": True}
    scan = Scan(cell, publisher, Pacing.WALL, speed=1.0, clock_ns=clock, faults=already)
    scan.inject("LT-101.stuck", True)
    both = scan.status().faults

    scan.inject("LT-101.stuck", False)

    assert both == {"wire.busy": True, "LT-101.stuck": True}
    assert scan.status().faults == already == {"wire.busy": True}


def test_refused_force_leaves_no_trace(cell, publisher, clock) -> None:
    scan = make_scan(cell, publisher, clock)

    with pytest.raises(EmulatorError, match="no tag 'NOWHERE'"):
        scan.force("NOWHERE", 1)
    scan.run_batch()

    assert scan.status().forces == {}
    assert scan.tape == []


def test_plant_fault_stops_time_and_keeps_the_values_readable(cell, publisher, clock) -> None:
    scan = make_scan(cell, publisher, clock, Pacing.STEPPED)
    cell.fails_at_tick = 3
    reached: Future[int] = Future()
    scan.step(10, reached)

    while scan.wait_ns() == 0:
        scan.run_batch()

    assert scan.state is CellState.FAULTED
    assert scan.read(["COUNT"]) == {"COUNT": 2}
    with pytest.raises(EmulatorError, match="divided by zero"):
        reached.result(0)
    with pytest.raises(ServingRefusal, match="the plant failed: the tank divided by zero"):
        scan.write("SP", 1.0)


def test_sample_is_delivered_each_period_of_plant_time(cell, publisher, clock) -> None:
    scan = make_scan(cell, publisher, clock, Pacing.STEPPED)
    samples = []
    cancel = scan.subscribe(["COUNT"], 25_000_000, lambda time_ns, values: samples.append((time_ns, dict(values))))

    scan.step(10, Future())
    while scan.wait_ns() == 0:
        scan.run_batch()
    cancel()
    scan.step(10, Future())
    while scan.wait_ns() == 0:
        scan.run_batch()

    assert samples == [(tick * STEP_NS, {"COUNT": tick}) for tick in (1, 4, 7, 10)]


def test_subscription_to_an_unknown_name_is_refused(cell, publisher, clock) -> None:
    with pytest.raises(EmulatorError, match="no tag 'NOWHERE'"):
        make_scan(cell, publisher, clock).subscribe(["NOWHERE"], 1, print)


def test_closed_scan_refuses_further_writes(cell, publisher, clock) -> None:
    scan = make_scan(cell, publisher, clock)

    scan.close()

    with pytest.raises(ServingRefusal, match="was stopped"):
        scan.write("SP", 1.0)
