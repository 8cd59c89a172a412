"""Weighing terminal and the hopper on its load cells."""

from __future__ import annotations

from emulators.component import (
    Component,
    Fault,
    Input,
    Output,
    Param,
    Phase,
    State,
    exp,
    fault,
    gauss,
    param,
    port,
    state,
)

__all__ = ["WeighingTerminal"]

NO_COMMAND, ZERO, TARE, CLEAR_TARE, PRESET_TARE, STORE, RESTORE_ZERO = 0, 1, 2, 3, 4, 5, 6
DONE, BUSY, REFUSED_MOTION, REFUSED_RANGE, REFUSED_COMMAND = 1, 2, 3, 4, 5
ZERO_RANGE_FRAC = 0.02
OVERLOAD_DIVISIONS = 9.0
UNDERLOAD_DIVISIONS = 20.0


class WeighingTerminal(Component):
    """Scale with filter, zero, tare, rest detection, two limits and an alibi memory; rounds to its division.

    A command acts when the register changes to it and is answered in answer: done, busy, or why it was refused. Zero
    (within 2 % of the capacity of the first zero), tare and store need rest; they wait for it up to command_wait_s and
    are refused then. Tare needs a weight above zero, a preset tare at most the capacity. Store writes the net weight to
    the alibi memory under the next number. The scale is overloaded 9 divisions above its capacity and underloaded 20
    below zero; while it is, weights are told as invalid and no command but clear tare acts. Limit 1 and 2 switch on
    at their net weight and off below it less their hysteresis.

    Inputs: load_kg, command, preset_tare_kg, filter_s, limit_1_kg, limit_2_kg, limit_hysteresis_kg. Outputs: gross_kg,
    net_kg, tare_kg, fine_kg, flow_kg_per_s, is_at_rest, is_overloaded, is_underloaded, is_zero, is_net, is_limit_1,
    is_limit_2, is_valid, status_word, and the states answer, answered_command, alibi_number, alibi_kg.
    """

    PHASE = Phase.SENSOR

    capacity_kg: Param[float] = param(1500.0, unit="kg", low=0.1)
    division_kg: Param[float] = param(0.5, unit="kg", low=1e-4)
    sigma_kg: Param[float] = param(0.02, unit="kg", low=0.0, description="noise of the load cells")
    rest_s: Param[float] = param(0.5, unit="s", low=0.0, description="time within a division until it counts as rest")
    command_wait_s: Param[float] = param(3.0, unit="s", low=0.0, description="time that a command waits for rest")

    load_cell_broken: Fault[bool] = fault(description="one of four load cells is broken: three quarters of the load")
    cable_broken: Fault[bool] = fault(description="no signal: the scale is underloaded")
    drift_kg: Fault[float] = fault(0.0, unit="kg", low=-100.0, high=100.0, description="zero error")
    vibration_kg: Fault[float] = fault(0.0, unit="kg", low=0.0, high=100.0, description="the scale shakes: no rest")

    load_kg: Input[float] = port(0.0, unit="kg", low=0.0, high=3000.0, description="true load")
    command: Input[int] = port(NO_COMMAND, low=0, high=65535)
    preset_tare_kg: Input[float] = port(0.0, unit="kg", low=0.0, high=3000.0, description="for command 4")
    filter_s: Input[float] = port(0.3, unit="s", low=0.0, high=10.0, description="time constant")
    limit_1_kg: Input[float] = port(1000.0, unit="kg", low=-3000.0, high=3000.0, description="of the net weight")
    limit_2_kg: Input[float] = port(1400.0, unit="kg", low=-3000.0, high=3000.0, description="of the net weight")
    limit_hysteresis_kg: Input[float] = port(5.0, unit="kg", low=0.0, high=1000.0)

    filtered_kg: State[float] = state(0.0, unit="kg", description="behind the filter")
    zero_kg: State[float] = state(0.0, unit="kg", description="what the zero command took away")
    stored_tare_kg: State[float] = state(0.0, unit="kg")
    still_kg: State[float] = state(0.0, unit="kg", description="weight around which it has been still")
    still_s: State[float] = state(0.0, unit="s", description="time without movement")
    seen_command: State[int] = state(NO_COMMAND, description="command of the last step")
    waiting_command: State[int] = state(NO_COMMAND, description="command that waits for rest")
    waited_s: State[float] = state(0.0, unit="s")
    answer: State[int] = state(0, low=0, high=5, description="what became of the last command")
    answered_command: State[int] = state(NO_COMMAND, low=0, high=65535, description="the last command")
    alibi_number: State[int] = state(1042, low=0, high=99999999, description="of the last stored weighing")
    alibi_kg: State[float] = state(0.0, unit="kg", description="net weight of the last stored weighing")
    sample_count: State[int] = state(0, description="steps, counter of the noise")

    gross_kg: Output[float] = port(unit="kg")
    net_kg: Output[float] = port(unit="kg")
    tare_kg: Output[float] = port(unit="kg")
    fine_kg: Output[float] = port(unit="kg", description="gross weight in tenths of a division")
    flow_kg_per_s: Output[float] = port(unit="kg/s", description="change of the weight")
    is_at_rest: Output[bool] = port()
    is_overloaded: Output[bool] = port(description="9 divisions above the capacity")
    is_underloaded: Output[bool] = port(description="20 divisions below zero")
    is_zero: Output[bool] = port(description="within a quarter of a division")
    is_net: Output[bool] = port(description="a tare is set")
    is_limit_1: Output[bool] = port()
    is_limit_2: Output[bool] = port()
    is_valid: Output[bool] = port(description="neither overloaded nor underloaded")
    status_word: Output[int] = port(0, low=0, high=65535, description="bits, see the register map")

    def tick(self, step_s: float) -> None:
        self.weigh(step_s)
        self.detect_rest(step_s)
        if self.command != self.seen_command:
            self.waiting_command = self.command
            self.waited_s = 0.0
            if self.command != NO_COMMAND:
                self.answered_command = self.command
                self.answer = BUSY
        self.seen_command = self.command
        if self.waiting_command != NO_COMMAND:
            self.obey(step_s)
        self.show()

    def weigh(self, step_s: float) -> None:
        self.sample_count += 1
        noise_kg = (self.sigma_kg + self.vibration_kg) * gauss(self.seed, self.sample_count, self.noise_channel)
        true_kg = (0.75 if self.load_cell_broken else 1.0) * self.load_kg + self.drift_kg + noise_kg
        if self.cable_broken:
            true_kg = -self.capacity_kg
        before_kg = self.filtered_kg
        gain = 1.0 if self.filter_s <= 0.0 else 1.0 - exp(-step_s / self.filter_s)
        self.filtered_kg += gain * (true_kg - self.filtered_kg)
        change = (self.filtered_kg - before_kg) / step_s
        self.flow_kg_per_s += step_s / (0.5 + step_s) * (change - self.flow_kg_per_s)

    def detect_rest(self, step_s: float) -> None:
        if abs(self.filtered_kg - self.still_kg) > 0.5 * self.division_kg:
            self.still_kg = self.filtered_kg
            self.still_s = 0.0
        else:
            self.still_s += step_s
        self.is_at_rest = self.still_s >= self.rest_s
        weight_kg = self.filtered_kg - self.zero_kg
        self.is_overloaded = weight_kg > self.capacity_kg + OVERLOAD_DIVISIONS * self.division_kg
        self.is_underloaded = weight_kg < -UNDERLOAD_DIVISIONS * self.division_kg
        self.is_valid = not self.is_overloaded and not self.is_underloaded

    def obey(self, step_s: float) -> None:
        command = self.waiting_command
        needs_rest = command == STORE or command <= TARE  # zero, tare, store
        if needs_rest and self.is_valid and not self.is_at_rest:
            self.waited_s += step_s
            if self.waited_s < self.command_wait_s:
                return
            self.answer = REFUSED_MOTION
        elif not self.is_valid and command != CLEAR_TARE:
            self.answer = REFUSED_RANGE
        else:
            self.carry_out(command)
        self.waiting_command = NO_COMMAND

    def carry_out(self, command: int) -> None:
        self.answer = DONE
        weight_kg = self.rounded(self.filtered_kg - self.zero_kg)
        if command == ZERO:
            if abs(self.filtered_kg) <= ZERO_RANGE_FRAC * self.capacity_kg:
                self.zero_kg = self.filtered_kg
                self.stored_tare_kg = 0.0
            else:
                self.answer = REFUSED_RANGE
        elif command == TARE:
            if weight_kg > 0.0:
                self.stored_tare_kg = weight_kg
            else:
                self.answer = REFUSED_RANGE
        elif command == CLEAR_TARE:
            self.stored_tare_kg = 0.0
        elif command == PRESET_TARE:
            if self.preset_tare_kg <= self.capacity_kg:
                self.stored_tare_kg = self.rounded(self.preset_tare_kg)
            else:
                self.answer = REFUSED_RANGE
        elif command == STORE:
            self.alibi_number = (self.alibi_number + 1) % 100000000
            self.alibi_kg = weight_kg - self.stored_tare_kg
        elif command == RESTORE_ZERO:
            self.zero_kg = 0.0
        else:
            self.answer = REFUSED_COMMAND

    def show(self) -> None:
        weight_kg = self.filtered_kg - self.zero_kg
        self.gross_kg = self.rounded(weight_kg)
        self.fine_kg = 0.1 * self.division_kg * float(round(10.0 * weight_kg / self.division_kg))
        self.tare_kg = self.stored_tare_kg
        self.net_kg = self.gross_kg - self.tare_kg
        self.is_zero = abs(weight_kg) <= 0.25 * self.division_kg
        self.is_net = self.stored_tare_kg > 0.0
        self.is_limit_1 = self.limit(self.is_limit_1, self.limit_1_kg)
        self.is_limit_2 = self.limit(self.is_limit_2, self.limit_2_kg)
        word = (1 if self.is_at_rest else 0) + (2 if self.is_overloaded else 0) + (4 if self.is_underloaded else 0)
        word += (8 if self.is_zero else 0) + (16 if self.is_net else 0)
        word += (32 if self.is_limit_1 else 0) + (64 if self.is_limit_2 else 0) + (128 if self.is_valid else 0)
        self.status_word = word

    def limit(self, was_on: bool, limit_kg: float) -> bool:
        """Return whether a limit is on; an invalid weight leaves it as it was."""
        if not self.is_valid:
            return was_on
        return self.net_kg >= limit_kg or (was_on and self.net_kg > limit_kg - self.limit_hysteresis_kg)

    def rounded(self, weight_kg: float) -> float:
        return self.division_kg * float(round(weight_kg / self.division_kg))
