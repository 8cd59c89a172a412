"""Traces as CSV: readable in a spreadsheet, exact when read back.

Two comment lines (format version, meta as JSON), a header, one line a row. Floats are written with the fewest
digits that read back to the same bits; NaN as ``nan``.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TextIO

import numpy as np

from emulators.errors import DescriptionError, Diagnostic, SourceSpan
from hil.trace.meta import FORMAT_VERSION, TraceMeta
from hil.trace.trace import Array, Trace

__all__ = ["read_csv", "write_csv"]

_TITLE = "# plc-hil trace, format "


def write_csv(trace: Trace, file: Path | str) -> Path:
    """Write a trace; the folder must exist. Returns the path written."""
    path = Path(file)
    types = {name: trace[name].dtype.name for name in trace}
    with path.open("w", encoding="utf-8", newline="") as stream:
        stream.write(f"{_TITLE}{FORMAT_VERSION}\n")
        stream.write(f"# {json.dumps({'types': types, 'meta': trace.meta.to_json()}, ensure_ascii=False)}\n")
        csv.writer(stream, lineterminator="\n").writerow(["time_ns", *trace])
        texts = [_texts(trace.time_ns), *(_texts(trace[name]) for name in trace)]
        stream.writelines(",".join(row) + "\n" for row in zip(*texts, strict=True))
    return path


def _texts(array: Array) -> Iterable[str]:
    if array.dtype == np.float64:
        return map(repr, array.tolist())
    if array.dtype == np.float32:
        return map(str, array)
    return map(str, array.tolist())


def read_csv(file: Path | str) -> Trace:
    """Read a trace that :func:`write_csv` wrote.

    Raises:
        DescriptionError: not such a file, another format version, or a cell that is no number; with line and column.
    """
    path = Path(file)
    with path.open(encoding="utf-8", newline="") as stream:
        return _read(stream, str(path))


def _read(stream: TextIO, file: str) -> Trace:
    title = stream.readline().rstrip("\n")
    if title != f"{_TITLE}{FORMAT_VERSION}":
        raise _error(
            file, 1, f"not a trace of format {FORMAT_VERSION}", f"the first line must be '{_TITLE}{FORMAT_VERSION}'"
        )
    try:
        content = json.loads(stream.readline().removeprefix("# "))
        meta, types = TraceMeta.from_json(content["meta"]), content["types"]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _error(file, 2, f"the meta of the trace is damaged ({error})", "write the trace again") from error
    reader = csv.reader(stream)
    names = next(reader, [])
    if names != ["time_ns", *types]:
        raise _error(file, 3, "the header does not name the columns of the meta", "write the trace again")
    rows = list(_rows(reader, len(names), file))
    columns = list(zip(*rows, strict=True)) if rows else [() for _ in names]
    arrays = {
        name: _array(texts, np.dtype(types.get(name, "int64")), file, name)
        for name, texts in zip(names, columns, strict=True)
    }
    return Trace({name: arrays[name] for name in types}, arrays["time_ns"], meta)


def _rows(reader: Iterable[list[str]], width: int, file: str) -> Iterator[list[str]]:
    for line, row in enumerate(reader, start=4):
        if len(row) != width:
            raise _error(file, line, f"{len(row)} cells instead of {width}", "every row has the columns of the header")
        yield row


def _array(texts: Iterable[str], dtype: np.dtype[np.generic], file: str, name: str) -> Array:
    cells = list(texts)
    convert = float if dtype.kind == "f" else int
    try:
        # the shortest text of a float32 reads back to its bits by way of float64 too
        wide = np.dtype(np.float64) if dtype.kind == "f" else dtype
        return np.array([convert(cell) for cell in cells], dtype=wide).astype(dtype)
    except (ValueError, OverflowError):
        line = next(number for number, cell in enumerate(cells, start=4) if not _fits(cell, dtype))
        raise _error(file, line, f"column {name}: '{cells[line - 4]}' is no {dtype.name}", "write a number") from None


def _fits(cell: str, dtype: np.dtype[np.generic]) -> bool:
    try:
        if dtype.kind == "f":
            float(cell)
        else:
            limits = np.iinfo(dtype.name)
            return limits.min <= int(cell) <= limits.max
    except ValueError:
        return False
    return True


def _error(file: str, line: int, message: str, hint: str) -> DescriptionError:
    return DescriptionError([Diagnostic(SourceSpan(file, line, 1), "", message, hint)])
