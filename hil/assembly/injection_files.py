"""The faults of a run in a file of their own: written while a cell runs, read to let exactly these happen again.

The first line is ``{"format": 1, "cell": "two_tanks", "seed": 7}``. Every other one is an ``Injection`` as it happened
to an exchange, or a fault that the cell was made to have or to lose, with the time of the step in which it acts:
``{"time_ns": 1200000000, "target": "LT-101.stuck", "value": true}``. Rules of a wire are not among these: what they did
is. A line is written at one go, so that a cell that is stopped leaves whole ones.
"""

from __future__ import annotations

import dataclasses
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from emulators.cell.catalogue import DOWN
from emulators.cell.tape import Operation, TapeEvent
from emulators.errors import DescriptionError, Diagnostic, EmulatorError, SourceSpan, did_you_mean
from emulators.modbus.faults.injection import Injection
from emulators.modbus.faults.pipeline import FaultPipeline
from emulators.serving.fault_script import FaultScript
from emulators.serving.stepped_cell import SteppedCell
from hil.scenario.json_text import JsonNode, parse_json
from hil.scenario.timeline_reader import read_injection, read_object

__all__ = ["InjectionFiles", "StoredInjections", "load_injections"]

_FORMAT = 1
_FAULT_KEYS = ("time_ns", "target", "value")


@dataclass(frozen=True, slots=True)
class StoredInjections:
    """What a file holds: injections and faults with the line each stands in, and the seed of the run that they come
    from."""

    file: str
    seed: int
    rows: tuple[tuple[int, Injection], ...]
    faults: tuple[tuple[int, TapeEvent], ...] = ()

    def play(self, wires: Mapping[str, FaultPipeline], check: Callable[[TapeEvent], None]) -> None:
        """Let these injections happen again on their wires, and nothing else; ``check`` raises an EmulatorError for a
        fault that the cell cannot have.

        Raises:
            DescriptionError: a wire is not among ``wires``, or a fault not of it or of the cell.
        """
        findings = self._unknown_wires(wires) + self._refused(wires, check)
        if findings:
            raise DescriptionError(sorted(findings, key=lambda finding: finding.span.line))
        for name, wire in wires.items():
            wire.replay(injection for _, injection in self.rows if injection.endpoint == name)

    def _unknown_wires(self, wires: Mapping[str, FaultPipeline]) -> list[Diagnostic]:
        """Say once of each wire that is not there where the file names it first."""
        lines: dict[str, int] = {}
        for line, injection in self.rows:
            lines.setdefault(injection.endpoint, line)
        findings = []
        for name, line in lines.items():
            if name not in wires:
                hint = did_you_mean(name, wires) or f"there are {', '.join(wires) or 'none'}"
                message = f"no endpoint or link '{name}' whose wire can fail"
                findings.append(Diagnostic(SourceSpan(self.file, line, 1), "", message, hint))
        return findings

    def _refused(self, wires: Mapping[str, FaultPipeline], check: Callable[[TapeEvent], None]) -> list[Diagnostic]:
        """Say what the cell cannot suffer: faults of parts that it lacks, and those that its wires lack."""
        happened: dict[str, tuple[int, TapeEvent]] = {}
        for line, injection in self.rows:
            if injection.endpoint in wires:
                target = f"{injection.endpoint}.{injection.as_rule().fault.NAME}"
                event = TapeEvent(injection.time_ns, 0, Operation.FAULT, target, True)
                happened.setdefault(target, (line, event))
        findings = []
        for line, event in (*self.faults, *happened.values()):
            try:
                check(event)
            except EmulatorError as error:
                findings.append(Diagnostic(SourceSpan(self.file, line, 1), "", str(error)))
        return findings


def load_injections(path: Path) -> StoredInjections:
    """Read a file that ``InjectionFiles`` has written.

    Raises:
        DescriptionError: it is none; all findings with line and column.
        OSError: it cannot be read.
    """
    file, findings = str(path), list[Diagnostic]()
    first, *others = path.read_bytes().decode(errors="replace").split("\n")
    seed = _seed(first, file, findings)
    rows, faults = list[tuple[int, Injection]](), list[tuple[int, TapeEvent]]()
    for line, text in enumerate(others, start=2):
        if text.strip():
            try:
                node = parse_json(text, file, line=line)
            except DescriptionError as error:
                findings.extend(error.diagnostics)
                continue
            if isinstance(node.value, dict) and "target" in node.value:
                fault = _read_fault(node, findings)
                faults.extend([(line, fault)] if fault is not None else [])
            else:
                injection = read_injection(node, findings)
                rows.extend([(line, injection)] if injection is not None else [])
    if findings or seed is None:
        raise DescriptionError(findings)
    return StoredInjections(file, seed, tuple(rows), tuple(faults))


