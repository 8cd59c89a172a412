"""IEC 61131-3 control programs: Structured Text checked into a typed tree and compiled to the typed IR.

``check`` lists findings, ``analyse`` gives the checked project, ``compile_program`` its native module with tasks,
start functions and the catalogue of variables.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emulators.iec61131.analysis import analyse as analyse
    from emulators.iec61131.analysis import check as check
    from emulators.iec61131.compilation import compile_program as compile_program
    from emulators.iec61131.compiled import CompiledProgram as CompiledProgram
    from emulators.iec61131.compiled import TaskDescription as TaskDescription
    from emulators.iec61131.compiled import VariableDescription as VariableDescription
    from emulators.iec61131.project import Project as Project
    from emulators.iec61131.project import SourceText as SourceText

_HOMES = {
    "CompiledProgram": "compiled",
    "Project": "project",
    "SourceText": "project",
    "TaskDescription": "compiled",
    "VariableDescription": "compiled",
    "analyse": "analysis",
    "check": "analysis",
    "compile_program": "compilation",
}

__all__ = [
    "CompiledProgram",
    "Project",
    "SourceText",
    "TaskDescription",
    "VariableDescription",
    "analyse",
    "check",
    "compile_program",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__} has no attribute {name}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
