"""Initial values: assignments that turn cleared memory, or memory that holds anything, into the declared start.

Runs of equal elements become loops. Of function block instances only their own initialiser knows the inside.
"""

from __future__ import annotations

from emulators.errors import InternalError
from emulators.iec61131.lowering.function_builder import FunctionBuilder
from emulators.iec61131.lowering.machine_types import constant, is_scalar, takes_space
from emulators.iec61131.lowering.module_builder import ModuleBuilder
from emulators.iec61131.lowering.text_places import assign_text, literal_table
from emulators.iec61131.types import (
    ArrayInitial,
    ArrayType,
    FunctionBlockType,
    IecType,
    Initial,
    StringType,
    StructureInitial,
    StructureType,
)
from emulators.native import ir
from emulators.native.ir import Scalar

__all__ = ["assign_initial", "flat_element", "initialiser_name", "is_all_zero", "starts_as_zero"]

_UNROLLED = 4


def is_all_zero(module: ModuleBuilder, iec_type: IecType, initial: Initial) -> bool:
    """Return whether memory of zero bytes is this initial value."""
    if isinstance(iec_type, ArrayType):
        assert isinstance(initial, ArrayInitial)
        return all(is_all_zero(module, iec_type.element, value) for count, value in initial.parts if count)
    if isinstance(iec_type, StructureType):
        assert isinstance(initial, StructureInitial)
        types = {member.name.upper(): member.type for member in iec_type.fields}
        return all(is_all_zero(module, types[name.upper()], value) for name, value in initial.values)
    if isinstance(iec_type, FunctionBlockType):
        assert isinstance(initial, StructureInitial)
        return not initial.values and starts_as_zero(module, iec_type)
    if isinstance(iec_type, StringType):
        return initial == ""
    assert not isinstance(initial, ArrayInitial | StructureInitial)
    value = constant(initial, iec_type).value
    return value == 0 and str(value) != "-0.0"


def starts_as_zero(module: ModuleBuilder, block: FunctionBlockType) -> bool:
    """Return whether a new instance of a function block is all zero bytes."""
    known = module.zero_starts.get(block)
    if known is None:
        own = (variable for variable in block.variables if takes_space(variable))
        known = all(is_all_zero(module, variable.type, variable.initial) for variable in own)
        module.zero_starts[block] = known
    return known


def initialiser_name(module: ModuleBuilder, block: FunctionBlockType) -> str:
    """Return the function that gives a cleared instance its initial values."""
    return f"{module.function_name(block.name)}__initialise"


def assign_initial(
    b: FunctionBuilder, place: ir.Place, iec_type: IecType, initial: Initial, *, is_zeroed: bool
) -> None:
    """Emit what gives a place its initial value; ``is_zeroed`` tells that its memory was cleared before."""
    if is_all_zero(b.module, iec_type, initial):
        if not is_zeroed:
            b.emit(ir.Zero(place))
        return
    if is_scalar(iec_type):
        assert not isinstance(initial, ArrayInitial | StructureInitial)
        b.emit(ir.Assign(place, constant(initial, iec_type)))
        return
    if isinstance(iec_type, StringType):
        assert isinstance(initial, str)
        assign_text(b, place, literal_table(b, initial, is_wide=iec_type.is_wide), ir.NO_SPAN)
        return
    if not is_zeroed:
        b.emit(ir.Zero(place))
    match iec_type:
        case ArrayType():
            _assign_array(b, place, iec_type, initial)
        case StructureType():
            _assign_structure(b, place, iec_type, initial)
        case FunctionBlockType():
            _assign_instance(b, place, iec_type, initial)
        case _:
            raise InternalError(f"no initial value of type {iec_type}")


def _assign_structure(b: FunctionBuilder, place: ir.Place, iec_type: StructureType, initial: Initial) -> None:
    assert isinstance(initial, StructureInitial)
    for name, value in initial.values:
        member = iec_type.field(name)
        assert member is not None
        target = ir.Member(place, member.name, b.module.types.machine_type(member.type))
        assign_initial(b, target, member.type, value, is_zeroed=True)


def _assign_instance(b: FunctionBuilder, place: ir.Place, block: FunctionBlockType, initial: Initial) -> None:
    assert isinstance(initial, StructureInitial)
    if not starts_as_zero(b.module, block):
        b.emit(ir.Run(initialiser_name(b.module, block), (ir.AddressOf(place),)))
    for name, value in initial.values:
        variable = block.variable(name)
        assert variable is not None
        target = ir.Member(place, variable.name, b.module.types.machine_type(variable.type))
        assign_initial(b, target, variable.type, value, is_zeroed=False)


def _assign_array(b: FunctionBuilder, place: ir.Place, array: ArrayType, initial: Initial) -> None:
    assert isinstance(initial, ArrayInitial)
    position = 0
    for count, value in initial.parts:
        if is_all_zero(b.module, array.element, value):
            position += count
        elif count <= _UNROLLED:
            for offset in range(count):
                target = flat_element(place, array, position + offset)
                assign_initial(b, target, array.element, value, is_zeroed=True)
            position += count
        else:
            _assign_run(b, place, array, (position, count, value))
            position += count


def flat_element(place: ir.Place, array: ArrayType, position: int) -> ir.Place:
    """Return the element at a row-major position."""
    sizes = [high - low + 1 for low, high in array.bounds]
    steps = []
    for size in reversed(sizes):
        position, step = divmod(position, size)
        steps.append(step)
    for step in reversed(steps):
        assert isinstance(place.type, ir.Array)
        place = ir.Element(place, ir.Const(step, Scalar.I64), place.type.element, checked=False)
    return place


def _assign_run(b: FunctionBuilder, place: ir.Place, array: ArrayType, run: tuple[int, int, Initial]) -> None:
    """Fill a run of equal elements in a loop; over several dimensions the position is split by division."""
    first, count, value = run
    counter = b.temporary(Scalar.I64, "position")
    target = place
    rest: ir.Expression = ir.Load(counter, Scalar.I64)
    sizes = [high - low + 1 for low, high in array.bounds]
    for dimension in range(len(sizes)):
        below = 1
        for size in sizes[dimension + 1 :]:
            below *= size
        index, rest = _split(rest, below)
        assert isinstance(target.type, ir.Array)
        target = ir.Element(target, index, target.type.element, checked=False)
    with b.collect() as body:
        assign_initial(b, target, array.element, value, is_zeroed=True)
    bounds = ir.Const(first, Scalar.I64), ir.Const(first + count, Scalar.I64)
    b.emit(ir.CountedLoop(counter, bounds[0], bounds[1], tuple(body)))


def _split(position: ir.Expression, below: int) -> tuple[ir.Expression, ir.Expression]:
    if below == 1:
        return position, ir.Const(0, Scalar.I64)
    divisor = ir.Const(below, Scalar.I64)
    index = ir.Binary(ir.BinaryOperator.DIVIDE, position, divisor, Scalar.I64)
    rest = ir.Binary(ir.BinaryOperator.MODULO, position, divisor, Scalar.I64)
    return index, rest
