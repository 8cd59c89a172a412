"""Scenarios: what may happen in a run, drawn as timelines, reduced when one fails, stored and replayed."""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hil.scenario.drawing import Drawer, draw
    from hil.scenario.random_source import RandomSource
    from hil.scenario.reducer import Reduction, reduce
    from hil.scenario.scenario import Placed, Scenario, at
    from hil.scenario.stimuli import choose, hold, press, pulse, ramp, setpoint, step, toggle, write
    from hil.scenario.stimulus import Duration, Stimulus
    from hil.scenario.timeline import Event, Timeline
    from hil.scenario.timeline_file import FailureRecord, render_timeline_file
    from hil.scenario.timeline_reader import load_timeline, parse_timeline_file

__all__ = [
    "Drawer",
    "Event",
    "FailureRecord",
    "Placed",
    "RandomSource",
    "Reduction",
    "Scenario",
    "Timeline",
    "at",
    "choose",
    "draw",
    "hold",
    "load_timeline",
    "parse_timeline_file",
    "press",
    "pulse",
    "ramp",
    "reduce",
    "render_timeline_file",
    "setpoint",
    "step",
    "toggle",
    "write",
]

_MODULES = {
    "Drawer": "drawing",
    "Event": "timeline",
    "FailureRecord": "timeline_file",
    "Placed": "scenario",
    "RandomSource": "random_source",
    "Reduction": "reducer",
    "Scenario": "scenario",
    "Timeline": "timeline",
    "at": "scenario",
    "choose": "stimuli",
    "draw": "drawing",
    "hold": "stimuli",
    "load_timeline": "timeline_reader",
    "parse_timeline_file": "timeline_reader",
    "press": "stimuli",
    "pulse": "stimuli",
    "ramp": "stimuli",
    "reduce": "reducer",
    "render_timeline_file": "timeline_file",
    "setpoint": "stimuli",
    "step": "stimuli",
    "toggle": "stimuli",
    "write": "stimuli",
}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


class _CallableModule(ModuleType):
    """Lets ``hil.scenario("10 min", …)`` make a scenario although ``hil.scenario`` is this package."""

    def __call__(
        self, duration: Duration, *, operator: Sequence[Stimulus] = (), process: Sequence[Stimulus] = ()
    ) -> Scenario:
        made: Scenario = import_module(f"{__name__}.scenario").scenario(duration, operator=operator, process=process)
        return made


sys.modules[__name__].__class__ = _CallableModule
