"""Each requirement pattern on a run that keeps it and one that breaks it."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

from hil.oracle import Formula, Signal, Verdict, judge, patterns
from hil.oracle.goals import reachable, repeatable
from hil.trace import ColumnDescription, ColumnKind, Trace, TraceMeta

STEP_NS = 100_000_000
A, B, C = (Signal(name, ColumnKind.DIGITAL) for name in "ABC")
X, SP = Signal("X", ColumnKind.ANALOG), Signal("SP", ColumnKind.ANALOG)


def _trace(text: str) -> Trace:
    """One line a column, one character a row of 100 ms: ``A 0011``; X and SP count tenths of their range."""
    columns: dict[str, np.ndarray] = {}
    for line in text.split(","):
        name, digits = line.split()
        kind = float if name in ("X", "SP") else np.uint8
        columns[name] = np.array([int(digit) for digit in digits], dtype=kind)
    rows = max(len(column) for column in columns.values())
    meta = TraceMeta(columns={"X": ColumnDescription("", (0.0, 10.0)), "SP": ColumnDescription("", (0.0, 10.0))})
    return Trace(columns, np.arange(rows) * STEP_NS, meta)


# pattern, formula, a trace that keeps it, a trace that breaks it
ROWS: list[tuple[str, Formula, str, str]] = [
    ("invariant", patterns.invariant(A), "A 111", "A 101"),
    ("forbidden", patterns.forbidden(A & B), "A 110,B 001", "A 110,B 010"),
    ("implication", patterns.implication(A, B), "A 010,B 110", "A 010,B 100"),
    ("state_change_during_cycle", patterns.state_change_during_cycle(A, B), "A 100,B 010", "A 100,B 101"),
    (
        "state_change_between_cycles",
        patterns.state_change_between_cycles(A, ~A, B),
        "A 1100,B 0010",
        "A 1100,B 1101",
    ),
    ("leads_to", patterns.leads_to(A, B, within="200 ms"), "A 10000,B 00100", "A 10000,B 00010"),
    ("leads_to_end", patterns.leads_to(A, B), "A 10000,B 00001", "A 00001,B 11110"),
    ("leads_to_trigger", patterns.leads_to_trigger(A, B, within="200 ms"), "A 011110,B 000100", "A 01000,B 00001"),
    ("leads_to_earlier", patterns.leads_to_earlier(B, A), "A 0100,B 0011", "A 0010,B 0100"),
    ("leads_to_earlier_within", patterns.leads_to_earlier(B, A, within="100 ms"), "A 0100,B 0010", "A 0100,B 0001"),
    ("timed_trigger", patterns.timed_trigger(A, "200 ms", B), "A 011110,B 000110", "A 011110,B 000010"),
    ("recoverable", patterns.recoverable(A, within="200 ms"), "A 1001001", "A 1000101"),
    ("interlock", patterns.interlock(A, B), "A 0110,B 1001", "A 0110,B 0100"),
    ("interlock_within", patterns.interlock(A, B, within="200 ms"), "A 01111,B 01100", "A 01111,B 01110"),
    ("response", patterns.response(A, B, within="200 ms"), "A 010000,B 000100", "A 010000,B 100011"),
    ("mutual_exclusion", patterns.mutual_exclusion(A, B, C), "A 100,B 010,C 001", "A 100,B 010,C 011"),
    ("minimum_on_time", patterns.minimum_on_time(A, "200 ms"), "A 011000", "A 010000"),
    ("minimum_off_time", patterns.minimum_off_time(A, "200 ms"), "A 100111", "A 101111"),
    ("no_chatter", patterns.no_chatter(A, changes=2, within="300 ms"), "A 01111011", "A 01010000"),
    ("sequence_order", patterns.sequence_order(A, B, C), "A 10000100,B 01100010,C 00010001", "A 1000,B 0000,C 0010"),
    ("alarm_latched", patterns.alarm_latched(A, acknowledge=B), "A 0111000,B 0010000", "A 0111000,B 1000010"),
    ("safe_state", patterns.safe_state(A, ~B, within="200 ms"), "A 01111,B 11100", "A 01111,B 11101"),
    ("restart_safe", patterns.restart_safe(A, B, command=C), "A 01000,B 00011,C 00010", "A 01000,B 00011,C 00001"),
    ("watchdog", patterns.watchdog(A, at_most="200 ms"), "A 01011001", "A 01000010"),
    ("rate_limit", patterns.rate_limit(X, per_second=20), "X 0123210", "X 0123010"),
    ("overshoot", patterns.overshoot(X, SP, at_most=1), "X 0245655,SP 0555555", "X 0247655,SP 0555555"),
    ("settling", patterns.settling(X, SP, band=1, within="300 ms"), "X 01234555,SP 05555555", "X 01233555,SP 05555555"),
    (
        "steady_state_error",
        patterns.steady_state_error(X, SP, at_most=0, after="300 ms"),
        "X 012355,SP 055555",
        "X 012354,SP 055555",
    ),
]
IDS = [row[0] for row in ROWS]


@pytest.mark.parametrize(("formula", "text"), [(row[1], row[2]) for row in ROWS], ids=IDS)
def test_a_run_that_keeps_the_pattern_does_not_fail(formula: Formula, text: str) -> None:
    assert judge(formula, _trace(text)).verdict in (Verdict.PASS, Verdict.INCONCLUSIVE)


@pytest.mark.parametrize(("formula", "text"), [(row[1], row[3]) for row in ROWS], ids=IDS)
def test_a_run_that_breaks_the_pattern_fails_with_a_reason(formula: Formula, text: str) -> None:
    judgement = judge(formula, _trace(text))

    assert judgement.verdict is Verdict.FAIL
    assert judgement.violation is not None
    assert judgement.violation.explanation
    assert judgement.robustness <= 0
    assert str(judgement.error()).count("required: ") == 1


def test_every_pattern_is_in_the_table_and_is_tested() -> None:
    named = {name for name in patterns.__all__ if name not in ("PATTERNS", "reachable", "repeatable")}

    assert set(patterns.PATTERNS) == named
    assert named <= set(IDS)


@pytest.mark.parametrize("name", sorted(patterns.PATTERNS))
def test_every_pattern_says_what_it_means(name: str) -> None:
    assert inspect.getdoc(patterns.PATTERNS[name])


EXPLAINED = {
    "state_change_during_cycle": "A was on, B off",
    "leads_to": "A on, B still off 200 ms later",
    "interlock_within": "A held for 200 ms, B on",
    "minimum_on_time": "A rises, A off 100 ms later",
    "mutual_exclusion": "B on, C on",
    "no_chatter": "number of times A changes in the last 300 ms = 4, not <= 2",
    "sequence_order": "C rises, not right after B",
    "alarm_latched": "A falls, not acknowledged since it came",
    "restart_safe": "A rises, B on 200 ms later, before C",
    "watchdog": "A did not change within 200 ms",
    "overshoot": "X had reached SP, |X - SP| = 2, not <= 1",
    "settling": "SP unmoved for 300 ms, |X - SP| = 2, not <= 1",
}


@pytest.mark.parametrize("name", sorted(EXPLAINED))
def test_a_broken_pattern_is_explained_in_its_own_words(name: str) -> None:
    formula, broken = next((row[1], row[3]) for row in ROWS if row[0] == name)

    violation = judge(formula, _trace(broken)).violation

    assert violation is not None
    assert violation.explanation == EXPLAINED[name]


SENTENCES = [
    (patterns.interlock(X > 9, B, within="2 s"), "X > 9 blocks B within 2 s"),
    (patterns.minimum_on_time(A, "30 s"), "A stays on for at least 30 s"),
    (patterns.mutual_exclusion(A, B, C), "at most one of A, B, C"),
    (patterns.no_chatter(A, changes=4, within="1 min"), "A changes at most 4 times in 1 min"),
    (patterns.alarm_latched(A, acknowledge=B), "A stays until B"),
    (patterns.sequence_order(A, B, C), "order A, then B, then C"),
    (patterns.overshoot(X, SP, at_most=5), "overshoot of X over SP at most 5"),
]


@pytest.mark.parametrize(("formula", "sentence"), SENTENCES, ids=[sentence for _, sentence in SENTENCES])
def test_a_pattern_prints_as_its_sentence(formula: Formula, sentence: str) -> None:
    assert str(formula) == sentence


def test_a_pattern_whose_trigger_never_comes_tests_nothing() -> None:
    assert judge(patterns.minimum_on_time(A, "1 s"), _trace("A 0000")).verdict is Verdict.NONE


def test_goals_are_reached_by_a_run_or_stay_open() -> None:
    once, twice, never = _trace("A 0110"), _trace("A 0101"), _trace("A 0000")

    assert [reachable(A).is_reached(trace) for trace in (once, twice, never)] == [True, True, False]
    assert [repeatable(A).is_reached(trace) for trace in (once, twice, never)] == [False, True, False]
    assert repeatable(A).name == "A is reached again"
