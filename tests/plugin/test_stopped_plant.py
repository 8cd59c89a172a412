"""A scenario under which a component of the plant fails: found, reduced, shown until then; an error and no verdict."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_cells import SmallCells

from hil.cli.main import main

MODULE = """
import hil
import pytest
from hil import choose, press

pytestmark = pytest.mark.rig("rig.toml")

story = hil.scenario("20 s",
    operator=[press("GO", every=("2 s", "5 s"))],
    process=[choose("T.divisor", 0.0, 1.0, 2.0, every=("2 s", "5 s"))])

@hil.requirement("R-1")
@hil.given(story, scenarios=20)
def test_the_level_stays_low(run):
    run.always(run["LEVEL"] < 1000.0)

def test_by_hand(bench):
    bench["GO"].press()
    bench.advance("100 ms")
    bench["T.divisor"].write(0.0)
    bench.advance("100 ms")
"""


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    SmallCells(pytester.path).served_loop()
    pytester.makeini("[pytest]\nfilterwarnings = error\naddopts = -p no:cacheprovider\n")
    pytester.makepyfile(test_loop=MODULE)
    return pytester


def test_the_timeline_that_stopped_the_plant_is_an_error_that_can_be_played_again(project: pytest.Pytester) -> None:
    result = project.runpytest("--hil-report=out", "--junitxml=junit.xml")

    result.assert_outcomes(errors=2)
    result.stdout.fnmatch_lines(
        [
            "ERROR test_the_level_stays_low   * scenario*, reduced in * runs, seed 0",
            "  *  T.divisor set to 0",
            "  *  the plant stopped: division by zero: *      requirement R-1, *parts.py:*",
            "  replay: pytest --hil-replay .hil/failures/*.json",
        ]
    )
    page = (project.path / "out" / "index.html").read_text(encoding="utf-8")
    assert "the plant stopped: division by zero" in page
    (stored,) = (project.path / ".hil" / "failures").glob("*.json")
    again = project.runpytest(f"--hil-replay={stored}")
    again.assert_outcomes(errors=1, deselected=1)
    again.stdout.fnmatch_lines(["  *  the plant stopped: division by zero: *"])


def test_a_simulation_keeps_the_trace_until_the_plant_stopped(
    project: pytest.Pytester, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (project.path / "parts.py").read_text(encoding="utf-8")
    failing = text.replace("self.level + self.offset", "self.level / (5.0 - self.draws) + self.offset")
    (project.path / "parts.py").write_text(failing, encoding="utf-8")

    code = main(["simulate", "rig.toml", "--for", "1s", "--trace", "out.csv"])

    assert code == 1
    assert "the plant of rig small stopped at" in capsys.readouterr().err
    rows = [line for line in Path("out.csv").read_text(encoding="utf-8").splitlines() if line[0].isdigit()]
    assert len(rows) == 4
