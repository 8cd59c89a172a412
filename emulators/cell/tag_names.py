"""Tags judged before the cell is put together, so that a wrong one is reported beside everything else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from emulators.cell.naming import STATUS_FIELDS
from emulators.cell.programs import ControlProgram
from emulators.cell.wiring import component_path
from emulators.component import members_of
from emulators.description import RigDescription
from emulators.description.source import Findings
from emulators.errors import did_you_mean
from emulators.plant import component_class

__all__ = ["report_unknown_signals"]


def report_unknown_signals(rig: RigDescription, programs: Mapping[str, ControlProgram], findings: Findings) -> None:
    """Report tags whose component or controller is known and has no such signal.

    What belongs to a component that does not exist or a program that does not compile is left alone.
    """
    names = dict(_names_by_owner(rig, programs))
    for entry in rig.tags:
        owner, _, member = entry.tag.signal.partition(".")
        if owner not in names or member.casefold() in names[owner]:
            continue
        known = [f"{owner}.{name}" for name in names[owner].values()]
        hint = did_you_mean(entry.tag.signal, known) or "name a plant signal or a controller's variable"
        findings.add(entry.signal_span, f"tag {entry.tag.name}: there is no signal '{entry.tag.signal}'", hint)


def _names_by_owner(
    rig: RigDescription, programs: Mapping[str, ControlProgram]
) -> Iterable[tuple[str, dict[str, str]]]:
    """Yield each component and controller with its signals by their names in lower case."""
    for entry in rig.plant:
        try:
            members = members_of(component_class(component_path(rig, entry.component.value)))
        except (LookupError, TypeError):
            continue
        yield entry.name, {name.casefold(): name for name, member in members.items() if not member.length}
    for name, control in programs.items():
        paths = [variable.path for variable in control.program.variables if variable.string_length is None]
        short = [path.partition(".")[2] for path in paths if "." in path]
        tasks = [f"{task.name}.execution_ns" for task in control.program.tasks]
        yield name, {path.casefold(): path for path in (*short, *paths, *STATUS_FIELDS, *tasks)}
