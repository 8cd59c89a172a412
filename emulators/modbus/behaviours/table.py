"""Table of the behaviours by the kind that a register map names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from emulators.description.behaviour import BehaviourEntry
from emulators.modbus.behaviours.followers import Mirror, Total
from emulators.modbus.behaviours.moment import Behaviour, Origin
from emulators.modbus.behaviours.motions import Counter, Ramp, RandomWalk, Sine
from emulators.modbus.behaviours.python_function import PythonFunction
from emulators.modbus.behaviours.replay import Replay

__all__ = ["MAKE_BEHAVIOUR"]

MAKE_BEHAVIOUR: Mapping[str, Callable[[BehaviourEntry, Origin], Behaviour]] = MappingProxyType(
    {
        "counter": Counter,
        "mirror": Mirror,
        "python": PythonFunction,
        "ramp": Ramp,
        "random_walk": RandomWalk,
        "replay": Replay,
        "sine": Sine,
        "total": Total,
    }
)
