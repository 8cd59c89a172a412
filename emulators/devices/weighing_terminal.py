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

COMMAND_ZERO = 1
COMMAND_TARE = 2
COMMAND_CLEAR_TARE = 3


class WeighingTerminal(Component):
    """Scale with zero, tare, rest detection and overload; rounds to its division as a legal scale does.

    Commands act once when the command changes to them: 1 zero, 2 tare, 3 clear tare. Zero and tare need rest; zero
    works within 2 % of the capacity. A command that could not be carried out answers with done_command 0xFFFF.

    Inputs: load_kg, command. Outputs: gross_kg, net_kg, tare_kg, is_at_rest, is_overloaded, is_zero, is_net,
    done_command, status_word.
    """

    PHASE = Phase.SENSOR

    capacity_kg: Param[float] = param(1500.0, unit="kg", low=0.1)
    division_kg: Param[float] = param(0.5, unit="kg", low=1e-4)
    time_constant_s: Param[float] = param(0.3, unit="s", low=0.001, description="filter")
    sigma_kg: Param[float] = param(0.02, unit="kg", low=0.0, description="noise of the load cells")
    rest_s: Param[float] = param(0.5, unit="s", low=0.0, description="time without movement until it counts as rest")

    load_cell_broken: Fault[bool] = fault(description="the reading falls to a quarter")
    drift_kg: Fault[float] = fault(0.0, unit="kg", low=-100.0, high=100.0, description="zero error")
    vibration_kg: Fault[float] = fault(0.0, unit="kg", low=0.0, high=100.0, description="the scale shakes: no rest")

    load_kg: Input[float] = port(0.0, unit="kg", low=0.0, high=3000.0, description="true load")
    command: Input[int] = port(0, low=0, high=65535, description="1 zero, 2 tare, 3 clear tare")

    filtered_kg: State[float] = state(0.0, unit="kg", description="behind the filter")
    zero_kg: State[float] = state(0.0, unit="kg", description="what the zero command took away")
    stored_tare_kg: State[float] = state(0.0, unit="kg")
    still_s: State[float] = state(0.0, unit="s", description="time without movement")
    seen_command: State[int] = state(0, description="command of the last step")
    sample_count: State[int] = state(0, description="steps, counter of the noise")

    gross_kg: Output[float] = port(unit="kg")
    net_kg: Output[float] = port(unit="kg")
    tare_kg: Output[float] = port(unit="kg")
    is_at_rest: Output[bool] = port()
    is_overloaded: Output[bool] = port(description="above the capacity and 9 divisions")
    is_zero: Output[bool] = port(description="within a quarter of a division")
    is_net: Output[bool] = port(description="a tare is set")
    done_command: Output[int] = port(0, low=0, high=65535, description="last command carried out, 65535: refused")
    status_word: Output[int] = port(0, low=0, high=65535, description="bits: rest, overload, zero, net")

    def tick(self, step_s: float) -> None:
        self.sample_count += 1
        noise_kg = (self.sigma_kg + self.vibration_kg) * gauss(self.seed, self.sample_count, self.noise_channel)
        share = 0.25 if self.load_cell_broken else 1.0
        true_kg = share * self.load_kg + self.drift_kg
        before_kg = self.filtered_kg
        self.filtered_kg += (1.0 - exp(-step_s / self.time_constant_s)) * (true_kg + noise_kg - self.filtered_kg)
        if abs(self.filtered_kg - before_kg) < self.division_kg * (0.1 + step_s):
            self.still_s += step_s
        else:
            self.still_s = 0.0
        self.is_at_rest = self.still_s >= self.rest_s
        if self.command != self.seen_command:
            self.obey()
        self.seen_command = self.command
        self.show()

    def obey(self) -> None:
        is_done = True
        if self.command == COMMAND_ZERO:
            is_done = self.is_at_rest and abs(self.filtered_kg) <= 0.02 * self.capacity_kg
            if is_done:
                self.zero_kg = self.filtered_kg
        elif self.command == COMMAND_TARE:
            is_done = self.is_at_rest and self.filtered_kg > self.zero_kg
            if is_done:
                self.stored_tare_kg = self.rounded(self.filtered_kg - self.zero_kg)
        elif self.command == COMMAND_CLEAR_TARE:
            self.stored_tare_kg = 0.0
        elif self.command != 0:
            is_done = False
        self.done_command = self.command if is_done else 65535

    def show(self) -> None:
        weight_kg = self.filtered_kg - self.zero_kg
        self.gross_kg = self.rounded(weight_kg)
        self.tare_kg = self.stored_tare_kg
        self.net_kg = self.gross_kg - self.tare_kg
        self.is_overloaded = weight_kg > self.capacity_kg + 9.0 * self.division_kg
        self.is_zero = abs(weight_kg) <= 0.25 * self.division_kg
        self.is_net = self.stored_tare_kg > 0.0
        word = 0
        if self.is_at_rest:
            word += 1
        if self.is_overloaded:
            word += 2
        if self.is_zero:
            word += 4
        if self.is_net:
            word += 8
        self.status_word = word

    def rounded(self, weight_kg: float) -> float:
        return self.division_kg * float(round(weight_kg / self.division_kg))
