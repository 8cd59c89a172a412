"""A whole checked project as one IR module."""

from __future__ import annotations

from emulators.iec61131.compiled import CompiledProgram, TaskDescription
from emulators.iec61131.lowering.catalogue import describe_variables
from emulators.iec61131.lowering.expressions import lower_expression
from emulators.iec61131.lowering.facts import assume
from emulators.iec61131.lowering.function_builder import Rules
from emulators.iec61131.lowering.initialisation import add_block_starts, add_program_starts
from emulators.iec61131.lowering.machine_types import MachineTypes, is_located
from emulators.iec61131.lowering.module_builder import IMAGE_FIELDS, ModuleBuilder
from emulators.iec61131.lowering.placed import PlacedProgram
from emulators.iec61131.lowering.places import lower_place
from emulators.iec61131.lowering.program_instances import add_instance, add_runs
from emulators.iec61131.lowering.statements import lower_statement
from emulators.iec61131.lowering.texts import lower_aggregate
from emulators.iec61131.lowering.units import lower_unit
from emulators.iec61131.project import DEFAULT_INTERVAL_NS, Project, Resource, Task
from emulators.iec61131.tree import PouKind
from emulators.iec61131.types import FunctionBlockType, Variable
from emulators.native import ir

__all__ = ["lower_project"]

_DEFAULT_TASK = "DefaultTask"
_LOWEST_PRIORITY = 1 << 16


def lower_project(project: Project, *, prefix: str) -> CompiledProgram:
    """Return the program as native code; every name of the module starts with ``prefix``."""
    rules = Rules(lower_expression, lower_place, lower_aggregate, lower_statement, assume)
    module = ModuleBuilder(MachineTypes(prefix))
    programs = add_instance(module, project)
    for pou in project.pous.values():
        struct = module.program_structs.get(pou.name.upper())
        if isinstance(pou.interface, FunctionBlockType):
            struct = module.types.struct_of(pou.interface)
            add_block_starts(module, rules, pou.interface)
        if struct is not None or pou.kind is PouKind.FUNCTION:
            lower_unit(module, rules, pou, struct)
    add_runs(module, rules, project, programs)
    initialise, initialise_warm = add_program_starts(module, rules, project, programs)
    return CompiledProgram(
        module=ir.Module(
            tuple(module.types.structs),
            tuple(module.functions),
            tuple(module.points),
        ),
        instance=module.instance,
        tasks=tuple(task for resource in project.configuration.resources for task in _tasks(resource, programs)),
        initialise=initialise,
        initialise_warm=initialise_warm,
        variables=describe_variables(project, programs),
        warnings=project.warnings,
    )


def _tasks(resource: Resource, programs: tuple[PlacedProgram, ...]) -> list[TaskDescription]:
    """Return the tasks of a resource; programs without a task run in a task of their own, after all others."""
    own = [placed for placed in programs if any(placed.instance is instance for instance in resource.programs)]
    tasks = [_task(task, own) for task in resource.tasks]
    free = tuple(placed.run for placed in own if placed.instance.task is None)
    if free:
        slowest = max((task.interval_ns for task in tasks if task.interval_ns), default=DEFAULT_INTERVAL_NS)
        tasks.append(TaskDescription(_DEFAULT_TASK, slowest, _LOWEST_PRIORITY, free))
    return tasks


def _task(task: Task, programs: list[PlacedProgram]) -> TaskDescription:
    runs = tuple(
        placed.run
        for placed in programs
        if placed.instance.task is not None and placed.instance.task.upper() == task.name.upper()
    )
    if task.single is None:
        return TaskDescription(task.name, task.interval_ns or 0, task.priority, runs)
    bit = task.single.address.bit if task.single.address is not None else None
    trigger = _layout_path(task.single)
    return TaskDescription(task.name, task.interval_ns or 0, task.priority, runs, trigger_path=trigger, trigger_bit=bit)


def _layout_path(variable: Variable) -> str:
    if variable.address is not None and is_located(variable):
        return f"{IMAGE_FIELDS[variable.address.area]}[{variable.address.byte_offset}]"
    return f"globals.{variable.name}"
