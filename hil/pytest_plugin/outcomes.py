"""What a test leaves behind: JUnit properties, its failing timeline, and the verdicts blocked and error."""

from __future__ import annotations

import base64
import math
import pickle
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from hil.bench.protocol import Bench, MissingCapability
from hil.bench.steps import StepByStep
from hil.campaign import UnrepeatableRun
from hil.errors import CompileError, DescriptionError, EmulatorError, OracleViolation, UnknownNameError
from hil.oracle.judgement import Verdict
from hil.pytest_plugin.failure_files import keep_step_by_step_failure, replay_command
from hil.pytest_plugin.rigs import open_rig
from hil.report.model import FailureDetail

__all__ = ["TestOutcome", "TestResult", "complete_report", "outcome_of", "requirements_of"]

_OF_A_TEXT = (DescriptionError, CompileError)
_ERRORS = (EmulatorError, UnrepeatableRun, UnknownNameError)


@dataclass
class TestOutcome:
    """What a property learns while it is judged."""

    __test__ = False

    verdict: Verdict = Verdict.NONE
    seed: int | None = None
    scenarios: int = 0
    plant_time_ns: int = 0
    robustness: float | None = None
    text: str = ""
    timeline_file: str = ""
    failure: FailureDetail | None = None
    coverage: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class TestResult:
    """One test in the report of a session."""

    __test__ = False

    test: str
    rig: str
    requirements: tuple[tuple[str, str], ...]
    verdict: str
    scenarios: int = 0
    plant_time_ns: int = 0
    robustness: float | None = None
    seed: int | None = None
    remark: str = ""
    failure: FailureDetail | None = None
    coverage: Mapping[str, int] = field(default_factory=dict)


_OUTCOME: pytest.StashKey[TestOutcome] = pytest.StashKey()
_TOLD: pytest.StashKey[dict[str, str]] = pytest.StashKey()


def outcome_of(item: pytest.Item) -> TestOutcome:
    """Return the outcome of a test, to be filled."""
    return item.stash.setdefault(_OUTCOME, TestOutcome())


def requirements_of(item: pytest.Item) -> list[tuple[str, str]]:
    """Return identifier and text of the requirements a test checks, as they are read: from the module down."""
    marks = [(str(mark.args[0]), str(mark.kwargs.get("text", ""))) for mark in item.iter_markers("requirement")]
    return list(dict.fromkeys(reversed(marks)))


def complete_report(item: pytest.Item, call: pytest.CallInfo[None], report: pytest.TestReport) -> None:
    """Give a report its verdict, its text and its properties.

    What is decided is the call, or a set-up that does not get that far.
    """
    error = call.excinfo.value if call.excinfo is not None else None
    if report.when == "teardown" or (report.when == "setup" and error is None):
        return
    outcome = item.stash.get(_OUTCOME, None)
    bench = getattr(item, "funcargs", {}).get("bench")
    remark = ""
    if isinstance(error, MissingCapability):
        remark = f"blocked: {error}"
        report.outcome = "skipped"
        report.longrepr = (str(item.path), (item.reportinfo()[1] or 0) + 1, f"BLOCKED: {error}")
        vars(report)["hil_blocked"] = str(error)
    elif isinstance(error, _ERRORS):
        vars(report)["hil_error"] = remark = str(error)
        if isinstance(error, _OF_A_TEXT):
            report.longrepr = _told_once(item, str(error))
        elif outcome is not None and outcome.text:
            report.longrepr = outcome.text
    elif outcome is not None and outcome.text and report.failed:
        report.longrepr = outcome.text
    elif error is not None and report.failed and bench is not None:
        names = tuple(name for name, _ in requirements_of(item))
        file = keep_step_by_step_failure(item, bench, error, names)
        if file:
            item.user_properties.append(("timeline", file))
            report.sections.append(("faults on wires", f"replay: {replay_command(file)}"))
    item.user_properties.extend(_properties(item, outcome, bench))
    report.user_properties = list(item.user_properties)
    if item.config.getoption("hil_report"):
        result = _result(item, report, outcome, bench, error, remark)
        vars(report)["hil_result"] = base64.b64encode(pickle.dumps(result)).decode("ascii")
    if remark and report.failed and report.when == "call":
        report.when = "setup"  # JUnit knows an error only there; in the call it would count as a failed test


def _told_once(item: pytest.Item, text: str) -> str:
    """Return the findings of a user's file for the first test they stop, a reference to it for the others."""
    first = item.config.stash.setdefault(_TOLD, {}).setdefault(text, item.nodeid)
    if first == item.nodeid:
        return text
    lines = text.splitlines()
    others = f" and {len(lines) - 1} more" if len(lines) > 1 else ""
    return f"as for {first}: {lines[0]}{others}"


def _properties(item: pytest.Item, outcome: TestOutcome | None, bench: Bench | None) -> list[tuple[str, Any]]:
    properties: list[tuple[str, Any]] = [("requirement", name) for name, _ in requirements_of(item)]
    if outcome is not None and outcome.seed is not None:
        properties += [("seed", outcome.seed), ("scenarios", outcome.scenarios)]
        if outcome.robustness is not None and math.isfinite(outcome.robustness):
            properties.append(("robustness", round(outcome.robustness, 6)))
        if outcome.timeline_file:
            properties.append(("timeline", outcome.timeline_file))
    if bench is not None:
        properties += [(f"{name}_hash", value) for name, value in bench.hashes.items()]
    return properties


def _result(
    item: pytest.Item,
    report: pytest.TestReport,
    outcome: TestOutcome | None,
    bench: Bench | None,
    error: BaseException | None,
    remark: str,
) -> TestResult:
    found = outcome if outcome is not None else TestOutcome()
    failure = found.failure
    if failure is None and isinstance(error, OracleViolation) and isinstance(bench, StepByStep):
        names = ", ".join(name for name, _ in requirements_of(item))
        failure = replace(FailureDetail.from_violation(error, bench.recorded(), test=item.name), requirement=names)
    return TestResult(
        test=item.nodeid,
        rig=open_rig(item.config, bench) if bench is not None else "",
        requirements=tuple(requirements_of(item)),
        verdict=_verdict(report, outcome, error).value,
        scenarios=found.scenarios,
        plant_time_ns=found.plant_time_ns if outcome is not None else getattr(bench, "time_ns", 0),
        robustness=found.robustness,
        seed=found.seed,
        remark=remark,
        failure=failure,
        coverage=found.coverage,
    )


def _verdict(report: pytest.TestReport, outcome: TestOutcome | None, error: BaseException | None) -> Verdict:
    if report.skipped:
        return Verdict.NONE
    if error is not None:
        is_failure = isinstance(error, AssertionError) and report.when == "call"
        return Verdict.FAIL if is_failure else Verdict.ERROR
    return outcome.verdict if outcome is not None else Verdict.PASS
