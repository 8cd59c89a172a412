"""What the compiler of control programs gives: a native module and everything its users must know about it."""

from __future__ import annotations

from dataclasses import dataclass

from emulators.errors import Diagnostic, SourceSpan
from emulators.native.ir import Module, Scalar, Struct

__all__ = ["CompiledProgram", "TaskDescription", "VariableDescription"]


@dataclass(frozen=True, slots=True)
class TaskDescription:
    """Task: every ``interval_ns``, first at ``offset_ns``; 0 is the highest ``priority``.

    ``programs`` are functions that take the instance by reference, in order. ``trigger_path``, if not None, is the
    layout path of a BOOL (of a byte, if ``trigger_bit`` names its bit) whose rising edge runs the task; then
    ``interval_ns`` may be 0: only on the edge.
    """

    name: str
    interval_ns: int
    priority: int
    programs: tuple[str, ...]
    offset_ns: int = 0
    trigger_path: str | None = None
    trigger_bit: int | None = None


@dataclass(frozen=True, slots=True)
class VariableDescription:
    """Elementary variable of a program, or an element of one.

    Attributes:
        path: as a user writes it: ``PLC_PRG.TON1.ET``, ``LT101_RAW``, ``PLC_PRG.levels[3]`` (the user's indices).
        iec_type: ``INT``, ``TIME``, ``STRING[20]``, the name of an enumeration ….
        native: machine type; of a string the type of one character, see ``string_length``.
        layout_path: path in the instance structure; of a located variable its first byte in the image.
        bit: bit of that byte, for BOOL variables located at bits.
        location: ``%IX0.3`` or None.
        area: ``I``, ``Q``, ``M`` or None.
        initial: value after a cold start (bool, int, float or str; times in ns).
        enumerators: names by value of an enumeration.
        string_length: greatest number of characters of a string, else None.
    """

    path: str
    iec_type: str
    native: Scalar
    layout_path: str
    span: SourceSpan
    bit: int | None = None
    location: str | None = None
    area: str | None = None
    is_retain: bool = False
    is_constant: bool = False
    initial: bool | int | float | str = 0
    enumerators: tuple[tuple[int, str], ...] = ()
    description: str = ""
    string_length: int | None = None
    section: str = ""


@dataclass(frozen=True, slots=True)
class CompiledProgram:
    """A control program as native code: see the parts.

    Attributes:
        module: structures, functions, coverage points.
        instance: structure of the whole program; ``now_ns`` first, then ``input_image``, ``output_image``,
            ``memory_image``, ``globals`` and the program instances.
        tasks: in the order of writing.
        initialise: exported function of the cold start, takes the instance by reference.
        initialise_warm: the same, keeps RETAIN variables.
        variables: every elementary variable; arrays of more than ``MOST_ELEMENTS`` elements are left out.
        warnings: what the analysis found beside errors.
    """

    module: Module
    instance: Struct
    tasks: tuple[TaskDescription, ...]
    initialise: str
    initialise_warm: str
    variables: tuple[VariableDescription, ...]
    warnings: tuple[Diagnostic, ...] = ()

    def variable(self, path: str) -> VariableDescription | None:
        """Return a variable by its path, in any case."""
        folded = path.upper()
        return next((variable for variable in self.variables if variable.path.upper() == folded), None)
