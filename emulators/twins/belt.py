"""Belt conveyor with parts, and the feeder that puts parts on it."""

from __future__ import annotations

from emulators.component import (
    Component,
    Fault,
    Floats,
    Input,
    Output,
    Param,
    State,
    array,
    fault,
    param,
    port,
    state,
    uniform,
)

__all__ = ["Belt", "PartFeeder"]

FAR_M = 1e9


class PartFeeder(Component):
    """Puts parts on a belt at random intervals; parts are low, high or tall, with a little spread.

    Each new part raises part_count by one; part_height_mm is the height of the newest. Wire both to a belt.

    Inputs: is_enabled. Outputs: the states part_count, part_height_mm.
    """

    interval_s: Param[float] = param(4.0, unit="s", low=0.1, description="mean time between parts")
    interval_spread_s: Param[float] = param(
        1.0, unit="s", low=0.0, description="interval is the mean plus or minus this"
    )
    low_height_mm: Param[float] = param(50.0, unit="mm", low=1.0, description="height of a low part")
    high_height_mm: Param[float] = param(100.0, unit="mm", low=1.0, description="height of a high part")
    high_share_frac: Param[float] = param(0.5, unit="1", low=0.0, high=1.0, description="share of high parts")
    tall_share_frac: Param[float] = param(
        0.0, unit="1", low=0.0, high=1.0, description="share of parts that are 1.5 times as high as high ones"
    )
    height_spread_mm: Param[float] = param(2.0, unit="mm", low=0.0, description="height is exact plus or minus this")

    starved: Fault[bool] = fault(description="no parts arrive")
    double_feed: Fault[bool] = fault(description="two parts at a time, one right behind the other")
    oversize: Fault[bool] = fault(description="parts are 1.5 times as high as they may be")

    is_enabled: Input[bool] = port(True, description="feeder runs")

    part_count: State[int] = state(0, description="parts fed since the start")
    part_height_mm: State[float] = state(0.0, unit="mm", low=0.0, high=200.0, description="height of the newest part")
    remaining_s: State[float] = state(1.0, unit="s", description="time to the next part")
    draw_count: State[int] = state(0, description="random numbers drawn")

    def tick(self, step_s: float) -> None:
        if not self.is_enabled or self.starved:
            return
        self.remaining_s -= step_s
        if self.remaining_s > 0.0:
            return
        spread = 2.0 * uniform(self.seed, self.draw_count, self.noise_channel) - 1.0
        kind_frac = uniform(self.seed, self.draw_count + 1, self.noise_channel)
        is_high = kind_frac < self.high_share_frac
        is_tall = self.oversize or kind_frac >= 1.0 - self.tall_share_frac
        wobble = 2.0 * uniform(self.seed, self.draw_count + 2, self.noise_channel) - 1.0
        self.draw_count += 3
        self.remaining_s = max(0.1, self.interval_s + spread * self.interval_spread_s)
        height_mm = self.high_height_mm if is_high else self.low_height_mm
        height_mm += wobble * self.height_spread_mm
        if is_tall:
            height_mm = 1.5 * self.high_height_mm
        self.part_height_mm = height_mm
        self.part_count += 2 if self.double_feed else 1


