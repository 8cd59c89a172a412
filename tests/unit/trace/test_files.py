"""CSV and npz files of traces: exact when read back, exact about what is wrong."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hil.errors import DescriptionError
from hil.trace import ColumnDescription, Trace, TraceMeta, load_npz, read_csv, save_npz, write_csv

META = TraceMeta(
    program_sha256="ab",
    rig="two_tanks",
    tool="plc-hil 0.1.0",
    executor="tcc",
    seed=7,
    step_ns=10,
    columns={
        "LEVEL, %": ColumnDescription("%", (0.0, 100.0), description="level, true"),
        "STATE": ColumnDescription(value_names=((0, "IDLE"), (1, "FÜLLEN"))),
    },
)


def _trace(doubles: list[float], singles: list[float], counts: list[int]) -> Trace:
    columns = {
        "LEVEL, %": np.array(doubles),
        "REAL": np.array(singles, dtype=np.float32),
        "STATE": np.array(counts, dtype=np.int16),
        "BIG": np.array([2**64 - 1] * len(counts), dtype=np.uint64),
        "RUN": np.array([count > 0 for count in counts], dtype=np.uint8),
    }
    return Trace(columns, np.arange(len(counts)) * 10 + 10, META)


@st.composite
def _traces(draw: st.DrawFn) -> Trace:
    rows = draw(st.integers(0, 6))
    return _trace(
        draw(st.lists(st.floats(allow_nan=False) | st.just(float("nan")), min_size=rows, max_size=rows)),
        draw(st.lists(st.floats(width=32, allow_nan=False), min_size=rows, max_size=rows)),
        draw(st.lists(st.integers(-(2**15), 2**15 - 1), min_size=rows, max_size=rows)),
    )


@settings(derandomize=True, max_examples=60, deadline=None)
@given(trace=_traces())
def test_a_trace_read_back_has_the_same_bits(tmp_path_factory: pytest.TempPathFactory, trace: Trace) -> None:
    folder = tmp_path_factory.mktemp("trace")

    from_csv = read_csv(write_csv(trace, folder / "run.csv"))
    from_npz = load_npz(save_npz(trace, folder / "run.npz"))

    assert from_csv.sha256() == from_npz.sha256() == trace.sha256()
    assert from_csv.meta.to_json() == from_npz.meta.to_json() == trace.meta.to_json()


def test_a_csv_shows_names_and_plain_numbers(tmp_path: Path) -> None:
    path = write_csv(_trace([0.1, 93.1], [0.1, 2.5], [3, 0]), tmp_path / "run.csv")

    lines = path.read_text("utf-8").splitlines()

    assert lines[0] == "# plc-hil trace, format 1"
    assert lines[2:] == [
        'time_ns,"LEVEL, %",REAL,STATE,BIG,RUN',
        "10,0.1,0.1,3,18446744073709551615,1",
        "20,93.1,2.5,0,18446744073709551615,0",
    ]


@pytest.mark.parametrize(
    ("line", "text", "message"),
    [
        (1, "time,LEVEL", r":1:1: not a trace of format 1"),
        (2, "# {broken", r":2:1: the meta of the trace is damaged"),
        (3, "time_ns,X", r":3:1: the header does not name the columns"),
        (5, "20,1.0,1.0", r":5:1: 3 cells instead of 6"),
        (5, "20,high,1.0,0,1,1", r":5:1: column LEVEL, %: 'high' is no float64"),
        (5, "20,1.0,1.0,70000,1,1", r":5:1: column STATE: '70000' is no int16"),
    ],
    ids=["title", "meta", "header", "short_row", "text", "too_large"],
)
def test_a_damaged_csv_is_refused_with_its_line(tmp_path: Path, line: int, text: str, message: str) -> None:
    path = write_csv(_trace([0.1, 93.1], [0.1, 2.5], [3, 0]), tmp_path / "run.csv")
    lines = path.read_text("utf-8").splitlines()
    lines[line - 1] = text
    path.write_text("\n".join(lines) + "\n", "utf-8")

    with pytest.raises(DescriptionError, match=message):
        read_csv(path)


def test_a_file_that_is_no_archive_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    path.write_bytes(b"PK\x03\x04 rubbish")

    with pytest.raises(DescriptionError, match="not a trace"):
        load_npz(path)


@pytest.mark.parametrize(
    "head",
    [
        "[]",
        "7",
        '{"format": 1}',
        '{"format": 1, "names": 3, "meta": {}}',
        '{"format": 1, "names": [], "meta": []}',
        '{"format": 1, "names": [], "meta": {"columns": {"A": 1}}}',
        '{"format": 1, "names": [], "meta": {"injections": [{"nonsense": 1}]}}',
    ],
)
def test_an_archive_with_a_damaged_head_is_refused(tmp_path: Path, head: str) -> None:
    path = tmp_path / "run.npz"
    np.savez(path, head=np.array(head), time_ns=np.array([1, 2]))

    with pytest.raises(DescriptionError, match=r"run\.npz:1:1: not a trace"):
        load_npz(path)
