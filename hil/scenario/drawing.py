"""Draw timelines from a scenario: structured random with corners, bursts, silences and near misses in time.

Every scenario draws its own habits, since no single one finds everything: which buttons are used at all, how busy
each generator is, whether numbers are limits or round values, how many faults there are, and how many events huddle
close to another event.
"""

from __future__ import annotations

from dataclasses import replace

from emulators.cell.catalogue import TargetDescription
from emulators.errors import DescriptionError
from emulators.timebase import NS_PER_MS, NS_PER_S
from hil.scenario.fault_source import FaultOption
from hil.scenario.random_source import RandomSource
from hil.scenario.scenario import Scenario
from hil.scenario.stimulus import Catalogue, Stimulus, Temper
from hil.scenario.timeline import Event, Timeline

__all__ = ["Drawer", "draw"]

_MOST_EVENTS = 40
_GRID_NS = 10 * NS_PER_MS
_APART_NS = 100 * NS_PER_MS


def draw(scenario: Scenario, catalogue: Catalogue, source: RandomSource) -> Timeline:
    """Return one timeline of the scenario.

    Raises:
        DescriptionError: the scenario names what the bench does not have; all findings with file and line.
    """
    return Drawer(scenario, catalogue).draw(source)


class Drawer:
    """A scenario checked against a bench, ready to draw any number of timelines."""

    def __init__(self, scenario: Scenario, catalogue: Catalogue) -> None:
        findings = scenario.findings(catalogue)
        if findings:
            raise DescriptionError(findings)
        self.scenario = scenario
        self._integers = {name for name, target in catalogue.items() if _is_integer(target)}
        self._faults = [options for fault in scenario.faults if (options := fault.options(catalogue))]
        self._options = {(option.source, option.target): option for group in self._faults for option in group}
        self._stimuli = {str(stimulus): stimulus for stimulus in scenario.stimuli}
        self._fixed = scenario.fixed_events

    def draw(self, source: RandomSource) -> Timeline:
        """Return one timeline; the same source state gives the same timeline."""
        scenario = self.scenario
        plan = [(stimulus, self._draw_times(stimulus, source)) for stimulus in scenario.stimuli]
        _huddle(plan, [event.time_ns for event in self._fixed], scenario, source)
        events = [event for stimulus, times in plan for event in self._draw_events(stimulus, times, source)]
        count = self._fault_count(source)
        for group in self._draw_groups(count, source):
            events.append(self._draw_fault(source.pick(group), events, source))
        kept = _without_collisions([*self._fixed, *events])
        return Timeline(scenario.duration_ns, tuple(kept), source.bits(31))

    def _draw_times(self, stimulus: Stimulus, source: RandomSource) -> list[int]:
        if source.chance(0.08):
            return []
        return _draw_times(self.scenario.begins_ns, self.scenario.duration_ns, stimulus.every_ns, source)

    def _draw_events(self, stimulus: Stimulus, times: list[int], source: RandomSource) -> list[Event]:
        temper = source.pick((Temper.CORNERS, Temper.MIXED, Temper.MIXED, Temper.ROUND))
        targets = source.subset(stimulus.targets, 0.8)
        events = []
        for turn, time_ns in enumerate(times):
            event = stimulus.event(time_ns, turn, temper, source, targets)
            if isinstance(event.value, float) and event.target in self._integers:
                event = replace(event, value=round(event.value))
            events.append(event)
        return events

    def _fault_count(self, source: RandomSource) -> int:
        most = self.scenario.at_most if self._faults else 0
        if most == 0 or source.chance(0.15):
            return 0
        return source.integer(1, most)

    def _draw_groups(self, count: int, source: RandomSource) -> list[list[FaultOption]]:
        remaining = list(self._faults)
        groups = []
        for _ in range(count):
            remaining = remaining or list(self._faults)
            groups.append(remaining.pop(source.integer(0, len(remaining) - 1)))
        return groups

    def _draw_fault(self, option: FaultOption, events: list[Event], source: RandomSource) -> Event:
        duration_ns = self.scenario.duration_ns
        time_ns = 0
        if events and source.chance(0.4):
            time_ns = _near(source.pick(events), source)
        elif not source.chance(0.1):
            time_ns = round(source.uniform(0, duration_ns))
        time_ns = min(max(0, time_ns // _GRID_NS * _GRID_NS), max(0, duration_ns - _GRID_NS))
        return option.event(time_ns, duration_ns, source)

    # --- what the reducer needs to stay inside the scenario ---------------------------------------------------------

    def neutral(self, event: Event) -> float | None:
        """Return the number toward which the event's value may move without leaving the scenario, None if none."""
        stimulus = self._stimuli.get(event.source)
        if stimulus is not None:
            return stimulus.neutral()
        option = self._options.get((event.source, event.target))
        return option.neutral() if option is not None else None

    def allows(self, timeline: Timeline) -> bool:
        """Return whether the scenario could have drawn these events: lengths and distances are within its limits."""
        last_ns: dict[str, int] = {}
        for event in timeline.events:
            stimulus = self._stimuli.get(event.source)
            option = self._options.get((event.source, event.target))
            if event.is_fixed or (stimulus is None and option is None):
                continue
            if option is not None and not option.allows(event):
                return False
            if stimulus is not None:
                too_soon = event.time_ns - last_ns.get(event.source, -stimulus.every_ns[1]) < stimulus.every_ns[0]
                if too_soon or not stimulus.allows(event):
                    return False
                last_ns[event.source] = event.time_ns
        return True


def _draw_times(begins_ns: int, ends_ns: int, every_ns: tuple[int, int], source: RandomSource) -> list[int]:
    """Return times at least ``every_ns[0]`` apart: evenly busy, in bursts, or rare."""
    low_ns, high_ns = every_ns
    habit = source.pick((_steady, _steady, _in_bursts, _rare))
    time_ns = begins_ns + round(source.uniform(0.0, 1.0) * min(high_ns, ends_ns - begins_ns))
    times: list[int] = []
    while time_ns < ends_ns and len(times) < _MOST_EVENTS:
        times.append(_on_grid(time_ns, begins_ns))
        time_ns += max(low_ns + _GRID_NS, habit(low_ns, high_ns, source))
    return times


def _on_grid(time_ns: int, begins_ns: int) -> int:
    return max(begins_ns, time_ns // _GRID_NS * _GRID_NS)


def _huddle(plan: list[tuple[Stimulus, list[int]]], fixed: list[int], scenario: Scenario, source: RandomSource) -> None:
    """Move some times close to those of other generators, keeping their order and distance within a generator."""
    anchors = [*fixed, *(time_ns for _, times in plan for time_ns in times)]
    if not anchors or source.chance(0.4):
        return
    for stimulus, times in plan:
        apart_ns = stimulus.every_ns[0]
        for index in range(len(times)):
            if not source.chance(0.2):
                continue
            moved_ns = _on_grid(_beside(source.pick(anchors), source), 0)
            earliest = times[index - 1] + apart_ns if index else scenario.begins_ns
            latest = times[index + 1] - apart_ns if index + 1 < len(times) else scenario.duration_ns - _GRID_NS
            if earliest <= moved_ns <= latest:
                times[index] = moved_ns


def _steady(low_ns: int, high_ns: int, source: RandomSource) -> int:
    return round(source.log_uniform(low_ns, high_ns))


def _in_bursts(low_ns: int, high_ns: int, source: RandomSource) -> int:
    return high_ns if source.chance(0.25) else round(source.uniform(low_ns, min(high_ns, 1.5 * low_ns)))


def _rare(low_ns: int, high_ns: int, source: RandomSource) -> int:
    return round(source.uniform(max(low_ns, high_ns // 2), high_ns))


def _near(event: Event, source: RandomSource) -> int:
    """Return a time close to the start or end of another event, on either side."""
    return _beside(event.last_ns if source.chance(0.3) else event.time_ns, source)


def _beside(anchor_ns: int, source: RandomSource) -> int:
    distance_ns = round(source.log_uniform(10 * NS_PER_MS, 10 * NS_PER_S))
    return anchor_ns + (distance_ns if source.chance(0.7) else -distance_ns)


def _without_collisions(events: list[Event]) -> list[Event]:
    """Drop events that start while another on the same target still lasts, the later one goes."""
    free_ns: dict[str, int] = {}
    kept: list[Event] = []
    for event in sorted(events, key=_time_of):
        if event.is_fixed or event.time_ns >= free_ns.get(event.target, 0):
            kept.append(event)
            free_ns[event.target] = event.last_ns + _APART_NS
    return kept


def _is_integer(target: TargetDescription) -> bool:
    return target.has_value and not target.is_bool and not target.is_float


def _time_of(event: Event) -> int:
    return event.time_ns
