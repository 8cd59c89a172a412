"""Soft PLC: process image, tasks, modes, restart and forces around a compiled control program."""

from emulators.plc.description import SoftPlcDescription, TaskTiming
from emulators.plc.modes import PlcCommand, PlcMode
from emulators.plc.soft_plc import SoftPlc, find_variable, planned_tasks, variable_place

__all__ = [
    "PlcCommand",
    "PlcMode",
    "SoftPlc",
    "SoftPlcDescription",
    "TaskTiming",
    "find_variable",
    "planned_tasks",
    "variable_place",
]
