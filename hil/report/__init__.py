"""Reports of judged runs: one self-contained HTML file, and the printout of a failure on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hil.report.lanes import Lane, lanes_of
    from hil.report.model import (
        CoverageItem,
        EventMark,
        FailureDetail,
        MarkKind,
        ReportData,
        RequirementResult,
    )
    from hil.report.page import render_page, write_report
    from hil.report.terminal import render_failure

__all__ = [
    "CoverageItem",
    "EventMark",
    "FailureDetail",
    "Lane",
    "MarkKind",
    "ReportData",
    "RequirementResult",
    "lanes_of",
    "render_failure",
    "render_page",
    "write_report",
]

_HOMES = {
    "lanes": ("Lane", "lanes_of"),
    "model": ("CoverageItem", "EventMark", "FailureDetail", "MarkKind", "ReportData", "RequirementResult"),
    "page": ("render_page", "write_report"),
    "terminal": ("render_failure",),
}


def __getattr__(name: str) -> Any:
    from importlib import import_module

    for module, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
