"""What an operator touches and sees: push button, emergency stop, selector, lamp."""

from __future__ import annotations

from emulators.component import Component, Fault, Input, Output, Param, Phase, State, fault, param, port, state
from emulators.devices.switches import ContactSensor

__all__ = ["EStop", "Lamp", "PushButton", "Selector"]


class PushButton(ContactSensor):
    """Push button, active while it is pressed.

    Input: pressed. Outputs: contact, is_pressed (what a program concludes from the contact), is_active (the same).
    """

    pressed: Input[bool] = port(description="a finger is on it")

    is_pressed: Output[bool] = port(description="pressed, as the contact says")

    def detects(self) -> bool:
        return self.pressed

    def outputs(self) -> None:
        is_closed = self.is_detecting != self.is_normally_closed
        is_closed = (is_closed or self.short_circuit) and not self.open_circuit
        self.contact = is_closed
        self.is_active = is_closed != self.is_normally_closed
        self.is_pressed = is_closed != self.is_normally_closed


class EStop(Component):
    """Emergency stop: latches when pressed, until it is pulled; its contact is closed while all is well.

    Source: ISO 13850 (latching, positive opening).

    Inputs: pressed, pulled. Outputs: contact (closed when healthy), is_pressed, and the state is_latched.
    """

    PHASE = Phase.SENSOR

    open_circuit: Fault[bool] = fault(description="broken wire: the contact reads open")
    short_circuit: Fault[bool] = fault(description="short circuit across the contact: it reads closed")

    pressed: Input[bool] = port(description="a hand is on it")
    pulled: Input[bool] = port(description="it is being unlatched")

    is_latched: State[bool] = state(description="pressed and not yet pulled")

    contact: Output[bool] = port(description="the contact is closed")
    is_pressed: Output[bool] = port(description="latched, as the contact says")

    def tick(self, step_s: float) -> None:
        if self.pressed:
            self.is_latched = True
        elif self.pulled:
            self.is_latched = False

    def outputs(self) -> None:
        is_closed = (not self.is_latched or self.short_circuit) and not self.open_circuit
        self.contact = is_closed
        self.is_pressed = not is_closed


class Selector(Component):
    """Selector switch with up to four positions. Input: wanted. Outputs: position, is_position_0 .. is_position_3."""

    PHASE = Phase.SENSOR

    last_position: Param[int] = param(1, low=1, high=3, description="highest position")

    stuck: Fault[bool] = fault(description="it cannot be turned")
    open_circuit: Fault[bool] = fault(description="broken wire: no contact closes")

    wanted: Input[int] = port(0, low=0, high=3, description="position it is turned to")

    position: State[int] = state(0, low=0, high=3, description="true position")

    is_position_0: Output[bool] = port(description="contact of position 0")
    is_position_1: Output[bool] = port(description="contact of position 1")
    is_position_2: Output[bool] = port(description="contact of position 2")
    is_position_3: Output[bool] = port(description="contact of position 3")

    def tick(self, step_s: float) -> None:
        if not self.stuck:
            self.position = max(0, min(self.last_position, self.wanted))

    def outputs(self) -> None:
        is_wired = not self.open_circuit
        self.is_position_0 = is_wired and self.position == 0
        self.is_position_1 = is_wired and self.position == 1
        self.is_position_2 = is_wired and self.position == 2
        self.is_position_3 = is_wired and self.position == 3


class Lamp(Component):
    """Lamp of a stack light, or a horn. Input: command. Outputs: is_lit, and the state on_count."""

    PHASE = Phase.ACTUATOR

    burnt_out: Fault[bool] = fault(description="it stays dark")

    command: Input[bool] = port(description="output of the controller")

    was_on: State[bool] = state(description="lit in the last step")
    on_count: State[int] = state(0, low=0, description="how often it was switched on")

    is_lit: Output[bool] = port(description="what the operator sees")

    def tick(self, step_s: float) -> None:
        is_lit = self.command and not self.burnt_out
        if is_lit and not self.was_on:
            self.on_count += 1
        self.was_on = is_lit

    def outputs(self) -> None:
        self.is_lit = self.command and not self.burnt_out
