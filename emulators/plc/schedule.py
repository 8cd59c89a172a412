"""Phase 5 of a soft PLC as IR: due tasks in priority order on one emulated processor.

A task is due every ``interval`` from its ``offset``, and at each rising edge of its SINGLE variable; while that
variable is TRUE the task is not periodic (IEC 61131-3, 6.8.2). It runs to completion: a task that is due while another
one occupies the processor waits, and one that is due again while it still waits counts as an overrun. Its program runs
at once in native code; its declared execution time then keeps the processor busy in plant time, which holds back the
flush of outputs and lower tasks. An execution time above the task's watchdog stops the PLC with a WATCHDOG fault.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from emulators.native.ir import (
    AddressOf,
    AndThen,
    Argument,
    Array,
    Binary,
    BinaryOperator,
    Comparison,
    Const,
    Conversion,
    Convert,
    Expression,
    FaultCode,
    Field,
    If,
    Intrinsic,
    Load,
    Place,
    Return,
    RunGuarded,
    Scalar,
    Statement,
    Struct,
    Unary,
    UnaryOperator,
)
from emulators.native.shorthand import add, assign, bool_const, compare, member, place_at, read, subtract
from emulators.plc.forces import lay_forces
from emulators.plc.modes import PlcMode

__all__ = ["TASK_STRUCT", "ScheduledTask", "advance_task_clocks", "run_due_tasks"]

TASK_STRUCT = Struct(
    "hil_task",
    (
        Field("countdown_ticks", Scalar.I64),
        Field("execution_ns", Scalar.I64),
        Field("jitter_ns", Scalar.I64),
        Field("watchdog_ns", Scalar.I64),
        Field("run_count", Scalar.I64),
        Field("overrun_count", Scalar.I64),
        Field("last_execution_ns", Scalar.I64),
        Field("is_pending", Scalar.BOOL),
        Field("trigger_was", Scalar.BOOL),
    ),
)


@dataclass(frozen=True, slots=True)
class ScheduledTask:
    """A task with its times in ticks of the cell and the functions it runs.

    ``interval_ticks`` 0: not periodic. ``trigger``: the SINGLE variable, a BOOL place. ``channel`` numbers the draws.
    """

    name: str
    interval_ticks: int
    offset_ticks: int
    priority: int
    functions: tuple[str, ...]
    channel: int
    trigger: Place | None = None


def advance_task_clocks(plc: Argument, tasks: Sequence[ScheduledTask], step_ns: Expression) -> list[Statement]:
    """Return statements that free the processor by one step and mark the tasks that are due now."""
    busy = member(plc, "busy_ns")
    statements: list[Statement] = [
        If(
            compare(read(busy), Comparison.GT, step_ns),
            (assign(busy, subtract(read(busy), step_ns)),),
            (assign(busy, 0),),
        )
    ]
    for index, task in enumerate(tasks):
        row = place_at(plc, f"tasks[{index}]")
        if task.interval_ticks:
            statements += _periodic(row, task)
        if task.trigger is not None:
            statements += _triggered(row, task.trigger)
    return statements


def _periodic(row: Place, task: ScheduledTask) -> list[Statement]:
    countdown = member(row, "countdown_ticks")
    due = _becomes_due(row)
    if task.trigger is not None:
        due = (If(Unary(UnaryOperator.NOT, read(task.trigger), Scalar.BOOL), due),)
    return [
        If(
            compare(read(countdown), Comparison.LE, 0),
            (*due, assign(countdown, task.interval_ticks)),
        ),
        assign(countdown, subtract(read(countdown), 1)),
    ]


def _triggered(row: Place, trigger: Place) -> list[Statement]:
    was = member(row, "trigger_was")
    rises = AndThen(read(trigger), Unary(UnaryOperator.NOT, read(was), Scalar.BOOL))
    return [If(rises, _becomes_due(row)), assign(was, read(trigger))]


def _becomes_due(row: Place) -> tuple[Statement, ...]:
    pending, overruns = member(row, "is_pending"), member(row, "overrun_count")
    return (
        If(read(pending), (assign(overruns, add(read(overruns), 1)),)),
        assign(pending, bool_const(True)),
    )


def run_due_tasks(
    plc: Argument, tasks: Sequence[ScheduledTask], *, step_ns: Expression, loop_budget: int
) -> list[Statement]:
    """Return statements that run the pending tasks, most urgent (lowest number) first, while the processor is free."""
    busy = read(member(plc, "busy_ns"))
    ordered = sorted(enumerate(tasks), key=lambda pair: (pair[1].priority, pair[0]))
    statements: list[Statement] = []
    for index, task in ordered:
        place = place_at(plc, f"tasks[{index}]")
        body = _run_task(plc, index, task, loop_budget)
        is_due = read(member(place, "is_pending"))
        statements.append(If(is_due, (If(compare(busy, Comparison.LT, step_ns), tuple(body)),)))
    return statements


def _run_task(plc: Argument, index: int, task: ScheduledTask, loop_budget: int) -> list[Statement]:
    place = place_at(plc, f"tasks[{index}]")
    runs, last = member(place, "run_count"), member(place, "last_execution_ns")
    watchdog, busy = member(place, "watchdog_ns"), member(plc, "busy_ns")
    stop = (assign(member(plc, "mode"), int(PlcMode.FAULT)), assign(member(plc, "fault_time_ns"), _now(plc)), Return())
    exceeded: tuple[Statement, ...] = (
        assign(member(plc, "fault_code"), int(FaultCode.WATCHDOG)),
        assign(member(plc, "fault_site"), -1),
        assign(place_at(plc, "fault_values[0]"), read(last)),
        assign(place_at(plc, "fault_values[1]"), read(watchdog)),
        assign(place_at(plc, "fault_values[2]"), index),
        *stop,
    )
    calls: list[Statement] = [
        RunGuarded(
            function,
            (AddressOf(member(plc, "unit")),),
            code=member(plc, "fault_code"),
            site=member(plc, "fault_site"),
            values=member(plc, "fault_values"),
            on_fault=stop,
            budget=loop_budget,
        )
        for function in task.functions
    ]
    return [
        assign(member(place, "is_pending"), bool_const(False)),
        assign(last, _execution_time(plc, place, task)),
        assign(runs, add(read(runs), 1)),
        If(
            compare(read(watchdog), Comparison.GT, 0),
            (If(compare(read(last), Comparison.GT, read(watchdog)), exceeded),),
        ),
        *calls,
        lay_forces(plc),
        assign(busy, add(read(busy), read(last))),
    ]


def _now(plc: Argument) -> Load:
    return read(member(plc, "unit", "now_ns"))


def _execution_time(plc: Argument, place: Place, task: ScheduledTask) -> Expression:
    """Execution time of this run: the declared one plus a seeded draw that depends on the run's number alone."""
    execution, jitter = read(member(place, "execution_ns")), read(member(place, "jitter_ns"))
    draw = Intrinsic(
        "uniform",
        (
            read(member(plc, "seed")),
            Convert(read(member(place, "run_count")), Scalar.U64, Conversion.WRAP),
            Const(task.channel, Scalar.U64),
        ),
        Scalar.F64,
    )
    scaled = Binary(BinaryOperator.MULTIPLY, draw, Convert(jitter, Scalar.F64, Conversion.TO_FLOAT), Scalar.F64)
    return add(execution, Convert(scaled, Scalar.I64, Conversion.TRUNCATE_SATURATE))


def task_array(count: int) -> Array:
    """Return the type of the task table of a PLC; at least one row."""
    return Array(TASK_STRUCT, max(1, count))
