"""A soft PLC: compiled program, process image, tasks, modes and forces as one structure with its phase functions.

``command`` (phase 4) carries out commands, ``force`` lays the forces over what the cell has copied from the wires
since, ``execute`` (phase 5) runs the due tasks, ``flush`` (phase 6) holds the outputs for the actuators. While a task
still occupies the processor, outputs keep their last flushed value; they are flushed in the step in which it ends,
before another task starts. Outside RUN every output is de-energised: zero or FALSE, on the output image too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from emulators.errors import closest_name
from emulators.iec61131 import CompiledProgram, TaskDescription, VariableDescription
from emulators.native.c_names import c_identifier
from emulators.native.ir import (
    FAULT_VALUES,
    AddressOf,
    AndThen,
    Argument,
    Bit,
    Comparison,
    Expression,
    Field,
    FormalParameter,
    Function,
    If,
    Parameter,
    Place,
    Return,
    Run,
    Scalar,
    Statement,
    Struct,
    Zero,
)
from emulators.native.same_bits.noise import channel_of
from emulators.native.shorthand import add, assign, bool_const, compare, member, place_at, read
from emulators.plc.description import SoftPlcDescription
from emulators.plc.forces import force_fields, lay_forces
from emulators.plc.modes import PlcMode
from emulators.plc.restart import carry_out_command, restart
from emulators.plc.schedule import ScheduledTask, advance_task_clocks, run_due_tasks, task_array

__all__ = ["SoftPlc", "find_variable", "planned_tasks", "variable_place"]


def variable_place(root: Place, variable: VariableDescription) -> Place:
    """Return the place of a program variable below the instance structure ``root``."""
    place = place_at(root, variable.layout_path, variable.native)
    if variable.bit is None:
        return place
    return Bit(place, variable.bit)


@dataclass(frozen=True, slots=True, eq=False)
class SoftPlc:
    """IR and names of one controller; ``struct`` is its part of the state block."""

    description: SoftPlcDescription
    program: CompiledProgram
    struct: Struct
    functions: tuple[Function, ...]
    tasks: tuple[ScheduledTask, ...]
    prefix: str
    wired_inputs: tuple[VariableDescription, ...]
    wired_outputs: tuple[VariableDescription, ...]

    @property
    def latch_function(self) -> str:
        """Phase 4, before the cell writes the wired inputs: ``(plc)``."""
        return f"{self.prefix}_command"

    @property
    def force_function(self) -> str:
        """Phase 4, after the cell wrote the wired inputs: ``(plc)``."""
        return f"{self.prefix}_force"

    @property
    def execute_function(self) -> str:
        """Phase 5: ``(plc, time_ns, step_ns)``."""
        return f"{self.prefix}_execute"

    @property
    def flush_function(self) -> str:
        """Phase 6: ``(plc, step_ns)``."""
        return f"{self.prefix}_flush"

    @property
    def start_function(self) -> str:
        """Cold start: ``(plc)``."""
        return f"{self.prefix}_cold"

    def output_path(self, index: int) -> str:
        """Return the field that holds the flushed value of the wired output number ``index``."""
        return f"output_{index}"

    @classmethod
    def build(cls, description: SoftPlcDescription, program: CompiledProgram, *, step_ns: int) -> SoftPlc:
        """Build the controller for a cell whose communication step is ``step_ns`` (divides every task interval).

        Raises:
            KeyError: a wired variable does not exist in the program.
        """
        prefix = c_identifier(f"plc_{description.name}")
        inputs = tuple(find_variable(program, path) for path in description.inputs)
        outputs = tuple(find_variable(program, path) for path in description.outputs)
        struct = _structure(prefix, program, outputs)
        tasks = _schedule(struct, description, program, step_ns)
        functions = _Phases(prefix, struct, program, tasks, outputs, description.loop_budget).functions()
        return cls(description, program, struct, functions, tasks, prefix, inputs, outputs)


def _schedule(
    struct: Struct, description: SoftPlcDescription, program: CompiledProgram, step_ns: int
) -> tuple[ScheduledTask, ...]:
    unit = member(Argument("plc", struct), "unit")
    return tuple(
        ScheduledTask(
            task.name,
            interval_ticks=task.interval_ns // step_ns,
            offset_ticks=task.offset_ns // step_ns,
            priority=task.priority,
            functions=task.programs,
            channel=channel_of(f"{description.name}.{task.name}"),
            trigger=_trigger(unit, task),
        )
        for task in planned_tasks(description, program)
    )


def _trigger(unit: Place, task: TaskDescription) -> Place | None:
    if task.trigger_path is None:
        return None
    place = place_at(unit, task.trigger_path)
    return place if task.trigger_bit is None else Bit(place, task.trigger_bit)


def planned_tasks(description: SoftPlcDescription, program: CompiledProgram) -> tuple[TaskDescription, ...]:
    """Return the tasks as they run: as the program declares them, with what the rig replaces.

    Every interval and offset must be a multiple of the cell's step.
    """
    planned = []
    for task in program.tasks:
        timing = description.task_timing(task.name)
        planned.append(
            replace(
                task,
                interval_ns=task.interval_ns if timing.interval_ns is None else timing.interval_ns,
                offset_ns=task.offset_ns if timing.offset_ns is None else timing.offset_ns,
                priority=task.priority if timing.priority is None else timing.priority,
            )
        )
    return tuple(planned)


def find_variable(program: CompiledProgram, path: str) -> VariableDescription:
    """Return the variable with this path; names count without regard to case, the program's name may be left out.

    Raises:
        KeyError: no such variable; the message says which one may be meant.
    """
    by_path = {variable.path.casefold(): variable for variable in program.variables if variable.string_length is None}
    wanted = path.casefold()
    if wanted in by_path:
        return by_path[wanted]
    endings = [variable for key, variable in by_path.items() if key.endswith("." + wanted)]
    shallow = [variable for variable in endings if variable.path.count(".") == wanted.count(".") + 1]
    if len(shallow) == 1:
        return shallow[0]
    if len(endings) > 1:
        raise KeyError(f"'{path}' is ambiguous: {', '.join(v.path for v in endings[:4])}; write the whole path")
    names = [variable.path for variable in program.variables]
    close = closest_name(path, names + [name.rpartition(".")[2] for name in names])
    raise KeyError(f"no variable '{path}' in the program" + (f"; did you mean '{close}'?" if close else ""))


def _structure(prefix: str, program: CompiledProgram, outputs: Sequence[VariableDescription]) -> Struct:
    fields = [
        Field("mode", Scalar.I32),
        Field("command", Scalar.I32),
        Field("fault_code", Scalar.I32),
        Field("fault_site", Scalar.I32),
        Field("fault_values", FAULT_VALUES),
        Field("fault_time_ns", Scalar.I64),
        Field("seed", Scalar.U64),
        Field("busy_ns", Scalar.I64),
        Field("scan_count", Scalar.I64),
        Field("outputs_wait", Scalar.BOOL),
        Field("tasks", task_array(len(program.tasks))),
        *force_fields(program.instance),
    ]
    fields += [Field(f"output_{index}", variable.native) for index, variable in enumerate(outputs)]
    return Struct(prefix, (*fields, Field("unit", program.instance)))


class _Phases:
    """Writes the phase functions of one controller."""

    def __init__(
        self,
        prefix: str,
        struct: Struct,
        program: CompiledProgram,
        tasks: Sequence[ScheduledTask],
        outputs: Sequence[VariableDescription],
        loop_budget: int,
    ) -> None:
        self._prefix = prefix
        self._program = program
        self._tasks = tasks
        self._outputs = outputs
        self._loop_budget = loop_budget
        self._plc = Argument("plc", struct)
        self._formal = FormalParameter("plc", struct, by_reference=True)

    def functions(self) -> tuple[Function, ...]:
        cold, warm = f"{self._prefix}_cold", f"{self._prefix}_warm"
        return (
            self._function("cold", [*restart(self._plc, self._program.initialise, self._tasks), self._count_anew()]),
            self._function("warm", restart(self._plc, self._program.initialise_warm, self._tasks)),
            self._function("command", carry_out_command(self._plc, cold=cold, warm=warm)),
            self._function("force", [lay_forces(self._plc)]),
            self._function("hold", self._hold()),
            self._function("execute", self._execute(), "time_ns", "step_ns"),
            self._function("flush", self._flush(), "step_ns"),
        )

    def _function(self, name: str, body: Sequence[Statement], *scalars: str) -> Function:
        formal = (self._formal, *(FormalParameter(scalar, Scalar.I64) for scalar in scalars))
        return Function(f"{self._prefix}_{name}", formal, tuple(body))

    def _variable(self, variable: VariableDescription) -> Place:
        return variable_place(member(self._plc, "unit"), variable)

    def _execute(self) -> list[Statement]:
        step_ns = Parameter("step_ns", Scalar.I64)
        scans = member(self._plc, "scan_count")
        return [
            If(
                compare(read(member(self._plc, "mode")), Comparison.NE, int(PlcMode.RUN)),
                (Return(),),
            ),
            assign(member(self._plc, "unit", "now_ns"), Parameter("time_ns", Scalar.I64)),
            assign(scans, add(read(scans), 1)),
            *advance_task_clocks(self._plc, self._tasks, step_ns),
            If(AndThen(read(member(self._plc, "outputs_wait")), self._is_done()), (self._call_hold(),)),
            *run_due_tasks(self._plc, self._tasks, step_ns=step_ns, loop_budget=self._loop_budget),
        ]

    def _count_anew(self) -> Statement:
        return assign(member(self._plc, "scan_count"), 0)

    def _is_done(self) -> Expression:
        """Whether the tasks that ran end within this step."""
        return compare(read(member(self._plc, "busy_ns")), Comparison.LE, Parameter("step_ns", Scalar.I64))

    def _call_hold(self) -> Run:
        return Run(f"{self._prefix}_hold", (AddressOf(self._plc),))

    def _hold(self) -> list[Statement]:
        """Hold the outputs for the actuators and the other controllers."""
        copies: list[Statement] = [
            assign(member(self._plc, f"output_{index}"), read(self._variable(variable)))
            for index, variable in enumerate(self._outputs)
        ]
        return [*copies, assign(member(self._plc, "outputs_wait"), bool_const(False))]

    def _flush(self) -> list[Statement]:
        released: list[Statement] = [Zero(member(self._plc, "unit", "output_image"))]
        for index, variable in enumerate(self._outputs):
            output = member(self._plc, f"output_{index}")
            released.append(assign(output, False if variable.native is Scalar.BOOL else 0))
        is_running = compare(read(member(self._plc, "mode")), Comparison.EQ, int(PlcMode.RUN))
        wait = assign(member(self._plc, "outputs_wait"), bool_const(True))
        return [If(is_running, (If(self._is_done(), (self._call_hold(),), (wait,)),), tuple(released))]
