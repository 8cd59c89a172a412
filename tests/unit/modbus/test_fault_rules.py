"""Rules of faults as text: what is written reads back, what is wrong is refused with what to write."""

from __future__ import annotations

from collections.abc import Collection

import pytest
from faulty_wire import pipeline
from hypothesis import given, settings
from hypothesis import strategies as st

from emulators.modbus.faults.kinds import FAULTS
from emulators.modbus.faults.matching import NumberSet
from emulators.modbus.faults.rule import Rule, RuleError, rules_from_value

RULES = st.sampled_from(sorted(FAULTS)).flatmap(
    lambda name: st.builds(
        lambda count, probability: Rule.from_options(name, {"count": count, "probability": probability}),
        st.integers(1, 99),
        st.floats(0.0, 1.0),
    )
)


@given(RULES)
@settings(derandomize=True, max_examples=100)
def test_a_rule_reads_back_from_its_text(rule: Rule) -> None:
    assert rules_from_value(rule.fault.NAME, rule.text) == (rule,)


# fault, value, what the refusal says
REFUSAL_ROWS: list[tuple[str, bool | int | float | str, str]] = [
    ("no_respons", True, "did you mean 'no_response'?"),
    ("busy", False, "clear the fault"),
    ("busy", 3, "no size"),
    ("delay", "tim=3ms", "did you mean 'time'?"),
    ("delay", "3 furlongs", "no option"),
    ("delay", "fast", "not a duration"),
    ("delay", "nan", "not a duration"),
    ("delay", "1e999", "not a duration"),
    ("delay", "5h", "outside 0 ns..1 h"),
    ("exception", 256, "outside 0..255"),
    ("exception", "server_device_bussy", "did you mean 'server_device_busy'?"),
    ("exception", "never", "write a number or one of illegal_function, "),
    ("exception", 2.5, "not a whole number"),
    ("exception", "code=4 code=5", "given twice"),
    ("reset", "never", "write one of before, middle, after"),
    ("busy", "address=9..1", "reversed"),
    ("busy", "unit=256", "outside 0..255"),
    ("busy", "function=read", "not a set of numbers"),
    ("busy", "probability=2", "no number from 0 to 1"),
    ("busy", "count=0", "outside 1.."),
    ("busy", "from=3s until=2s", "before it starts"),
    ("busy", "connection=0", "outside 1.."),
    ("busy", "connection=localhost", "connection 'localhost' is no client; write its number, its address or both"),
    ("busy", "connection=10.0.0.7:http", "is no client"),
    ("busy", 'unit="1', "cannot read"),
    ("refuse_connection", "unit=1", "no option 'unit'"),
]


@pytest.mark.parametrize(("name", "value", "said"), REFUSAL_ROWS, ids=[f"{r[0]}-{r[1]}" for r in REFUSAL_ROWS])
def test_wrong_rule_is_refused_with_what_to_write(name: str, value: bool | int | float | str, said: str) -> None:
    with pytest.raises(RuleError, match=said.replace(".", r"\.").replace("?", r"\?")):
        pipeline().switch(name, value)


@pytest.mark.parametrize(
    ("given", "means"), [([3, 4], "3,4"), ((7,), "7"), (range(10), "0..9"), (range(0, 10, 5), "0,5"), ({6}, "6")]
)
def test_several_numbers_may_be_given_as_python_has_them(given: Collection[int], means: str) -> None:
    rule = Rule.from_options("busy", {"function": given, "address": given})

    assert rule.text == f"function={means} address={means}"


@given(st.lists(st.tuples(st.integers(0, 99), st.integers(0, 9)), min_size=1, max_size=4), st.integers(0, 120))
@settings(derandomize=True)
def test_set_of_numbers_holds_what_its_ranges_hold(spans: list[tuple[int, int]], number: int) -> None:
    text = ",".join(f"{start}..{start + size}" for start, size in spans)
    numbers = NumberSet.parse(text, low=0, high=200)

    assert (number in numbers) == any(start <= number <= start + size for start, size in spans)
    assert numbers.meets(number, 1) == (number in numbers)
