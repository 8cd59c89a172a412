"""Requirement tests read from a file: the same functions that pytest collects, for campaigns without pytest."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emulators.errors import DescriptionError, Diagnostic, SourceSpan

if TYPE_CHECKING:
    from hil.scenario.scenario import Scenario

__all__ = ["COUNT_ATTRIBUTE", "SCENARIO_ATTRIBUTE", "RequirementTest", "load_requirement_tests"]

SCENARIO_ATTRIBUTE = "hil_scenario"
"""Where ``@hil.given`` leaves the scenario on a test function."""

COUNT_ATTRIBUTE = "hil_scenario_count"
"""Where ``@hil.given`` leaves the number of scenarios on a test function."""


@dataclass(frozen=True, slots=True)
class RequirementTest:
    """One property: ``check(run)`` asserts, ``scenario`` says what may happen.

    ``requirements`` are pairs of identifier and text, empty where the test names none.
    """

    name: str
    requirements: tuple[tuple[str, str], ...]
    scenario: Scenario
    check: Callable[[Any], object]
    scenarios: int

    @property
    def requirement(self) -> str:
        """Identifiers in one text."""
        return ", ".join(identifier for identifier, _ in self.requirements)

    @property
    def text(self) -> str:
        """What the requirement says, or the name of the test in words."""
        said = "; ".join(text for _, text in self.requirements if text)
        return said or self.name.removeprefix("test_").replace("_", " ")


def load_requirement_tests(path: str | Path) -> tuple[RequirementTest, ...]:
    """Return the properties of a test file, in the order of writing; tests without ``@hil.given`` are left out.

    Raises:
        DescriptionError: the file has none.
    """
    found = []
    for name, value in runpy.run_path(str(path)).items():
        scenario = getattr(value, SCENARIO_ATTRIBUTE, None)
        if scenario is None or not name.startswith("test"):
            continue
        marks = [mark for mark in getattr(value, "pytestmark", ()) if mark.name == "requirement"]
        requirements = tuple((str(mark.args[0]), str(mark.kwargs.get("text", ""))) for mark in reversed(marks))
        found.append(RequirementTest(name, requirements, scenario, value.__wrapped__, getattr(value, COUNT_ATTRIBUTE)))
    if not found:
        span = SourceSpan(str(path), 1, 1)
        raise DescriptionError([Diagnostic(span, "", "no test here has @hil.given", "decorate one with a scenario")])
    return tuple(found)
