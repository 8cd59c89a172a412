"""Recorded runs: typed columns with the time of each row, their files, their digest and their comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hil.trace.comparison import TraceDifference, first_difference
    from hil.trace.csv_file import read_csv, write_csv
    from hil.trace.meta import FORMAT_VERSION, ColumnDescription, ColumnKind, TraceMeta
    from hil.trace.npz_file import load_npz, save_npz
    from hil.trace.trace import Trace

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

_HOMES = {
    "FORMAT_VERSION": "meta",
    "ColumnDescription": "meta",
    "ColumnKind": "meta",
    "Trace": "trace",
    "TraceDifference": "comparison",
    "TraceMeta": "meta",
    "first_difference": "comparison",
    "load_npz": "npz_file",
    "read_csv": "csv_file",
    "save_npz": "npz_file",
    "write_csv": "csv_file",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
