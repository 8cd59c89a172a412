"""Start, restart and power of a soft PLC as IR: what the command field asks for is done at the latch (phase 4).

Cold restart: every variable takes its initial value. Warm restart: RETAIN variables keep theirs. Power off keeps
the memory as it is, drops the outputs and freezes tasks; power on is a warm restart; without power no other command
does anything. A fault is left only by a restart. Forces and task timing survive all of them, as they belong to the
engineer and not to the program.
"""

from __future__ import annotations

from collections.abc import Sequence

from emulators.native.ir import (
    AddressOf,
    Argument,
    Comparison,
    FaultCode,
    If,
    Run,
    Statement,
    Switch,
    SwitchCase,
)
from emulators.native.shorthand import assign, bool_const, compare, member, place_at, read
from emulators.plc.modes import PlcCommand, PlcMode
from emulators.plc.schedule import ScheduledTask

__all__ = ["carry_out_command", "restart"]


def restart(plc: Argument, initialise: str, tasks: Sequence[ScheduledTask]) -> list[Statement]:
    """Return statements that initialise the memory through ``initialise`` and start the tasks from their offsets."""
    statements: list[Statement] = [
        Run(initialise, (AddressOf(member(plc, "unit")),)),
        assign(member(plc, "mode"), int(PlcMode.RUN)),
        assign(member(plc, "fault_code"), int(FaultCode.NONE)),
        assign(member(plc, "busy_ns"), 0),
        assign(member(plc, "outputs_wait"), bool_const(False)),
    ]
    for index, task in enumerate(tasks):
        row = place_at(plc, f"tasks[{index}]")
        statements.append(assign(member(row, "countdown_ticks"), task.offset_ticks))
        statements.append(assign(member(row, "is_pending"), bool_const(False)))
        statements.append(assign(member(row, "trigger_was"), bool_const(False)))
    return statements


def carry_out_command(plc: Argument, *, cold: str, warm: str) -> list[Statement]:
    """Return statements for the pending command; ``cold`` and ``warm`` are the functions that restart the PLC."""
    mode, command = member(plc, "mode"), member(plc, "command")

    def in_mode(wanted: PlcMode, *then: Statement) -> If:
        return If(compare(read(mode), Comparison.EQ, int(wanted)), then)

    def case(which: PlcCommand, *body: Statement) -> SwitchCase:
        return SwitchCase(((int(which), int(which)),), body)

    run_cold, run_warm = Run(cold, (AddressOf(plc),)), Run(warm, (AddressOf(plc),))
    is_powered = compare(read(mode), Comparison.NE, int(PlcMode.OFF))
    chosen = Switch(
        read(command),
        (
            case(PlcCommand.COLD_RESTART, If(is_powered, (run_cold,))),
            case(PlcCommand.WARM_RESTART, If(is_powered, (run_warm,))),
            case(PlcCommand.STOP, in_mode(PlcMode.RUN, assign(mode, int(PlcMode.STOP)))),
            case(PlcCommand.RUN, in_mode(PlcMode.STOP, assign(mode, int(PlcMode.RUN)))),
            case(PlcCommand.POWER_OFF, assign(mode, int(PlcMode.OFF))),
            case(PlcCommand.POWER_ON, in_mode(PlcMode.OFF, run_warm)),
        ),
    )
    pending = compare(read(command), Comparison.NE, int(PlcCommand.NONE))
    return [If(pending, (chosen, assign(command, int(PlcCommand.NONE))))]
