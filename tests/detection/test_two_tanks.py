"""The two tanks: planted defects are found, the good program survives."""

import pytest
from detection import SEEDS, ProgramUnderTest

PROGRAM = ProgramUnderTest("two_tanks")
DEFECTS = tuple(PROGRAM.defects)
CAUSES = {
    "high-high switch": lambda run: ~run["LSHH-101"],
    "high-high level": lambda run: run["LAHH-101"],
    "high-high temperature": lambda run: run["TAHH-101"],
    "supply low": lambda run: run["LAL-100"],
    "supply switch": lambda run: ~run["LSL-100"],
    "pump failed": lambda run: run["PA-101"],
    "level signal failed": lambda run: run["LT-101.is_failed"],
    "temperature signal failed": lambda run: run["TT-101.is_failed"],
    "flow signal failed": lambda run: run["FT-101.is_failed"],
    "supply signal failed": lambda run: run["LT-100.is_failed"],
    "outlet valve does not follow": lambda run: run["XA-102"],
    "measured level high": lambda run: run["LT-101"] >= 85.0,
    "not covered": lambda run: run["LT-101"] < 20.0,
    "controller without power": lambda run: run["PLC1.mode"] == 3,
}


@pytest.mark.parametrize("name", DEFECTS)
def test_a_planted_defect_is_found(name):
    defect = PROGRAM.defects[name]

    assert PROGRAM.scenarios_to_find(defect, PROGRAM.bench(defect), seed=0) is not None


@pytest.mark.parametrize("name", DEFECTS)
def test_a_planted_defect_passes_the_plain_start_up_test(name):
    bench = PROGRAM.bench(PROGRAM.defects[name])
    bench.reset()

    PROGRAM.start_up_test(bench)


def test_the_good_program_survives():
    outcome = PROGRAM.survives(PROGRAM.bench(), count=40, seed=0)

    assert outcome.failure == ""


@pytest.mark.campaign
def test_slice_of_the_good_program_survives():
    bench = PROGRAM.bench(coverage=True)

    outcome = PROGRAM.survives(bench, count=500, seed=1, causes=CAUSES)

    assert outcome.failure == ""
    assert outcome.unseen == ()
    assert list(PROGRAM.uncovered(bench)) == []


@pytest.mark.campaign
@pytest.mark.timeout(600)
def test_the_good_program_survives_two_thousand_scenarios_that_reach_everything():
    bench = PROGRAM.bench(coverage=True)

    outcome = PROGRAM.survives(bench, count=2000, seed=0, causes=CAUSES)

    assert outcome.failure == ""
    assert outcome.unseen == ()
    assert list(PROGRAM.uncovered(bench)) == []


@pytest.mark.campaign
@pytest.mark.parametrize("name", DEFECTS)
def test_a_planted_defect_is_found_for_every_seed(name):
    defect = PROGRAM.defects[name]
    bench = PROGRAM.bench(defect)

    found = [PROGRAM.scenarios_to_find(defect, bench, seed) for seed in SEEDS]

    assert None not in found
