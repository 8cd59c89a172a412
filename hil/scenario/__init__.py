"""Scenarios: what may happen in a run, drawn as timelines, reduced when one fails, stored and replayed."""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

from emulators.exports import lazy_exports

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulators.timebase import Duration
    from hil.scenario.drawing import Drawer, draw
    from hil.scenario.random_source import RandomSource
    from hil.scenario.reducer import Reduction, reduce
    from hil.scenario.scenario import Placed, Scenario, at
    from hil.scenario.stimuli import choose, hold, press, pulse, ramp, setpoint, step, toggle, write
    from hil.scenario.stimulus import Stimulus
    from hil.scenario.timeline import Event, Timeline
    from hil.scenario.timeline_file import FailureRecord, render_timeline_file
    from hil.scenario.timeline_reader import load_timeline, parse_timeline_file
else:
    __getattr__, __dir__ = lazy_exports(
        __name__,
        {
            "drawing": ("Drawer", "draw"),
            "random_source": ("RandomSource",),
            "reducer": ("Reduction", "reduce"),
            "scenario": ("Placed", "Scenario", "at"),
            "stimuli": ("choose", "hold", "press", "pulse", "ramp", "setpoint", "step", "toggle", "write"),
            "timeline": ("Event", "Timeline"),
            "timeline_file": ("FailureRecord", "render_timeline_file"),
            "timeline_reader": ("load_timeline", "parse_timeline_file"),
        },
    )

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


class _CallableModule(ModuleType):
    """Lets ``hil.scenario("10 min", …)`` make a scenario although ``hil.scenario`` is this package."""

    def __call__(
        self, duration: Duration, *, operator: Sequence[Stimulus] = (), process: Sequence[Stimulus] = ()
    ) -> Scenario:
        made: Scenario = import_module(f"{__name__}.scenario").scenario(duration, operator=operator, process=process)
        return made


sys.modules[__name__].__class__ = _CallableModule
