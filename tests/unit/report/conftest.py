"""A failing run to draw: level rises past its limit while the pump stays on."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from hil.errors import OracleViolation
from hil.oracle import Run
from hil.report import EventMark, FailureDetail, MarkKind
from hil.trace import ColumnDescription, Trace, TraceMeta

SECOND_NS = 1_000_000_000


@pytest.fixture(scope="session")
def failing_trace() -> Trace:
    rows = 600
    seconds = np.arange(1, rows + 1) / 10
    level = np.where(seconds < 45.3, 61.2, np.where(seconds < 47.4, 93.1, 40.0))
    columns = {
        "LEVEL": level,
        "P-101.RUN": (seconds > 1).astype(np.uint8),
        "LT-101": np.full(rows, 61.2, dtype=np.float32),
        "STATE": (seconds > 10).astype(np.int16),
        "COUNT": (seconds // 7).astype(np.int32),
    }
    meta = TraceMeta(
        program_sha256="ab" * 32,
        rig="two_tanks",
        tool="plc-hil 0.1.0",
        executor="tcc",
        seed=7,
        step_ns=100_000_000,
        columns={
            "LEVEL": ColumnDescription("%", (0.0, 100.0), description="plant truth <level>"),
            "LT-101": ColumnDescription("%", (0.0, 100.0)),
            "STATE": ColumnDescription(value_names=((0, "IDLE"), (1, "FILL & HOLD"))),
        },
    )
    return Trace(columns, np.arange(1, rows + 1) * 100_000_000, meta)


@pytest.fixture(scope="session")
def failure(failing_trace: Trace) -> FailureDetail:
    run = Run(failing_trace)
    with pytest.raises(OracleViolation) as caught:
        run.whenever(run["LEVEL"] > 90).then(~run["P-101.RUN"], within="2 s")
    shown = FailureDetail.from_violation(
        caught.value,
        failing_trace,
        test="test_high_level_stops_the_pump",
        marks=[
            EventMark(12 * SECOND_NS, "LT-101 stuck at 61.2 %", MarkKind.FAULT),
            EventMark(0, "START pressed", until_ns=SECOND_NS),
        ],
        others=["LT-101", "STATE", "COUNT", "NOT_RECORDED"],
    )
    return dataclasses.replace(
        shown,
        requirement="FDS-3.1",
        scenarios=412,
        reduction_runs=31,
        events_before=14,
        seed=7,
        source="control.st:88",
        replay="pytest --hil-replay .hil/failures/a91f.json",
    )
