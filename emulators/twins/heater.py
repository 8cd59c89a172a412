"""Electric heater."""

from __future__ import annotations

from emulators.component import Component, Fault, Input, Output, Param, State, fault, param, port, state

__all__ = ["Heater"]


class Heater(Component):
    """Electric heater: the heat it gives follows its electric power with one time constant.

    tau * dQ/dt = P - Q. Source: lumped capacity, e.g. F. P. Incropera, Fundamentals of Heat and Mass Transfer, ch. 5.

    Inputs: run_command, power_frac. Outputs: is_on, power_kw, and the state heating_kw (to the tank).
    """

    rated_kw: Param[float] = param(20.0, unit="kW", low=0.0, description="electric power at full output")
    time_constant_s: Param[float] = param(5.0, unit="s", low=0.01, description="thermal time constant of the element")

    burnt_out_frac: Fault[float] = fault(0.0, unit="1", low=0.0, high=1.0, description="share of elements that failed")
    stuck_on: Fault[bool] = fault(description="contactor welded: full power whatever the command is")
    stuck_off: Fault[bool] = fault(description="contactor does not close")

    run_command: Input[bool] = port(description="contactor")
    power_frac: Input[float] = port(1.0, unit="1", low=0.0, high=1.0, description="share of the rated power")

    heating_kw: State[float] = state(0.0, unit="kW", low=0.0, high=1000.0, description="heat given to the medium")

    is_on: Output[bool] = port(description="contactor feedback")
    power_kw: Output[float] = port(unit="kW", description="electric power drawn")

    def outputs(self) -> None:
        self.is_on = (self.run_command or self.stuck_on) and not self.stuck_off
        share = 0.0
        if self.stuck_off:
            share = 0.0
        elif self.stuck_on:
            share = 1.0
        elif self.run_command:
            share = max(0.0, min(1.0, self.power_frac))
        self.power_kw = self.rated_kw * share * (1.0 - self.burnt_out_frac)

    def derivatives(self) -> None:
        self.der.heating_kw = (self.power_kw - self.heating_kw) / self.time_constant_s
