"""Traces as compressed numpy archives: small, fast, exact."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from emulators.errors import DescriptionError, Diagnostic, SourceSpan
from hil.trace.meta import FORMAT_VERSION, TraceMeta
from hil.trace.trace import Trace

__all__ = ["load_npz", "save_npz"]


def save_npz(trace: Trace, file: Path | str) -> Path:
    """Write a trace; the name is kept as given. Returns the path written."""
    path = Path(file)
    head = {"format": FORMAT_VERSION, "names": list(trace), "meta": trace.meta.to_json()}
    arrays: dict[str, Any] = {f"column_{index}": trace[name] for index, name in enumerate(trace)}
    with path.open("wb") as stream:
        np.savez_compressed(stream, head=np.array(json.dumps(head)), time_ns=trace.time_ns, **arrays)
    return path


def load_npz(file: Path | str) -> Trace:
    """Read a trace that :func:`save_npz` wrote; nothing in the file is executed.

    Raises:
        DescriptionError: not such a file, or another format version.
    """
    path = Path(file)
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
            head = json.loads(str(archive["head"]))
            if head["format"] != FORMAT_VERSION:
                raise _error(path, f"trace of format {head['format']}; this version reads format {FORMAT_VERSION}")
            columns = {name: archive[f"column_{index}"] for index, name in enumerate(head["names"])}
            return Trace(columns, archive["time_ns"], TraceMeta.from_json(head["meta"]))
    except (ValueError, KeyError, TypeError, AttributeError, EOFError, zipfile.BadZipFile) as error:
        raise _error(path, f"not a trace ({error})") from error


def _error(path: Path, message: str) -> DescriptionError:
    return DescriptionError([Diagnostic(SourceSpan(str(path), 1, 1), "", message, "record the run again")])
