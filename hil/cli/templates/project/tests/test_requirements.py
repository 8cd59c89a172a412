"""Requirements of the filling program, each as a property of every run and one as steps."""

import pytest

import hil
from hil import at, faults, press, setpoint, write

pytestmark = pytest.mark.rig("rig.toml")

operation = hil.scenario(
    "4 min",
    operator=[
        press("START", "STOP", "ACK", every=("5 s", "2 min")),
        setpoint("LIC-101.HIGH", 50, 85),
    ],
)
# a high level needs a tank that is nearly full: start there instead of waiting for it
nearly_full = operation.starting_with(at("0 s", write("T-101.level_m", 1.5), press("START")))
with_faults = nearly_full.with_faults(faults.sensor("LT-101"), at_most=2)


@hil.requirement("FILL-1")
@hil.given(operation)
def test_the_pump_starts_only_below_the_low_limit(run):
    run.never(hil.rose(run["P-101.RUN"]) & (run["LIC-101.PV"] >= 30))


@hil.requirement("FILL-2")
@hil.given(operation)
def test_stop_takes_the_pump_out_of_operation(run):
    run.whenever(run["STOP"]).then(~run["P-101.RUN"], within="100 ms")


@hil.requirement("FILL-3")
@hil.given(with_faults)
def test_high_high_level_stops_the_pump(run):
    is_high = hil.always(run["LIC-101.PV"] > 90, lasting="200 ms")
    run.whenever(is_high).then(run["LAHH-101"], within="300 ms")
    run.never(run["LAHH-101"] & run["P-101.RUN"])


@hil.requirement("FILL-4")
@hil.given(with_faults)
def test_a_failed_transmitter_stops_the_pump(run):
    run.whenever(run["LT-101"] < -700).then(~run["P-101.RUN"], within="500 ms")
    run.never(run["LA-101"] & run["P-101.RUN"])


@hil.requirement("FILL-1")
def test_start_keeps_the_level_between_the_limits(bench):
    bench["START"].press()
    bench.wait_for(bench["P-101.RUN"], within="1 s")
    bench.advance("5 min")

    assert 28 < bench["LEVEL"].value < 85
    assert not bench["LAHH-101"].value
