"""Cold and warm start: functions that give every variable its initial value, or all but the RETAIN ones.

A block has a function ``…__initialise`` if a cleared instance is not its start, and ``…__restart`` if it holds RETAIN
variables somewhere inside. A warm start clears the images but for retained located variables.
"""

from __future__ import annotations

from collections.abc import Iterable

from emulators.iec61131.lowering.function_builder import FunctionBuilder, Rules
from emulators.iec61131.lowering.initial_values import assign_initial, initialiser_name, is_all_zero, starts_as_zero
from emulators.iec61131.lowering.located import located_copies, placement_place
from emulators.iec61131.lowering.machine_types import constant, edge_memory, is_located, scalar_of, takes_space
from emulators.iec61131.lowering.module_builder import IMAGE_FIELDS, ModuleBuilder
from emulators.iec61131.lowering.placed import PlacedProgram
from emulators.iec61131.lowering.units import SELF
from emulators.iec61131.project import Project
from emulators.iec61131.types import (
    ArrayInitial,
    ArrayType,
    FunctionBlockType,
    IecType,
    Initial,
    Section,
    StructureInitial,
    StructureType,
    Variable,
)
from emulators.native import ir
from emulators.native.ir import Scalar

__all__ = ["add_block_starts", "add_program_starts"]


def add_block_starts(module: ModuleBuilder, rules: Rules, block: FunctionBlockType) -> None:
    """Add the initialiser and the restart of a function block where it needs them."""
    struct = module.types.struct_of(block)
    self_place = ir.Argument(SELF, struct)
    parameter = ir.FormalParameter(SELF, struct, by_reference=True)
    if not starts_as_zero(module, block):
        b = FunctionBuilder(module, rules, initialiser_name(module, block), counts_coverage=False)
        for variable in _stored(block.variables):
            member = ir.Member(self_place, variable.name, module.types.machine_type(variable.type))
            assign_initial(b, member, variable.type, variable.initial, is_zeroed=True)
        b.finish([parameter], returns=None, exported=False, span=block.span)
    if _holds_retain(block):
        b = FunctionBuilder(module, rules, _restart_name(module, block), counts_coverage=False)
        _restart_members(b, self_place, block.variables)
        b.finish([parameter], returns=None, exported=False, span=block.span)


def _restart_name(module: ModuleBuilder, block: FunctionBlockType) -> str:
    return f"{module.function_name(block.name)}__restart"


def _stored(variables: Iterable[Variable]) -> Iterable[Variable]:
    return (variable for variable in variables if takes_space(variable))


def add_program_starts(
    module: ModuleBuilder, rules: Rules, project: Project, programs: tuple[PlacedProgram, ...]
) -> tuple[str, str]:
    """Add the cold and the warm start of the whole program; return their names."""
    cold = FunctionBuilder(module, rules, f"{module.prefix}__initialise", counts_coverage=False)
    for name in (*IMAGE_FIELDS.values(), "globals", *(placed.field for placed in programs)):
        cold.emit(ir.Zero(module.instance_field(name)))
    for variable in _globals(project):
        _assign_start(cold, _global_place(cold, variable), variable)
    for placed in programs:
        for variable in placed.instance.program.variables:
            if takes_space(variable) or is_located(variable):
                _assign_start(cold, _program_place(cold, placed, variable), variable)
    _assign_placements(cold, project, programs)
    _fill_images(cold, project, programs)
    cold.finish([module.instance_parameter()], returns=None, exported=True, span=project.configuration.span)

    warm = FunctionBuilder(module, rules, f"{module.prefix}__initialise_warm", counts_coverage=False)
    _clear_images(warm, project, programs)
    for variable in _globals(project):
        if not variable.is_retain:
            _restart_variable(warm, _global_place(warm, variable), variable)
    for placed in programs:
        if not placed.instance.is_retain:
            _restart_members(warm, module.instance_field(placed.field), placed.instance.program.variables)
    _assign_placements(warm, project, programs, is_warm=True)
    _fill_images(warm, project, programs)
    warm.finish([module.instance_parameter()], returns=None, exported=True, span=project.configuration.span)
    return cold.name, warm.name


def _globals(project: Project) -> Iterable[Variable]:
    return (variable for variable in project.globals if variable.section is not Section.EXTERNAL)


def _global_place(b: FunctionBuilder, variable: Variable) -> ir.Place:
    return b.module.global_place(variable)


def _program_place(b: FunctionBuilder, placed: PlacedProgram, variable: Variable) -> ir.Place:
    if is_located(variable):
        return b.module.global_place(variable)
    base = b.module.instance_field(placed.field)
    return ir.Member(base, variable.name, b.module.types.machine_type(variable.type))


def _assign_start(b: FunctionBuilder, place: ir.Place, variable: Variable) -> None:
    if not is_all_zero(b.module, variable.type, variable.initial):
        assign_initial(b, place, variable.type, variable.initial, is_zeroed=True)


