"""Cells: plant and controllers of a rig wired together and stepped as one loop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from emulators.cell.blueprint import Blueprint, build_blueprint
    from emulators.cell.catalogue import FaultDescription, TargetDescription, TargetKind
    from emulators.cell.cell import Cell, CellFault, PlcStatus, Snapshot
    from emulators.cell.directory import TargetError
    from emulators.cell.executors import EXECUTOR_NAMES, make_executor
    from emulators.cell.recording import Recording
    from emulators.cell.tape import Operation, TapeEvent, TapeValue

__all__ = [
    "EXECUTOR_NAMES",
    "Blueprint",
    "Cell",
    "CellFault",
    "FaultDescription",
    "Operation",
    "PlcStatus",
    "Recording",
    "Snapshot",
    "TapeEvent",
    "TapeValue",
    "TargetDescription",
    "TargetError",
    "TargetKind",
    "build_blueprint",
    "make_executor",
]

_HOMES = {
    "EXECUTOR_NAMES": "executors",
    "Blueprint": "blueprint",
    "Cell": "cell",
    "CellFault": "cell",
    "FaultDescription": "catalogue",
    "Operation": "tape",
    "PlcStatus": "cell",
    "Recording": "recording",
    "Snapshot": "cell",
    "TapeEvent": "tape",
    "TapeValue": "tape",
    "TargetDescription": "catalogue",
    "TargetError": "directory",
    "TargetKind": "catalogue",
    "build_blueprint": "blueprint",
    "make_executor": "executors",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
