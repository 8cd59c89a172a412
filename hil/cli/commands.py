"""Table of the commands of ``hil``. A new command is one module with a click command ``command`` and one row here."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["COMMANDS", "CommandRow"]


@dataclass(frozen=True, slots=True)
class CommandRow:
    """``module`` is imported when the command is used; ``summary`` stands in ``hil --help``."""

    name: str
    module: str
    summary: str


COMMANDS = (
    CommandRow("demo", "hil.cli.demo", "Show the main job on the two-tank cell, in half a minute."),
    CommandRow("check", "hil.cli.check", "Check control programs, rigs, register maps and I/O lists."),
    CommandRow("new", "hil.cli.new", "Write a small project that runs with pytest at once."),
    CommandRow("simulate", "hil.cli.simulate", "Run a cell without any test."),
    CommandRow("run", "hil.cli.run", "Run a cell with its Modbus and OPC UA endpoints."),
    CommandRow("device", "hil.cli.device", "List and run emulated Modbus devices."),
    CommandRow("map", "hil.cli.map", "Print a register map as a table, Markdown, HTML or CSV."),
    CommandRow("modbus", "hil.cli.modbus", "Read, write, scan, compare and record Modbus devices."),
    CommandRow("read", "hil.cli.read", "Read values of a running cell."),
    CommandRow("write", "hil.cli.write", "Write a value into a running cell once."),
    CommandRow("force", "hil.cli.force", "Force values of a running cell, list or release forces."),
    CommandRow("inject", "hil.cli.inject", "Inject faults into a running cell, list or clear them."),
)
