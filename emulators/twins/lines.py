"""What lies between vessels: a line under gravity, a junction, a pipe with its dead time."""

from __future__ import annotations

from emulators.component import Component, Fault, Floats, Input, Output, Param, State, array, fault, param, port, state
from emulators.twins.flow import GRAVITY_M_PER_S2, SECONDS_PER_HOUR, kv_flow_m3_per_h

__all__ = ["GravityLine", "Junction", "Pipe"]

BAR_PER_M = 1000.0 * GRAVITY_M_PER_S2 / 100000.0
LEAST_FLOW_M3_PER_S = 1e-12


class GravityLine(Component):
    """Line between two vessels, or to a drain, driven by the difference of their levels through a valve.

    Q = Kv * opening * sqrt(dp / 1 bar), water. Source: definition of Kv, IEC 60534-1.

    Inputs: inlet_level_m, outlet_level_m, opening_frac. Output: flow_m3_per_s (negative where it runs back).
    """

    kv_m3_per_h: Param[float] = param(10.0, unit="m3/h", low=0.0, description="flow at 1 bar with the valve open")
    inlet_height_m: Param[float] = param(0.0, unit="m", description="bottom of the inlet vessel above the outlet's")
    has_check_valve: Param[bool] = param(True, description="nothing runs back")

    clog_frac: Fault[float] = fault(0.0, unit="1", low=0.0, high=1.0, description="share of the line that is blocked")

    inlet_level_m: Input[float] = port(unit="m")
    outlet_level_m: Input[float] = port(unit="m")
    opening_frac: Input[float] = port(1.0, unit="1", low=0.0, high=1.0, description="valve in the line")

    flow_m3_per_s: Output[float] = port(unit="m3/s")

    def outputs(self) -> None:
        head_m = max(self.inlet_level_m, 0.0) + self.inlet_height_m - max(self.outlet_level_m, 0.0)
        if self.inlet_level_m <= 0.0 and head_m > 0.0:
            head_m = 0.0
        if head_m < 0.0 and (self.has_check_valve or self.outlet_level_m <= 0.0):
            head_m = 0.0
        kv = self.kv_m3_per_h * max(0.0, min(1.0, self.opening_frac)) * (1.0 - self.clog_frac)
        self.flow_m3_per_s = kv_flow_m3_per_h(kv, BAR_PER_M * head_m) / SECONDS_PER_HOUR


class Junction(Component):
    """Two flows become one: the sum, with the temperature of the mixture.

    Inputs: first_m3_per_s, first_temperature_degc, second_m3_per_s, second_temperature_degc.
    Outputs: flow_m3_per_s, temperature_degc.
    """

    first_m3_per_s: Input[float] = port(unit="m3/s", low=0.0)
    first_temperature_degc: Input[float] = port(20.0, unit="degC")
    second_m3_per_s: Input[float] = port(unit="m3/s", low=0.0)
    second_temperature_degc: Input[float] = port(20.0, unit="degC")

    flow_m3_per_s: Output[float] = port(unit="m3/s")
    temperature_degc: Output[float] = port(unit="degC")

    def outputs(self) -> None:
        total = self.first_m3_per_s + self.second_m3_per_s
        self.flow_m3_per_s = total
        if total > LEAST_FLOW_M3_PER_S:
            warmth = self.first_m3_per_s * self.first_temperature_degc
            warmth = warmth + self.second_m3_per_s * self.second_temperature_degc
            self.temperature_degc = warmth / total
        else:
            self.temperature_degc = self.first_temperature_degc


class Pipe(Component):
    """Pipe in plug flow: what leaves has the temperature that entered one pipe volume ago.

    The pipe is a row of cells that shift when one cell of volume has passed; it gives the temperature, not the flow.

    Inputs: flow_m3_per_s, inlet_temperature_degc. Output: outlet_temperature_degc.
    """

    volume_m3: Param[float] = param(0.05, unit="m3", low=1e-6, description="volume between inlet and outlet")

    flow_m3_per_s: Input[float] = port(unit="m3/s", low=0.0)
    inlet_temperature_degc: Input[float] = port(20.0, unit="degC")

    cell_temperature_degc: State[Floats] = array(64, 20.0, unit="degC", description="from inlet to outlet")
    passed_m3: State[float] = state(0.0, unit="m3", description="volume since the last shift")

    outlet_temperature_degc: Output[float] = port(20.0, unit="degC")

    def tick(self, step_s: float) -> None:
        cells = len(self.cell_temperature_degc)
        cell_m3 = self.volume_m3 / float(cells)
        self.passed_m3 += max(0.0, self.flow_m3_per_s) * step_s
        shifts = 0
        while self.passed_m3 >= cell_m3 and shifts < cells:
            for i in range(len(self.cell_temperature_degc) - 1, 0, -1):
                self.cell_temperature_degc[i] = self.cell_temperature_degc[i - 1]
            self.cell_temperature_degc[0] = self.inlet_temperature_degc
            self.passed_m3 -= cell_m3
            shifts += 1
        self.passed_m3 = min(self.passed_m3, cell_m3)
        self.outlet_temperature_degc = self.cell_temperature_degc[len(self.cell_temperature_degc) - 1]