def _read_fault(node: JsonNode, findings: list[Diagnostic]) -> TapeEvent | None:
    """Return a fault that was set or cleared; None when it has mistakes, which are added to ``findings``."""
    item = read_object(node, "a fault", _FAULT_KEYS, findings)
    if item is None:
        return None
    count = len(findings)
    time_ns, target, value = (
        item.integer("time_ns", minimum=0),
        item.text("target", required=True),
        item.scalar("value"),
    )
    if time_ns is None or len(findings) > count:
        return None
    return TapeEvent(time_ns, 0, Operation.FAULT, target, value)


def _seed(text: str, file: str, findings: list[Diagnostic]) -> int | None:
    """Return the seed that the first line names.

    Raises:
        DescriptionError: the line is not the first of such a file at all.
    """
    try:
        header = read_object(parse_json(text, file), "the first line", ("format", "cell", "seed"), findings)
    except DescriptionError:
        header = None
    if header is None or not {"format", "seed"} <= set(header.members):
        where = SourceSpan(file, 1, 1)
        message = "this file holds no failures of a run"
        raise DescriptionError([Diagnostic(where, "", message, "give one that --injections has written")]) from None
    version = header.integer("format", minimum=1)
    if version is not None and version > _FORMAT:
        header.find(header.members["format"].node.span, f"format {version} is newer than {_FORMAT}; update plc-hil")
    return header.integer("seed", minimum=0)


class InjectionFiles:
    """The files of one run: ``target`` takes what fails, ``stored`` says what is to fail again.

    What ``target`` held before is kept until the cell runs: one that cannot start leaves the file of the last run.
    Closed at the end of a ``with`` block, which raises the OSError of a line that could not be written.
    """

    def __init__(self, target: Path | None = None, stored: StoredInjections | None = None) -> None:
        self._target = target
        self._stored = stored
        self._lock = threading.Lock()  # endpoints and links live in threads of their own
        self._file: BinaryIO | None = None
        self._first_row: Mapping[str, object] | None = None  # not yet written
        self._error: OSError | None = None

    def __enter__(self) -> InjectionFiles:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()
        if self._error is not None and error is None:
            raise OSError(self._error.errno, self._error.strerror, str(self._target))

    def attach(self, cell: SteppedCell, seed: int, wires: Mapping[str, FaultPipeline]) -> FaultScript:
        """Join a cell that does not run yet, with its wires; return the faults that it is to have by itself.

        Raises:
            DescriptionError: what is to happen again lies on wires, or is of parts, that the cell does not have.
            OSError: the target cannot be written.
        """
        if self._stored is not None:
            self._stored.play(wires, cell.check)
        if self._target is not None:
            self._file = self._target.open("ab", buffering=0)
            self._first_row = {"format": _FORMAT, "cell": cell.name, "seed": seed}
            for wire in wires.values():
                wire.when_injected = self._keep_injection
        faults = (event for _, event in self._stored.faults) if self._stored is not None else ()

        def keep(event: TapeEvent) -> None:
            owner, _, fault = event.target.rpartition(".")
            if owner not in wires or fault == DOWN:
                self._write({"time_ns": event.time_ns, "target": event.target, "value": event.value})

        return FaultScript(faults, begin=self._write, keep=keep)

    def _keep_injection(self, injection: Injection) -> None:
        self._write({key: value for key, value in dataclasses.asdict(injection).items() if value is not None})

    def _write(self, *rows: Mapping[str, object]) -> None:
        """Write lines, before the first ones that of the head."""
        with self._lock:
            if self._file is None or self._error is not None:
                return
            try:
                if self._first_row is not None:
                    if self._file.seekable():
                        self._file.truncate(0)
                    rows, self._first_row = (self._first_row, *rows), None
                for row in rows:
                    self._file.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")
            except OSError as error:
                self._error = error
