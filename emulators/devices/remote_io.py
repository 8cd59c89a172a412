"""Remote I/O coupler with a watchdog, its outputs wired back to its inputs."""

from __future__ import annotations

from emulators.component import Component, Fault, Input, Output, Param, Phase, State, fault, param, port, state

__all__ = ["RemoteIo"]

WATCHDOG_OFF = 0
WATCHDOG_RUNNING = 1
WATCHDOG_EXPIRED = 2


class RemoteIo(Component):
    """Coupler with four digital and two analog channels each way, looped back as on a test bench.

    The watchdog runs once watchdog_time_s is above 0 and the trigger was written; each different value in
    watchdog_trigger restarts it. When it expires, all outputs go to 0 until the trigger changes again.

    Inputs: output_1, output_2, output_3, output_4, analog_output_1_ma, analog_output_2_ma, watchdog_time_s,
    watchdog_trigger. Outputs: is_output_1_on, is_output_2_on, is_output_3_on, is_output_4_on (at the terminals),
    input_1, input_2, input_3, input_4, analog_input_1_ma, analog_input_2_ma, and the states watchdog_state,
    expiry_count.
    """

    PHASE = Phase.SENSOR

    input_delay_s: Param[float] = param(0.02, unit="s", low=0.0, description="filter of the digital inputs")

    supply_lost: Fault[bool] = fault(description="no field supply: all inputs and outputs are off")
    input_1_stuck: Fault[bool] = fault(description="input 1 stays as it is")
    wire_1_broken: Fault[bool] = fault(description="analog input 1 reads 0 mA")

    output_1: Input[bool] = port()
    output_2: Input[bool] = port()
    output_3: Input[bool] = port()
    output_4: Input[bool] = port()
    analog_output_1_ma: Input[float] = port(4.0, unit="mA", low=0.0, high=24.0)
    analog_output_2_ma: Input[float] = port(4.0, unit="mA", low=0.0, high=24.0)
    watchdog_time_s: Input[float] = port(0.0, unit="s", low=0.0, high=6553.5, description="0 switches it off")
    watchdog_trigger: Input[int] = port(0, low=0, high=65535, description="a different value restarts the watchdog")

    watchdog_state: State[int] = state(WATCHDOG_OFF, low=0, high=2, description="0 off, 1 running, 2 expired")
    expiry_count: State[int] = state(0, low=0, high=65535, description="how often it has expired")
    left_s: State[float] = state(0.0, unit="s", description="time until it expires")
    seen_trigger: State[int] = state(0, description="trigger of the last step")
    filter_s: State[float] = state(0.0, unit="s", description="time since inputs and outputs differ")

    is_output_1_on: Output[bool] = port()
    is_output_2_on: Output[bool] = port()
    is_output_3_on: Output[bool] = port()
    is_output_4_on: Output[bool] = port()
    input_1: Output[bool] = port()
    input_2: Output[bool] = port()
    input_3: Output[bool] = port()
    input_4: Output[bool] = port()
    analog_input_1_ma: Output[float] = port(unit="mA", low=0.0, high=24.0)
    analog_input_2_ma: Output[float] = port(unit="mA", low=0.0, high=24.0)

    def tick(self, step_s: float) -> None:
        self.watch(step_s)
        is_alive = self.watchdog_state != WATCHDOG_EXPIRED and not self.supply_lost
        self.is_output_1_on = self.output_1 and is_alive
        self.is_output_2_on = self.output_2 and is_alive
        self.is_output_3_on = self.output_3 and is_alive
        self.is_output_4_on = self.output_4 and is_alive
        self.analog_input_1_ma = self.analog_output_1_ma if is_alive and not self.wire_1_broken else 0.0
        self.analog_input_2_ma = self.analog_output_2_ma if is_alive else 0.0
        self.read_inputs(step_s)

    def watch(self, step_s: float) -> None:
        if self.watchdog_time_s <= 0.0:
            self.watchdog_state = WATCHDOG_OFF
        elif self.watchdog_trigger != self.seen_trigger:
            self.watchdog_state = WATCHDOG_RUNNING
            self.left_s = self.watchdog_time_s
        elif self.watchdog_state == WATCHDOG_RUNNING:
            self.left_s -= step_s
            if self.left_s <= 0.0:
                self.watchdog_state = WATCHDOG_EXPIRED
                self.expiry_count = (self.expiry_count + 1) % 65536
        self.seen_trigger = self.watchdog_trigger

    def read_inputs(self, step_s: float) -> None:
        is_same = self.input_1 == self.is_output_1_on and self.input_2 == self.is_output_2_on
        is_same = is_same and self.input_3 == self.is_output_3_on and self.input_4 == self.is_output_4_on
        if is_same:
            self.filter_s = 0.0
            return
        self.filter_s += step_s
        if self.filter_s < self.input_delay_s:
            return
        if not self.input_1_stuck:
            self.input_1 = self.is_output_1_on
        self.input_2 = self.is_output_2_on
        self.input_3 = self.is_output_3_on
        self.input_4 = self.is_output_4_on
