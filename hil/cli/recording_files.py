"""The files of a recording: rows are on the disk as they come, the map follows in the end."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import click

if TYPE_CHECKING:
    from hil.targets.modbus_recording import Recorder

__all__ = ["CsvWriter", "RecordingFiles"]


class CsvWriter(Protocol):
    """What ``csv.writer`` gives."""

    def writerow(self, row: Sequence[str], /) -> object: ...


@dataclass(frozen=True, slots=True)
class RecordingFiles:
    """Where a recording goes. ``part`` takes the rows, and stays where nobody could end the recording."""

    toml: Path
    csv: Path
    part: Path

    @classmethod
    def at(cls, target: str, *, overwrite: bool) -> RecordingFiles:
        """Return the files of PATH.

        Raises:
            UsageError: there are such files, or there is no such folder.
        """
        stem = target.removesuffix(".toml").removesuffix(".csv")
        files = cls(Path(f"{stem}.toml"), Path(f"{stem}.csv"), Path(f"{stem}.csv.part"))
        for file in (files.toml, files.csv):
            if file.exists() and not overwrite:
                raise click.UsageError(f"{file} is there already; --overwrite replaces it")
        if files.part.exists() and not overwrite:
            raise click.UsageError(
                f"{files.part} has the readings of a recording that goes on, or that was cut off; rename it to keep "
                "them, or --overwrite replaces it"
            )
        if not files.toml.parent.is_dir():
            raise click.UsageError(f"there is no folder {files.toml.parent}")
        return files

    @contextmanager
    def rows_of(self, recorder: Recorder) -> Iterator[CsvWriter]:
        """Open the file for the rows of a recorder; it is removed if nothing is read."""
        try:
            with self.part.open("w", encoding="utf-8", newline="", buffering=1) as file:
                writer = csv.writer(file, lineterminator="\n")
                writer.writerow(recorder.header)
                yield writer
        finally:
            if not recorder.read_tags:
                self.part.unlink(missing_ok=True)

    def settle(self, recorder: Recorder) -> None:
        """Let the rows be the CSV, and write the map."""
        if recorder.is_settled:
            self.part.replace(self.csv)
        else:
            with self.part.open(encoding="utf-8", newline="") as part, _replaced(self.csv) as settled:
                rows = csv.reader(part)
                next(rows)  # its header
                with settled.open("w", encoding="utf-8", newline="") as file:
                    csv.writer(file, lineterminator="\n").writerows(recorder.settled(rows))
            self.part.unlink()
        with _replaced(self.toml) as unfinished:
            unfinished.write_text(recorder.map_text(self.toml.stem, self.csv.name), encoding="utf-8")


@contextmanager
def _replaced(file: Path) -> Iterator[Path]:
    """Yield a name for what replaces a file: whoever stops us leaves the old one or the new one, never a part."""
    unfinished = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        yield unfinished
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)
