"""What a test leaves behind: JUnit properties, its failing timeline, and the verdicts blocked and error."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from hil.bench.protocol import Bench, MissingCapability
from hil.campaign import Failure, UnrepeatableRun
from hil.errors import LinkError, SafetyRefusal

__all__ = ["TestOutcome", "complete_report", "outcome_of", "requirements_of"]

_ERRORS = (LinkError, SafetyRefusal, UnrepeatableRun)


@dataclass
class TestOutcome:
    """Filled while a test runs."""

    __test__ = False

    verdict: str = ""
    seed: int | None = None
    scenarios: int = 0
    plant_time_ns: int = 0
    robustness: float | None = None
    message: str = ""
    text: str = ""
    failure_file: str = ""
    failure: Failure | None = None
    hashes: Mapping[str, str] = field(default_factory=dict)


_OUTCOME: pytest.StashKey[TestOutcome] = pytest.StashKey()


def outcome_of(item: pytest.Item) -> TestOutcome:
    """Return the outcome of a test, to be filled."""
    return item.stash.setdefault(_OUTCOME, TestOutcome())


def requirements_of(item: pytest.Item) -> list[tuple[str, str]]:
    """Return identifier and text of the requirements a test checks, as they are read: from the module down."""
    marks = [(str(mark.args[0]), str(mark.kwargs.get("text", ""))) for mark in item.iter_markers("requirement")]
    return list(dict.fromkeys(reversed(marks)))


def complete_report(item: pytest.Item, call: pytest.CallInfo[None], report: pytest.TestReport) -> None:
    """Give a report of a test with a bench its verdict, its text and its properties."""
    error = call.excinfo.value if call.excinfo is not None else None
    if isinstance(error, MissingCapability):
        report.outcome = "skipped"
        report.longrepr = (str(item.path), (item.reportinfo()[1] or 0) + 1, f"BLOCKED: {error}")
        setattr(report, "hil_blocked", str(error))  # noqa: B010 - an attribute of ours on pytest's report
    elif isinstance(error, _ERRORS):
        setattr(report, "hil_error", str(error))  # noqa: B010 - as above
    outcome = item.stash.get(_OUTCOME, None)
    bench = getattr(item, "funcargs", {}).get("bench")
    if report.when != "call" and error is None:
        return
    if outcome is not None and outcome.text and report.failed and report.when == "call":
        report.longrepr = outcome.text
    properties = _properties(item, outcome, bench)
    known = {name for name, _ in item.user_properties}
    added = [(name, value) for name, value in properties if name not in known or name == "requirement"]
    item.user_properties.extend(added)
    report.user_properties = list(item.user_properties)


def _properties(item: pytest.Item, outcome: TestOutcome | None, bench: Bench | None) -> list[tuple[str, Any]]:
    properties: list[tuple[str, Any]] = [("requirement", name) for name, _ in requirements_of(item)]
    if outcome is not None and outcome.seed is not None:
        properties += [("seed", outcome.seed), ("scenarios", outcome.scenarios)]
        if outcome.robustness is not None and math.isfinite(outcome.robustness):
            properties.append(("robustness", round(outcome.robustness, 6)))
        if outcome.failure_file:
            properties.append(("timeline", outcome.failure_file))
    if bench is not None:
        properties += [(f"{name}_hash", value) for name, value in bench.hashes.items()]
    return properties
