"""The failing run as people read it: what happened, when, and what did not hold."""

from __future__ import annotations

from collections.abc import Mapping

from emulators.cell.catalogue import TargetDescription
from emulators.timebase import format_timestamp
from hil.campaign import Failure
from hil.errors import OracleViolation
from hil.scenario.timeline_file import FailureRecord
from hil.scenario.wording import describe_event

__all__ = ["failure_text"]


def failure_text(
    name: str, record: FailureRecord, failure: Failure, catalogue: Mapping[str, TargetDescription], replay_file: str
) -> str:
    """Return the timeline with its verdict: one line an event, then the violation, then how to play it again."""
    counts = f"{record.scenarios} scenarios" if record.scenarios != 1 else "1 scenario"
    reduced = f", reduced in {record.reduction_runs} runs" if record.reduction_runs else ""
    lines = [f"FAIL {name}   robustness {failure.robustness:.3g}   {counts}{reduced}, seed {record.seed}"]
    rows = [(event.time_ns, describe_event(event, catalogue)) for event in failure.timeline.events]
    violation = failure.violation
    requirements = f"      requirement {', '.join(record.requirements)}" if record.requirements else ""
    if isinstance(violation, OracleViolation):
        rows.append((violation.trigger_ns, f"{violation.explanation}{requirements}"))
    rows.sort(key=lambda row: row[0])
    lines += [f"  {format_timestamp(time_ns)}  {words}" for time_ns, words in rows]
    if isinstance(violation, OracleViolation):
        lines.append(f"  required: {violation.formula}")
    else:
        lines.append(f"  {violation or 'the assertion does not hold'}{requirements}")
    lines.append(f"  replay: pytest --hil-replay {replay_file}")
    return "\n".join(lines)
