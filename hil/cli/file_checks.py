"""Checks of user files by suffix; a new kind of file is one function and one row of the table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from emulators.errors import CompileError, DescriptionError, Diagnostic

if TYPE_CHECKING:
    from emulators.description.source import SourceFile

__all__ = ["SUFFIXES", "check_files"]


def check_files(paths: Sequence[str]) -> list[Diagnostic]:
    """Return all findings in the files, sorted by file and place, each once.

    Files of one suffix group are checked together: several ST files are one project.
    """
    found: dict[Diagnostic, None] = {}
    by_check: dict[_Check, list[str]] = {}
    for path in paths:
        by_check.setdefault(SUFFIXES[Path(path).suffix.lower()], []).append(path)
    for check, names in by_check.items():
        found.update(dict.fromkeys(check(names)))
    return sorted(found, key=lambda diagnostic: (diagnostic.span, diagnostic.code, diagnostic.message))


def _check_programs(paths: Sequence[str]) -> list[Diagnostic]:
    from emulators.description.source import read_source_file
    from emulators.iec61131 import SourceText, check, compile_program

    sources: list[SourceText] = []
    found: list[Diagnostic] = []
    for path in paths:
        try:
            source = read_source_file(path)
        except DescriptionError as error:
            found.extend(error.diagnostics)
        else:
            sources.append(SourceText(source.name, source.text))
    if not sources:
        return found
    found += check(sources)
    if all(diagnostic.is_warning for diagnostic in found):
        try:
            compile_program(sources, prefix="program")
        except CompileError as error:  # what shows only in the code, such as its use of the stack
            found += error.diagnostics
    return found


def _check_toml(paths: Sequence[str]) -> Iterable[Diagnostic]:
    from emulators.description import DescriptionKind, description_kind
    from emulators.description.source import read_source_file

    for path in paths:
        try:
            if description_kind(path) is DescriptionKind.REGISTER_MAP:
                yield from _check_device(read_source_file(path))
            else:
                yield from _check_rig(path)
        except DescriptionError as error:
            yield from error.diagnostics


def _check_rig(path: str) -> Iterable[Diagnostic]:
    """Check a rig, what it names, the programs of its controllers, and how all of this fits together."""
    from emulators.description.source import Findings
    from hil.assembly.rig_checks import judge_rig

    findings = Findings()
    plan = judge_rig(path, findings)
    yield from findings.diagnostics
    for control in plan.programs.values():
        yield from control.program.warnings


def _check_device(source: SourceFile) -> Iterable[Diagnostic]:
    """Check a register map, and that its twin and its behaviours exist."""
    from emulators.description.register_map_reader import read_register_map
    from emulators.description.source import Findings
    from hil.assembly.devices import plan_devices

    findings = Findings()
    plan_devices([read_register_map(source, findings)], findings)
    yield from findings.diagnostics


def _check_csv(paths: Sequence[str]) -> Iterable[Diagnostic]:
    from emulators.description.io_list import parse_io_list
    from emulators.description.register_map_csv import is_register_map_csv
    from emulators.description.source import read_source_file

    for path in paths:
        try:
            source = read_source_file(path)
            if is_register_map_csv(source):
                yield from _check_device(source)
            else:
                parse_io_list(source)
        except DescriptionError as error:
            yield from error.diagnostics


def _check_timelines(paths: Sequence[str]) -> Iterable[Diagnostic]:
    from emulators.description.source import read_source_file
    from hil.scenario.timeline_reader import parse_timeline_file

    for path in paths:
        try:
            source = read_source_file(path)
            parse_timeline_file(source.text, source.name)
        except DescriptionError as error:
            yield from error.diagnostics


_Check = Callable[[Sequence[str]], Iterable[Diagnostic]]

SUFFIXES: MappingProxyType[str, _Check] = MappingProxyType(
    {
        ".st": _check_programs,
        ".iecst": _check_programs,
        ".toml": _check_toml,
        ".csv": _check_csv,
        ".json": _check_timelines,
    }
)
