"""Control programs of a rig: sources read, compiled, and judged against what the rig wires to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from emulators.description import ControllerEntry, RigDescription
from emulators.description.source import Findings
from emulators.errors import CompileError, closest_name
from emulators.native.c_names import c_identifier
from emulators.plc import SoftPlcDescription, TaskTiming, find_variable

if TYPE_CHECKING:
    from emulators.iec61131 import CompiledProgram, SourceText, VariableDescription

__all__ = ["ControlProgram", "compile_controllers", "split_name"]

LANGUAGES = ("st",)


@dataclass(frozen=True, slots=True)
class ControlProgram:
    """A controller of the rig with its compiled program and sources."""

    entry: ControllerEntry
    program: CompiledProgram
    sources: tuple[SourceText, ...]

    def soft_plc(self, inputs: tuple[str, ...], outputs: tuple[str, ...]) -> SoftPlcDescription:
        """Return the description of the soft PLC whose wired variables are ``inputs`` and ``outputs``."""
        timing = {
            task.name: TaskTiming(
                execution_ns=task.execution_time_ns[0] if task.execution_time_ns else 0,
                jitter_ns=task.execution_time_ns[1] - task.execution_time_ns[0] if task.execution_time_ns else 0,
                watchdog_ns=task.watchdog_ns or 0,
                interval_ns=task.interval_ns,
                offset_ns=task.offset_ns,
                priority=task.priority,
            )
            for task in self.entry.tasks
        }
        return SoftPlcDescription(self.entry.name, inputs, outputs, timing)


def compile_controllers(
    rig: RigDescription, findings: Findings, overrides: Mapping[Path, str]
) -> dict[str, ControlProgram]:
    """Return the compiled controllers by name; what cannot be compiled is left out and reported.

    ``overrides`` maps resolved paths of sources to texts that stand in for the files (planted defects).
    """
    compiled: dict[str, ControlProgram] = {}
    for entry in rig.controllers:
        if entry.name in rig.left_out.owners:
            continue
        if entry.language not in LANGUAGES:
            hint = f"write one of {', '.join(LANGUAGES)}"
            findings.add(entry.span, f"controller {entry.name}: no language '{entry.language}'", hint)
            continue
        from emulators.iec61131 import compile_program  # loads the compiler, which plants without a controller lack

        sources = _read_sources(entry, findings, overrides)
        if len(sources) < len(entry.sources):
            continue
        try:
            program = compile_program(sources, prefix=c_identifier(entry.name))
        except CompileError as error:
            findings.extend(error.diagnostics)
            continue
        compiled[entry.name] = ControlProgram(entry, program, sources)
        _check_tasks(entry, program, findings)
    return compiled


def _read_sources(entry: ControllerEntry, findings: Findings, overrides: Mapping[Path, str]) -> tuple[SourceText, ...]:
    from emulators.iec61131 import SourceText

    texts = []
    for source in entry.sources:
        try:
            path = Path(source.path)
            replaced = overrides.get(path.resolve())
            text = path.read_text("utf-8") if replaced is None else replaced
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            findings.add(source.span, f"cannot read source '{source.text}': {reason}", "paths start at the rig file")
            continue
        texts.append(SourceText(source.path, text))
    return tuple(texts)


def _check_tasks(entry: ControllerEntry, program: CompiledProgram, findings: Findings) -> None:
    names = [task.name for task in program.tasks]
    for task in entry.tasks:
        if task.name.casefold() not in (name.casefold() for name in names):
            close = closest_name(task.name, names)
            hint = f"did you mean '{close}'?" if close else f"it has {', '.join(names)}"
            findings.add(task.span, f"program of {entry.name} has no task '{task.name}'", hint)


def split_name(name: str, controllers: Mapping[str, ControlProgram]) -> tuple[str, VariableDescription] | None:
    """Return controller and variable of a name such as ``PLC1.LT101_RAW``, None when it names no controller.

    Raises:
        KeyError: the controller has no such variable; the message says which may be meant.
    """
    controller, dot, variable = name.partition(".")
    if not dot or controller not in controllers:
        return None
    return controller, find_variable(controllers[controller].program, variable)
