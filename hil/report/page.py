"""The report as one HTML file: nothing is loaded from anywhere, all text is escaped, scripts only add the cursor."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from html import escape
from importlib.resources import files
from pathlib import Path

from emulators.timebase import format_duration, format_timestamp
from hil.oracle.judgement import Verdict
from hil.report.drawing import draw_failure, stretch_text
from hil.report.lanes import Lane
from hil.report.model import CoverageItem, FailureDetail, ReportData, RequirementResult
from hil.report.terminal import robustness_text

__all__ = ["render_page", "write_report"]

_SIGNS = {
    Verdict.PASS: "✓",
    Verdict.FAIL: "✗",
    Verdict.INCONCLUSIVE: "?",
    Verdict.NONE: "–",
    Verdict.ERROR: "!",
}


_COUNTED = (
    (Verdict.PASS, "passed"),
    (Verdict.FAIL, "failed"),
    (Verdict.ERROR, "in error"),
    (Verdict.INCONCLUSIVE, "inconclusive"),
    (Verdict.NONE, "never exercised"),
)
_MOST_LISTED = 8
"""Places that were not exercised, listed without a click."""


def write_report(data: ReportData, directory: Path | str) -> Path:
    """Write ``index.html`` into a folder, which is made if it is missing; returns the path of the file."""
    folder = Path(directory)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "index.html"
    path.write_text(render_page(data), encoding="utf-8")
    return path


def render_page(data: ReportData) -> str:
    """Return the report as the text of one HTML file."""
    package = files("hil.report")
    style = package.joinpath("report.css").read_text("utf-8")
    script = package.joinpath("report.js").read_text("utf-8")
    parts = [
        "<!doctype html>",
        '<html lang="en">',
        f'<head><meta charset="utf-8"><title>{escape(data.title)}</title>',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
        "script-src 'unsafe-inline'; img-src data:\">",
        f"<style>\n{style}</style></head>",
        "<body>",
        *_header(data),
        *_requirements(data.requirements),
        *_failures(data.failures),
        *_coverage(data.coverage),
        f"<script>\n{script}</script>",
        "</body></html>",
        "",
    ]
    return "\n".join(parts)


def _header(data: ReportData) -> list[str]:
    facts = [("rig", data.rig), ("date", data.date), ("tool", data.tool), *data.facts]
    listed = "".join(f"<span>{escape(name)} <b>{escape(value)}</b></span>" for name, value in facts if value)
    verdicts = [result.verdict for result in data.requirements]
    scenarios = sum(result.scenarios for result in data.requirements)
    plant_time_ns = sum(result.plant_time_ns for result in data.requirements)
    tiles = [
        (str(len(verdicts)), "requirement" if len(verdicts) == 1 else "requirements"),
        *((str(verdicts.count(verdict)), word) for verdict, word in _COUNTED if verdict in verdicts),
        (f"{scenarios:,}".replace(",", " "), "scenario" if scenarios == 1 else "scenarios"),
        *([(format_duration(plant_time_ns), "plant time")] if plant_time_ns else []),
    ]
    shown = "".join(f'<div class="tile"><b>{escape(number)}</b>{escape(name)}</div>' for number, name in tiles)
    return [
        f"<header><h1>{escape(data.title)}</h1>",
        f'<p class="facts">{listed}</p>',
        f'<div class="tiles">{shown}</div>',
        "</header>",
    ]


def _requirements(results: Iterable[RequirementResult]) -> list[str]:
    results = tuple(results)
    with_best = any(result.best_robustness is not None for result in results)
    rows = [_requirement_row(result, with_best=with_best) for result in results]
    if not rows:
        return []
    head = (
        "<tr><th>Requirement</th><th>Verdict</th><th>Test</th><th class=number>Scenarios</th>"
        "<th class=number>Plant time</th><th class=number>Worst robustness</th>"
        f"{'<th class=number>Best</th>' if with_best else ''}<th class=number>Seed</th></tr>"
    )
    return [
        "<h2>Requirements</h2>",
        f'<div class="scroll"><table><thead>{head}</thead><tbody>',
        *rows,
        "</tbody></table></div>",
        '<p class="soft">Robustness is the margin to the violation in percent of the range of the signal; '
        "100 is a whole range, or a switch that is as it must be. Verdict “none”: the trigger never came.</p>",
    ]


def _requirement_row(result: RequirementResult, *, with_best: bool) -> str:
    text = f'<div class="soft">{escape(result.text)}</div>' if result.text else ""
    remark = f'<div class="soft">{escape(result.remark)}</div>' if result.remark else ""
    tests = "<br>".join(f"<code>{escape(test)}</code>" for test in result.tests)
    numbers = [
        str(result.scenarios),
        format_duration(result.plant_time_ns) if result.plant_time_ns else "–",
        _robustness(result.worst_robustness),
        *([_robustness(result.best_robustness)] if with_best else []),
        "–" if result.seed is None else str(result.seed),
    ]
    cells = "".join(f"<td class=number>{escape(number)}</td>" for number in numbers)
    name = f"<b>{escape(result.requirement)}</b>{text}"
    return f"<tr><td>{name}</td><td>{_verdict(result.verdict)}{remark}</td><td>{tests}</td>{cells}</tr>"


def _verdict(verdict: Verdict) -> str:
    return f'<span class="verdict {verdict.value}" data-sign="{_SIGNS[verdict]}">{verdict.value}</span>'


def _robustness(robustness: float | None) -> str:
    return "–" if robustness is None or math.isnan(robustness) else robustness_text(robustness)


def _failures(failures: tuple[FailureDetail, ...]) -> list[str]:
    if not failures:
        return []
    parts = ["<h2>Failing scenarios</h2>"]
    for number, failure in enumerate(failures, start=1):
        parts.extend(_failure(failure, f"failure-{number}"))
    return parts


def _failure(failure: FailureDetail, identifier: str) -> list[str]:
    lanes = json.dumps([_lane_object(lane) for lane in failure.lanes], ensure_ascii=False, separators=(",", ":"))
    replay = f"<p>Run it again:</p><pre>{escape(failure.replay)}</pre>" if failure.replay else ""
    required = f'<p class="required">Required: {escape(failure.formula)}</p>' if failure.formula else ""
    requirement = f'<span class="soft"> · {escape(failure.requirement)}</span>' if failure.requirement else ""
    return [
        f'<section class="failure" aria-labelledby="{identifier}-title">',
        f'<h3 id="{identifier}-title">{escape(failure.test)}{requirement}</h3>',
        f'<p class="explanation">{format_timestamp(failure.trigger_ns)} &nbsp;{escape(failure.explanation)}</p>',
        required,
        f'<p class="facts">{_found(failure)}</p>',
        f'<figure><div class="scroll">{draw_failure(failure, identifier=identifier)}</div>',
        f"<figcaption>{_legend(failure)}</figcaption></figure>",
        f'<script type="application/json" id="{identifier}-lanes">{_inside_script(lanes)}</script>',
        *_timeline(failure),
        replay,
        _hashes(failure),
        "</section>",
    ]


def _found(failure: FailureDetail) -> str:
    facts: list[tuple[str, str]] = []
    if failure.robustness is not None:
        facts.append(("robustness", _robustness(failure.robustness)))
    facts.append(("found in scenario", str(failure.scenarios)))
    if failure.reduction_runs:
        before = f" from {failure.events_before}" if failure.events_before is not None else ""
        facts.append(("reduced", f"{before} to {len(failure.marks)} events in {failure.reduction_runs} runs".strip()))
    if failure.seed is not None:
        facts.append(("seed", str(failure.seed)))
    if failure.source:
        facts.append(("at", failure.source))
    return "".join(f"<span>{escape(name)} <b>{escape(value)}</b></span>" for name, value in facts)


def _legend(failure: FailureDetail) -> str:
    items = [
        f'<span><i class="key shade"></i>violated {stretch_text(failure)}</span>',
        f'<span><i class="key judged"></i>explained at {format_timestamp(failure.trigger_ns)}, '
        "values of that moment at the right</span>",
    ]
    if any(lane.limits for lane in failure.lanes):
        items.append('<span><i class="key border"></i>limit of the requirement</span>')
    return "".join(items)


def _timeline(failure: FailureDetail) -> list[str]:
    rows = [
        f"<tr><td class=moment>{format_timestamp(mark.time_ns)}</td><td>{escape(mark.label)}</td>"
        f"<td class=soft>{mark.kind.value}</td></tr>"
        for mark in sorted((*failure.marks, *failure.happened), key=lambda mark: mark.time_ns)
    ]
    violation = (
        f"<tr class=violation><td class=moment>{format_timestamp(failure.trigger_ns)}</td>"
        f"<td>{escape(failure.explanation)}</td><td>violation</td></tr>"
    )
    return [
        "<table class=timeline><thead><tr><th>Time</th><th>Event</th><th></th></tr></thead><tbody>",
        *rows,
        violation,
        "</tbody></table>",
    ]


def _hashes(failure: FailureDetail) -> str:
    if not failure.hashes:
        return ""
    rows = "".join(
        f"<tr><td>{escape(name)}</td><td><code>{escape(value)}</code></td></tr>" for name, value in failure.hashes
    )
    return f"<table class=hashes>{rows}</table>"


def _lane_object(lane: Lane) -> dict[str, object]:
    values = [None if not math.isfinite(value) else float(f"{value:.6g}") for value in lane.values.tolist()]
    return {
        "kind": lane.kind.value,
        "times": [time_ns / 1e6 for time_ns in lane.time_ns.tolist()],
        "values": [int(value) if value is not None and value.is_integer() else value for value in values],
        "names": {str(number): name for number, name in lane.value_names},
    }


def _inside_script(text: str) -> str:
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _coverage(items: tuple[CoverageItem, ...]) -> list[str]:
    if not items:
        return []
    rows = [_coverage_row(item) for item in items]
    head = "<tr><th>Exercised</th><th class=number>Covered</th><th></th><th>Not exercised</th></tr>"
    return [
        "<h2>Coverage</h2>",
        f'<div class="scroll"><table><thead>{head}</thead><tbody>',
        *rows,
        "</tbody></table></div>",
    ]


def _coverage_row(item: CoverageItem) -> str:
    percent = 100.0 * item.covered / item.total if item.total else 100.0
    missing = "<br>".join(escape(name) for name in item.missing) or ("–" if item.covered == item.total else "")
    if len(item.missing) > _MOST_LISTED:
        missing = f"<details><summary>{len(item.missing)} places</summary>{missing}</details>"
    return (
        f"<tr><td>{escape(item.name)}</td><td class=number>{item.covered} of {item.total}</td>"
        f'<td><div class="meter"><i style="width:{percent:.1f}%"></i></div></td><td class=soft>{missing}</td></tr>'
    )
