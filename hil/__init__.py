"""Hardware-in-the-loop tests of control programs: what a test module needs, loaded when it is used.

import hil
from hil import faults, press, setpoint, step
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.exports import lazy_exports

if TYPE_CHECKING:
    from hil.oracle import (
        Run,
        all_of,
        always,
        any_of,
        changed,
        eventually,
        fell,
        held,
        historically,
        near,
        once,
        previous,
        rose,
        until,
    )
    from hil.pytest_plugin.marks import given, requirement
    from hil.scenario import (
        Scenario,
        Timeline,
        at,
        choose,
        faults,
        hold,
        load_timeline,
        press,
        pulse,
        ramp,
        setpoint,
        step,
        toggle,
        write,
    )
    from hil.scenario.scenario import scenario, timeline
else:
    __getattr__, __dir__ = lazy_exports(
        __name__,
        {
            "oracle": (
                "Run",
                "all_of",
                "always",
                "any_of",
                "changed",
                "eventually",
                "fell",
                "held",
                "historically",
                "near",
                "once",
                "previous",
                "rose",
                "until",
            ),
            "pytest_plugin.marks": ("given", "requirement"),
            "scenario": (
                "Scenario",
                "Timeline",
                "at",
                "choose",
                "hold",
                "load_timeline",
                "press",
                "pulse",
                "ramp",
                "setpoint",
                "step",
                "toggle",
                "write",
            ),
            "scenario.scenario": ("timeline",),
        },
        modules={"faults": "scenario.faults", "scenario": "scenario"},
    )

__all__ = [
    "Run",
    "Scenario",
    "Timeline",
    "all_of",
    "always",
    "any_of",
    "at",
    "changed",
    "choose",
    "eventually",
    "faults",
    "fell",
    "given",
    "held",
    "historically",
    "hold",
    "load_timeline",
    "near",
    "once",
    "press",
    "previous",
    "pulse",
    "ramp",
    "requirement",
    "rose",
    "scenario",
    "setpoint",
    "step",
    "timeline",
    "toggle",
    "until",
    "write",
]
