"""What a test module writes above its tests: ``@hil.given`` and ``@hil.requirement``."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import pytest

from hil.campaign.requirement_tests import COUNT_ATTRIBUTE, SCENARIO_ATTRIBUTE

if TYPE_CHECKING:
    from hil.scenario.scenario import Scenario

__all__ = ["given", "requirement"]

DEFAULT_SCENARIOS = 100
_ADDED = ("bench", "request")


def requirement(identifier: str, *, text: str = "") -> pytest.MarkDecorator:
    """Name the written requirement that a test checks: ``@hil.requirement("FDS-3.1", text="…")``.

    Works on functions, classes and (as ``pytestmark``) modules, and several times on one test.
    """
    return pytest.mark.requirement(identifier, text=text)


def given(
    scenario: Scenario, *, scenarios: int = DEFAULT_SCENARIOS, columns: Sequence[str] | None = None
) -> Callable[[Callable[..., object]], Callable[..., None]]:
    """Run a test on many runs of a scenario, until one fails; that one is reduced and reported once.

    The test takes ``run`` and asserts on it; it may take any other fixture too, and must not keep state between runs.

    Args:
        scenario: what may happen in a run.
        scenarios: how many runs; ``--hil-scenarios`` goes before it.
        columns: what to record; without it, what the test's formulas use.
    """

    def decorate(function: Callable[..., object]) -> Callable[..., None]:
        signature = inspect.signature(function)
        parameters = list(signature.parameters.values())
        if "run" not in signature.parameters:
            raise TypeError(f"{function.__qualname__} must take 'run', the run of the scenario it judges")

        @functools.wraps(function)
        def judge_many_runs(*arguments: Any, **fixtures: Any) -> None:
            from hil.pytest_plugin.properties import Property, judge_property

            given_fixtures = {name: value for name, value in fixtures.items() if name in signature.parameters}

            def check(run: object) -> object:
                return function(*arguments, **given_fixtures, run=run)

            judged = Property(scenario, check, scenarios=scenarios, columns=columns)
            judge_property(judged, fixtures["bench"], fixtures["request"])

        kept = [parameter for parameter in parameters if parameter.name != "run"]
        added = [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY)
            for name in _ADDED
            if name not in signature.parameters
        ]
        judge_many_runs.__signature__ = signature.replace(parameters=[*kept, *added])  # type: ignore[attr-defined]  # read by inspect
        setattr(judge_many_runs, SCENARIO_ATTRIBUTE, scenario)
        setattr(judge_many_runs, COUNT_ATTRIBUTE, scenarios)
        return judge_many_runs

    return decorate