def _assign_placements(
    b: FunctionBuilder, project: Project, programs: tuple[PlacedProgram, ...], *, is_warm: bool = False
) -> None:
    """Assign the initial values that VAR_CONFIG gives."""
    for placement in project.placements:
        if placement.initial is None or (is_warm and placement.variable.is_retain):
            continue
        for placed in programs:
            if placed.instance.name.upper() == placement.path[0].upper():
                place = placement_place(b.module, placement, placed)
                assign_initial(b, place, placement.variable.type, placement.initial, is_zeroed=False)


def _fill_images(b: FunctionBuilder, project: Project, programs: tuple[PlacedProgram, ...]) -> None:
    """Copy located variables that have a place of their own to the images, as after a run."""
    for placed in programs:
        b.emit(*(copy.to_image() for copy in located_copies(b.module, project, placed)))


# --- warm start ------------------------------------------------------------------------------------------------------


def _clear_images(b: FunctionBuilder, project: Project, programs: tuple[PlacedProgram, ...]) -> None:
    variables = [*project.globals, *(v for placed in programs for v in placed.instance.program.variables)]
    kept: list[ir.Statement] = []
    for variable in variables:
        if is_located(variable) and variable.is_retain:
            scalar = scalar_of(variable.type)
            place, local = b.module.global_place(variable), b.temporary(scalar)
            b.emit(ir.Assign(local, ir.Load(place, scalar)))
            kept.append(ir.Assign(place, ir.Load(local, scalar)))
    for name in IMAGE_FIELDS.values():
        b.emit(ir.Zero(b.module.instance_field(name)))
    b.emit(*kept)


def _restart_members(b: FunctionBuilder, base: ir.Place, variables: Iterable[Variable]) -> None:
    for variable in variables:
        if variable.is_retain:
            continue
        if is_located(variable):
            _restart_variable(b, b.module.global_place(variable), variable)
        elif takes_space(variable):
            stored = b.module.types.machine_type(variable.type)
            _restart_variable(b, ir.Member(base, variable.name, stored), variable)
        if variable.edge is not None:
            b.emit(ir.Zero(ir.Member(base, edge_memory(variable), Scalar.BOOL)))


def _restart_variable(b: FunctionBuilder, place: ir.Place, variable: Variable) -> None:
    if is_located(variable):
        assert not isinstance(variable.initial, ArrayInitial | StructureInitial)
        b.emit(ir.Assign(place, constant(variable.initial, variable.type)))
    else:
        _restart(b, place, variable.type, variable.initial)


def _restart(b: FunctionBuilder, place: ir.Place, iec_type: IecType, initial: Initial) -> None:
    """Give a place its initial value, but for the RETAIN variables of function blocks inside."""
    if not _holds_retain(iec_type):
        assign_initial(b, place, iec_type, initial, is_zeroed=False)
        return
    match iec_type:
        case FunctionBlockType():
            b.emit(ir.Run(_restart_name(b.module, iec_type), (ir.AddressOf(place),)))
            assert isinstance(initial, StructureInitial)
            for name, value in initial.values:
                variable = iec_type.variable(name)
                if variable is not None and not variable.is_retain:
                    member = ir.Member(place, variable.name, b.module.types.machine_type(variable.type))
                    assign_initial(b, member, variable.type, value, is_zeroed=False)
        case StructureType():
            assert isinstance(initial, StructureInitial)
            for name, value in initial.values:
                field = iec_type.field(name)
                assert field is not None
                target = ir.Member(place, field.name, b.module.types.machine_type(field.type))
                _restart(b, target, field.type, value)
        case ArrayType():
            assert isinstance(initial, ArrayInitial)
            _restart_elements(b, place, iec_type, initial)


def _restart_elements(b: FunctionBuilder, place: ir.Place, array: ArrayType, initial: ArrayInitial) -> None:
    values = [value for count, value in initial.parts for _ in range(count)]
    for position, value in enumerate(values):
        target, rest = place, position
        for dimension in range(len(array.bounds)):
            below = 1
            for low, high in array.bounds[dimension + 1 :]:
                below *= high - low + 1
            step, rest = divmod(rest, below)
            assert isinstance(target.type, ir.Array)
            target = ir.Element(target, ir.Const(step, Scalar.I64), target.type.element, checked=False)
        _restart(b, target, array.element, value)


def _holds_retain(iec_type: IecType) -> bool:
    match iec_type:
        case FunctionBlockType():
            return any(v.is_retain or (takes_space(v) and _holds_retain(v.type)) for v in iec_type.variables)
        case ArrayType():
            return _holds_retain(iec_type.element)
        case StructureType():
            return any(_holds_retain(field.type) for field in iec_type.fields)
    return False
