"""Forces on the variables of a controller: masks over the whole memory of its program, laid over at task boundaries.

A forced variable takes its value at the latch (phase 4), before any task, and after each run of a task, before the
flush (phase 6). In between the program may write it and reads what it wrote, as in the runtimes of real PLCs, whose
forces also act at the start and at the end of a cycle; what others see (outputs, other controllers, tags, the trace)
is the forced value. That holds for inputs, outputs and every other variable but constants, whose values stand in the
code.

Beside the memory lie a mask and a value for each of its bytes. A force is a masked write of the tape like any other,
so it replays; as long as there was none, one test a task is all it costs.
"""

from __future__ import annotations

from emulators.native import struct_layout
from emulators.native.ir import (
    AddressOf,
    Argument,
    Array,
    Const,
    Field,
    If,
    RuntimeCall,
    Scalar,
    Statement,
    Struct,
)
from emulators.native.shorthand import member, read

__all__ = ["CHUNK_SIZE", "FORCES_USED", "FORCE_CHUNKS", "FORCE_MASK", "FORCE_VALUE", "force_fields", "lay_forces"]

FORCE_MASK = "force_mask"
"""Field of the PLC structure: set bits of the memory are forced, byte by byte."""
FORCE_VALUE = "force_value"
"""Field: the bits they are forced to."""
FORCE_CHUNKS = "force_chunks"
"""Field: whether any byte of a chunk of ``CHUNK_SIZE`` bytes was ever forced."""
FORCES_USED = "forces_used"
"""Field: whether anything was ever forced."""
CHUNK_SIZE = 64
"""Bytes; as much as ``runtime/forces.c`` says."""


def force_fields(unit: Struct) -> list[Field]:
    """Return the fields of forces on the memory of a program."""
    size = struct_layout(unit).size
    return [
        Field(FORCES_USED, Scalar.BOOL),
        Field(FORCE_CHUNKS, Array(Scalar.BOOL, -(-size // CHUNK_SIZE))),
        Field(FORCE_MASK, Array(Scalar.U8, size)),
        Field(FORCE_VALUE, Array(Scalar.U8, size)),
    ]


def lay_forces(plc: Argument) -> Statement:
    """Return the statement that lays the forces over the memory of the program."""
    unit = member(plc, "unit")
    assert isinstance(unit.type, Struct)
    fields = (FORCE_MASK, FORCE_VALUE, FORCE_CHUNKS)
    addresses = (AddressOf(unit), *(AddressOf(member(plc, name)) for name in fields))
    size = Const(struct_layout(unit.type).size, Scalar.I64)
    return If(read(member(plc, FORCES_USED)), (RuntimeCall("hil_lay_forces", (*addresses, size)),))
