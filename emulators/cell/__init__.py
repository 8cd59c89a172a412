"""Cells: plant and controllers of a rig wired together and stepped as one loop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.exports import lazy_exports

if TYPE_CHECKING:
    from emulators.cell.blueprint import Blueprint, build_blueprint
    from emulators.cell.catalogue import FaultDescription, TargetDescription, TargetKind
    from emulators.cell.cell import Cell, CellFault, PlcStatus, Snapshot
    from emulators.cell.directory import TargetError
    from emulators.cell.executors import EXECUTOR_NAMES, make_executor
    from emulators.cell.recording import Recording
    from emulators.cell.tape import Operation, TapeEvent, TapeValue
else:
    __getattr__, __dir__ = lazy_exports(
        __name__,
        {
            "blueprint": ("Blueprint", "build_blueprint"),
            "catalogue": ("FaultDescription", "TargetDescription", "TargetKind"),
            "cell": ("Cell", "CellFault", "PlcStatus", "Snapshot"),
            "directory": ("TargetError",),
            "executors": ("EXECUTOR_NAMES", "make_executor"),
            "recording": ("Recording",),
            "tape": ("Operation", "TapeEvent", "TapeValue"),
        },
    )

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
