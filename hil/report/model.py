"""What a report says, as plain values: filled by the pytest plugin and the commands, drawn by this package."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass

from hil.errors import OracleViolation
from hil.oracle.judgement import Verdict
from hil.report.lanes import Lane, lanes_of
from hil.trace import Trace

__all__ = [
    "CoverageItem",
    "EventMark",
    "FailureDetail",
    "MarkKind",
    "ReportData",
    "RequirementResult",
]


class MarkKind(enum.Enum):
    """What an event of the timeline is."""

    STIMULUS = "stimulus"
    FAULT = "fault"
    HAPPENED = "happened on a wire"


@dataclass(frozen=True, slots=True)
class EventMark:
    """One event of a timeline in words: ``START pressed`` at a plant time, undone at ``until_ns`` if given."""

    time_ns: int
    label: str
    kind: MarkKind = MarkKind.STIMULUS
    until_ns: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequirementResult:
    """How one requirement fared over all its scenarios; robustness in percent of range, None when not measured."""

    requirement: str
    verdict: Verdict
    text: str = ""
    tests: tuple[str, ...] = ()
    scenarios: int = 0
    plant_time_ns: int = 0
    worst_robustness: float | None = None
    best_robustness: float | None = None
    seed: int | None = None
    remark: str = ""


@dataclass(frozen=True, slots=True)
class CoverageItem:
    """How much of something was exercised, such as the branches of a program; ``missing`` names what was not."""

    name: str
    covered: int
    total: int
    missing: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.covered <= self.total:
            raise ValueError(f"coverage of {self.name}: {self.covered} of {self.total} is impossible")


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureDetail:
    """One failing scenario, reduced: its timeline, its drawing, and how to run it again.

    ``verdict`` is ERROR where a component of the plant stopped the run, so that nothing could be judged.
    ``trigger_ns`` is the row that is explained, ``start_ns`` to ``end_ns`` the stretch that is shaded.
    ``source`` is a place in the control program or the test, such as ``control.st:88``. ``happened`` says what the
    faults of wires have done by the end of the stretch.
    """

    test: str
    explanation: str
    trigger_ns: int
    start_ns: int
    end_ns: int
    lanes: tuple[Lane, ...]
    requirement: str = ""
    formula: str = ""
    robustness: float | None = None
    scenarios: int = 1
    reduction_runs: int = 0
    events_before: int | None = None
    seed: int | None = None
    source: str = ""
    marks: tuple[EventMark, ...] = ()
    happened: tuple[EventMark, ...] = ()
    replay: str = ""
    verdict: Verdict = Verdict.FAIL
    hashes: tuple[tuple[str, str], ...] = ()

    @classmethod
    def from_violation(
        cls,
        violation: OracleViolation,
        trace: Trace,
        *,
        test: str,
        marks: Sequence[EventMark] = (),
        others: Sequence[str] = (),
        verdict: Verdict = Verdict.FAIL,
    ) -> FailureDetail:
        """Return what the trace of a run shows of a violation; how it was found is to be added.

        Lanes are the signals of the formula, then ``others`` (signals the events act on, say). Drawn is the stretch
        from shortly before the first event to shortly after the violation.
        """
        start_ns, end_ns = _stretch(violation, trace, marks)
        names = [name for name in (*violation.columns, *others) if name in trace]
        hashes = {"program": trace.meta.program_sha256, "rig": trace.meta.rig_sha256, "trace": trace.sha256()}
        hashes |= {"tool": trace.meta.tool, "executor": trace.meta.executor}
        return cls(
            test=test,
            explanation=violation.explanation,
            trigger_ns=violation.trigger_ns,
            start_ns=violation.start_ns,
            end_ns=violation.end_ns,
            lanes=lanes_of(trace, names, start_ns=start_ns, end_ns=end_ns, limits=violation.limits),
            formula=violation.formula,
            robustness=violation.robustness if verdict is Verdict.FAIL else None,
            marks=tuple(sorted(marks, key=lambda mark: mark.time_ns)),
            happened=_happened(trace, violation.end_ns),
            verdict=verdict,
            hashes=tuple((name, value) for name, value in hashes.items() if value),
        )


def _happened(trace: Trace, end_ns: int) -> tuple[EventMark, ...]:
    """Return each fault of a wire once, with how often it has happened until ``end_ns``."""
    times: dict[tuple[str, str], list[int]] = {}
    for injection in trace.meta.injections:
        if injection.time_ns <= end_ns:
            times.setdefault((injection.endpoint, injection.rule.partition(" ")[0]), []).append(injection.time_ns)
    return tuple(
        EventMark(
            each[0],
            f"{wire}: {name.replace('_', ' ')}, {len(each)} exchange{'s' * (len(each) > 1)}",
            MarkKind.HAPPENED,
            each[-1],
        )
        for (wire, name), each in times.items()
    )


def _stretch(violation: OracleViolation, trace: Trace, marks: Sequence[EventMark]) -> tuple[int, int]:
    first_ns = min([violation.start_ns, *(mark.time_ns for mark in marks)])
    last_ns = max(violation.end_ns, violation.trigger_ns)
    margin_ns = max((last_ns - first_ns) // 20, trace.even_step_ns or 0)
    return max(trace.start_ns, first_ns - margin_ns), min(trace.end_ns, last_ns + 2 * margin_ns)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportData:
    """A whole report. ``date`` is text given by the caller: the report reads no clock."""

    title: str
    rig: str
    date: str
    tool: str
    requirements: tuple[RequirementResult, ...] = ()
    failures: tuple[FailureDetail, ...] = ()
    coverage: tuple[CoverageItem, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
