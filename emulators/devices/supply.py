"""Electric supply of a plant."""

from __future__ import annotations

from emulators.component import Component, Fault, Input, Output, Param, Phase, State, fault, param, port, state

__all__ = ["PowerSupply"]


class PowerSupply(Component):
    """Mains: wire is_on to power_on of the motors. It returns return_delay_s after a failure has ended.

    Input: is_available. Outputs: is_on, has_failed, and the state failure_count.
    """

    PHASE = Phase.ACTUATOR

    return_delay_s: Param[float] = param(0.0, unit="s", low=0.0, description="time until the supply is back")

    power_failure: Fault[bool] = fault(description="the mains fail")

    is_available: Input[bool] = port(True, description="mains switch")

    absent_s: State[float] = state(0.0, unit="s", description="time that is left until the supply is back")
    was_on: State[bool] = state(True, description="supply in the last step")
    failure_count: State[int] = state(0, low=0, description="failures since the start")

    is_on: Output[bool] = port(True, description="supply is there")
    has_failed: Output[bool] = port(description="supply is not there")

    def tick(self, step_s: float) -> None:
        if self.power_failure or not self.is_available:
            self.absent_s = self.return_delay_s
            if self.was_on:
                self.failure_count += 1
            self.was_on = False
        elif self.absent_s > 0.0:
            self.absent_s = max(0.0, self.absent_s - step_s)
        else:
            self.was_on = True

    def outputs(self) -> None:
        self.is_on = self.was_on
        self.has_failed = not self.was_on
