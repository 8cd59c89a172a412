"""Twins: process equipment written as Python components."""

from types import MappingProxyType

__all__ = ["COMPONENTS"]

COMPONENTS = MappingProxyType(
    {
        "tank": "emulators.twins.tank:Tank",
    }
)
"""Name in descriptions to the class."""