class Belt(Component):
    """Belt that carries parts past photo-eyes, a height gauge and two pushers to its end.

    A part is its front edge, measured from the infeed, and its height; all have one length. Parts never pass each
    other: one that is held (a jam, an extended pusher) holds those behind it while the belt slips below them. A pusher
    that is more than half extended moves a part in front of it into its bin.

    Inputs: speed_frac (of the motor), feed_count and feed_height_mm (of a feeder), pusher_1_extension_frac,
    pusher_2_extension_frac. Outputs: eye_1_is_blocked .. eye_4_is_blocked, gauge_height_mm, is_blocked, and the states
    part_count, travel_m, bin_1_count, bin_2_count, exit_count and the height of the last part in each:
    bin_1_height_mm, bin_2_height_mm, exit_height_mm.
    """

    length_m: Param[float] = param(6.0, unit="m", low=0.5, description="from infeed to exit")
    speed_m_per_s: Param[float] = param(0.5, unit="m/s", low=0.0, description="speed of the belt at full motor speed")
    part_length_m: Param[float] = param(0.2, unit="m", low=0.01, description="length of a part")
    eye_1_position_m: Param[float] = param(0.3, unit="m", low=0.0, description="photo-eye at the infeed")
    eye_2_position_m: Param[float] = param(2.5, unit="m", low=0.0, description="photo-eye before pusher 1")
    eye_3_position_m: Param[float] = param(4.0, unit="m", low=0.0, description="photo-eye before pusher 2")
    eye_4_position_m: Param[float] = param(5.8, unit="m", low=0.0, description="photo-eye at the exit")
    gauge_position_m: Param[float] = param(1.0, unit="m", low=0.0, description="height gauge")
    pusher_1_position_m: Param[float] = param(3.0, unit="m", low=0.0, description="middle of pusher 1")
    pusher_2_position_m: Param[float] = param(4.5, unit="m", low=0.0, description="middle of pusher 2")
    jam_position_m: Param[float] = param(2.0, unit="m", low=0.0, description="where the fault 'jam' holds parts")

    jam: Fault[bool] = fault(description="something holds the parts at jam_position_m")
    slip_frac: Fault[float] = fault(0.0, unit="1", low=0.0, high=1.0, description="share of the speed lost by slip")

    speed_frac: Input[float] = port(unit="1", low=0.0, high=1.0, description="speed of the motor")
    feed_count: Input[int] = port(description="parts fed so far")
    feed_height_mm: Input[float] = port(unit="mm", low=0.0, high=200.0, description="height of the newest part")
    pusher_1_extension_frac: Input[float] = port(unit="1", low=0.0, high=1.0)
    pusher_2_extension_frac: Input[float] = port(unit="1", low=0.0, high=1.0)

    front_m: State[Floats] = array(24, unit="m", description="front edges, the part nearest the exit first")
    height_mm: State[Floats] = array(24, unit="mm", description="heights in the same order")
    part_count: State[int] = state(0, low=0, high=24, description="parts on the belt")
    fed_count: State[int] = state(0, description="parts taken from the feeder")
    travel_m: State[float] = state(0.0, unit="m", description="distance the belt has run, without slip")
    bin_1_count: State[int] = state(0, low=0, description="parts that pusher 1 moved")
    bin_2_count: State[int] = state(0, low=0, description="parts that pusher 2 moved")
    exit_count: State[int] = state(0, low=0, description="parts that left at the end")
    bin_1_height_mm: State[float] = state(0.0, unit="mm", description="height of the last part in bin 1")
    bin_2_height_mm: State[float] = state(0.0, unit="mm", description="height of the last part in bin 2")
    exit_height_mm: State[float] = state(0.0, unit="mm", description="height of the last part at the exit")

    eye_1_is_blocked: Output[bool] = port(description="a part is in front of photo-eye 1")
    eye_2_is_blocked: Output[bool] = port(description="a part is in front of photo-eye 2")
    eye_3_is_blocked: Output[bool] = port(description="a part is in front of photo-eye 3")
    eye_4_is_blocked: Output[bool] = port(description="a part is in front of photo-eye 4")
    gauge_height_mm: Output[float] = port(
        unit="mm", low=0.0, high=200.0, description="height below the gauge, 0 for none"
    )
    is_blocked: Output[bool] = port(description="the belt runs and a part on it does not")

    def tick(self, step_s: float) -> None:
        travel_m = max(0.0, self.speed_frac) * self.speed_m_per_s * step_s
        self.travel_m += travel_m
        self.take_part()
        self.move_parts(travel_m * (1.0 - self.slip_frac))
        self.push_parts()
        self.drop_part_at_exit()
        self.watch()

    def take_part(self) -> None:
        """Take one part from the feeder when there is room for it."""
        if self.fed_count >= self.feed_count or self.part_count >= len(self.front_m):
            return
        last_m = FAR_M
        for i in range(len(self.front_m)):
            if i == self.part_count - 1:
                last_m = self.front_m[i]
        if last_m <= self.part_length_m:
            return
        for i in range(len(self.front_m)):
            if i == self.part_count:
                self.front_m[i] = 0.0
                self.height_mm[i] = self.feed_height_mm
        self.part_count += 1
        self.fed_count += 1

    def move_parts(self, travel_m: float) -> None:
        ahead_m = FAR_M
        is_held = False
        for i in range(len(self.front_m)):
            if i >= self.part_count:
                break
            here_m = self.front_m[i]
            limit_m = min(ahead_m, self.held_at(here_m))
            there_m = max(here_m, min(here_m + travel_m, limit_m))
            if travel_m > 0.0 and there_m < here_m + 0.5 * travel_m:
                is_held = True
            self.front_m[i] = there_m
            ahead_m = there_m - self.part_length_m
        self.is_blocked = is_held

    def held_at(self, front_m: float) -> float:
        """Return how far a part with this front edge can go: up to a jam or the blade of an extended pusher."""
        limit_m = FAR_M
        half_m = 0.5 * self.part_length_m
        if self.jam and front_m <= self.jam_position_m:
            limit_m = self.jam_position_m
        if self.pusher_1_extension_frac > 0.2 and front_m <= self.pusher_1_position_m - half_m:
            limit_m = min(limit_m, self.pusher_1_position_m - half_m)
        if self.pusher_2_extension_frac > 0.2 and front_m <= self.pusher_2_position_m - half_m:
            limit_m = min(limit_m, self.pusher_2_position_m - half_m)
        return limit_m

    def push_parts(self) -> None:
        first = self.part_at(self.pusher_1_position_m)
        if self.pusher_1_extension_frac > 0.5 and first >= 0:
            self.bin_1_count += 1
            self.bin_1_height_mm = self.height_mm[first]
            self.remove_part(first)
        second = self.part_at(self.pusher_2_position_m)
        if self.pusher_2_extension_frac > 0.5 and second >= 0:
            self.bin_2_count += 1
            self.bin_2_height_mm = self.height_mm[second]
            self.remove_part(second)

    def drop_part_at_exit(self) -> None:
        if self.part_count > 0 and self.front_m[0] - self.part_length_m >= self.length_m:
            self.exit_count += 1
            self.exit_height_mm = self.height_mm[0]
            self.remove_part(0)

    def remove_part(self, gone: int) -> None:
        for i in range(len(self.front_m) - 1):
            if i >= gone:
                self.front_m[i] = self.front_m[i + 1]
                self.height_mm[i] = self.height_mm[i + 1]
        self.part_count -= 1

    def part_at(self, position_m: float) -> int:
        """Return the index of the part that covers a position, -1 for none."""
        for i in range(len(self.front_m)):
            if i >= self.part_count:
                break
            if self.front_m[i] - self.part_length_m < position_m < self.front_m[i]:
                return i
        return -1

    def watch(self) -> None:
        self.eye_1_is_blocked = self.part_at(self.eye_1_position_m) >= 0
        self.eye_2_is_blocked = self.part_at(self.eye_2_position_m) >= 0
        self.eye_3_is_blocked = self.part_at(self.eye_3_position_m) >= 0
        self.eye_4_is_blocked = self.part_at(self.eye_4_position_m) >= 0
        below = self.part_at(self.gauge_position_m)
        self.gauge_height_mm = 0.0
        if below >= 0:
            self.gauge_height_mm = self.height_mm[below]
