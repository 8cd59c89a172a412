"""Assertions on a run: verdicts, violations and their explanations."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from hil.errors import OracleViolation, UnknownNameError
from hil.oracle import Run, Verdict, eventually, fell, previous, rose
from hil.trace import ColumnDescription, ColumnKind, Trace, TraceMeta

STEP_NS = 100_000_000
SECOND_NS = 1_000_000_000
META = TraceMeta(
    columns={
        "LEVEL": ColumnDescription("%", (0.0, 100.0)),
        "STATE": ColumnDescription(value_names=((0, "IDLE"), (1, "FILLING"))),
    }
)


def _run(**columns: list[float] | np.ndarray) -> Run:
    rows = len(next(iter(columns.values())))
    arrays = {
        name.replace("_", "."): np.array(values, dtype=np.uint8 if name.isupper() and name != "LEVEL" else float)
        for name, values in columns.items()
    }
    return Run(Trace(arrays, np.arange(rows) * STEP_NS, META))


def _stretches(rows: int, *stretches: tuple[float, float]) -> np.ndarray:
    """Ones from the first to before the second second of each stretch, a row each 100 ms."""
    column = np.zeros(rows, dtype=np.uint8)
    for start_s, stop_s in stretches:
        column[round(start_s * 10) : round(stop_s * 10)] = 1
    return column


def test_the_example_of_the_documentation_reads_as_promised() -> None:
    level = np.full(600, 61.2)
    level[453:480] = 93.1
    run = _run(LEVEL=level, PUMP=_stretches(600, (10, 60)))

    with pytest.raises(OracleViolation) as caught:
        run.whenever(run["LEVEL"] > 90).then(~run["PUMP"], within="2 s")

    violation = caught.value
    assert violation.explanation == "LEVEL 93.1 %, PUMP still on 2.0 s later"
    assert violation.formula == "whenever LEVEL > 90 %, not PUMP within 2 s"
    assert violation.robustness == pytest.approx(-3.1)
    assert violation.trigger_ns == 45_300_000_000
    assert (violation.start_ns, violation.end_ns) == (45_300_000_000, 49_900_000_000)
    assert violation.columns == ("LEVEL", "PUMP")
    assert str(violation).startswith("00:45.3  LEVEL 93.1 %, PUMP still on 2.0 s later; required: whenever")


def test_a_violation_survives_the_way_between_processes() -> None:
    run = _run(PUMP=[1, 0])
    with pytest.raises(OracleViolation) as caught:
        run.always(run["PUMP"])

    copy = pickle.loads(pickle.dumps(caught.value))

    assert str(copy) == str(caught.value)
    assert copy.columns == ("PUMP",)


def test_a_response_in_time_passes_and_leaves_its_margin() -> None:
    run = _run(LEVEL=[50, 95, 95, 95, 50], PUMP=[1, 1, 1, 0, 0])

    judgement = run.whenever(run["LEVEL"] > 90).then(~run["PUMP"], within="200 ms")

    assert judgement.verdict is Verdict.PASS
    assert judgement.robustness == pytest.approx(40.0)
    assert judgement.triggers == 1
    assert judgement.violation is None


def test_a_response_one_row_late_fails() -> None:
    run = _run(LEVEL=[50, 95, 50, 50, 50], PUMP=[1, 1, 1, 1, 0])

    with pytest.raises(OracleViolation, match="PUMP still on 200 ms later"):
        run.whenever(run["LEVEL"] > 90).then(~run["PUMP"], within="200 ms")


def test_a_trigger_that_never_comes_tests_nothing() -> None:
    run = _run(LEVEL=[50, 60], PUMP=[1, 1])

    judgement = run.whenever(run["LEVEL"] > 90).then(~run["PUMP"], within="2 s")

    assert judgement.verdict is Verdict.NONE
    assert judgement.triggers == 0
    assert judgement.robustness == pytest.approx(30.0)


def test_a_trigger_just_before_the_end_is_inconclusive_and_does_not_fail() -> None:
    run = _run(LEVEL=[50, 50, 95], PUMP=[1, 1, 1])

    judgement = run.whenever(run["LEVEL"] > 90).then(~run["PUMP"], within="2 s")

    assert judgement.verdict is Verdict.INCONCLUSIVE
    assert run.verdict is Verdict.INCONCLUSIVE


def test_a_response_that_must_come_at_once_is_judged_on_the_same_row() -> None:
    run = _run(LEVEL=[50, 95], PUMP=[1, 1])

    with pytest.raises(OracleViolation, match="LEVEL 95 %, PUMP on"):
        run.whenever(run["LEVEL"] > 90).then(~run["PUMP"])


def test_always_names_the_value_and_the_limit() -> None:
    run = _run(LEVEL=[50, 96.25, 97.5, 60])

    with pytest.raises(OracleViolation, match=r"LEVEL 97\.5 %, not <= 95 %") as caught:
        run.always(run["LEVEL"] <= 95)

    assert (caught.value.start_ns, caught.value.trigger_ns, caught.value.end_ns) == (STEP_NS, 2 * STEP_NS, 2 * STEP_NS)
    assert caught.value.robustness == pytest.approx(-2.5)


def test_a_value_just_past_the_limit_is_shown_with_enough_digits() -> None:
    run = _run(LEVEL=[90.0004])

    with pytest.raises(OracleViolation, match=r"LEVEL 90\.0004 %, not <= 90 %"):
        run.always(run["LEVEL"] <= 90)


def test_always_after_a_time_leaves_the_start_up_out() -> None:
    run = _run(PUMP=[1, 1, 0, 0])

    assert run.never(run["PUMP"], after="200 ms").verdict is Verdict.PASS
    with pytest.raises(OracleViolation, match="PUMP on"):
        run.never(run["PUMP"], after="100 ms")


def test_always_for_a_time_judges_the_first_stretch_of_the_run() -> None:
    run = _run(PUMP=[1, 1, 1, 0])

    assert run.always(run["PUMP"], lasting="200 ms").verdict is Verdict.PASS
    with pytest.raises(OracleViolation, match="PUMP off 300 ms later"):
        run.always(run["PUMP"], lasting="300 ms")


def test_always_for_a_time_after_a_trigger_says_when_it_broke() -> None:
    run = _run(START=_stretches(80, (1, 1.1)), PUMP=_stretches(80, (1, 3.2)))

    with pytest.raises(OracleViolation, match=r"START rises, PUMP off 2\.2 s later"):
        run.whenever(rose(run["START"])).always(run["PUMP"], lasting="3 s")


def test_never_after_a_trigger_is_the_mirror_of_always() -> None:
    run = _run(TRIP=_stretches(80, (1, 1.1)), PUMP=_stretches(80, (2, 3)))

    assert run.whenever(run["TRIP"]).never(run["PUMP"], lasting="900 ms").verdict is Verdict.PASS
    with pytest.raises(OracleViolation, match=r"TRIP on, PUMP on 1\.0 s later"):
        run.whenever(run["TRIP"]).never(run["PUMP"], lasting="1 s")


def test_until_releases_the_obligation_and_the_end_of_the_run_too() -> None:
    run = _run(TRIP=_stretches(80, (1, 1.1)), ACK=_stretches(80, (3, 3.1)), PUMP=_stretches(80, (3, 8)))

    assert run.whenever(run["TRIP"]).never(run["PUMP"], until=run["ACK"]).verdict is Verdict.PASS
    assert run.whenever(run["ACK"]).always(run["PUMP"], until=run["TRIP"]).verdict is Verdict.PASS


def test_until_is_violated_by_what_comes_too_early() -> None:
    run = _run(TRIP=_stretches(80, (1, 1.1)), ACK=_stretches(80, (3, 3.1)), PUMP=_stretches(80, (2, 8)))

    with pytest.raises(OracleViolation, match=r"TRIP on, PUMP on 1\.0 s later, before ACK"):
        run.whenever(run["TRIP"]).never(run["PUMP"], until=run["ACK"])


def test_always_until_holds_from_the_start() -> None:
    run = _run(PUMP=_stretches(20, (1, 2)), START=_stretches(20, (1, 2)))

    assert run.always(~run["PUMP"], until=run["START"]).verdict is Verdict.PASS


def test_eventually_without_a_bound_has_the_whole_run() -> None:
    run = _run(PUMP=[0, 0, 1, 0])

    assert run.eventually(run["PUMP"]).verdict is Verdict.PASS
    with pytest.raises(OracleViolation, match="PUMP still off 100 ms later"):
        run.eventually(run["PUMP"], within="100 ms")


def test_eventually_that_never_comes_fails_at_the_end_of_the_run() -> None:
    run = _run(LEVEL=[50, 60])

    with pytest.raises(OracleViolation, match="LEVEL still 60 % at the end of the run"):
        run.eventually(run["LEVEL"] > 90)


def test_eventually_in_a_run_that_is_too_short_is_inconclusive() -> None:
    run = _run(PUMP=[0, 0])

    assert run.eventually(run["PUMP"], within="5 s").verdict is Verdict.INCONCLUSIVE


def test_a_conjunction_explains_the_part_that_is_wrong() -> None:
    run = _run(LEVEL=[50, 96], PUMP=[1, 1], VALVE=[1, 1])

    with pytest.raises(OracleViolation, match="LEVEL 96 %, PUMP on"):
        run.whenever(run["LEVEL"] > 90).then(run["VALVE"] & ~run["PUMP"])


def test_named_values_are_read_by_name() -> None:
    trace = Trace({"STATE": np.array([0, 1], dtype=np.int16)}, np.array([0, STEP_NS]), META)
    run = Run(trace)

    with pytest.raises(OracleViolation, match="STATE FILLING"):
        run.always(run["STATE"] == "IDLE")


def test_the_first_stretch_is_explained_and_the_worst_margin_reported() -> None:
    run = _run(LEVEL=[50, 92, 91, 50, 99, 50])

    with pytest.raises(OracleViolation, match="LEVEL 92 %") as caught:
        run.never(run["LEVEL"] > 90)

    assert (caught.value.start_ns, caught.value.end_ns) == (STEP_NS, 2 * STEP_NS)
    assert caught.value.robustness == pytest.approx(-9.0)


def test_an_unknown_name_is_answered_with_the_closest() -> None:
    run = _run(LEVEL=[1.0])

    with pytest.raises(UnknownNameError, match="no signal 'LEVL' in this run; did you mean 'LEVEL'"):
        run["LEVL"]


def test_the_tolerance_of_the_target_favours_the_tested_system() -> None:
    trace = Trace(
        {"TRIP": np.array([1, 0, 0, 0], dtype=np.uint8), "PUMP": np.array([1, 1, 1, 0], dtype=np.uint8)},
        np.arange(4) * STEP_NS,
    )
    strict, lenient = Run(trace), Run(trace, tolerance="100 ms")

    with pytest.raises(OracleViolation):
        strict.whenever(strict["TRIP"]).then(~strict["PUMP"], within="200 ms")
    assert lenient.whenever(lenient["TRIP"]).then(~lenient["PUMP"], within="200 ms").verdict is Verdict.PASS


def test_a_signal_that_was_not_recorded_is_recorded_when_a_formula_needs_it() -> None:
    full = Trace({"A": np.array([1, 1], dtype=np.uint8), "B": np.array([1, 0], dtype=np.uint8)}, np.array([0, 1]))
    asked: list[tuple[str, ...]] = []

    def record(names: tuple[str, ...]) -> Trace:
        asked.append(names)
        return full.select(names)

    catalogue = {name: ColumnDescription(kind=ColumnKind.DIGITAL) for name in ("A", "B", "C")}
    run = Run(full.select(["A"]), catalogue=catalogue, record=record)

    run.always(run["A"])
    with pytest.raises(OracleViolation):
        run.always(run["B"])

    assert asked == [("A", "B")]
    assert run.watched == ("A", "B")
    assert [judgement.verdict for judgement in run.judgements] == [Verdict.PASS, Verdict.FAIL]
    assert run.names == ("A", "B", "C")


def test_a_catalogued_signal_that_nobody_can_record_is_refused() -> None:
    run = Run(Trace({}, np.array([0, 1])), catalogue={"A": ColumnDescription()})

    with pytest.raises(UnknownNameError, match="A not recorded"):
        run.always(run["A"] > 1)


def test_check_judges_a_conjunction_part_by_part() -> None:
    from hil.oracle import always

    run = _run(LEVEL=[50, 96], PUMP=[1, 1])

    with pytest.raises(OracleViolation, match="LEVEL 96 %") as caught:
        run.check(always(run["PUMP"]) & always(run["LEVEL"] < 95))

    assert caught.value.robustness == pytest.approx(-1.0)


def test_the_least_robustness_of_a_run_is_that_of_its_worst_assertion() -> None:
    run = _run(LEVEL=[50, 60], PUMP=[1, 1])

    run.always(run["PUMP"])
    run.always(run["LEVEL"] < 75)

    assert run.robustness == pytest.approx(15.0)
    assert run.verdict is Verdict.PASS


def test_a_nested_response_says_what_was_missing() -> None:
    run = _run(START=_stretches(40, (1, 1.1)), PUMP=_stretches(40, (0, 4)))

    with pytest.raises(OracleViolation, match="START on, PUMP did not fall within 1 s"):
        run.whenever(run["START"]).then(fell(run["PUMP"]), within="1 s")


def test_a_run_without_rows_tests_nothing() -> None:
    run = Run(Trace({"PUMP": np.zeros(0, dtype=np.uint8)}, np.zeros(0)))

    assert run.always(run["PUMP"]).verdict is Verdict.NONE
    assert run.judge(eventually(run["PUMP"], "1 s")).verdict is Verdict.NONE


def test_what_was_said_before_and_still_is_so_is_not_said_again() -> None:
    run = _run(ALARM=[0, 1, 1, 1, 1, 1], MODE=[1, 1, 1, 1, 1, 1], PUMP=[1, 1, 1, 1, 1, 1])
    is_powered = (run["MODE"] == 1) & (previous(run["MODE"]) == 1)

    with pytest.raises(OracleViolation) as caught:
        run.whenever(rose(run["ALARM"]) & is_powered).then(~run["PUMP"] | ~is_powered, within="300 ms")

    assert caught.value.explanation == "ALARM rises, MODE on, MODE was on, PUMP still on 300 ms later"


def test_a_previous_value_of_an_enumeration_has_its_name() -> None:
    run = Run(Trace({"STATE": np.array([0, 1, 1], dtype=np.int16)}, np.arange(3) * STEP_NS, META))

    with pytest.raises(OracleViolation, match="STATE FILLING, STATE was IDLE"):
        run.never((run["STATE"] == 1) & (previous(run["STATE"]) == 0))
