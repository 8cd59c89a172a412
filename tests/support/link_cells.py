"""A cell whose controller scans a device of the plant: program, rig and register map for tests of links."""

from __future__ import annotations

__all__ = ["DEVICE_MAP", "DEVICE_PARTS", "LINK_PROGRAM", "link_rig"]

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
