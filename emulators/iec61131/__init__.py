"""IEC 61131-3 control programs: Structured Text checked into a typed tree and compiled to the typed IR.

``check`` lists findings, ``analyse`` gives the checked project, ``compile_program`` its native module with tasks,
start functions and the catalogue of variables.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.exports import lazy_exports

if TYPE_CHECKING:
    from emulators.iec61131.analysis import analyse, check
    from emulators.iec61131.compilation import compile_program
    from emulators.iec61131.compiled import CompiledProgram, TaskDescription, VariableDescription
    from emulators.iec61131.project import Project, SourceText
else:
    __getattr__, __dir__ = lazy_exports(
        __name__,
        {
            "analysis": ("analyse", "check"),
            "compilation": ("compile_program",),
            "compiled": ("CompiledProgram", "TaskDescription", "VariableDescription"),
            "project": ("Project", "SourceText"),
        },
    )

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
