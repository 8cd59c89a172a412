"""Connections with a period, a delay and jitter: remote I/O, fieldbus, exchange between controllers."""

from __future__ import annotations

from emulators.component import (
    Bools,
    Component,
    Fault,
    Floats,
    Input,
    Ints,
    Output,
    Param,
    Phase,
    State,
    array,
    fault,
    param,
    port,
    state,
    uniform,
)

__all__ = ["Transport", "TransportBool", "TransportFloat", "TransportInt"]

NS_PER_S = 1e9
SLOTS = 128


class Transport(Component):
    """Timing of a connection; subclasses carry a float, an int or a bool.

    At the start and then every period_s a sample is taken, and delivered delay_s plus up to jitter_s later, in the
    order of sampling. A period of 0 samples each step. Samples wait in a ring of 128; when it is full, none is taken.

    Input: source. Outputs: target, and the state age_s (time since the newest delivered sample was taken).
    """

    PHASE = Phase.SENSOR

    period_s: Param[float] = param(0.0, unit="s", low=0.0, description="time between samples")
    delay_s: Param[float] = param(0.0, unit="s", low=0.0, description="time from sample to delivery")
    jitter_s: Param[float] = param(0.0, unit="s", low=0.0, description="delivery is up to this much later, at random")

    down: Fault[bool] = fault(description="nothing is delivered; the last value stays")
    loss_frac: Fault[float] = fault(0.0, unit="1", low=0.0, high=1.0, description="share of samples lost")
    late_s: Fault[float] = fault(0.0, unit="s", low=0.0, high=2.0, description="additional delay")

    clock_ns: State[int] = state(0, description="time since the start")
    next_sample_ns: State[int] = state(0, description="when the next sample is due")
    last_due_ns: State[int] = state(0, description="when the newest sample is delivered")
    sample_count: State[int] = state(0, description="samples taken")
    due_ns: State[Ints] = array(SLOTS, description="when each sample in the ring is delivered")
    taken_ns: State[Ints] = array(SLOTS, description="when each sample in the ring was taken")
    first_slot: State[int] = state(0, description="oldest sample in the ring")
    waiting_count: State[int] = state(0, description="samples in the ring")
    write_slot: State[int] = state(-1, description="where the sample of this step goes, -1 for none")
    read_slot: State[int] = state(-1, description="newest sample delivered in this step, -1 for none")
    newest_ns: State[int] = state(0, description="when the newest delivered sample was taken")
    age_s: State[float] = state(0.0, unit="s", low=0.0, description="age of what is delivered")

    def take(self, step_s: float) -> None:
        """Advance the clock and find the slot of the sample of this step."""
        self.clock_ns += round(step_s * NS_PER_S)
        if self.sample_count == 0:
            self.next_sample_ns = self.clock_ns
        self.write_slot = -1
        if self.clock_ns < self.next_sample_ns or self.waiting_count >= SLOTS:
            return
        self.next_sample_ns = max(self.clock_ns, self.next_sample_ns + round(self.period_s * NS_PER_S))
        self.sample_count += 1
        chance = uniform(self.seed, self.sample_count, self.noise_channel)
        if self.down or (self.loss_frac > 0.0 and chance < self.loss_frac):
            return
        jitter_s = self.jitter_s * uniform(self.seed, -self.sample_count, self.noise_channel)
        due_ns = self.clock_ns + round((self.delay_s + self.late_s + jitter_s) * NS_PER_S)
        self.last_due_ns = max(self.last_due_ns, due_ns)
        self.write_slot = (self.first_slot + self.waiting_count) % SLOTS
        self.waiting_count += 1
        self.due_ns[self.write_slot] = self.last_due_ns
        self.taken_ns[self.write_slot] = self.clock_ns

    def deliver(self) -> None:
        """Find the newest sample that is due; forget those before it."""
        self.read_slot = -1
        while self.waiting_count > 0 and self.due_ns[self.first_slot] <= self.clock_ns:
            self.read_slot = self.first_slot
            self.newest_ns = self.taken_ns[self.first_slot]
            self.first_slot = (self.first_slot + 1) % SLOTS
            self.waiting_count -= 1
        self.age_s = float(self.clock_ns - self.newest_ns) / NS_PER_S


class TransportFloat(Transport):
    """Connection that carries a float. Input: source. Outputs: target, age_s."""

    source: Input[float] = port(description="value at the near end")
    samples: State[Floats] = array(SLOTS, description="values in the ring")
    target: Output[float] = port(description="value at the far end")

    def tick(self, step_s: float) -> None:
        self.take(step_s)
        if self.write_slot >= 0:
            self.samples[self.write_slot] = self.source
        self.deliver()
        if self.read_slot >= 0:
            self.target = self.samples[self.read_slot]


class TransportInt(Transport):
    """Connection that carries an int. Input: source. Outputs: target, age_s."""

    source: Input[int] = port(description="value at the near end")
    samples: State[Ints] = array(SLOTS, description="values in the ring")
    target: Output[int] = port(description="value at the far end")

    def tick(self, step_s: float) -> None:
        self.take(step_s)
        if self.write_slot >= 0:
            self.samples[self.write_slot] = self.source
        self.deliver()
        if self.read_slot >= 0:
            self.target = self.samples[self.read_slot]


class TransportBool(Transport):
    """Connection that carries a bool. Input: source. Outputs: target, age_s."""

    source: Input[bool] = port(description="value at the near end")
    samples: State[Bools] = array(SLOTS, description="values in the ring")
    target: Output[bool] = port(description="value at the far end")

    def tick(self, step_s: float) -> None:
        self.take(step_s)
        if self.write_slot >= 0:
            self.samples[self.write_slot] = self.source
        self.deliver()
        if self.read_slot >= 0:
            self.target = self.samples[self.read_slot]
