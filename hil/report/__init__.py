"""Reports of judged runs: one self-contained HTML file, and the printout of a failure on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.exports import lazy_exports

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
else:
    __getattr__, __dir__ = lazy_exports(
        __name__,
        {
            "lanes": ("Lane", "lanes_of"),
            "model": ("CoverageItem", "EventMark", "FailureDetail", "MarkKind", "ReportData", "RequirementResult"),
            "page": ("render_page", "write_report"),
            "terminal": ("render_failure",),
        },
    )

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
