"""Requirements of the filling program, each as a property of every run and one as steps."""

import hil
import pytest
from hil import faults, press, setpoint

pytestmark = pytest.mark.rig("rig.toml")

operation = hil.scenario(
    "10 min",
    operator=[
        press("START", "STOP", "ACK", every=("5 s", "2 min")),
        setpoint("LIC-101.HIGH", 50, 85),
    ],
)
with_faults = operation.with_faults(faults.sensor("LT-101"), at_most=2)


@hil.requirement("FILL-2")
@hil.given(operation)
def test_stop_takes_the_pump_out_of_operation(run):
    run.whenever(run["STOP"]).then(~run["P-101.RUN"], within="100 ms")


@hil.requirement("FILL-3")
@hil.given(with_faults)
def test_high_high_level_stops_the_pump(run):
    run.whenever(run["LIC-101.PV"] > 90).then(~run["P-101.RUN"], within="300 ms")
    run.never(run["LAHH-101"] & run["P-101.RUN"])


@hil.requirement("FILL-4")
@hil.given(with_faults)
def test_a_failed_transmitter_stops_the_pump(run):
    run.whenever(run["LT-101"] < -700).then(~run["P-101.RUN"], within="500 ms")
    run.never(run["LA-101"] & run["P-101.RUN"])


@hil.requirement("FILL-1")
def test_start_fills_the_tank_to_the_limit(bench):
    bench["START"].press()
    bench.wait_for(bench["P-101.RUN"], within="1 s")
    bench.wait_for(~bench["P-101.RUN"], within="10 min")

    assert bench["LEVEL"].value == pytest.approx(80, abs=2)
