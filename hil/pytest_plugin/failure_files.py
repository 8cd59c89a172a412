"""Failure files: what a failed test leaves under ``.hil/failures``, from which ``--hil-replay`` makes it fail again."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from hil.bench.emulated import EmulatedBench
from hil.pytest_plugin.rigs import open_rig
from hil.scenario.timeline import Event, Timeline
from hil.scenario.timeline_file import FailureRecord, render_timeline_file

__all__ = ["keep_step_by_step_failure", "replay_command", "store_failure"]

_FOLDER = Path(".hil") / "failures"


def store_failure(config: pytest.Config, timeline: Timeline, record: FailureRecord) -> str:
    """Write a failure file under the root folder and return its path as seen from where pytest was started."""
    name = hashlib.sha256(f"{record.test} {timeline.digest}".encode()).hexdigest()[:8]
    path = config.rootpath / _FOLDER / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render_timeline_file(timeline, record), encoding="utf-8")
    return Path(os.path.relpath(path, config.invocation_params.dir)).as_posix()


def replay_command(file: str) -> str:
    """Return what to type to play a failure file again."""
    return f"pytest --hil-replay {file}"


def keep_step_by_step_failure(
    item: pytest.Item, bench: object, error: BaseException, requirements: tuple[str, ...]
) -> str:
    """Store a step-by-step test that failed after faults on wires; return the file, empty where there was none.

    The test itself does everything else again when it is run.
    """
    if not isinstance(bench, EmulatedBench) or not bench.injections or item.config.getoption("hil_replay"):
        return ""
    events = tuple(Event(each.time_ns, each.operation, each.target, each.value) for each in bench.acted)
    end_ns = max([bench.time_ns, 1, *(event.time_ns for event in events)])
    record = FailureRecord(
        test=item.nodeid,
        rig=open_rig(item.config, bench),
        requirements=requirements,
        message=str(error),
        hashes=dict(bench.hashes),
        injections=bench.injections,
    )
    return store_failure(item.config, Timeline(end_ns, events), record)
