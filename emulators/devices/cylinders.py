"""Pneumatic cylinders with end switches, and the pusher made of one."""

from __future__ import annotations

from emulators.component import Component, Fault, Input, Output, Param, Phase, State, fault, param, port, state

__all__ = ["Cylinder", "Pusher"]


class Cylinder(Component):
    """Pneumatic cylinder: single acting with spring return, or double acting with two solenoids.

    Double acting it stays where it is when neither or both solenoids are on.

    Inputs: extend_command, retract_command (double acting only), air_on. Outputs: is_extended, is_retracted (end
    switches), and the state extension_frac (true position).
    """

    PHASE = Phase.ACTUATOR

    stroke_time_s: Param[float] = param(0.5, unit="s", low=0.001, description="time of one stroke")
    is_double_acting: Param[bool] = param(False, description="two solenoids, no spring")

    stuck: Fault[bool] = fault(description="the piston stays where it is")
    slow_factor: Fault[float] = fault(1.0, unit="1", low=1.0, high=20.0, description="a stroke takes this times longer")
    air_lost: Fault[bool] = fault(description="no air: the spring retracts it, a double acting one stays")
    extended_switch_lost: Fault[bool] = fault(description="the end switch 'extended' does not close")
    retracted_switch_lost: Fault[bool] = fault(description="the end switch 'retracted' does not close")

    extend_command: Input[bool] = port(description="solenoid")
    retract_command: Input[bool] = port(description="second solenoid of a double acting cylinder")
    air_on: Input[bool] = port(True, description="compressed air")

    extension_frac: State[float] = state(0.0, unit="1", low=0.0, high=1.0, description="true position, 1 is extended")

    is_extended: Output[bool] = port(description="end switch")
    is_retracted: Output[bool] = port(description="end switch")

    def tick(self, step_s: float) -> None:
        if self.stuck:
            return
        has_air = self.air_on and not self.air_lost
        extends = self.extend_command and has_air
        retracts = not extends
        if self.is_double_acting:
            retracts = self.retract_command and has_air
            if extends and retracts:
                return
        travel_frac = step_s / (self.stroke_time_s * self.slow_factor)
        if extends:
            self.extension_frac = min(1.0, self.extension_frac + travel_frac)
        elif retracts:
            self.extension_frac = max(0.0, self.extension_frac - travel_frac)

    def outputs(self) -> None:
        self.is_extended = self.extension_frac >= 0.98 and not self.extended_switch_lost
        self.is_retracted = self.extension_frac <= 0.02 and not self.retracted_switch_lost


class Pusher(Cylinder):
    """Quick cylinder that pushes parts off a belt; wire extension_frac to the belt.

    Inputs: extend_command, air_on. Outputs: is_extended, is_retracted, and the state extension_frac.
    """

    stroke_time_s: Param[float] = param(0.25, unit="s", low=0.001, description="time of one stroke")
