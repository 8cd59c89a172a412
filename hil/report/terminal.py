"""The printout of a failing scenario: its timeline, what went wrong, and how to run it again."""

from __future__ import annotations

from emulators.timebase import format_timestamp
from hil.report.model import FailureDetail, MarkKind

__all__ = ["render_failure", "robustness_text"]

Parts = list[tuple[str, str]]


def robustness_text(robustness: float) -> str:
    """Return a robustness as it is printed everywhere: three digits, in percent of range."""
    return f"{robustness:.3g}"


def render_failure(failure: FailureDetail, *, is_terminal: bool = False) -> str:
    """Return the printout of one failure, without a newline at its end.

    ``is_terminal`` adds colours; the characters are the same.
    """
    return "\n".join(_rendered(parts, is_terminal=is_terminal) for parts in _lines(failure))


def _lines(failure: FailureDetail) -> list[Parts]:
    lines = [_headline(failure)]
    for mark in failure.marks:
        style = "yellow" if mark.kind is MarkKind.FAULT else ""
        lines.append([("  ", ""), (format_timestamp(mark.time_ns), "dim"), ("  ", ""), (mark.label, style)])
    moment: Parts = [
        ("  ", ""),
        (format_timestamp(failure.trigger_ns), "dim"),
        ("  ", ""),
        (failure.explanation, "red"),
    ]
    requirement = f"requirement {failure.requirement}" if failure.requirement else ""
    place = ", ".join(part for part in (requirement, failure.source) if part)
    lines.append([*moment, (f"      {place}", "dim")] if place else moment)
    if failure.replay:
        lines.append([("  replay: ", "dim"), (failure.replay, "bold")])
    return lines


def _headline(failure: FailureDetail) -> Parts:
    counts = [f"{failure.scenarios} scenario{'' if failure.scenarios == 1 else 's'}"]
    if failure.reduction_runs:
        counts.append(f"reduced in {failure.reduction_runs} runs")
    if failure.seed is not None:
        counts.append(f"seed {failure.seed}")
    parts: Parts = [(failure.verdict.value.upper(), "bold red"), (f" {failure.test}", "bold")]
    if failure.robustness is not None:
        parts.append((f"   robustness {robustness_text(failure.robustness)}", ""))
    return [*parts, (f"   {', '.join(counts)}", "dim")]


def _rendered(parts: Parts, *, is_terminal: bool) -> str:
    if not is_terminal:
        return "".join(text for text, _ in parts)
    from rich.style import Style

    return "".join(Style.parse(style).render(text) if style else text for text, style in parts)
