"""How formulas are written, printed and refused."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from hil.oracle import (
    Evaluation,
    Formula,
    Signal,
    TimeBound,
    all_of,
    always,
    any_of,
    changed,
    eventually,
    fell,
    greatest,
    held,
    historically,
    judge,
    least,
    near,
    occurrences,
    once,
    previous,
    rate,
    rose,
    signal_names,
    since,
    until,
)
from hil.oracle.algebra import ROBUSTNESS
from hil.oracle.bounds import as_bound, duration_text
from hil.trace import ColumnDescription, ColumnKind, Trace, TraceMeta

LEVEL = Signal("LEVEL", ColumnKind.ANALOG, "%")
RUN = Signal("P-101.RUN", ColumnKind.DIGITAL)
STATE = Signal("STATE")

SENTENCES = [
    (always((LEVEL > 90) >> eventually(~RUN, "2 s")), "whenever LEVEL > 90 %, not P-101.RUN within 2 s"),
    (always(LEVEL <= 95), "always LEVEL <= 95 %"),
    (always(~(LEVEL > 95)), "never LEVEL > 95 %"),
    (always(RUN | (LEVEL < 5), "3 s"), "(P-101.RUN or LEVEL < 5 %) for 3 s"),
    (eventually(RUN), "eventually P-101.RUN"),
    (eventually(RUN, ("1 s", "2.5 s")), "P-101.RUN some time between 1 s and 2.5 s later"),
    (until(RUN, LEVEL >= 20, "1 min"), "P-101.RUN until LEVEL >= 20 %, within 1 min"),
    (historically(RUN, "250 ms"), "P-101.RUN for the last 250 ms"),
    (once(rose(RUN)), "(P-101.RUN rises) at some time before"),
    (fell(RUN) & changed(STATE), "P-101.RUN falls and STATE changes"),
    ((LEVEL > 90) >> ~(RUN & (STATE == 3)), "if LEVEL > 90 % then not (P-101.RUN and STATE == 3)"),
    ((STATE == "FILLING") | (STATE != "IDLE"), "STATE is FILLING or STATE is not IDLE"),
    (abs(LEVEL - 2 * STATE) / 4 < 0.5, "|LEVEL - 2 * STATE| / 4 < 0.5"),
    ((LEVEL - (STATE - 1)) * 2 > -STATE, "(LEVEL - (STATE - 1)) * 2 > -STATE"),
    (near(LEVEL, 50, 2.5), "|LEVEL - 50| <= 2.5 %"),
    (least(LEVEL, 3) > greatest(STATE, 1), "min(LEVEL, 3) > max(STATE, 1) %"),
    (previous(RUN) == RUN, "previous P-101.RUN == P-101.RUN"),
    (RUN == True, "P-101.RUN"),  # noqa: E712 - a formula, not a truth value
    (RUN != True, "not P-101.RUN"),  # noqa: E712 - as above
    ((LEVEL > 1) == RUN, "LEVEL > 1 % exactly when P-101.RUN"),
    (since(~RUN, rose(STATE == 2)), "not P-101.RUN since (STATE == 2) becomes true"),
    (held(RUN, "3 s"), "P-101.RUN held for 3 s"),
    (occurrences(rose(RUN), "1 min") <= 4, "number of times P-101.RUN rises in the last 1 min <= 4"),
    (abs(rate(LEVEL)) <= 5, "|rate of LEVEL| <= 5 %/s"),
    (all_of(RUN, LEVEL > 1, LEVEL < 9), "P-101.RUN and LEVEL > 1 % and LEVEL < 9 %"),
    (any_of(), "false"),
]


@pytest.mark.parametrize(("formula", "sentence"), SENTENCES, ids=[sentence for _, sentence in SENTENCES])
def test_a_formula_prints_as_the_sentence_a_person_reads(formula: Formula, sentence: str) -> None:
    assert str(formula) == sentence


REFUSALS: list[tuple[str, Callable[[], object], str]] = [
    ("and", lambda: (LEVEL > 1) and RUN, "write & | ~ instead of and, or, not"),
    ("chain", lambda: 0 < LEVEL < 9, r"\(0 < x\) & \(x < 9\) instead of 0 < x < 9"),
    ("if_number", lambda: not (LEVEL + 1), "is a number on every row"),
    ("if_signal", lambda: not RUN, "assert it with run.always"),
    ("binding", lambda: LEVEL > 90 & ~RUN, "bind tighter than comparisons"),
    ("invert_number", lambda: ~LEVEL, "LEVEL is a number, not true or false; compare it, for example LEVEL > 0"),
    ("and_number", lambda: RUN & LEVEL, "LEVEL is a number"),
    ("and_term", lambda: RUN & (LEVEL + 1), r"for example \(LEVEL \+ 1\) > 0"),
    ("text", lambda: LEVEL > "high", "names of values have no order"),
    ("add_formula", lambda: LEVEL + (LEVEL > 1), "cannot be calculated with"),
    ("bool_number", lambda: LEVEL + True, "expected a signal or a number, got True"),
    ("previous_formula", lambda: judge(previous(LEVEL > 1) > 3, TRACE), "cannot be compared with a number"),
    ("previous_number", lambda: judge(always(previous(LEVEL)), TRACE), "is a number, not true or false"),
    ("late_number", lambda: judge(always(Signal("LEVEL")), TRACE), "compare it, for example LEVEL > 0"),
    ("unknown_value", lambda: judge(always(STATE == "FILING"), TRACE), "did you mean 'FILLING'"),
    ("counts_future", lambda: judge(always(occurrences(eventually(RUN, "1 s")) < 2), TRACE), "looks into the future"),
]

TRACE = Trace(
    {
        "LEVEL": np.array([10.0, 50.0, 93.0]),
        "P-101.RUN": np.array([0, 1, 1], dtype=np.uint8),
        "STATE": np.array([0, 1, 1], dtype=np.int16),
        "RAW": np.array([1, 2, 3], dtype=np.uint16),
    },
    np.array([1, 2, 3]) * 10_000_000,
    TraceMeta(
        columns={
            "LEVEL": ColumnDescription("%", (0.0, 50.0)),
            "STATE": ColumnDescription(value_names=((0, "IDLE"), (1, "FILLING"))),
        }
    ),
)


@pytest.mark.parametrize(("write", "message"), [row[1:] for row in REFUSALS], ids=[row[0] for row in REFUSALS])
def test_what_cannot_be_a_formula_is_refused_with_what_to_write(write: Callable[[], object], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        write()


def test_a_formula_compared_with_nan_is_refused() -> None:
    with pytest.raises(ValueError, match="every comparison with it is false"):
        _ = float("nan") < LEVEL


def test_the_signals_of_a_formula_are_named_once_in_the_order_of_the_text() -> None:
    formula = always((LEVEL > STATE) >> eventually(~RUN & (LEVEL < 3), "2 s"))

    assert signal_names(formula) == ("LEVEL", "STATE", "P-101.RUN")


ROBUSTNESS_ROWS = [
    ("percent_of_range", Signal("LEVEL") < 90, [100.0, 80.0, -6.0]),
    ("signal_against_signal", Signal("LEVEL") > 2 * Signal("LEVEL"), [-10.0, -50.0, -93.0]),
    ("bool_is_full_range", ~RUN, [100.0, -100.0, -100.0]),
    ("equality_is_full_range", Signal("LEVEL") == 50, [-100.0, 100.0, -100.0]),
    ("no_range_in_unit", Signal("RAW") >= 2, [-1.0, 0.0, 1.0]),
    ("no_range_is_cut", Signal("RAW") * 1000 >= 2, [100.0, 100.0, 100.0]),
    ("worst_counts", RUN & (Signal("LEVEL") > 40), [-100.0, 20.0, 100.0]),
    ("named_value", STATE == "FILLING", [-100.0, 100.0, 100.0]),
    ("rose_by_margin", rose(Signal("LEVEL") > 40), [-100.0, 20.0, -20.0]),
]


@pytest.mark.parametrize(("formula", "expected"), [r[1:] for r in ROBUSTNESS_ROWS], ids=[r[0] for r in ROBUSTNESS_ROWS])
def test_robustness_is_measured_in_percent_of_range(formula: Formula, expected: list[float]) -> None:
    found = Evaluation(TRACE).read(formula, ROBUSTNESS)

    assert found.lower.tolist() == pytest.approx(expected)
    assert found.is_exact


def test_unsigned_counts_do_not_wrap_in_arithmetic() -> None:
    assert Evaluation(TRACE).truth(Signal("RAW") - 5 < 0).all()


def test_float32_is_compared_in_its_own_precision() -> None:
    trace = Trace({"REAL": np.array([0.1], dtype=np.float32)}, np.array([0]))

    assert Evaluation(trace).truth(Signal("REAL") == 0.1).tolist() == [True]


def test_a_division_by_zero_satisfies_no_comparison_with_a_finite_limit() -> None:
    zero = Signal("LEVEL") * 0

    assert not Evaluation(TRACE).truth((zero / zero > 0) | (zero / zero <= 0)).any()


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2 s", TimeBound(0, 2_000_000_000)),
        (0.25, TimeBound(0, 250_000_000)),
        (("1 s", "2 s"), TimeBound(1_000_000_000, 2_000_000_000)),
        (None, TimeBound(0, None)),
    ],
)
def test_bounds_are_read_as_people_write_them(written: object, expected: TimeBound) -> None:
    assert as_bound(written) == expected


@pytest.mark.parametrize("bound", [(5, 4, None), (-1, 4, None), (0, 4, -1)])
def test_impossible_bounds_are_refused(bound: tuple[int, int, int | None]) -> None:
    with pytest.raises(ValueError, match=r"ends before it starts|historically|negative"):
        TimeBound(*bound)


@pytest.mark.parametrize(
    ("duration_ns", "text"),
    [(2_000_000_000, "2 s"), (90_000_000_000, "1 min 30 s"), (1_234_567, "1.23457 ms"), (2_010_000_000, "2.01 s")],
)
def test_durations_are_written_exactly_where_they_fit(duration_ns: int, text: str) -> None:
    assert duration_text(duration_ns) in (text, f"{duration_ns} ns")
