"""Options of the whole suite, and what may not be skipped."""

import os
from collections.abc import Generator

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write what the golden tests find; review the diff")


@pytest.fixture(scope="session")
def update_golden(request: pytest.FixtureRequest) -> bool:
    """Whether golden files are to be rewritten."""
    return bool(request.config.getoption("--update-golden"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let a skipped test of an outside client fail where CI has installed that client."""
    report = yield
    is_required = os.environ.get("HIL_OUTSIDE") == "required"
    if report.skipped and is_required and item.get_closest_marker("outside") is not None:
        report.outcome = "failed"
        report.longrepr = f"skipped although HIL_OUTSIDE=required: {report.longrepr}"
    return report
