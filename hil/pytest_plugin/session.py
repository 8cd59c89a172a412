"""Collect the results of a session, from all workers, and write the report at its end."""

from __future__ import annotations

import base64
import datetime
import pickle
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from emulators.timebase import format_duration
from hil.oracle.judgement import Verdict, worst_verdict
from hil.pytest_plugin.outcomes import TestResult
from hil.report import CoverageItem, FailureDetail, ReportData, RequirementResult, write_report
from hil.resources import shipped_root

__all__ = ["SessionResults"]

_LINE = re.compile(r":(?=\d)")
_CONDITION = " condition "


class SessionResults:
    """Registered as a plugin where ``--hil-report`` is given; not in the workers of xdist."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._results: list[TestResult] = []
        self._path: Path | None = None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        packed = getattr(report, "hil_result", None)
        if packed is not None:
            # made by complete_report in this session's own processes
            self._results.append(pickle.loads(base64.b64decode(packed)))

    def pytest_sessionfinish(self) -> None:
        folder = self._config.invocation_params.dir / str(self._config.getoption("hil_report"))
        self._path = write_report(report_data(self._results, self._config), folder)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if self._path is not None:
            terminalreporter.section("hil report", sep="-")
            terminalreporter.line(str(self._path))


def report_data(results: list[TestResult], config: pytest.Config) -> ReportData:
    """Return the report of a session's results."""
    rigs = sorted({result.rig for result in results if result.rig})
    scenarios = sum(result.scenarios for result in results)
    plant_time_ns = sum(result.plant_time_ns for result in results)
    return ReportData(
        title=config.rootpath.name,
        rig=", ".join(rigs),
        date=datetime.datetime.now().astimezone().strftime("%Y-%m-%d %H:%M %Z"),
        tool=_tool(),
        requirements=tuple(_requirements(results)),
        failures=tuple(result.failure for result in results if isinstance(result.failure, FailureDetail)),
        coverage=tuple(_coverage(results, config.rootpath)),
        facts=(
            ("tests", str(len(results))),
            ("scenarios", str(scenarios)),
            ("plant time", format_duration(plant_time_ns)),
            ("seed", str(config.getoption("hil_seed"))),
            ("target", str(config.getoption("hil_target"))),
        ),
    )


def _tool() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return f"plc-hil {version('plc-hil')}"
    except PackageNotFoundError:
        return "plc-hil"


def _requirements(results: Iterable[TestResult]) -> list[RequirementResult]:
    by_name: dict[str, list[TestResult]] = {}
    texts: dict[str, str] = {}
    for result in results:
        for name, text in result.requirements or ((result.test.rpartition("::")[2], ""),):
            by_name.setdefault(name, []).append(result)
            texts[name] = texts.get(name) or text
    return [_requirement(name, texts[name], by_name[name]) for name in sorted(by_name)]


def _requirement(name: str, text: str, results: list[TestResult]) -> RequirementResult:
    margins = [result.robustness for result in results if result.robustness is not None]
    seeds = [result.seed for result in results if result.seed is not None]
    return RequirementResult(
        requirement=name,
        verdict=worst_verdict(*(Verdict(result.verdict) for result in results)),
        text=text,
        tests=tuple(result.test for result in results),
        scenarios=sum(result.scenarios for result in results),
        plant_time_ns=sum(result.plant_time_ns for result in results),
        worst_robustness=min(margins, default=None),
        best_robustness=max(margins, default=None),
        seed=seeds[0] if seeds else None,
        remark="; ".join(dict.fromkeys(result.remark for result in results if result.remark)),
    )


def _coverage(results: Iterable[TestResult], root: Path) -> list[CoverageItem]:
    hits: Counter[str] = Counter()
    for result in results:
        for place, count in result.coverage.items():
            hits[place] += count
    files: dict[tuple[str, bool], dict[str, int]] = {}
    for place, count in hits.items():
        file, _, rest = _LINE.sub("\n", place, count=1).partition("\n")
        files.setdefault((file, _CONDITION in rest), {})[rest] = count
    return [
        CoverageItem(
            f"{_short(file, root)}: {'conditions' if are_conditions else 'statements and branches'}",
            sum(count > 0 for count in places.values()),
            len(places),
            tuple(_never(place) for place, count in places.items() if not count),
        )
        for (file, are_conditions), places in sorted(files.items())
    ]


def _never(place: str) -> str:
    """Return ``304:12 START never FALSE`` of a condition's outcome, other places as they are."""
    if _CONDITION not in place:
        return place
    condition, _, outcome = place.replace(_CONDITION, " ", 1).rpartition(" ")
    return f"{condition} never {outcome}"


def _short(file: str, root: Path) -> str:
    """Return a file relative to the root folder, or to what is shipped, where it lies inside."""
    for folder in (root, shipped_root()):
        if Path(file).is_relative_to(folder):
            return Path(file).relative_to(folder).as_posix()
    return file
