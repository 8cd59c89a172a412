"""Located variables that have a place of their own: arrays, and what VAR_CONFIG locates.

They are copied from the images before each run of a program and to them after it (inputs only from, outputs only to).
The elements of a located array follow one another in units of the address: ``%MW4`` is followed by ``%MW5``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from emulators.errors import InternalError
from emulators.iec61131.lowering.initial_values import flat_element
from emulators.iec61131.lowering.machine_types import is_scalar
from emulators.iec61131.lowering.module_builder import ModuleBuilder
from emulators.iec61131.lowering.placed import PlacedProgram
from emulators.iec61131.project import InstancePlacement, Project
from emulators.iec61131.types import Address, Area, ArrayType, FunctionBlockType, IecType
from emulators.native import ir
from emulators.native.ir import Scalar

__all__ = ["LocatedCopy", "element_address", "located_copies", "placement_place"]

_SIZE_LETTERS = {1: "X", 8: "B", 16: "W", 32: "D", 64: "L"}


@dataclass(frozen=True, slots=True)
class LocatedCopy:
    """One scalar with a place in an image and a place of its own."""

    area: Area
    image: ir.Overlay | ir.Bit
    own: ir.Place

    def from_image(self) -> ir.Statement:
        return ir.Assign(self.own, ir.Load(self.image, self.image.type))

    def to_image(self) -> ir.Statement:
        assert isinstance(self.own.type, Scalar)
        return ir.Assign(self.image, ir.Load(self.own, self.own.type))


def element_address(address: Address, position: int) -> Address:
    """Return the address of an element of a located array, by its row-major position."""
    bits = address.byte_offset * 8 + (address.bit or 0) + position * address.size_bits
    number = f"{bits // 8}.{bits % 8}" if address.size_bits == 1 else str(bits // address.size_bits)
    text = f"%{address.area.value}{_SIZE_LETTERS[address.size_bits]}{number}"
    return Address(text, address.area, address.size_bits, bits // 8, bits % 8 if address.bit is not None else None)


def located_copies(module: ModuleBuilder, project: Project, placed: PlacedProgram) -> Iterator[LocatedCopy]:
    """Yield what is copied around the runs of a program instance: globals, its own, what VAR_CONFIG places in it."""
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
            place = placement_place(module, placement, placed)
            yield from _copies(module, placement.address, placement.variable.type, place)


def _copies(module: ModuleBuilder, address: Address, iec_type: IecType, own: ir.Place) -> Iterator[LocatedCopy]:
    if isinstance(iec_type, ArrayType):
        for position in range(iec_type.length):
            image = module.image_place(element_address(address, position), iec_type.element)
            yield LocatedCopy(address.area, image, flat_element(own, iec_type, position))
    else:
        yield LocatedCopy(address.area, module.image_place(address, iec_type), own)


def placement_place(module: ModuleBuilder, placement: InstancePlacement, placed: PlacedProgram) -> ir.Place:
    """Return the variable that an entry of VAR_CONFIG names inside a program instance."""
    place: ir.Place = module.instance_field(placed.field)
    variables = placed.instance.program.variables
    for name in placement.path[1:]:
        variable = next((v for v in variables if v.name.upper() == name.upper()), None)
        if variable is None:
            raise InternalError(f"{placement.span}: VAR_CONFIG names '{name}', which is not there")
        place = ir.Member(place, variable.name, module.types.machine_type(variable.type))
        variables = variable.type.variables if isinstance(variable.type, FunctionBlockType) else ()
    return place
