"""Hardware-in-the-loop tests of control programs: what a test module needs, loaded when it is used.

import hil
from hil import faults, press, setpoint, step
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

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

_ORACLE = (
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
)
_SCENARIO = (
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
)
_MODULES = {
    **dict.fromkeys(_ORACLE, "hil.oracle"),
    **dict.fromkeys(_SCENARIO, "hil.scenario"),
    "given": "hil.pytest_plugin.marks",
    "requirement": "hil.pytest_plugin.marks",
    "timeline": "hil.scenario.scenario",
}
_WHOLE_MODULES = {"faults": "hil.scenario.faults", "scenario": "hil.scenario"}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(import_module(_MODULES[name]), name)
    if name in _WHOLE_MODULES:
        return import_module(_WHOLE_MODULES[name])
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
