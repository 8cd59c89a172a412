"""The native program of a cell: one structure, one function per phase of the communication step.

``cell`` holds the header, the plant, one part per controller and the published snapshot, in this order. The phase
functions ``cell_advance`` … ``cell_actuate`` take the structure by reference; the loop of the runtime calls them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from emulators.cell.conversion import convert
from emulators.native import link_modules
from emulators.native.ir import (
    AddressOf,
    Argument,
    Bit,
    Comparison,
    Const,
    Field,
    FormalParameter,
    Function,
    If,
    Load,
    Module,
    Place,
    Run,
    Scalar,
    Statement,
    Struct,
)
from emulators.native.loop import HEADER
from emulators.native.shorthand import assign, compare, member, place_at, read
from emulators.plant import Plant
from emulators.plc import PlcMode, SoftPlc, variable_place
from emulators.timebase import NS_PER_S

__all__ = ["CellValue", "WiredPlc", "cell_module", "cell_struct"]


@dataclass(frozen=True, slots=True)
class CellValue:
    """Scalar at a layout path of the cell; ``bit`` is one bit of the byte there."""

    path: str
    scalar: Scalar
    bit: int | None = None


@dataclass(frozen=True, slots=True)
class WiredPlc:
    """A controller with its field in the cell structure, and its wires.

    ``inputs``: where each of its wired inputs comes from. ``outputs``: the plant input that each of its first wired
    outputs drives.
    """

    plc: SoftPlc
    field: str
    inputs: tuple[CellValue, ...]
    outputs: tuple[CellValue, ...]


def cell_struct(plant: Struct, plcs: Sequence[tuple[str, SoftPlc]], published: Sequence[Scalar]) -> Struct:
    """Return the structure of the state block."""
    snapshot = Struct(
        "hil_published",
        tuple(Field(f"tag_{index}", scalar) for index, scalar in enumerate(published)) or (Field("none", Scalar.U8),),
    )
    return Struct(
        "cell",
        (
            Field("header", HEADER),
            Field("plant", plant),
            *(Field(field, plc.struct) for field, plc in plcs),
            Field("published", snapshot),
        ),
    )


def cell_module(
    struct: Struct, plant: Plant, plcs: Sequence[WiredPlc], published: Sequence[CellValue], *, step_ns: int
) -> Module:
    """Return everything that runs in the loop, linked; ``published`` are copied to the snapshot in phase 3."""
    phases = _Phases(struct, plcs, published, step_ns)
    snapshot = struct.field_type("published")
    assert isinstance(snapshot, Struct)
    own = Module(
        structs=(HEADER, *(wired.plc.struct for wired in plcs), snapshot, struct),
        functions=(*(f for wired in plcs for f in wired.plc.functions), *phases.functions()),
    )
    exported = {function.name for function in own.functions if function.exported}
    return link_modules([plant.module, *(wired.plc.program.module for wired in plcs), own], exported=exported)


class _Phases:
    def __init__(self, struct: Struct, plcs: Sequence[WiredPlc], published: Sequence[CellValue], step_ns: int) -> None:
        self._cell = Argument("cell", struct)
        self._formal = FormalParameter("cell", struct, by_reference=True)
        self._plcs = plcs
        self._published = published
        self._step_ns = Const(step_ns, Scalar.I64)
        self._step_s = Const(step_ns / NS_PER_S, Scalar.F64)

    def functions(self) -> tuple[Function, ...]:
        return (
            self._function("start", [self._plant_call("plant_start", self._step_s), *self._start_controllers()]),
            self._function("start_controllers", self._start_controllers()),
            self._function("advance", [self._plant_call("plant_advance", self._step_s)]),
            self._function("sense", [self._plant_call("plant_sense", self._step_s)]),
            self._function("publish", self._publish()),
            self._function("latch", self._latch()),
            self._function("execute", self._execute()),
            self._function("flush", self._flush()),
            self._function("actuate", [*self._command(), self._plant_call("plant_actuate", self._step_s)]),
            self._function("command", self._command()),
        )

    def _function(self, name: str, body: Sequence[Statement]) -> Function:
        return Function(f"cell_{name}", (self._formal,), tuple(body), exported=True)

    def _plant_call(self, function: str, *arguments: Const) -> Run:
        return Run(function, (AddressOf(member(self._cell, "plant")), *arguments))

    def _plc(self, wired: WiredPlc) -> Place:
        return member(self._cell, wired.field)

    def _start_controllers(self) -> list[Statement]:
        return [Run(wired.plc.start_function, (AddressOf(self._plc(wired)),)) for wired in self._plcs]

    def _publish(self) -> list[Statement]:
        copies: list[Statement] = []
        for index, value in enumerate(self._published):
            copies.append(assign(member(self._cell, "published", f"tag_{index}"), self._read(value)))
        is_wanted = compare(read(member(self._cell, "header", "publish")), Comparison.NE, 0)
        return [If(is_wanted, tuple(copies))] if copies else []

    def _latch(self) -> list[Statement]:
        """All controllers latch before any executes.

        What they take from each other are outputs flushed in the last step, so that their order does not matter.
        """
        statements: list[Statement] = []
        for wired in self._plcs:
            plc = self._plc(wired)
            statements.append(Run(wired.plc.latch_function, (AddressOf(plc),)))
            copies: list[Statement] = []
            for variable, source in zip(wired.plc.wired_inputs, wired.inputs, strict=True):
                target = variable_place(member(plc, "unit"), variable)
                copies.append(assign(target, convert(self._read(source), variable.native)))
            is_powered = compare(read(member(plc, "mode")), Comparison.NE, int(PlcMode.OFF))
            force = Run(wired.plc.force_function, (AddressOf(plc),))
            statements.append(If(is_powered, (*copies, force)))
        return statements

    def _execute(self) -> list[Statement]:
        time_ns = read(member(self._cell, "header", "time_ns"))
        return [
            Run(wired.plc.execute_function, (AddressOf(self._plc(wired)), time_ns, self._step_ns))
            for wired in self._plcs
        ]

    def _flush(self) -> list[Statement]:
        return [Run(wired.plc.flush_function, (AddressOf(self._plc(wired)), self._step_ns)) for wired in self._plcs]

    def _command(self) -> list[Statement]:
        """Copy flushed outputs to the plant inputs that they drive."""
        statements: list[Statement] = []
        for wired in self._plcs:
            for index, target in enumerate(wired.outputs):
                value = read(member(self._plc(wired), wired.plc.output_path(index)))
                statements.append(assign(place_at(self._cell, target.path), convert(value, target.scalar)))
        return statements

    def _read(self, value: CellValue) -> Load:
        if value.bit is None:
            return read(place_at(self._cell, value.path, value.scalar))
        return read(Bit(place_at(self._cell, value.path), value.bit))
