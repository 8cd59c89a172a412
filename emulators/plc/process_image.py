"""Forces on the process image: masks laid over it in phase 4 (inputs) and phase 6 (outputs).

Located variables are forced bit by bit through byte masks as long as the image. A wired variable that has no
address has a force cell of its own. A force is a masked write of the tape like any other, so it replays.
"""

from __future__ import annotations

from emulators.native.ir import (
    Argument,
    Array,
    Binary,
    BinaryOperator,
    Const,
    CountedLoop,
    Element,
    Field,
    If,
    Load,
    Local,
    Place,
    Scalar,
    Statement,
    Struct,
    Unary,
    UnaryOperator,
)
from emulators.native.shorthand import assign, member, read

__all__ = ["FORCE_COUNTER", "force_cell_fields", "image_force_fields", "overlay_image", "overlay_variable"]

FORCE_COUNTER = Local("force_index", Scalar.I64)


def image_force_fields(unit: Struct) -> list[Field]:
    """Return mask and value fields for the input and output image of a compiled program."""
    fields = []
    for image in ("input_image", "output_image"):
        image_type = unit.field_type(image)
        fields += [Field(f"{image}_mask", image_type), Field(f"{image}_forced", image_type)]
    return fields


def force_cell_fields(index: int, scalar: Scalar) -> list[Field]:
    """Return the force cell of the wired variable number ``index``."""
    return [Field(f"force_{index}_value", scalar), Field(f"force_{index}_on", Scalar.BOOL)]


def overlay_image(plc: Argument, image: str) -> list[Statement]:
    """Return statements that lay the forces over an image, byte by byte, if any force was ever set."""
    array = plc_array(plc, f"{image}_mask")
    index = Load(FORCE_COUNTER, Scalar.I64)

    def byte(base: Place) -> Element:
        return Element(base, index, Scalar.U8, checked=False)

    mask = read(byte(member(plc, f"{image}_mask")))
    forced = read(byte(member(plc, f"{image}_forced")))
    target = byte(member(plc, "unit", image))
    kept = Binary(BinaryOperator.AND, read(target), Unary(UnaryOperator.NOT, mask, Scalar.U8), Scalar.U8)
    laid = Binary(BinaryOperator.AND, forced, mask, Scalar.U8)
    body = assign(target, Binary(BinaryOperator.OR, kept, laid, Scalar.U8))
    loop = CountedLoop(FORCE_COUNTER, Const(0, Scalar.I64), Const(array.length, Scalar.I64), (body,))
    return [If(read(member(plc, "forces_used")), (loop,))]


def overlay_variable(plc: Argument, index: int, variable: Place) -> Statement:
    """Return the statement that lays the force cell number ``index`` over an unlocated variable."""
    value = read(member(plc, f"force_{index}_value"))
    return If(read(member(plc, f"force_{index}_on")), (assign(variable, value),))


def plc_array(plc: Argument, name: str) -> Array:
    """Return the array type of a field of the PLC structure."""
    structure = plc.type
    assert isinstance(structure, Struct)
    array = structure.field_type(name)
    assert isinstance(array, Array)
    return array
