"""Python components: the base class, its declarations, functions with the same bits everywhere, and the compiler to IR.

A component runs as it is in plain Python (also under ``pdb``); :func:`compile_component` turns the same text into IR::

    class Buffer(Component):
        area_m2: Param[float] = param(0.5, unit="m2", low=1e-6)
        leak_m3_per_s: Fault[float] = fault(0.0, unit="m3/s", low=0.0, high=0.01, description="leak at the bottom")
        inflow_m3_per_s: Input[float] = port(unit="m3/s")
        level_m: State[float] = state(0.0, unit="m")
        level_pct: Output[float] = port(unit="%")

        def outputs(self) -> None:
            self.level_pct = 50.0 * self.level_m

        def derivatives(self) -> None:
            self.der.level_m = (self.inflow_m3_per_s - self.leak_m3_per_s) / self.area_m2

What the subset of Python refuses stands in ``rules.py``, one page a code.
"""

from emulators.component.base import Component, Member, members_of
from emulators.component.compiler import compile_component
from emulators.component.declarations import (
    Bools,
    Declaration,
    Fault,
    Floats,
    Input,
    Ints,
    Output,
    Param,
    Phase,
    Role,
    State,
    array,
    fault,
    param,
    port,
    state,
)
from emulators.component.functions import (
    acos,
    asin,
    atan,
    atan2,
    ceil,
    copysign,
    cos,
    cosh,
    exp,
    floor,
    fmod,
    gauss,
    isfinite,
    isnan,
    log,
    log10,
    power,
    round_even,
    sin,
    sinh,
    sqrt,
    tan,
    tanh,
    trunc,
    uniform,
)
from emulators.component.unit import ComponentUnit

__all__ = [
    "Bools",
    "Component",
    "ComponentUnit",
    "Declaration",
    "Fault",
    "Floats",
    "Input",
    "Ints",
    "Member",
    "Output",
    "Param",
    "Phase",
    "Role",
    "State",
    "acos",
    "array",
    "asin",
    "atan",
    "atan2",
    "ceil",
    "compile_component",
    "copysign",
    "cos",
    "cosh",
    "exp",
    "fault",
    "floor",
    "fmod",
    "gauss",
    "isfinite",
    "isnan",
    "log",
    "log10",
    "members_of",
    "param",
    "port",
    "power",
    "round_even",
    "sin",
    "sinh",
    "sqrt",
    "state",
    "tan",
    "tanh",
    "trunc",
    "uniform",
]
