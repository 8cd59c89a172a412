"""A loop under test: an emulated cell, or a link to a real controller, behind one protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.exports import lazy_exports

if TYPE_CHECKING:
    from hil.bench.protocol import Bench, Capability, MissingCapability, TargetDescription
    from hil.bench.steps import BenchSignal, StepByStep
else:
    __getattr__, __dir__ = lazy_exports(
        __name__,
        {
            "protocol": ("Bench", "Capability", "MissingCapability", "TargetDescription"),
            "steps": ("BenchSignal", "StepByStep"),
        },
    )

__all__ = [
    "Bench",
    "BenchSignal",
    "Capability",
    "MissingCapability",
    "StepByStep",
    "TargetDescription",
]
