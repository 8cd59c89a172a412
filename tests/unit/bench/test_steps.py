"""Step-by-step tests act in the next step, wait exactly as long as needed, and name what is missing."""

from __future__ import annotations

import pytest
from toy_bench import ToyBench

from emulators.timebase import NS_PER_S
from hil.bench.protocol import Capability, MissingCapability
from hil.errors import OracleViolation, UnknownNameError
from hil.oracle import rose


@pytest.fixture
def bench() -> ToyBench:
    return ToyBench()


def test_a_press_is_seen_in_the_next_step_and_let_go_after_the_hold(bench: ToyBench) -> None:
    bench["START"].press("300 ms")

    bench.advance("100 ms")
    assert bench["START"].value is True
    assert bench["P-101.RUN"].value is True
    bench.advance("300 ms")
    assert bench["START"].value is False


def test_time_moves_in_whole_steps_rounded_up(bench: ToyBench) -> None:
    bench.advance("1.23 s")

    assert bench.time_ns == 1.3 * NS_PER_S


@pytest.fixture(params=[frozenset(Capability), frozenset(Capability) - {Capability.SNAPSHOT}], ids=["leaps", "steps"])
def waiting_bench(request: pytest.FixtureRequest) -> ToyBench:
    """A bench that can go back to a mark, and one that must go step by step."""
    bench = ToyBench()
    bench.capabilities = request.param
    return bench


@pytest.mark.parametrize("level", [10.05, 10.2, 11, 11.6, 17.3, 40.25])
def test_waiting_ends_on_the_same_step_with_leaps_and_without(waiting_bench: ToyBench, level: float) -> None:
    bench = waiting_bench
    bench["START"].press()

    bench.wait_for(bench["LEVEL"] >= level, within="5 min")

    levels = bench.recorded()["LEVEL"]
    assert len(levels) == bench.tick
    assert levels[-1] >= level
    assert (levels[:-1] < level).all()


def test_what_is_on_the_tape_survives_a_leap(waiting_bench: ToyBench) -> None:
    bench = waiting_bench
    bench["START"].press("3 s")

    bench.wait_for(bench["LEVEL"] >= 10.1, within="1 min")
    bench.advance("5 s")

    presses = bench.recorded()["START"]
    assert int(presses.sum()) == 30


def test_waiting_stops_at_the_step_in_which_the_formula_holds(bench: ToyBench) -> None:
    waited = bench.wait_for(bench["LEVEL"] >= 11, within="1 min")

    assert waited == "2.0 s"
    assert bench.time_ns == 2 * NS_PER_S


def test_waiting_for_what_already_holds_takes_no_time(bench: ToyBench) -> None:
    assert bench.wait_for(~bench["P-101.RUN"], within="1 s") == "0 ns"
    assert bench.time_ns == 0


def test_an_edge_can_be_waited_for(waiting_bench: ToyBench) -> None:
    bench = waiting_bench
    bench["START"].press()

    bench.wait_for(rose(bench["P-101.RUN"]), within="1 s")

    assert bench.time_ns == NS_PER_S // 10


def test_what_does_not_come_is_a_violation_that_says_what_was_seen_instead(bench: ToyBench) -> None:
    with pytest.raises(OracleViolation) as caught:
        bench.wait_for(bench["P-101.RUN"] & (bench["LEVEL"] > 50), within="2 s")

    assert caught.value.explanation == "P-101.RUN off and LEVEL 11 %, not > 50 %, after 2.0 s"
    assert caught.value.robustness < 0
    assert (caught.value.start_ns, caught.value.end_ns) == (0, 2 * NS_PER_S)


def test_a_fault_is_injected_and_cleared(bench: ToyBench) -> None:
    bench["LT-101"].inject("stuck", 61.2)
    bench.advance("1 s")
    assert bench["LT-101"].value == 61.2

    bench["LT-101"].clear("stuck")
    bench.advance("1 s")
    assert bench["LT-101"].value == bench["LEVEL"].value


def test_a_controller_loses_its_power_and_gets_it_back(bench: ToyBench) -> None:
    bench["START"].press()
    bench.advance("1 s")
    bench["PLC1"].power_off()
    bench.advance("1 s")
    assert bench["P-101.RUN"].value is False

    bench["PLC1"].power_on()
    bench["START"].press()
    bench.wait_for(bench["P-101.RUN"], within="1 s")


def test_a_written_value_stays(bench: ToyBench) -> None:
    bench["INFLOW"].write(2.0)
    bench.advance("10 s")

    assert bench["INFLOW"].value == 2.0
    assert bench["LEVEL"].value == pytest.approx(30.0)


def test_the_whole_record_can_be_judged(bench: ToyBench) -> None:
    bench["INFLOW"].write(2.0)
    bench.advance("1 min")
    run = bench.run_so_far()

    run.always(run["LEVEL"] <= 100)
    with pytest.raises(OracleViolation):
        run.never(run["LEVEL"] > 50)


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda bench: bench["STRAT"], "did you mean 'START'"),
        (lambda bench: bench["LT-101"].inject("stuk"), "did you mean 'stuck'"),
        (lambda bench: bench["START"].inject("stuck"), "it has none"),
    ],
    ids=["name", "fault", "no faults"],
)
def test_an_unknown_name_is_refused_with_the_closest_one(bench: ToyBench, act, message: str) -> None:  # type: ignore[no-untyped-def]  # an action
    with pytest.raises(UnknownNameError, match=message):
        act(bench)


@pytest.mark.parametrize(
    ("act", "capability"),
    [
        (lambda bench: bench["LT-101"].inject("stuck", 1.0), Capability.INJECT),
        (lambda bench: bench["PLC1"].restart(), Capability.RESTART),
        (lambda bench: bench["INFLOW"].write(1.0), Capability.PLANT_TRUTH),
        (lambda bench: bench["P-101.RUN"].force(True), Capability.FORCE),
        (lambda bench: bench.advance("1 s"), Capability.ADVANCE),
    ],
    ids=["inject", "restart", "plant truth", "force", "advance"],
)
def test_what_the_target_cannot_do_is_named(bench: ToyBench, act, capability: Capability) -> None:  # type: ignore[no-untyped-def]  # an action
    bench.capabilities = frozenset()

    with pytest.raises(MissingCapability) as caught:
        act(bench)

    assert caught.value.capability is capability
