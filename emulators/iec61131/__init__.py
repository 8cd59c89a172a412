"""IEC 61131-3 control programs: Structured Text checked into a typed tree and compiled to the typed IR.

``check`` lists findings, ``analyse`` gives the checked project.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emulators.iec61131.analysis import analyse as analyse
    from emulators.iec61131.analysis import check as check
    from emulators.iec61131.project import Project as Project
    from emulators.iec61131.project import SourceText as SourceText

_HOMES = {
    "Project": "project",
    "SourceText": "project",
    "analyse": "analysis",
    "check": "analysis",
}

__all__ = ["Project", "SourceText", "analyse", "check"]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__} has no attribute {name}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
