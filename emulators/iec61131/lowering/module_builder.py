"""The IR module of one control program under construction: structures, functions, points, the instance."""

from __future__ import annotations

from dataclasses import dataclass, field

from emulators.errors import InternalError, SourceSpan
from emulators.iec61131.lowering.machine_types import MachineTypes, is_located, scalar_of
from emulators.iec61131.types import Address, Area, FunctionBlockType, IecType, Variable
from emulators.native import ir

__all__ = ["IMAGE_FIELDS", "INSTANCE", "ModuleBuilder", "image_place"]

INSTANCE = "plc__"
"""Name of the by-reference parameter every POU function takes: the instance of the whole program."""

IMAGE_FIELDS = {Area.INPUT: "input_image", Area.OUTPUT: "output_image", Area.MEMORY: "memory_image"}


@dataclass(slots=True)
class ModuleBuilder:
    """``instance`` is set by the configuration before any body is lowered."""

    types: MachineTypes
    instance: ir.Struct = field(default_factory=lambda: ir.Struct("unset", ()))
    program_structs: dict[str, ir.Struct] = field(default_factory=dict)
    functions: list[ir.Function] = field(default_factory=list)
    points: list[ir.CoveragePoint] = field(default_factory=list)
    most_turns: dict[str, int] = field(default_factory=dict)
    texts: dict[tuple[str, bool], ir.Table] = field(default_factory=dict)
    zero_starts: dict[FunctionBlockType, bool] = field(default_factory=dict)
    has_effects: dict[str, bool] = field(default_factory=dict)

    def function_name(self, pou: str) -> str:
        """Return the IR function of a POU; names of the users hold no double underscore, ours do."""
        return f"{self.prefix}_{pou}"

    @property
    def prefix(self) -> str:
        return self.types.prefix

    def new_point(self, kind: ir.PointKind, span: SourceSpan, label: str) -> int:
        self.points.append(ir.CoveragePoint(kind, span, label))
        return len(self.points) - 1

    def instance_place(self) -> ir.Argument:
        """Return the instance, as every POU function sees it."""
        return ir.Argument(INSTANCE, self.instance)

    def instance_parameter(self) -> ir.FormalParameter:
        return ir.FormalParameter(INSTANCE, self.instance, by_reference=True)

    def instance_field(self, name: str) -> ir.Member:
        return ir.Member(self.instance_place(), name, self.instance.field_type(name))

    def global_place(self, variable: Variable) -> ir.Member | ir.Overlay | ir.Bit:
        """Return the place of a located or global variable."""
        if variable.address is not None and is_located(variable):
            return self.image_place(variable.address, variable.type)
        if variable.owner:
            raise InternalError(f"variable {variable.owner}.{variable.name} has no place in this function")
        base = self.instance_field("globals")
        return ir.Member(base, variable.name, self.types.machine_type(variable.type))

    def image_place(self, address: Address, iec_type: IecType) -> ir.Overlay | ir.Bit:
        """Return the place of a direct address in its image."""
        image = self.instance_field(IMAGE_FIELDS[address.area])
        return image_place(image, address, iec_type)


def image_place(image: ir.Place, address: Address, iec_type: IecType) -> ir.Overlay | ir.Bit:
    """Return the bit or scalar of a direct address inside an image."""
    if address.bit is not None:
        return ir.Bit(ir.Overlay(image, address.byte_offset, ir.Scalar.U8), address.bit)
    return ir.Overlay(image, address.byte_offset, scalar_of(iec_type))
