"""The pytest plugin: rigs, benches, scenario properties, blocked tests, replays, JUnit properties, the report.

Thin on purpose: every user's pytest imports this module, so whatever is heavy is imported where it is used.
"""

from __future__ import annotations

import sys
from collections.abc import Generator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from hil.bench.protocol import Bench

__all__: list[str] = []

_MARKERS = (
    "rig(path, ...): rig file of the test's bench; several run the test on each of them",
    "requirement(id, text=''): the written requirement that the test checks",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("hil", "hardware-in-the-loop tests")
    group.addoption("--hil-rig", metavar="FILE", help="rig file for all tests; goes before the rig marker")
    group.addoption("--hil-seed", type=int, default=0, metavar="N", help="seed of all scenarios (default: 0)")
    group.addoption("--hil-scenarios", type=int, metavar="N", help="scenarios a property, whatever the test says")
    group.addoption("--hil-replay", metavar="FILE", help="play one stored timeline instead of searching")
    group.addoption(
        "--hil-target",
        choices=("emulated", "hybrid", "physical"),
        default="emulated",
        help="where the bench runs; what it cannot do there blocks a test (default: emulated)",
    )
    group.addoption("--hil-report", metavar="DIR", help="write an HTML report of the session into DIR")
    parser.addini("hil_rig", "rig file of tests without a rig marker", default="")


def pytest_configure(config: pytest.Config) -> None:
    for marker in _MARKERS:
        config.addinivalue_line("markers", marker)
    if config.getoption("hil_report") and not hasattr(config, "workerinput"):
        from hil.pytest_plugin.session import SessionResults

        config.pluginmanager.register(SessionResults(config), "hil-session-results")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "bench" in metafunc.fixturenames:
        from hil.pytest_plugin.rigs import parametrize_bench

        parametrize_bench(metafunc)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("hil_replay"):
        from hil.pytest_plugin.replay import keep_what_is_replayed

        keep_what_is_replayed(config, items)


@pytest.fixture(scope="module")
def bench(request: pytest.FixtureRequest) -> Generator[Bench, None, None]:
    """The loop under test of this module's rig; at its initial state when a test begins."""
    from hil.pytest_plugin.rigs import open_bench

    yield from open_bench(request)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    if "bench" in getattr(item, "fixturenames", ()):
        from hil.pytest_plugin.rigs import reset_open_benches

        reset_open_benches(item.config)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if "hil.pytest_plugin.rigs" in sys.modules:
        from hil.pytest_plugin.outcomes import complete_report

        complete_report(item, call, report)
    return report


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str] | None:
    if getattr(report, "hil_blocked", None):
        return "blocked", "B", "BLOCKED"
    if getattr(report, "hil_error", None):
        return "error", "E", "ERROR"
    return None


def pytest_terminal_summary(terminalreporter: Any) -> None:
    blocked = terminalreporter.stats.get("blocked")
    if blocked:
        terminalreporter.section("blocked")
        for report in blocked:
            terminalreporter.line(f"BLOCKED {report.nodeid}: {report.hil_blocked}")
