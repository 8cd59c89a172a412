"""A loop under test: an emulated cell, or a link to a real controller, behind one protocol."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hil.bench.protocol import Bench, Capability, MissingCapability, TargetDescription
    from hil.bench.steps import BenchSignal, StepByStep

__all__ = [
    "Bench",
    "BenchSignal",
    "Capability",
    "MissingCapability",
    "StepByStep",
    "TargetDescription",
]

_MODULES = {
    "Bench": "protocol",
    "BenchSignal": "steps",
    "Capability": "protocol",
    "MissingCapability": "protocol",
    "StepByStep": "steps",
    "TargetDescription": "protocol",
}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
