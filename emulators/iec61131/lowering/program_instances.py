"""The instance of the whole program, and the function that runs each program instance in it.

Fields of the instance: ``now_ns``, the three images, ``globals``, then every program instance.
"""

from __future__ import annotations

from emulators.iec61131 import tree
from emulators.iec61131.lowering.calls import bind_block_arguments
from emulators.iec61131.lowering.function_builder import FunctionBuilder, Rules
from emulators.iec61131.lowering.located import located_copies
from emulators.iec61131.lowering.machine_types import is_located
from emulators.iec61131.lowering.module_builder import IMAGE_FIELDS, ModuleBuilder
from emulators.iec61131.lowering.placed import PlacedProgram
from emulators.iec61131.project import ProgramInstance, Project
from emulators.iec61131.types import Area, Section, Variable
from emulators.native import ir
from emulators.native.ir import Scalar

__all__ = ["add_instance", "add_runs"]


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
            fields += [
                ir.Field(_unbound(name, v), module.types.machine_type(v.type)) for v in _unbound_in_outs(instance)
            ]
            placed.append(PlacedProgram(instance, name, f"{module.prefix}__run_{name}"))
    module.instance = module.types.new_struct("instance", fields)
    module.program_structs.update({program.name.upper(): struct for program, struct in structs.items()})
    return tuple(placed)


def _unbound_in_outs(instance: ProgramInstance) -> list[Variable]:
    """Return the VAR_IN_OUT of a program that the configuration binds to nothing: each gets a field of its own."""
    bound = {argument.parameter for argument in instance.arguments}
    return [v for v in instance.program.variables if v.section is Section.IN_OUT and v not in bound]


def _unbound(field: str, variable: Variable) -> str:
    return f"{field}__{variable.name}"


def add_runs(module: ModuleBuilder, rules: Rules, project: Project, programs: tuple[PlacedProgram, ...]) -> None:
    """Add the exported function of every program instance."""
    for placed in programs:
        b = FunctionBuilder(module, rules, placed.run, counts_coverage=False)
        copies = list(located_copies(module, project, placed))
        b.emit(*(copy.from_image() for copy in copies if copy.area is not Area.OUTPUT))
        own_place = module.instance_field(placed.field)
        arguments = placed.instance.arguments
        references, after = bind_block_arguments(b, own_place, arguments, placed.instance.span)
        program = placed.instance.program
        for variable in _unbound_in_outs(placed.instance):
            references[variable] = ir.AddressOf(module.instance_field(_unbound(placed.field, variable)))
        in_outs = tuple(references[v] for v in program.variables if v in references)
        call = (ir.AddressOf(module.instance_place()), ir.AddressOf(own_place), *in_outs)
        b.emit(ir.Run(module.function_name(program.name), call, placed.instance.span))
        b.emit(*after)
        b.emit(*(copy.to_image() for copy in copies if copy.area is not Area.INPUT))
        b.finish([module.instance_parameter()], returns=None, exported=True, span=placed.instance.span)
