"""Devices: instruments, actuators and operator elements written as Python components."""

from types import MappingProxyType

__all__ = ["COMPONENTS"]

COMPONENTS: MappingProxyType[str, str] = MappingProxyType({})
"""Name in descriptions to the class."""
