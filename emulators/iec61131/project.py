"""Result of analysis: everything lowering, the soft PLC and the variable catalogue need, checked and resolved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from emulators.errors import Diagnostic, SourceSpan
from emulators.iec61131.tree import Argument, Pou, ProgramInterface
from emulators.iec61131.types import Address, IecType, Initial, Variable

__all__ = [
    "DEFAULT_INTERVAL_NS",
    "Configuration",
    "InstancePlacement",
    "ProgramInstance",
    "Project",
    "Resource",
    "SourceText",
    "Task",
]

DEFAULT_INTERVAL_NS = 10_000_000


@dataclass(frozen=True, slots=True)
class SourceText:
    """One source file: the name that messages show, and its text."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Task:
    """``TASK Fast(INTERVAL := T#10ms, PRIORITY := 1);`` 0 is the highest priority.

    ``single`` is a global BOOL whose rising edge triggers the task; then ``interval_ns`` may be None.
    """

    name: str
    interval_ns: int | None
    priority: int
    span: SourceSpan
    single: Variable | None = None


@dataclass(frozen=True, slots=True)
class ProgramInstance:
    """``PROGRAM Main WITH Fast : PLC_PRG (in := global, out => global);``

    ``task`` is the name of a task; None: runs in the default task after all others (interval DEFAULT_INTERVAL_NS or
    the resource's slowest task). ``arguments``: inputs are copied before and outputs after each run.
    """

    name: str
    program: ProgramInterface
    task: str | None
    span: SourceSpan
    is_retain: bool = False
    arguments: tuple[Argument, ...] = ()


@dataclass(frozen=True, slots=True)
class Resource:
    """Tasks in the order of writing. Names of tasks and program instances are unique in the resource."""

    name: str
    tasks: tuple[Task, ...]
    programs: tuple[ProgramInstance, ...]
    span: SourceSpan


@dataclass(frozen=True, slots=True)
class Configuration:
    """Without a CONFIGURATION in the sources: one resource, one task of 10 ms named ``MainTask``, priority 0, that runs
    one instance of every PROGRAM, named as the program, in the order of writing."""

    name: str
    resources: tuple[Resource, ...]
    span: SourceSpan
    is_default: bool = False


@dataclass(frozen=True, slots=True)
class InstancePlacement:
    """Entry of VAR_CONFIG: gives one variable of one instance its address and / or initial value.

    ``path`` starts at a program instance: ``("Main", "valve", "open_command")``.
    """

    path: tuple[str, ...]
    variable: Variable
    address: Address | None
    initial: Initial | None
    span: SourceSpan


@dataclass(frozen=True, slots=True)
class Project:
    """A whole checked program.

    ``pous`` holds the users' units keyed by upper-case name, callees before callers (so one pass lowers them).
    ``types`` are the named types of the users by upper-case name, in order of dependency. ``globals`` are all global
    variables (files, configuration, resources) in the order of writing. ``image_bytes`` is the extent of the areas
    I, Q, M that is addressed anywhere, in bytes. ``warnings`` are what ``check`` finds beside errors.
    """

    pous: Mapping[str, Pou]
    types: Mapping[str, IecType]
    globals: tuple[Variable, ...]
    configuration: Configuration
    placements: tuple[InstancePlacement, ...] = ()
    image_bytes: tuple[int, int, int] = (0, 0, 0)
    warnings: tuple[Diagnostic, ...] = ()
