"""A test module as a new user would write it, on a rig that ships with the package."""

from __future__ import annotations

import pytest

MODULE = """
import hil
import pytest
from hil import faults, press, setpoint, step

pytestmark = pytest.mark.rig("rigs/two_tanks.toml")

operation = hil.scenario("2 min",
    operator=[press("START", "STOP", "ACK", every=("5 s", "2 min")), setpoint("LIC-101.SP", 20, 80)],
    process=[step("INFLOW", 0, 10)])
rough = operation.with_faults(faults.sensor("LT-101"), faults.valve("XV-102"), faults.power_cycle(), at_most=2)

@hil.requirement("FDS-9.1", text="The level stays in the tank.")
@hil.given(rough, scenarios=10)
def test_the_tank_holds_its_level(run):
    run.always(run["LEVEL"] <= 150)

@hil.requirement("FDS-9.2", text="A wish that no program fulfils.")
@hil.given(rough.starting_with(hil.at("1 s", press("START"))), scenarios=10)
def test_the_pump_never_runs(run):
    run.never(run["P-101.RUN"])

def test_start_up(bench):
    bench["START"].press()
    bench.wait_for(bench["P-101.RUN"], within="20 s")
    bench.advance("10 s")
    assert bench["LT-101"].value >= 0
"""


def test_the_example_runs_on_a_shipped_rig(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nfilterwarnings = error\n")
    pytester.makepyfile(test_tanks=MODULE)

    result = pytester.runpytest_subprocess("--hil-report=out", "--junitxml=junit.xml", "-p", "no:cacheprovider")

    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(
        [
            "FAIL test_the_pump_never_runs   robustness -100   1 scenario, reduced in * runs, seed 0",
            "  00:01.0  START pressed",
            "  *P-101.RUN on      requirement FDS-9.2, control.st:*",
            "  replay: pytest --hil-replay .hil/failures/*.json",
        ]
    )
    page = (pytester.path / "out" / "index.html").read_text(encoding="utf-8")
    assert "The level stays in the tank." in page
    assert "rig <b>two_tanks</b>" in page
    assert "fixtures/programs/two_tanks/control.st: conditions</td>" in page
    assert " never TRUE<br>" in page
    assert str(pytester.path) not in page


BROKEN = """
format = 1
name = "broken"
step = "10 ms"
[plant.T-101]
component = "tnak"
[plant.T-102]
component = "tank"
area_m = 1.0
"""


def test_the_findings_of_a_rig_are_told_once(pytester: pytest.Pytester) -> None:
    pytester.makefile(".toml", broken=BROKEN)
    pytester.makepyfile(
        test_broken="import pytest\npytestmark = pytest.mark.rig('broken.toml')\n"
        "def test_one(bench): pass\ndef test_two(bench): pass\n"
    )

    result = pytester.runpytest("-p", "no:cacheprovider", "-rN")

    result.assert_outcomes(errors=2)
    lines = [line for line in result.outlines if "area_m'" in line]
    assert len(lines) == 1
    result.stdout.fnmatch_lines(["as for test_broken.py::test_one: *broken.toml:5:13: * and 1 more"])


def test_a_value_that_the_cell_refuses_is_an_error_at_its_line(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_tanks="""
        import hil
        import pytest
        from hil import step
        pytestmark = pytest.mark.rig("two_tanks")

        @hil.given(hil.scenario("1 min", process=[step("INFLOW", 0, 40)]), scenarios=1)
        def test_level(run):
            run.always(run["LEVEL"] < 100)

        def test_steps(bench):
            bench["INFLOW"].write(40)
            bench.advance("1 s")
        """
    )

    result = pytester.runpytest("-p", "no:cacheprovider")

    result.assert_outcomes(errors=2)
    result.stdout.fnmatch_lines(
        ["*test_tanks.py:6:1: step(INFLOW, 0..40): 'INFLOW' ranges from 0 to 10 m3/h; 40 is outside"]
    )
