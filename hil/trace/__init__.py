"""Recorded runs: typed columns with the time of each row, their files, their digest and their comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.exports import lazy_exports

if TYPE_CHECKING:
    from hil.trace.comparison import TraceDifference, first_difference
    from hil.trace.csv_file import read_csv, write_csv
    from hil.trace.meta import FORMAT_VERSION, ColumnDescription, ColumnKind, TraceMeta
    from hil.trace.npz_file import load_npz, save_npz
    from hil.trace.trace import Trace
else:
    __getattr__, __dir__ = lazy_exports(
        __name__,
        {
            "comparison": ("TraceDifference", "first_difference"),
            "csv_file": ("read_csv", "write_csv"),
            "meta": ("FORMAT_VERSION", "ColumnDescription", "ColumnKind", "TraceMeta"),
            "npz_file": ("load_npz", "save_npz"),
            "trace": ("Trace",),
        },
    )

__all__ = [
    "FORMAT_VERSION",
    "ColumnDescription",
    "ColumnKind",
    "Trace",
    "TraceDifference",
    "TraceMeta",
    "first_difference",
    "load_npz",
    "read_csv",
    "save_npz",
    "write_csv",
]
