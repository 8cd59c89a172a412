"""A failure of a campaign as the report and the terminal show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from emulators.cell.catalogue import TargetDescription
from emulators.cell.tape import Operation
from hil.bench.protocol import PlantFault
from hil.campaign import Failure
from hil.errors import OracleViolation
from hil.report.model import EventMark, FailureDetail, MarkKind
from hil.scenario.timeline import Event
from hil.scenario.wording import describe_event
from hil.trace.trace import Trace

__all__ = ["failure_detail"]

_STIMULI = (Operation.WRITE, Operation.FORCE, Operation.RELEASE)


def failure_detail(
    failure: Failure,
    catalogue: Mapping[str, TargetDescription],
    *,
    test: str,
    scenarios: int,
    seed: int,
    requirement: str = "",
    replay: str = "",
) -> FailureDetail:
    """Return what is drawn and printed of a failure: its events in words, its lanes, how to play it again."""
    events = failure.timeline.events
    violation = _violation(failure)
    shown = FailureDetail.from_violation(
        violation,
        failure.trace,
        test=test,
        marks=[_mark(event, catalogue, failure.trace) for event in events],
        others=_columns_of(events, failure),
        verdict=failure.verdict,
    )
    return replace(
        shown,
        requirement=requirement,
        scenarios=scenarios,
        reduction_runs=failure.reduction_runs,
        events_before=len(failure.original.events),
        seed=seed,
        source=_source(failure, violation, catalogue),
        replay=replay,
    )


def _mark(event: Event, catalogue: Mapping[str, TargetDescription], trace: Trace) -> EventMark:
    kind = MarkKind.STIMULUS if event.operation in _STIMULI else MarkKind.FAULT
    seen = _stuck_at(event, catalogue, trace)
    words = describe_event(event if seen is None else replace(event, value=seen), catalogue)
    return EventMark(event.time_ns, words, kind, event.until_ns)


def _stuck_at(event: Event, catalogue: Mapping[str, TargetDescription], trace: Trace) -> float | None:
    """Return the value at which an instrument stays, as its trace shows it; None for all other events."""
    owner, _, fault = event.target.rpartition(".")
    if event.operation is not Operation.FAULT or fault != "stuck" or event.value is not True or owner not in trace:
        return None
    return None if catalogue[owner].is_bool else float(trace[owner][trace.row_at(event.time_ns)])


def _source(failure: Failure, violation: OracleViolation, catalogue: Mapping[str, TargetDescription]) -> str:
    """Return where the control program declares what should have been otherwise: the last such name of the formula.

    For a plant that stopped it is the line of the component.
    """
    if isinstance(failure.violation, PlantFault):
        return failure.violation.place
    sources = [catalogue[name].source for name in violation.columns if name in catalogue]
    return next((source for source in reversed(sources) if source), "")


def _columns_of(events: tuple[Event, ...], failure: Failure) -> list[str]:
    """Return the recorded signals that the events act on: what is written, the instrument or the wire that fails."""
    owners = [(event.target, event.target.rpartition(".")[0] or event.target) for event in events]
    names = [name for target, owner in owners for name in (target, owner, f"{owner}.injections")]
    return list(dict.fromkeys(name for name in names if name in failure.trace))


def _violation(failure: Failure) -> OracleViolation:
    """Return the violation; a plain assert and a stopped plant are one at the end of the run, without a formula."""
    violation = failure.violation
    if isinstance(violation, OracleViolation):
        return violation
    if isinstance(violation, PlantFault):
        said, time_ns = f"the plant stopped: {violation.reason}", violation.time_ns
        return OracleViolation(said, trigger_ns=time_ns, start_ns=time_ns, end_ns=time_ns)
    said = str(violation).partition("\n")[0] or "the assertion does not hold"
    end_ns = failure.trace.end_ns
    return OracleViolation(said, robustness=failure.robustness, trigger_ns=end_ns, start_ns=end_ns, end_ns=end_ns)
