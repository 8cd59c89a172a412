"""The engine plays each scenario once, in order, and lets the first failure out untouched."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from emulators.cell.catalogue import TargetDescription
from emulators.errors import LinkError
from hil.scenario.scenario import scenario
from hil.scenario.stimuli import press
from hil.scenario.strategies import explore, timelines
from hil.scenario.timeline import Timeline

CATALOGUE = {"START": TargetDescription("START", "BOOL", writable=True)}


@pytest.mark.parametrize("count", [1, 2, 150])
def test_each_index_is_played_once_in_order(count: int) -> None:
    played: list[int] = []

    explore(played.append, count=count)

    assert played == list(range(count))


@pytest.mark.parametrize("error", [AssertionError("no"), LinkError("gone"), KeyboardInterrupt()], ids=repr)
def test_what_a_scenario_raises_ends_the_search_at_once(error: BaseException) -> None:
    played: list[int] = []

    def play(index: int) -> None:
        played.append(index)
        if index == 5:
            raise error

    with pytest.raises(type(error)) as caught:
        explore(play, count=100)

    assert caught.value is error
    assert played == [0, 1, 2, 3, 4, 5]


@settings(derandomize=True, max_examples=20, deadline=None)
@given(timelines(scenario("1 min", operator=[press("START")]), CATALOGUE))
def test_timelines_are_a_strategy_of_their_own(drawn: Timeline) -> None:
    assert {event.target for event in drawn.events} <= {"START"}
