"""The one door to Hypothesis: timelines as a strategy, and its engine as the driver of a search.

In a search the engine draws one number a scenario, the scenario's index, from a provider of our own, and everything
else follows from seed and index: the same seed gives the same scenarios on every version of Hypothesis, in a campaign
and under pytest. Drawing event by event through the engine would cost twenty times more. Its shrinking and explaining
are off: the reducer works on timelines.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import hypothesis
from hypothesis import strategies as st
from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS, PrimitiveProvider

from hil.scenario.drawing import Drawer
from hil.scenario.random_source import RandomSource
from hil.scenario.scenario import Scenario
from hil.scenario.stimulus import Catalogue
from hil.scenario.timeline import Timeline

__all__ = ["explore", "timelines"]

_BACKEND = "plc-hil"
_MOST_SCENARIOS = 2**40


def timelines(scenario: Scenario, catalogue: Catalogue) -> st.SearchStrategy[Timeline]:
    """Return a strategy of timelines, for tests that use Hypothesis themselves.

    Raises:
        DescriptionError: the scenario names what the bench does not have.
    """
    drawer = Drawer(scenario, catalogue)
    return st.integers(0, 2**48 - 1).map(lambda seed: drawer.draw(RandomSource(seed)))


def explore(play: Callable[[int], None], *, count: int) -> None:
    """Call ``play`` with the indices of ``count`` scenarios.

    What ``play`` raises ends the search at once: it is not tried again, not shrunk, and comes out as it is.
    """
    AVAILABLE_PROVIDERS[_BACKEND] = _IndexProvider

    @hypothesis.settings(
        max_examples=count,
        deadline=None,
        database=None,
        derandomize=True,
        phases=(hypothesis.Phase.generate,),
        suppress_health_check=list(hypothesis.HealthCheck),
        verbosity=hypothesis.Verbosity.quiet,
        report_multiple_bugs=False,
        backend=_BACKEND,
    )
    @hypothesis.given(st.integers(0, _MOST_SCENARIOS))
    def property_of_a_scenario(index: int) -> None:
        try:
            play(index)
        except BaseException as error:
            raise _Stop(error) from None

    try:
        property_of_a_scenario()
    except _Stop as stop:
        raise stop.cause from stop.cause.__cause__


class _Stop(BaseException):
    """Carries what ``play`` raised past the engine, which gives up at once on anything but an Exception."""

    def __init__(self, cause: BaseException) -> None:
        super().__init__()
        self.cause = cause


class _IndexProvider(PrimitiveProvider):
    """Draws 0, 1, 2, … for as long as one search lasts; the other types answer their simplest value."""

    lifetime = "test_function"

    def __init__(self, conjecturedata: Any, /) -> None:
        super().__init__(conjecturedata)
        self._next = 1  # the engine itself tries the simplest number, 0, first

    def draw_integer(self, *_arguments: Any, **_constraints: Any) -> int:
        self._next += 1
        return self._next - 1

    def draw_boolean(self, *_arguments: Any, **_constraints: Any) -> bool:
        return False

    def draw_float(self, *, min_value: float = 0.0, **_constraints: Any) -> float:
        return min_value

    def draw_string(self, *_arguments: Any, **_constraints: Any) -> str:
        return ""

    def draw_bytes(self, min_size: int = 0, *_arguments: Any, **_constraints: Any) -> bytes:
        return bytes(min_size)
