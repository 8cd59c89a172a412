"""The sorting line: planted defects are found, the good program survives."""

import pytest
from detection import SEEDS, ProgramUnderTest

from hil import previous
from hil.campaign import run_campaign

PROGRAM = ProgramUnderTest("sorting_line")
DEFECTS = tuple(PROGRAM.defects)


def jam_at(eye):
    return lambda run: run["JAM"] & run[eye] & (run[f"PLC1.Main.eyes[{eye[-1]}].is_jammed"])


CAUSES = {
    **{f"jam at {eye}": jam_at(eye) for eye in ("PE-201", "PE-202", "PE-203", "PE-204")},
    "part lost": lambda run: run["LOST"],
    "pusher 1 failed": lambda run: run["PLC1.Main.pusher_1.state"] == "Failed",
    "pusher 2 failed": lambda run: run["PLC1.Main.pusher_2.state"] == "Failed",
    "contactor does not close": lambda run: run["PLC1.Main.motor_differs.Q"] & previous(run["M-201.RUN"]),
    "contactor does not open": lambda run: run["PLC1.Main.motor_differs.Q"] & ~previous(run["M-201.RUN"]),
    "belt stands": lambda run: run["PLC1.Main.belt_stands.Q"] & ~run["EN-201.frozen"],
    "encoder stands": lambda run: run["PLC1.Main.belt_stands.Q"] & run["EN-201.frozen"],
    "gauge out of range": lambda run: run["PLC1.Main.height_gauge.outside.Q"],
    "gauge frozen": lambda run: run["PLC1.Main.height_gauge.still.Q"] & ~run["HT-201.is_failed"],
    "emergency stop": lambda run: ~run["ESTOP.OK"],
    "emergency stop while pusher 1 moves": lambda run: ~run["ESTOP.OK"] & (run["Y-211.POSITION"] > 0.2),
    "emergency stop while pusher 2 moves": lambda run: ~run["ESTOP.OK"] & (run["Y-212.POSITION"] > 0.2),
    "parts that touch": lambda run: run["COUNT.UNKNOWN"] > 0,
    "encoder wraps": lambda run: (run["STATE"] == "Running") & (run["B-201.travel_m"] > 65.6),
    "controller without power": lambda run: run["PLC1.mode"] == 3,
}


@pytest.mark.parametrize("name", DEFECTS)
def test_a_planted_defect_is_found(name):
    defect = PROGRAM.defects[name]

    assert PROGRAM.scenarios_to_find(defect, PROGRAM.bench(defect), seed=0) is not None


@pytest.mark.parametrize("name", DEFECTS)
def test_a_planted_defect_passes_the_plain_start_up_test(name):
    PROGRAM.start_up_test(PROGRAM.bench(PROGRAM.defects[name]))


def test_the_good_program_survives():
    outcome = PROGRAM.survives(PROGRAM.bench(), count=30, seed=0)

    assert outcome.failure == ""


@pytest.mark.campaign
def test_slice_of_the_good_program_survives():
    outcome = PROGRAM.survives(PROGRAM.bench(), count=300, seed=1)

    assert outcome.failure == ""


@pytest.mark.campaign
@pytest.mark.timeout(1800)
def test_the_good_program_survives_two_thousand_scenarios_that_reach_everything():
    bench = PROGRAM.bench(coverage=True)

    outcome = PROGRAM.survives(bench, count=2000, seed=0, causes=CAUSES)

    assert outcome.failure == ""
    assert outcome.unseen == ()
    assert list(PROGRAM.uncovered(bench)) == []


@pytest.mark.campaign
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", DEFECTS)
def test_a_planted_defect_is_found_for_every_seed(name):
    defect = PROGRAM.defects[name]
    bench = PROGRAM.bench(defect)

    found = [PROGRAM.scenarios_to_find(defect, bench, seed) for seed in SEEDS]

    assert None not in found


@pytest.mark.campaign
@pytest.mark.parametrize("name", DEFECTS)
def test_a_planted_defect_needs_at_least_two_events(name):
    defect = PROGRAM.defects[name]
    (test, *_) = PROGRAM.tests_of(defect.requirement)

    result = run_campaign(PROGRAM.bench(defect), test.scenario, test.check, count=500, seed=0)

    assert result.failure is not None
    assert len(result.failure.timeline.events) >= 2
