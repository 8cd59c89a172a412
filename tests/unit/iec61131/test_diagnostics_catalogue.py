"""Each rule of the catalogue is its own test: the failing program gives its code and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import emulators.iec61131
from emulators.iec61131 import SourceText, check
from emulators.iec61131.diagnostics import catalogue, is_warning

RULES = list(catalogue().values())
SOURCES = sorted(Path(emulators.iec61131.__file__).parent.glob("*.py"))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_failing_program_of_a_rule_gives_its_code_and_nothing_else(rule):
    found = check([SourceText("failing.st", rule.failing)])

    assert [each.code for each in found] == [rule.code]
    assert found[0].is_warning == is_warning(rule.code)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_passing_program_of_a_rule_gives_no_finding(rule):
    assert check([SourceText("passing.st", rule.passing)]) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_rule_has_a_title_and_a_meaning_that_is_a_sentence(rule):
    assert rule.title
    assert rule.meaning.endswith((".", ")"))


def test_catalogue_holds_exactly_the_codes_that_the_analyser_reports():
    text = "".join(path.read_text("utf-8") for path in SOURCES if not path.name.startswith("rules_"))

    reported = set(re.findall(r'"(ST[0-9]{4})"', text))

    assert reported == set(catalogue())
