"""Cells whose controller scans devices of the plant: programs, rigs and register map for tests of links."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from small_cells import MS, SmallCells, event, fault

from emulators.cell import Cell, Operation, TapeEvent

__all__ = [
    "A_BIT_OF_EVERYTHING",
    "DEVICE_MAP",
    "DEVICE_PARTS",
    "LINE_PROGRAM",
    "LINK_COLUMNS",
    "LINK_PROGRAM",
    "LINK_PROTOCOLS",
    "LinkedCells",
    "line_rig",
    "link_rig",
    "rows",
]

LINK_PROTOCOLS = ("modbus-tcp", "modbus-udp", "modbus-rtu-over-tcp", "modbus-rtu", "modbus-ascii")
LINK_COLUMNS = (
    *("PLC1.seen", "PLC1.level", "PLC1.echo", "PLC1.odd", "PLC1.comm_error", "PLC1.age"),
    *("M.wanted", "M.gain", "M.enabled", "BUS.requests", "BUS.failures", "BUS.exception_code", "BUS.injections"),
)
A_BIT_OF_EVERYTHING = (
    fault(200 * MS, "BUS.delay", "time=20ms jitter=60ms probability=0.7"),
    fault(500 * MS, "BUS.corrupt", "values=random probability=0.5"),
    fault(700 * MS, "BUS.no_response", "probability=0.3"),
    fault(900 * MS, "BUS.duplicate", True),
    event(1100 * MS, Operation.LINK, "BUS", "down"),
    event(1300 * MS, Operation.LINK, "BUS", "up"),
    fault(1500 * MS, "BUS.corrupt", None),
)
"""Faults of a link within 180 steps; on every wire something happens to more than 10 exchanges."""

DEVICE_PARTS = """
from emulators.component import Component, Input, Output, Phase, State, port, state

class Meter(Component):
    PHASE = Phase.SENSOR
    wanted: Input[int] = port(low=0, high=30000)
    enabled: Input[bool] = port()
    gain: Input[float] = port(1.0)
    count: State[int] = state(0)
    level: Output[float] = port()
    is_odd: Output[bool] = port()
    echo: Output[int] = port()
    def tick(self, step_s: float) -> None:
        self.count = self.count + 1
    def outputs(self) -> None:
        self.level = 0.5 * float(self.count)
        self.is_odd = self.count % 2 == 1
        self.echo = self.wanted
"""

DEVICE_MAP = """
format = 1
name = "meter"
register = [
    { tag = "COUNT", signal = "count", table = "input", address = 0, type = "uint16" },
    { tag = "LEVEL", signal = "level", table = "input", address = 1, type = "float32" },
    { tag = "ECHO", signal = "echo", table = "input", address = 3, type = "int16", scale = 0.1 },
    { tag = "ODD", signal = "is_odd", table = "discrete", address = 4 },
    { tag = "WANTED", signal = "wanted", reference = 40001, type = "int16", access = "rw", range = [0, 20000] },
    { tag = "GAIN", signal = "gain", table = "holding", address = 1, type = "float32", access = "rw" },
    { tag = "ENABLED", signal = "enabled", table = "coil", address = 7, access = "rw" },
    { tag = "SERIAL", initial = 4711, table = "holding", address = 20, type = "uint16" },
    { tag = "CLOCK", behaviour = { kind = "counter", period = "100 ms" }, reference = 30031, type = "uint16" },
]
[twin]
component = "parts.py:Meter"
"""

LINK_PROGRAM = """
PROGRAM Main
VAR
    seen, wanted, serial, clock : DINT;
    level, echo, age, gain : REAL;
    odd, comm_error, enabled : BOOL;
    n : DINT;
END_VAR
    n := n + 1;
    wanted := n;
    gain := 2.5;
    enabled := n > 20;
END_PROGRAM
"""


def link_rig(link: str = "", *, protocol: str = "modbus-tcp", inputs: str = "", outputs: str = "") -> str:
    """Return a rig file whose controller takes and drives every register of the meter, with further lines."""
    return f"""
[plant.M]
component = "parts.py:Meter"
[controllers.PLC1]
language = "st"
sources = "PLC1.st"
[controllers.PLC1.inputs]
seen = "BUS.COUNT"
level = "BUS.LEVEL"
echo = "BUS.ECHO"
odd = "BUS.ODD"
serial = "BUS.SERIAL"
clock = "BUS.CLOCK"
comm_error = "BUS.error"
age = "BUS.age_s"
{inputs}
[controllers.PLC1.outputs]
"BUS.WANTED" = "wanted"
"BUS.GAIN" = "gain"
"BUS.ENABLED" = "enabled"
{outputs}
[links.BUS]
protocol = "{protocol}"
controller = "PLC1"
device = "M"
map = "map.toml"
period = "100 ms"
timeout = "50 ms"
{link}
"""


LINE_PROGRAM = """
PROGRAM Main
VAR
    seen1, seen2, wanted1, wanted2, common, waiting, n : DINT;
    error1, error2 : BOOL;
END_VAR
    n := n + 1;
    wanted1 := n;
    wanted2 := 10000 + n;
    common := 100 + n / 50;
END_PROGRAM
"""


def line_rig(*, line: str = "", first: str = "", second: str = "", extra: str = "") -> str:
    """Return a rig file whose controller reads one register of each of two meters on one line, with further lines.

    The line is set so that a character takes a millisecond: an exchange takes 8 + 3.5 + 7 + 3.5 of them.
    """
    return f"""
[plant.M1]
component = "parts.py:Meter"
[plant.M2]
component = "parts.py:Meter"
[controllers.PLC1]
language = "st"
sources = "PLC1.st"
[controllers.PLC1.inputs]
seen1 = "U1.COUNT"
seen2 = "U2.COUNT"
error1 = "U1.error"
error2 = "U2.error"
waiting = "COM.waiting"
[lines.COM]
controller = "PLC1"
baud_rate = 10000
parity = "none"
{line}
[links.U1]
line = "COM"
unit_id = 1
device = "M1"
map = "map.toml"
timeout = "100 ms"
{first}
[links.U2]
line = "COM"
unit_id = 2
device = "M2"
map = "map.toml"
timeout = "100 ms"
{second}
{extra}
"""


class LinkedCells:
    """Cells of ``link_rig`` and other rigs of the meter, each built once and handed out at time 0."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[tuple[str, ...], Cell] = {}

    def __call__(self, protocol: str = "modbus-tcp", link: str = "", *, executor: str = "tcc") -> Cell:
        """Return the cell whose link speaks a protocol and has further lines."""
        return self.of(link_rig(link, protocol=protocol), LINK_PROGRAM, executor=executor)

    def of(self, rig: str, program: str, *, executor: str = "tcc", device_map: str = DEVICE_MAP) -> Cell:
        """Return the cell of a rig."""
        key = (rig, program, executor, device_map)
        if key not in self._known:
            folder = self._folder / str(len(self._known))
            folder.mkdir()
            files = {"parts_py": DEVICE_PARTS, "PLC1_st": program, "map_toml": device_map}
            self._known[key] = SmallCells(folder).cell(rig, executor=executor, **files)
        self._known[key].reset()
        return self._known[key]


def rows(cell: Cell, n_steps: int, *events: TapeEvent, columns: tuple[str, ...] = LINK_COLUMNS) -> dict[str, Any]:
    """Run a cell; return its columns as lists."""
    recording = cell.run(n_steps, tape=events, columns=columns)
    return {name: recording.columns[name].tolist() for name in columns}
