"""Remote I/O coupler with a watchdog, half of its inputs wired back from its outputs."""

from __future__ import annotations

from emulators.component import (
    Component,
    Fault,
    Floats,
    Input,
    Output,
    Param,
    Phase,
    State,
    array,
    fault,
    param,
    port,
    state,
)
from emulators.signals.scaling import FAILURE_HIGH_MA, FAILURE_LOW_MA

__all__ = ["RemoteIo"]

WATCHDOG_OFF, WATCHDOG_RUNNING, WATCHDOG_EXPIRED = 0, 1, 2
SAFE_OFF, SAFE_HOLD, SAFE_SUBSTITUTE = 0, 1, 2
STOP_FIRST, STOP_SECOND = 0xAAAA, 0x5555
SIMPLE_STOP, SIMPLE_STOP_TOO = 0x55AA, 0xAA55
N_CHANNELS = 8


class RemoteIo(Component):
    """Coupler with 8 digital outputs and inputs, 2 analog outputs and 4 analog inputs, as on a test bench.

    Inputs 1 to 4 and analog inputs 1 and 2 are wired from the outputs of the same number, the others come from the
    field. The watchdog starts with the first different value in watchdog_trigger once watchdog_time_s is above 0; each
    different value keeps it alive. When it expires the outputs take their safe state: off, as they are, or substitute
    values. It runs again after watchdog_restart 1, in mode 1 after a trigger too; watchdog_stop 0xAAAA and then 0x5555,
    or simple_stop 0x55AA, ends it. A change of the time counts from the next start. A shorted output is off and told.

    Inputs: output_1 to output_8, analog_output_1_ma, analog_output_2_ma, field_5 to field_8, field_3_ma, field_4_ma,
    watchdog_time_s, watchdog_trigger, watchdog_mode, safe_mode, safe_word, safe_1_ma, safe_2_ma. Outputs:
    is_output_1_on to is_output_8_on, output_word, input_1 to input_8, input_word, terminal_1_ma, terminal_2_ma,
    analog_input_1_ma to analog_input_4_ma, diagnosis_word, error_code, and the states watchdog_state, left_s,
    expiry_count, pulse_count.
    """

    PHASE = Phase.SENSOR

    input_delay_s: Param[float] = param(0.02, unit="s", low=0.0, description="filter of the digital inputs")

    supply_lost: Fault[bool] = fault(description="no field supply: all inputs and outputs are off")
    output_1_shorted: Fault[bool] = fault(description="output 1 is shorted: it stays off and is told")
    input_1_stuck: Fault[bool] = fault(description="input 1 stays as it is")
    wire_1_broken: Fault[bool] = fault(description="analog input 1 reads 0 mA")

    output_1: Input[bool] = port()
    output_2: Input[bool] = port()
    output_3: Input[bool] = port()
    output_4: Input[bool] = port()
    output_5: Input[bool] = port()
    output_6: Input[bool] = port()
    output_7: Input[bool] = port()
    output_8: Input[bool] = port()
    analog_output_1_ma: Input[float] = port(4.0, unit="mA", low=0.0, high=24.0)
    analog_output_2_ma: Input[float] = port(4.0, unit="mA", low=0.0, high=24.0)
    field_5: Input[bool] = port(description="contact at input 5")
    field_6: Input[bool] = port(description="contact at input 6")
    field_7: Input[bool] = port(description="contact at input 7")
    field_8: Input[bool] = port(description="contact at input 8")
    field_3_ma: Input[float] = port(12.0, unit="mA", low=0.0, high=24.0, description="transmitter at analog input 3")
    field_4_ma: Input[float] = port(4.0, unit="mA", low=0.0, high=24.0, description="transmitter at analog input 4")
    watchdog_time_s: Input[float] = port(0.0, unit="s", low=0.0, high=6553.5, description="0 switches it off")
    watchdog_trigger: Input[int] = port(0, low=0, high=65535, description="a different value keeps it alive")
    watchdog_mode: Input[int] = port(0, low=0, high=1, description="1: a trigger restarts an expired one")
    safe_mode: Input[int] = port(SAFE_OFF, low=0, high=2, description="0 off, 1 hold, 2 substitute")
    safe_word: Input[int] = port(0, low=0, high=255, description="substitute values of the outputs, a bit each")
    safe_1_ma: Input[float] = port(4.0, unit="mA", low=0.0, high=24.0)
    safe_2_ma: Input[float] = port(4.0, unit="mA", low=0.0, high=24.0)

    watchdog_restart: State[int] = state(0, low=0, high=1, description="1 restarts it, cleared when done")
    watchdog_stop: State[int] = state(0, low=0, high=65535, description="0xAAAA, then 0x5555")
    simple_stop: State[int] = state(0, low=0, high=65535, description="0x55AA or 0xAA55, cleared when done")
    watchdog_state: State[int] = state(WATCHDOG_OFF, low=0, high=2, description="0 off, 1 running, 2 expired")
    running_time_s: State[float] = state(0.0, unit="s", description="time of the running watchdog")
    expiry_count: State[int] = state(0, low=0, high=65535, description="how often it has expired")
    pulse_count: State[int] = state(0, low=0, high=4294967295, description="rising edges at input 1")
    left_s: State[float] = state(0.0, unit="s", description="time until it expires")
    seen_trigger: State[int] = state(0, description="trigger of the last step")
    has_stop_begun: State[bool] = state(description="the first of the two stop values has come")
    different_s: State[Floats] = array(N_CHANNELS, unit="s", description="time since an input's terminal differs")

    is_output_1_on: Output[bool] = port(description="at the terminal")
    is_output_2_on: Output[bool] = port()
    is_output_3_on: Output[bool] = port()
    is_output_4_on: Output[bool] = port()
    is_output_5_on: Output[bool] = port()
    is_output_6_on: Output[bool] = port()
    is_output_7_on: Output[bool] = port()
    is_output_8_on: Output[bool] = port()
    output_word: Output[int] = port(0, low=0, high=255, description="outputs at the terminals")
    terminal_1_ma: Output[float] = port(unit="mA", low=0.0, high=24.0, description="analog output 1 at the terminal")
    terminal_2_ma: Output[float] = port(unit="mA", low=0.0, high=24.0)
    input_1: Output[bool] = port()
    input_2: Output[bool] = port()
    input_3: Output[bool] = port()
    input_4: Output[bool] = port()
    input_5: Output[bool] = port()
    input_6: Output[bool] = port()
    input_7: Output[bool] = port()
    input_8: Output[bool] = port()
    input_word: Output[int] = port(0, low=0, high=255, description="inputs")
    analog_input_1_ma: Output[float] = port(unit="mA", low=0.0, high=24.0)
    analog_input_2_ma: Output[float] = port(unit="mA", low=0.0, high=24.0)
    analog_input_3_ma: Output[float] = port(unit="mA", low=0.0, high=24.0)
    analog_input_4_ma: Output[float] = port(unit="mA", low=0.0, high=24.0)
    diagnosis_word: Output[int] = port(0, low=0, high=65535, description="bits, see the register map")
    error_code: Output[int] = port(0, low=0, high=65535, description="0 none, 1 supply, 2 watchdog, 3 channel")

    def tick(self, step_s: float) -> None:
        self.watch(step_s)
        self.drive_outputs()
        self.drive_analog_outputs()
        self.read_inputs(step_s)
        self.read_analog_inputs()
        self.diagnose()

    def watch(self, step_s: float) -> None:
        has_trigger = self.watchdog_trigger != self.seen_trigger
        self.seen_trigger = self.watchdog_trigger
        is_simple = self.simple_stop == SIMPLE_STOP or self.simple_stop == SIMPLE_STOP_TOO
        is_sequence = self.has_stop_begun and self.watchdog_stop == STOP_SECOND
        if self.watchdog_stop != 0:
            self.has_stop_begun = self.watchdog_stop == STOP_FIRST
        self.watchdog_stop = 0
        self.simple_stop = 0
        if is_simple or is_sequence or self.watchdog_time_s <= 0.0:
            self.watchdog_state = WATCHDOG_OFF
        elif self.watchdog_state == WATCHDOG_RUNNING:
            self.left_s = self.running_time_s if has_trigger else self.left_s - step_s
            if self.left_s <= 0.0:
                self.watchdog_state = WATCHDOG_EXPIRED
                self.expiry_count = (self.expiry_count + 1) % 65536
        elif self.watchdog_state == WATCHDOG_EXPIRED:
            if self.watchdog_restart == 1 or (has_trigger and self.watchdog_mode == 1):
                self.begin()
        elif has_trigger and self.watchdog_time_s > 0.0:
            self.begin()
        self.watchdog_restart = 0

    def begin(self) -> None:
        self.watchdog_state = WATCHDOG_RUNNING
        self.running_time_s = self.watchdog_time_s
        self.left_s = self.running_time_s

    def drive_outputs(self) -> None:
        self.is_output_1_on = (
            self.terminal(self.output_1, self.is_output_1_on, self.safe_word & 1 != 0) and not self.output_1_shorted
        )
        self.is_output_2_on = self.terminal(self.output_2, self.is_output_2_on, self.safe_word & 2 != 0)
        self.is_output_3_on = self.terminal(self.output_3, self.is_output_3_on, self.safe_word & 4 != 0)
        self.is_output_4_on = self.terminal(self.output_4, self.is_output_4_on, self.safe_word & 8 != 0)
        self.is_output_5_on = self.terminal(self.output_5, self.is_output_5_on, self.safe_word & 16 != 0)
        self.is_output_6_on = self.terminal(self.output_6, self.is_output_6_on, self.safe_word & 32 != 0)
        self.is_output_7_on = self.terminal(self.output_7, self.is_output_7_on, self.safe_word & 64 != 0)
        self.is_output_8_on = self.terminal(self.output_8, self.is_output_8_on, self.safe_word & 128 != 0)
        low = nibble(self.is_output_1_on, self.is_output_2_on, self.is_output_3_on, self.is_output_4_on)
        high = nibble(self.is_output_5_on, self.is_output_6_on, self.is_output_7_on, self.is_output_8_on)
        self.output_word = low + 16 * high

    def terminal(self, wanted: bool, present: bool, substitute: bool) -> bool:
        """Return whether an output is on: as wanted, or in its safe state."""
        if self.supply_lost:
            return False
        if self.watchdog_state != WATCHDOG_EXPIRED:
            return wanted
        if self.safe_mode == SAFE_HOLD:
            return present
        return self.safe_mode == SAFE_SUBSTITUTE and substitute

    def drive_analog_outputs(self) -> None:
        self.terminal_1_ma = self.terminal_ma(self.analog_output_1_ma, self.terminal_1_ma, self.safe_1_ma)
        self.terminal_2_ma = self.terminal_ma(self.analog_output_2_ma, self.terminal_2_ma, self.safe_2_ma)

    def terminal_ma(self, wanted_ma: float, present_ma: float, safe_ma: float) -> float:
        if self.supply_lost:
            return 0.0
        if self.watchdog_state != WATCHDOG_EXPIRED:
            return wanted_ma
        if self.safe_mode == SAFE_HOLD:
            return present_ma
        return safe_ma if self.safe_mode == SAFE_SUBSTITUTE else 0.0

    def read_inputs(self, step_s: float) -> None:
        """Show each input's terminal once it has differed for the filter's time."""
        terminals = self.output_word % 16 + 16 * nibble(self.field_5, self.field_6, self.field_7, self.field_8)
        if self.supply_lost:
            terminals = 0
        if self.input_1_stuck:
            terminals += self.input_word % 2 - terminals % 2
        word = self.input_word
        bit = 1
        for channel in range(N_CHANNELS):
            if terminals & bit == word & bit:
                self.different_s[channel] = 0.0
            else:
                self.different_s[channel] += step_s
                if self.different_s[channel] >= self.input_delay_s:
                    word = word ^ bit
            bit = 2 * bit
        if word % 2 > self.input_word % 2:
            self.pulse_count = (self.pulse_count + 1) % 4294967296
        self.input_word = word
        self.input_1 = word & 1 != 0
        self.input_2 = word & 2 != 0
        self.input_3 = word & 4 != 0
        self.input_4 = word & 8 != 0
        self.input_5 = word & 16 != 0
        self.input_6 = word & 32 != 0
        self.input_7 = word & 64 != 0
        self.input_8 = word & 128 != 0

    def read_analog_inputs(self) -> None:
        self.analog_input_1_ma = 0.0 if self.wire_1_broken else self.terminal_1_ma
        self.analog_input_2_ma = self.terminal_2_ma
        self.analog_input_3_ma = 0.0 if self.supply_lost else self.field_3_ma
        self.analog_input_4_ma = 0.0 if self.supply_lost else self.field_4_ma

    def diagnose(self) -> None:
        word = 1 if self.supply_lost else 0
        word += 2 if self.watchdog_state == WATCHDOG_EXPIRED else 0
        word += 4 if self.output_1_shorted and self.output_1 else 0
        word += 16 if self.analog_input_1_ma < FAILURE_LOW_MA else 0
        word += 32 if self.analog_input_2_ma < FAILURE_LOW_MA else 0
        word += 64 if self.analog_input_3_ma < FAILURE_LOW_MA else 0
        word += 128 if self.analog_input_4_ma < FAILURE_LOW_MA else 0
        word += 256 if self.analog_input_1_ma > FAILURE_HIGH_MA else 0
        word += 512 if self.analog_input_2_ma > FAILURE_HIGH_MA else 0
        word += 1024 if self.analog_input_3_ma > FAILURE_HIGH_MA else 0
        word += 2048 if self.analog_input_4_ma > FAILURE_HIGH_MA else 0
        self.diagnosis_word = word
        self.error_code = 1 if word & 1 == 1 else 2 if word & 2 == 2 else 3 if word != 0 else 0


def nibble(first: bool, second: bool, third: bool, fourth: bool) -> int:
    return (1 if first else 0) + (2 if second else 0) + (4 if third else 0) + (8 if fourth else 0)
