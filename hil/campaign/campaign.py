"""Search for a scenario that breaks a property: draw, play, judge, stop at the first failure, reduce it.

Scenario ``index`` of a campaign follows from seed and index alone, so the result does not depend on how many benches
share the work or on who drives the search.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from hil.bench.protocol import Bench, CoveredBench
from hil.campaign.outcome import CampaignResult, Failure, UnrepeatableRun
from hil.campaign.player import Check, Played, Player
from hil.oracle.algebra import FULL_RANGE
from hil.oracle.judgement import Verdict
from hil.scenario.drawing import Drawer
from hil.scenario.random_source import RandomSource
from hil.scenario.reducer import reduce
from hil.scenario.scenario import Scenario
from hil.scenario.timeline import Timeline

__all__ = ["Driver", "Progress", "replay", "run_campaign"]

Progress = Callable[[int, int, int], object]
"""Called after each scenario with scenarios done, scenarios planned, plant time so far in ns."""


class Driver(Protocol):
    """Calls ``play`` with the indices of ``count`` scenarios; lets out at once what it raises."""

    def __call__(self, play: Callable[[int], None], *, count: int) -> None: ...


def run_campaign(
    bench: Bench | Sequence[Bench],
    scenario: Scenario,
    check: Check,
    *,
    count: int,
    seed: int,
    progress: Progress | None = None,
    columns: Sequence[str] | None = None,
    reduction_budget: int = 60,
    driver: Driver | None = None,
) -> CampaignResult:
    """Play up to ``count`` scenarios and stop at the first that fails.

    Args:
        bench: one bench, or several equal ones that share the work in threads.
        check: asserts on each run; must not keep state between runs.
        driver: who counts the scenarios, such as Hypothesis; only for one bench.

    Raises:
        DescriptionError: the scenario names what the bench does not have.
        LinkError, SafetyRefusal, MissingCapability: the property could not be judged; nothing is reduced.
    """
    benches = tuple(bench) if isinstance(bench, Sequence) else (bench,)
    if count < 1 or not benches:
        raise ValueError(f"a campaign of {count} scenarios on {len(benches)} benches plays nothing; give at least 1")
    drawer = Drawer(scenario, benches[0].catalogue)
    players = [Player(one, check, columns=columns) for one in benches]
    tally = _Tally(count, progress)

    def draw(index: int) -> Timeline:
        return drawer.draw(RandomSource(seed, index))

    if len(players) > 1:
        _share(players, draw, tally)
    else:
        _search(players[0], draw, tally, driver or _in_order)
    failure = None
    if tally.failed is not None:
        failure = _reduced(players[0], draw(tally.failed), tally, drawer, reduction_budget)
    return CampaignResult(
        seed=seed,
        scenarios=tally.done,
        plant_time_ns=tally.plant_time_ns,
        robustness=tally.robustness,
        verdicts=dict(tally.verdicts),
        coverage=_coverage(benches),
        failure=failure,
    )


def replay(bench: Bench, timeline: Timeline, check: Check, *, seed: int = 0) -> CampaignResult:
    """Play one known timeline, with everything recorded, and judge it; a failure is not reduced again."""
    played = Player(bench, check).play(timeline, everything=True)
    tally = _Tally(1, None)
    tally.add(0, timeline, played)
    failure = None
    if played.violation is not None:
        failure = Failure(0, timeline, timeline, played.violation, played.robustness, 0, played.trace)
    coverage = _coverage((bench,))
    verdicts = {played.verdict: 1}
    return CampaignResult(seed, 1, timeline.duration_ns, played.robustness, verdicts, coverage, failure)


class _Tally:
    """Counts of a campaign in the order of the scenarios."""

    def __init__(self, count: int, progress: Progress | None) -> None:
        self.count = count
        self.done = 0
        self.plant_time_ns = 0
        self.robustness = FULL_RANGE
        self.verdicts: Counter[Verdict] = Counter()
        self.failed: int | None = None
        self.symptom = ""
        self.failed_at_ns: int | None = None
        self._progress = progress

    def add(self, index: int, timeline: Timeline, played: Played) -> None:
        self.done += 1
        self.plant_time_ns += timeline.duration_ns
        self.robustness = min(self.robustness, played.robustness)
        self.verdicts[played.verdict] += 1
        if played.violation is not None:
            self.failed, self.symptom = index, played.symptom
            self.failed_at_ns = played.failed_at_ns
        if self._progress is not None:
            self._progress(self.done, self.count, self.plant_time_ns)


class _Found(BaseException):
    """Leaves the driver's loop after a failure; no Exception, so that no engine tries it again."""


def _in_order(play: Callable[[int], None], *, count: int) -> None:
    for index in range(count):
        play(index)


def _search(player: Player, draw: Callable[[int], Timeline], tally: _Tally, driver: Driver) -> None:
    def play(index: int) -> None:
        timeline = draw(index)
        tally.add(index, timeline, player.play(timeline))
        if tally.failed is not None:
            raise _Found

    try:
        driver(play, count=tally.count)
    except _Found:
        return


def _share(players: list[Player], draw: Callable[[int], Timeline], tally: _Tally) -> None:
    """Play in rounds of one scenario a bench; a round is counted in order and ends at its first failure."""
    width = len(players)
    with ThreadPoolExecutor(width, thread_name_prefix="hil-campaign") as threads:
        for first in range(0, tally.count, width):
            indices = range(first, min(first + width, tally.count))
            timelines = [draw(index) for index in indices]
            round_of: Iterator[Played] = threads.map(_play, players, timelines)
            for index, timeline, played in zip(indices, timelines, round_of, strict=True):
                if tally.failed is None:
                    tally.add(index, timeline, played)
            if tally.failed is not None:
                return


def _play(player: Player, timeline: Timeline) -> Played:
    return player.play(timeline)


def _reduced(player: Player, original: Timeline, tally: _Tally, drawer: Drawer, budget: int) -> Failure:
    def fails(timeline: Timeline) -> bool:
        return player.play(timeline).symptom == tally.symptom

    reduction = reduce(
        original, fails, budget, failed_at_ns=tally.failed_at_ns, neutral=drawer.neutral, allows=drawer.allows
    )
    final = player.play(reduction.timeline, everything=True)
    if final.violation is None:
        raise UnrepeatableRun(
            "the same timeline failed once and does not fail now; the check keeps something between runs, or the "
            "target does not repeat itself"
        )
    return Failure(
        index=tally.failed or 0,
        original=original,
        timeline=reduction.timeline,
        violation=final.violation,
        robustness=final.robustness,
        reduction_runs=reduction.runs,
        trace=final.trace,
    )


def _coverage(benches: Sequence[Bench]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for bench in benches:
        if isinstance(bench, CoveredBench):
            for place, hits in bench.coverage().items():
                total[place] += hits
    return dict(total)
