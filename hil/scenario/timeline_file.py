"""Timeline files: versioned JSON, one event a line, written the same way every time.

Besides the timeline a file may hold what is known of a failure: requirement, test, rig, seeds, hashes, robustness.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hil.scenario.timeline import Event, Timeline

if TYPE_CHECKING:
    from emulators.modbus.faults.injection import Injection

__all__ = ["FORMAT", "FailureRecord", "render_timeline_file"]

FORMAT = 1


@dataclass(frozen=True, slots=True)
class FailureRecord:
    """How a failing timeline was found; enough to run it again and to see what has changed since.

    ``injections`` are the faults of wires that the timeline alone does not bring about, since clients or a test had
    their part in them.
    """

    test: str
    rig: str
    requirements: tuple[str, ...] = ()
    seed: int = 0
    scenarios: int = 0
    reduction_runs: int = 0
    robustness: float | None = None
    message: str = ""
    hashes: Mapping[str, str] = field(default_factory=dict)
    injections: tuple[Injection, ...] = ()


def render_timeline_file(timeline: Timeline, failure: FailureRecord | None = None) -> str:
    """Return the text of a timeline file."""
    lines = ["{", f'  "format": {FORMAT},']
    if failure is not None:
        lines.append(f'  "failure": {_indented(_failure_object(failure))},')
        if failure.injections:
            lines.append(f'  "injections": {_list_of([_injection_object(each) for each in failure.injections])},')
    if timeline.seed is not None:
        lines.append(f'  "seed": {timeline.seed},')
    lines.append(f'  "duration_ns": {timeline.duration_ns},')
    lines.append(f'  "events": {_list_of([_event_object(event) for event in timeline.events])}')
    return "\n".join([*lines, "}", ""])


def _list_of(objects: Sequence[Mapping[str, object]]) -> str:
    """Return an array with an object a line."""
    rows = ",\n".join(f"    {json.dumps(each, ensure_ascii=False)}" for each in objects)
    return f"[\n{rows}\n  ]" if rows else "[]"


def _indented(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False).replace("\n", "\n  ")


def _failure_object(failure: FailureRecord) -> dict[str, object]:
    finite = failure.robustness is not None and math.isfinite(failure.robustness)
    return {
        "test": failure.test,
        "rig": failure.rig,
        "requirements": list(failure.requirements),
        "seed": failure.seed,
        "scenarios": failure.scenarios,
        "reduction_runs": failure.reduction_runs,
        "robustness": failure.robustness if finite else None,
        "message": failure.message,
        "hashes": dict(sorted(failure.hashes.items())),
    }


def _event_object(event: Event) -> dict[str, object]:
    written: dict[str, object] = {"time_ns": event.time_ns, "operation": event.operation.value, "target": event.target}
    optional = {
        "value": event.value,
        "until_ns": event.until_ns,
        "rest": event.rest,
        "ramp_from": event.ramp_from,
        "source": event.source or None,
        "is_fixed": event.is_fixed or None,
    }
    written.update({key: value for key, value in optional.items() if value is not None})
    return written


def _injection_object(injection: Injection) -> dict[str, object]:
    return {key: value for key, value in dataclasses.asdict(injection).items() if value is not None}
