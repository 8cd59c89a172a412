"""Table of the commands of ``hil``. A new command is one module with a click command ``command`` and one row here."""

from __future__ import annotations

from hil.cli.lazy_group import CommandRow

__all__ = ["COMMANDS"]


COMMANDS = (
    CommandRow("demo", "hil.cli.demo", "Show the main job on the two-tank cell, in half a minute."),
    CommandRow("check", "hil.cli.check", "Check control programs, rigs, register maps, I/O lists, timelines."),
    CommandRow("new", "hil.cli.new", "Write a small project that runs with pytest at once."),
    CommandRow("simulate", "hil.cli.simulate", "Run a cell without any test."),
    CommandRow("run", "hil.cli.run", "Run a cell with its Modbus and OPC UA endpoints."),
    CommandRow("device", "hil.cli.device", "List and run emulated Modbus devices."),
    CommandRow("map", "hil.cli.map", "Print a register map in many forms; import those of pymodbus."),
    CommandRow("modbus", "hil.cli.modbus", "Read, write, scan, compare and record Modbus devices."),
    CommandRow("read", "hil.cli.read", "Read values of a running cell."),
    CommandRow("write", "hil.cli.write", "Write values into a running cell once."),
    CommandRow("force", "hil.cli.force", "Force values of a running cell, list or release forces."),
    CommandRow("inject", "hil.cli.inject", "Inject faults into a running cell, list or clear them."),
)
