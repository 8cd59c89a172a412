"""CONFIGURATION, RESOURCE, TASK, program instances and VAR_CONFIG."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from emulators.errors import SourceSpan, did_you_mean
from emulators.iec61131 import tree
from emulators.iec61131.conversion import is_same_type
from emulators.iec61131.declaration_analysis import VariableAnalyser
from emulators.iec61131.environment import Environment
from emulators.iec61131.expression_analysis import ExpressionAnalyser
from emulators.iec61131.project import (
    DEFAULT_INTERVAL_NS,
    Configuration,
    InstancePlacement,
    ProgramInstance,
    Resource,
    Task,
)
from emulators.iec61131.scope import Scope
from emulators.iec61131.syntax import (
    CallNode,
    ConfigurationNode,
    NameNode,
    ProgramInstanceNode,
    ResourceNode,
    SectionNode,
    TaskNode,
    VariableNode,
)
from emulators.iec61131.tree import ProgramInterface
from emulators.iec61131.types import Elementary, FunctionBlockType, Section, Variable, type_name

__all__ = ["ConfigurationAnalyser", "default_configuration"]

_PROPERTIES = ("INTERVAL", "PRIORITY", "SINGLE")
_MAX_PRIORITY = 65535


def default_configuration(programs: Sequence[ProgramInterface]) -> Configuration:
    """Return the configuration of sources that declare none: one task of 10 ms runs every program."""
    nowhere = programs[0].span if programs else SourceSpan("", 1, 1)
    task = Task("MainTask", DEFAULT_INTERVAL_NS, 0, nowhere)
    instances = tuple(ProgramInstance(each.name, each, task.name, each.span) for each in programs)
    resource = Resource("Resource", (task,), instances, nowhere)
    return Configuration("Configuration", (resource,), nowhere, is_default=True)


class ConfigurationAnalyser:
    """Analyses one configuration in the outermost scope of its file."""

    def __init__(self, environment: Environment, scope: Scope) -> None:
        self.environment = environment
        self.scope = scope
        self.expressions = ExpressionAnalyser(scope)

    def configuration(self, node: ConfigurationNode) -> Configuration:
        names: set[str] = set()
        resources = []
        for resource in node.resources:
            if resource.name.upper() in names:
                self.scope.report("ST3003", resource, f"resource '{resource.name}' is declared already")
            names.add(resource.name.upper())
            resources.append(self._resource(resource))
        return Configuration(node.name, tuple(resources), self.scope.span(node))

    def _resource(self, node: ResourceNode) -> Resource:
        tasks: dict[str, Task | None] = {}
        for task_node in node.tasks:
            folded = task_node.name.upper()
            if folded in tasks:
                self.scope.report("ST3003", task_node, f"task '{task_node.name}' is declared already")
            else:
                tasks[folded] = self._task(task_node)
        programs: dict[str, ProgramInstance | None] = {}
        for program_node in node.programs:
            folded = program_node.name.upper()
            if folded in programs:
                self.scope.report("ST3003", program_node, f"instance '{program_node.name}' is declared already")
            else:
                programs[folded] = self._program(program_node, tasks, node)
        return Resource(
            node.name or "Resource",
            tuple(task for task in tasks.values() if task is not None),
            tuple(program for program in programs.values() if program is not None),
            self.scope.span(node),
        )

    # --- tasks -----------------------------------------------------------------------------------------------------

    def _task(self, node: TaskNode) -> Task | None:
        interval_ns: int | None = None
        priority = 0
        single: Variable | None = None
        is_right = True
        seen: set[str] = set()
        for name, start, value in node.properties:
            folded = name.upper()
            if folded in seen:
                self.scope.report_at("ST3018", start, len(name), f"'{name}' is given twice")
            seen.add(folded)
            if folded == "INTERVAL":
                literal = self.expressions.constant(value, Elementary.TIME, "use {} as INTERVAL, a TIME")
                interval_ns = int(literal.value) if literal is not None else None
                is_right &= literal is not None
                if interval_ns is not None and interval_ns <= 0:
                    self.scope.report("ST3040", value, "the interval of a task is longer than 0 s")
                    is_right = False
            elif folded == "PRIORITY":
                number = self.expressions.whole_number(value, "a priority")
                is_right &= number is not None
                if number is not None and not 0 <= number <= _MAX_PRIORITY:
                    self.scope.report("ST3040", value, f"priorities go from 0 (highest) to {_MAX_PRIORITY}")
                priority = number or 0
            elif folded == "SINGLE":
                single = self._single(value)
                is_right &= single is not None
            else:
                hint = did_you_mean(name, _PROPERTIES)
                self.scope.report_at("ST3015", start, len(name), f"a task has no property '{name}'", hint)
                is_right = False
        if is_right and interval_ns is None and single is None:
            self.scope.report("ST3040", node, f"task '{node.name}' never runs", "give it INTERVAL := T#10ms")
        return Task(node.name, interval_ns, priority, self.scope.span(node), single)

    def _single(self, value: object) -> Variable | None:
        if isinstance(value, NameNode):
            place = self.expressions.place(value)
            if isinstance(place, tree.Name) and place.type is Elementary.BOOL:
                return place.variable
            if place is not None:
                self.scope.report("ST3004", value, f"SINGLE is a global BOOL, not {type_name(place.type)}")
            return None
        self.scope.report("ST3040", value, "SINGLE is the name of a global BOOL")  # type: ignore[arg-type]  # any node
        return None

    # --- program instances -------------------------------------------------------------------------------------------

    def _program(
        self, node: ProgramInstanceNode, tasks: dict[str, Task | None], resource: ResourceNode
    ) -> ProgramInstance | None:
        if node.task and node.task.upper() not in tasks:
            hint = did_you_mean(node.task, [task.name for task in resource.tasks])
            self.scope.report_at("ST3041", node.task_start, len(node.task), f"no task '{node.task}' exists here", hint)
        folded = node.program.upper()
        if not self.environment.has_unit(folded):
            if self.environment.has_all_names:
                hint = did_you_mean(node.program, self.environment.unit_names("PROGRAM"))
                message = f"no PROGRAM '{node.program}' exists"
                self.scope.report_at("ST3041", node.program_start, len(node.program), message, hint)
            return None
        interface = self.environment.interface(folded, self.scope, node.program_start)
        if not isinstance(interface, ProgramInterface):
            kind = self.environment.pou_nodes[folded][0].kind
            if interface is not None:
                message = f"'{node.program}' is a {kind}, not a PROGRAM"
                self.scope.report_at("ST3041", node.program_start, len(node.program), message)
            return None
        arguments: tuple[tree.Argument, ...] = ()
        if node.arguments:
            call = CallNode(NameNode(node.program, node.program_start, node.end), node.arguments, node.start, node.end)
            bound = self.expressions.bind_program(call, interface)
            if bound is None:
                return None
            arguments = bound
        task = next((each.name for each in resource.tasks if each.name.upper() == node.task.upper()), None)
        return ProgramInstance(node.name, interface, task, self.scope.span(node), node.is_retain, arguments)


class PlacementAnalyser:
    """VAR_CONFIG: addresses and initial values of variables of instances."""

    def __init__(self, environment: Environment, configuration: Configuration) -> None:
        self.environment = environment
        self.configuration = configuration
        self.placements: list[InstancePlacement] = []

    def section(self, section: SectionNode, scope: Scope) -> None:
        """Analyse one VAR_CONFIG section."""
        for node in section.variables:
            placement = self._placement(node, scope)
            if placement is not None:
                self.placements.append(placement)

    def _placement(self, node: VariableNode, scope: Scope) -> InstancePlacement | None:
        names = list(node.path)
        if names and any(each.name.upper() == names[0].upper() for each in self.configuration.resources):
            names = names[1:]
        instances = {each.name.upper(): each for resource in self.configuration.resources for each in resource.programs}
        instance = instances.get(names[0].upper()) if names else None
        if instance is None or len(names) < 2:
            hint = did_you_mean(node.path[0], [each.name for each in instances.values()])
            scope.report("ST3042", node, "this is not the path of a variable of a program instance", hint)
            return None
        variables: Sequence[Variable] = instance.program.variables
        path = [instance.name]
        variable: Variable | None = None
        for index, name in enumerate(names[1:]):
            variable = next((each for each in variables if each.name.upper() == name.upper()), None)
            if variable is None:
                hint = did_you_mean(name, [each.name for each in variables])
                scope.report("ST3042", node, f"'{path[-1]}' has no variable '{name}'", hint)
                return None
            path.append(variable.name)
            is_last = index == len(names) - 2
            if not is_last:
                if not isinstance(variable.type, FunctionBlockType):
                    scope.report("ST3042", node, f"'{variable.name}' is no instance of a function block")
                    return None
                variables = variable.type.variables
        assert variable is not None
        return self._finish(node, scope, tuple(path), variable)

    def _finish(
        self, node: VariableNode, scope: Scope, path: tuple[str, ...], variable: Variable
    ) -> InstancePlacement | None:
        analyser = VariableAnalyser(scope)
        use = analyser.types.specification(node.specification)
        if use is None:
            return None
        if not is_same_type(use.type, variable.type):
            message = f"'{variable.name}' is {type_name(variable.type)}, not {type_name(use.type)}"
            scope.report("ST3042", node, message)
            return None
        initial = None
        if node.initial is not None:
            initial = analyser.types.initial(node.initial, variable.type, f"'{variable.name}'")
        address = None if node.address is None else analyser.located(node.address, variable.type)
        return InstancePlacement(path, variable, address, initial, scope.span(node))

    def check_complete(self) -> None:
        """Report variables declared AT %I* (or the like) that no VAR_CONFIG completes, once each."""
        open_variables = {
            variable: (scope, node)
            for scope, node in self.environment.incomplete
            if (variable := scope.variables.get(node.name.upper())) is not None
        }
        if not open_variables:
            return
        placed = {tuple(part.upper() for part in each.path) for each in self.placements if each.address is not None}
        for path, variable in self._instance_variables():
            if variable in open_variables and tuple(part.upper() for part in path) not in placed:
                scope, node = open_variables[variable]
                assert node.address is not None
                example = ".".join(path)
                scope.report("ST3043", node.address, f"no VAR_CONFIG gives '{example}' an address")

    def _instance_variables(self) -> Iterator[tuple[tuple[str, ...], Variable]]:
        stack: list[tuple[tuple[str, ...], Sequence[Variable]]] = [
            ((instance.name,), instance.program.variables)
            for resource in self.configuration.resources
            for instance in resource.programs
        ]
        while stack:
            path, variables = stack.pop()
            for variable in variables:
                inner = (*path, variable.name)
                yield inner, variable
                holds = variable.section in (Section.VAR, Section.INPUT, Section.OUTPUT)
                if isinstance(variable.type, FunctionBlockType) and holds:
                    stack.append((inner, variable.type.variables))
