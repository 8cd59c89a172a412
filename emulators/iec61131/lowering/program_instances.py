"""The instance of the whole program, and the function that runs each program instance in it.

Fields of the instance: ``now_ns``, the three images, ``globals``, then every program instance. Located variables that
are no scalars, and variables that VAR_CONFIG locates, have a place of their own, copied from and to the images around
each run of a program.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from emulators.errors import InternalError
from emulators.iec61131 import tree
from emulators.iec61131.lowering.calls import bind_block_arguments
from emulators.iec61131.lowering.function_builder import FunctionBuilder, Rules
from emulators.iec61131.lowering.machine_types import is_located, is_scalar
from emulators.iec61131.lowering.module_builder import IMAGE_FIELDS, ModuleBuilder, image_place
from emulators.iec61131.project import InstancePlacement, ProgramInstance, Project
from emulators.iec61131.types import (
    Address,
    Area,
    ArrayType,
    Elementary,
    FunctionBlockType,
    IecType,
    StringType,
    StructureType,
)
from emulators.native import ir
from emulators.native.ir import Scalar

__all__ = ["PlacedProgram", "add_instance", "add_runs", "placement_place"]


@dataclass(frozen=True, slots=True)
class PlacedProgram:
    """A program instance, its field in the instance of the whole, and the function that runs it."""

    instance: ProgramInstance
    field: str
    run: str


def add_instance(module: ModuleBuilder, project: Project) -> tuple[PlacedProgram, ...]:
    """Set the structure of the whole program; return where each program instance lies in it."""
    structs: dict[tree.ProgramInterface, ir.Struct] = {}
    fields = [ir.Field("now_ns", Scalar.I64)]
    for name, size in zip(IMAGE_FIELDS.values(), project.image_bytes, strict=True):
        fields.append(ir.Field(name, ir.Array(Scalar.U8, max(8, (size + 7) // 8 * 8))))
    stored = [ir.Field(v.name, module.types.machine_type(v.type)) for v in project.globals if not is_located(v)]
    fields.append(ir.Field("globals", module.types.new_struct("globals", stored)))
    taken = {member.name.upper() for member in fields}
    placed = []
    for resource in project.configuration.resources:
        for instance in resource.programs:
            program = instance.program
            if program not in structs:
                structs[program] = module.types.new_struct(program.name, module.types.fields_of(program.variables))
            name = instance.name if instance.name.upper() not in taken else f"{resource.name}__{instance.name}"
            taken.add(name.upper())
            fields.append(ir.Field(name, structs[program]))
            placed.append(PlacedProgram(instance, name, f"{module.prefix}__run_{name}"))
    module.instance = module.types.new_struct("instance", fields)
    module.program_structs.update({program.name.upper(): struct for program, struct in structs.items()})
    return tuple(placed)


def add_runs(module: ModuleBuilder, rules: Rules, project: Project, programs: tuple[PlacedProgram, ...]) -> None:
    """Add the exported function of every program instance."""
    for placed in programs:
        b = FunctionBuilder(module, rules, placed.run, counts_coverage=False)
        copies = list(_located_copies(module, project, placed, programs))
        for area, image, own in copies:
            if area is not Area.OUTPUT:
                b.emit(_assign(own, image))
        own_place = module.instance_field(placed.field)
        arguments = placed.instance.arguments
        references, after = bind_block_arguments(b, own_place, arguments, placed.instance.span)
        program = placed.instance.program
        in_outs = tuple(references[v] for v in program.variables if v in references)
        call = (ir.AddressOf(module.instance_place()), ir.AddressOf(own_place), *in_outs)
        b.emit(ir.Run(module.function_name(program.name), call, placed.instance.span))
        b.emit(*after)
        for area, image, own in copies:
            if area is not Area.INPUT:
                b.emit(_assign(image, own))
        b.finish([module.instance_parameter()], returns=None, exported=True, span=placed.instance.span)


def _assign(target: ir.Place, source: ir.Place) -> ir.Statement:
    assert isinstance(source.type, Scalar)
    return ir.Assign(target, ir.Load(source, source.type))


# --- located aggregates and VAR_CONFIG -------------------------------------------------------------------------------


def placement_place(
    module: ModuleBuilder, placement: InstancePlacement, programs: tuple[PlacedProgram, ...]
) -> ir.Place:
    """Return the variable that an entry of VAR_CONFIG names."""
    first, *rest = placement.path
    placed = next((p for p in programs if p.instance.name.upper() == first.upper()), None)
    if placed is None:
        raise InternalError(f"{placement.span}: no program instance {first}")
    place: ir.Place = module.instance_field(placed.field)
    variables = placed.instance.program.variables
    for name in rest:
        variable = next(v for v in variables if v.name.upper() == name.upper())
        place = ir.Member(place, variable.name, module.types.machine_type(variable.type))
        variables = variable.type.variables if isinstance(variable.type, FunctionBlockType) else ()
    return place


Copy = tuple[Area, ir.Place, ir.Place]


def _located_copies(
    module: ModuleBuilder, project: Project, placed: PlacedProgram, programs: tuple[PlacedProgram, ...]
) -> Iterator[Copy]:
    """Yield area, place in the image and place of its own for every scalar that is copied around a run."""
    for variable in project.globals:
        if variable.address is not None and not is_scalar(variable.type):
            yield from _copies(module, variable.address, variable.type, module.global_place(variable))
    base = module.instance_field(placed.field)
    for variable in placed.instance.program.variables:
        if variable.address is not None and not is_scalar(variable.type):
            own = ir.Member(base, variable.name, module.types.machine_type(variable.type))
            yield from _copies(module, variable.address, variable.type, own)
    for placement in project.placements:
        if placement.address is not None and placement.path[0].upper() == placed.instance.name.upper():
            own_place = placement_place(module, placement, programs)
            yield from _copies(module, placement.address, placement.variable.type, own_place)


def _copies(module: ModuleBuilder, address: Address, iec_type: IecType, own: ir.Place) -> Iterator[Copy]:
    image = module.instance_field(IMAGE_FIELDS[address.area])
    bit_position = address.byte_offset * 8 + (address.bit or 0)
    for leaf_type, leaf in _leaves(module, iec_type, own):
        is_bit = leaf_type is Elementary.BOOL and address.bit is not None
        width = 1 if is_bit else _size(leaf) * 8
        bit_position += -bit_position % width
        bit = bit_position % 8 if is_bit else None
        at = Address("", address.area, width, bit_position // 8, bit)
        if bit is None and isinstance(leaf.type, Scalar):
            yield address.area, ir.Overlay(image, at.byte_offset, leaf.type), leaf
        else:
            yield address.area, image_place(image, at, leaf_type), leaf
        bit_position += width


def _size(place: ir.Place) -> int:
    assert isinstance(place.type, Scalar)
    return place.type.size


def _leaves(module: ModuleBuilder, iec_type: IecType, place: ir.Place) -> Iterator[tuple[IecType, ir.Place]]:
    """Yield the scalars of an aggregate in memory order."""
    if isinstance(iec_type, StructureType):
        for member in iec_type.fields:
            field = ir.Member(place, member.name, module.types.machine_type(member.type))
            yield from _leaves(module, member.type, field)
    elif isinstance(place.type, ir.Array):
        inner: IecType = iec_type
        if isinstance(iec_type, ArrayType):
            rest = iec_type.bounds[1:]
            inner = ArrayType(iec_type.element, rest) if rest else iec_type.element
        elif isinstance(iec_type, StringType):
            inner = Elementary.WCHAR if iec_type.is_wide else Elementary.CHAR
        for position in range(place.type.length):
            index = ir.Const(position, Scalar.I64)
            yield from _leaves(module, inner, ir.Element(place, index, place.type.element, checked=False))
    else:
        yield iec_type, place
