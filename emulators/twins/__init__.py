"""Twins: process equipment written as Python components. One more: its file, and one line here."""

from types import MappingProxyType

__all__ = ["COMPONENTS"]

COMPONENTS = MappingProxyType(
    {
        "belt": "emulators.twins.belt:Belt",
        "consumer": "emulators.twins.sources:Consumer",
        "gravity_line": "emulators.twins.lines:GravityLine",
        "heater": "emulators.twins.heater:Heater",
        "inflow": "emulators.twins.sources:Inflow",
        "junction": "emulators.twins.lines:Junction",
        "part_feeder": "emulators.twins.belt:PartFeeder",
        "pipe": "emulators.twins.lines:Pipe",
        "sump": "emulators.twins.sump:Sump",
        "tank": "emulators.twins.tank:Tank",
    }
)
"""Name in descriptions to the class."""
