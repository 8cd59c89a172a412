"""A failing scenario as the report and the terminal show it."""

from __future__ import annotations

from collections.abc import Mapping

from emulators.cell.catalogue import TargetDescription
from emulators.cell.tape import Operation
from hil.campaign import Failure
from hil.errors import OracleViolation
from hil.report.model import EventMark, FailureDetail, MarkKind
from hil.scenario.timeline import Event
from hil.scenario.timeline_file import FailureRecord
from hil.scenario.wording import describe_event

__all__ = ["failure_detail"]

_STIMULI = (Operation.WRITE, Operation.FORCE, Operation.RELEASE)


def failure_detail(
    name: str, record: FailureRecord, failure: Failure, catalogue: Mapping[str, TargetDescription], replay_file: str
) -> FailureDetail:
    """Return what is drawn and printed of a failure: its events in words, its lanes, how to play it again."""
    events = failure.timeline.events
    return FailureDetail.from_violation(
        _violation(failure),
        failure.trace,
        test=name,
        marks=[EventMark(event.time_ns, describe_event(event, catalogue), _kind(event)) for event in events],
        others=_columns_of(events, failure),
        requirement=", ".join(record.requirements),
        scenarios=record.scenarios,
        reduction_runs=record.reduction_runs,
        events_before=len(failure.original.events),
        seed=record.seed,
        replay=f"pytest --hil-replay {replay_file}",
    )


def _kind(event: Event) -> MarkKind:
    return MarkKind.STIMULUS if event.operation in _STIMULI else MarkKind.FAULT


def _columns_of(events: tuple[Event, ...], failure: Failure) -> list[str]:
    """Return the recorded signals that the events act on: what is written, and the instrument that fails."""
    names = [name for event in events for name in (event.target, event.target.rpartition(".")[0])]
    return list(dict.fromkeys(name for name in names if name in failure.trace))


def _violation(failure: Failure) -> OracleViolation:
    """Return the violation; a plain assert is one at the end of the run, without a formula."""
    violation = failure.violation
    if isinstance(violation, OracleViolation):
        return violation
    said = str(violation).partition("\n")[0] or "the assertion does not hold"
    end_ns = failure.trace.end_ns
    return OracleViolation(said, robustness=failure.robustness, trigger_ns=end_ns, start_ns=end_ns, end_ns=end_ns)
