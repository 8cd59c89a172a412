"""Valves: on/off with limit switches, control valve with characteristic."""

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
    param,
    port,
    sqrt,
    state,
)

__all__ = ["ControlValve", "OnOffValve"]

LN_RANGEABILITY = 3.912023005428146
"""Natural logarithm of the rangeability 50."""
SECONDS_PER_HOUR = 3600.0


class OnOffValve(Component):
    """Valve with a pneumatic actuator, spring return and two limit switches.

    Inputs: open_command, air_on. Outputs: opening_frac (to the process), is_open, is_closed (limit switches), and the
    state position_frac (true position).
    """

    PHASE = Phase.ACTUATOR

    stroke_time_s: Param[float] = param(2.0, unit="s", low=0.01, description="time from closed to open, and back")
    fails_open: Param[bool] = param(False, description="the spring opens the valve: open_command closes it")

    stuck: Fault[bool] = fault(description="the valve stays where it is")
    slow_factor: Fault[float] = fault(
        1.0, unit="1", low=1.0, high=20.0, description="the stroke takes this times longer"
    )
    leak_frac: Fault[float] = fault(
        0.0, unit="1", low=0.0, high=0.5, description="opening that stays when it is closed"
    )
    air_lost: Fault[bool] = fault(description="no instrument air: the spring moves the valve")
    open_switch_lost: Fault[bool] = fault(description="the limit switch 'open' does not close")
    closed_switch_lost: Fault[bool] = fault(description="the limit switch 'closed' does not close")

    open_command: Input[bool] = port(description="solenoid")
    air_on: Input[bool] = port(True, description="instrument air")

    position_frac: State[float] = state(0.0, unit="1", low=0.0, high=1.0, description="true position, 1 is open")

    opening_frac: Output[float] = port(unit="1", low=0.0, high=1.0, description="opening that the flow sees")
    is_open: Output[bool] = port(description="limit switch")
    is_closed: Output[bool] = port(description="limit switch")

    def tick(self, step_s: float) -> None:
        if self.stuck:
            return
        is_energised = self.open_command and self.air_on and not self.air_lost
        travel_frac = step_s / (self.stroke_time_s * self.slow_factor)
        if is_energised != self.fails_open:
            self.position_frac = min(1.0, self.position_frac + travel_frac)
        else:
            self.position_frac = max(0.0, self.position_frac - travel_frac)

    def outputs(self) -> None:
        self.opening_frac = max(self.position_frac, self.leak_frac)
        self.is_open = self.position_frac >= 0.98 and not self.open_switch_lost
        self.is_closed = self.position_frac <= 0.02 and not self.closed_switch_lost


class ControlValve(Component):
    """Control valve with positioner: stroke time, stiction, linear or equal-percentage characteristic, flow of water.

    Q = Kv(x) * sqrt(dp / 1 bar); linear Kv = Kvs * x; equal percentage Kv = Kvs * 50 ** (x - 1), tight below 0.5 %.
    Stiction: the stem moves only when it is further than the band from its command, then all the way.
    Source: IEC 60534-1 and 60534-2-4 (inherent flow characteristics).

    Inputs: command_pct, pressure_drop_bar, air_on. Outputs: opening_frac, kv_m3_per_h, flow_m3_per_h, flow_m3_per_s,
    position_feedback_pct, and the state position_pct (true position).
    """

    PHASE = Phase.ACTUATOR

    kvs_m3_per_h: Param[float] = param(10.0, unit="m3/h", low=0.0, description="flow at 1 bar, fully open")
    is_equal_percentage: Param[bool] = param(False, description="equal-percentage characteristic, else linear")
    stroke_time_s: Param[float] = param(10.0, unit="s", low=0.01, description="time of the whole stroke")
    stiction_pct: Param[float] = param(0.2, unit="%", low=0.0, high=20.0, description="band in which the stem sticks")

    stuck: Fault[bool] = fault(description="the stem stays where it is")
    sticking_pct: Fault[float] = fault(0.0, unit="%", low=0.0, high=20.0, description="additional stiction band")
    slow_factor: Fault[float] = fault(
        1.0, unit="1", low=1.0, high=20.0, description="the stroke takes this times longer"
    )
    leak_frac: Fault[float] = fault(0.0, unit="1", low=0.0, high=0.5, description="seat leakage, share of Kvs")
    clog_frac: Fault[float] = fault(0.0, unit="1", low=0.0, high=1.0, description="share of the flow area blocked")
    air_lost: Fault[bool] = fault(description="no instrument air: the valve closes")
    feedback_lost: Fault[bool] = fault(description="the position feedback reads 0")

    command_pct: Input[float] = port(unit="%", low=0.0, high=100.0, description="position wanted")
    pressure_drop_bar: Input[float] = port(1.0, unit="bar", low=-100.0, high=100.0)
    air_on: Input[bool] = port(True, description="instrument air")

    position_pct: State[float] = state(0.0, unit="%", low=0.0, high=100.0, description="true position")
    is_moving: State[bool] = state(description="the stem has broken loose")

    opening_frac: Output[float] = port(unit="1", low=0.0, high=1.0, description="Kv now, share of Kvs")
    kv_m3_per_h: Output[float] = port(unit="m3/h")
    flow_m3_per_h: Output[float] = port(unit="m3/h")
    flow_m3_per_s: Output[float] = port(unit="m3/s")
    position_feedback_pct: Output[float] = port(unit="%", low=0.0, high=100.0)

    def tick(self, step_s: float) -> None:
        wanted_pct = max(0.0, min(100.0, self.command_pct))
        if self.air_lost or not self.air_on:
            wanted_pct = 0.0
        distance_pct = wanted_pct - self.position_pct
        if abs(distance_pct) > self.stiction_pct + self.sticking_pct:
            self.is_moving = True
        if not self.is_moving or self.stuck:
            return
        travel_pct = 100.0 * step_s / (self.stroke_time_s * self.slow_factor)
        if abs(distance_pct) <= travel_pct:
            self.position_pct = wanted_pct
            self.is_moving = False
        elif distance_pct > 0.0:
            self.position_pct += travel_pct
        else:
            self.position_pct -= travel_pct

    def outputs(self) -> None:
        share = 0.01 * self.position_pct
        if self.is_equal_percentage:
            share = exp(LN_RANGEABILITY * (share - 1.0)) if share >= 0.005 else 0.0
        share = max(share, self.leak_frac) * (1.0 - self.clog_frac)
        self.opening_frac = share
        self.kv_m3_per_h = self.kvs_m3_per_h * share
        root = sqrt(abs(self.pressure_drop_bar))
        if self.pressure_drop_bar < 0.0:
            root = -root
        self.flow_m3_per_h = self.kv_m3_per_h * root
        self.flow_m3_per_s = self.flow_m3_per_h / SECONDS_PER_HOUR
        self.position_feedback_pct = 0.0 if self.feedback_lost else self.position_pct
