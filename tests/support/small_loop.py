"""A loop of one tank, one sensor, one valve and one controller, small enough to follow by hand.

The valve's opening fills the tank; the sensor reads the level; the program opens the valve while ``go`` is on and
counts its scans. Nothing lags, so that each phase of a step shows in the numbers.
"""

__all__ = ["LOOP_ENDPOINT", "LOOP_MAP", "LOOP_PARTS", "LOOP_PROGRAM", "LOOP_RIG"]

LOOP_PARTS = '''
from emulators.component import Component, Fault, Input, Output, Param, Phase, State, fault, param, port, state, uniform

class Tank(Component):
    """Level rises by the inflow."""
    leak: Fault[float] = fault(0.0, low=0.0, high=10.0)
    inflow: Input[float] = port()
    divisor: Input[float] = port(1.0)
    level: State[float] = state(0.0)
    doubled: Output[float] = port()
    def outputs(self) -> None:
        self.doubled = 2.0 * self.level
    def derivatives(self) -> None:
        self.der.level = (self.inflow - self.leak) / self.divisor

class Sensor(Component):
    """Reads a level, noisy if asked to."""
    PHASE = Phase.SENSOR
    noise: Param[float] = param(0.0)
    offset: Fault[float] = fault(0.0, low=-10.0, high=10.0)
    level: Input[float] = port()
    draws: State[int] = state(0)
    reading: Output[float] = port()
    def tick(self, step_s: float) -> None:
        self.draws = self.draws + 1
    def outputs(self) -> None:
        self.reading = self.level + self.offset + self.noise * uniform(self.seed, self.draws, self.noise_channel)

class Valve(Component):
    """Open while commanded."""
    PHASE = Phase.ACTUATOR
    stuck: Fault[bool] = fault()
    command: Input[bool] = port()
    opening: State[float] = state(0.0)
    moves: State[int] = state(0)
    def tick(self, step_s: float) -> None:
        if not self.stuck:
            wanted = 1.0 if self.command else 0.0
            if wanted != self.opening:
                self.moves = self.moves + 1
            self.opening = wanted
    def outputs(self) -> None:
        return
'''
LOOP_PROGRAM = """
PROGRAM Main
VAR_EXTERNAL CONSTANT limit : REAL; END_VAR
VAR go : BOOL; level : REAL; open AT %QX0.0 : BOOL; scans : DINT; clock : TON; setpoint : INT := 50; END_VAR
VAR seen : TIME; END_VAR
  scans := scans + 1;
  clock(IN := TRUE, PT := T#1h); seen := clock.ET;
  open := go AND level < limit;
END_PROGRAM
CONFIGURATION C
  VAR_GLOBAL CONSTANT limit : REAL := 1000.0; END_VAR
  RESOURCE R ON PLC
    TASK Cyclic(INTERVAL := T#10ms, PRIORITY := 1);
    PROGRAM Main WITH Cyclic : Main;
  END_RESOURCE
END_CONFIGURATION
"""
LOOP_RIG = """
[plant.T]
component = "parts.py:Tank"
inputs = { inflow = "V.opening" }
[plant.L]
component = "parts.py:Sensor"
inputs = { level = "T.level" }
[plant.V]
component = "parts.py:Valve"
[controllers.PLC1]
language = "st"
sources = "PLC1.st"
[controllers.PLC1.inputs]
level = "L.reading"
[controllers.PLC1.outputs]
"V.command" = "open"
[tags.LEVEL]
signal = "T.level"
truth = true
[tags.SCANS]
signal = "PLC1.scans"
[tags.GO]
signal = "PLC1.go"
writable = true
[tags.SETPOINT]
signal = "PLC1.setpoint"
writable = true
range = [0, 100]
"""
LOOP_ENDPOINT = """
[[endpoints]]
name = "modbus"
protocol = "modbus-tcp"
controller = "PLC1"
map = "map.toml"
"""
LOOP_MAP = """
format = 1
[[register]]
tag = "SCANS"
table = "input"
address = 0
type = "int32"
[[register]]
tag = "SETPOINT"
table = "holding"
address = 0
type = "int16"
access = "rw"
[[register]]
tag = "GO"
table = "coil"
address = 0
access = "rw"
"""
