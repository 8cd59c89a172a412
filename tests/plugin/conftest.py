"""A small project for pytester: a rig file, and a conftest that makes toy benches for it."""

from __future__ import annotations

from pathlib import Path

import hypothesis.strategies
import pytest
import toy_bench

import hil.assembly
import hil.scenario.strategies

LOADED_ONCE = (hypothesis.strategies, toy_bench, hil.assembly, hil.scenario.strategies)
"""pytester forgets modules after each inner session; numpy cannot be loaded twice, so it is loaded out here."""


CONFTEST = """
import sys
import pytest
sys.path.insert(0, {support!r})
import toy_bench
from hil import assembly

MADE = []

def make_bench(path, target, *, coverage=False, endpoints=False):
    assert path.is_file()
    bench = toy_bench.ToyBench()
    bench.path = path
    MADE.append(bench)
    return bench

@pytest.fixture(scope="session", autouse=True)
def toy_benches():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(assembly, "make_bench", make_bench, raising=False)
        yield MADE
"""

LINE = """
import hil
import pytest
from hil import faults, press, step

pytestmark = pytest.mark.rig("rigs/toy.toml")

calm = hil.scenario("5 min",
    operator=[press("START", "STOP", every=("10 s", "1 min"))],
    process=[step("INFLOW", 0.0, 2.0)])
rough = calm.with_faults(faults.sensor("LT-101"), at_most=1).starting_with(hil.at("1 s", press("START")))

@hil.requirement("FDS-3.1", text="A high level stops the pump.")
@hil.given(rough, scenarios=60)
def test_high_level_stops_the_pump(run):
    run.whenever(run["LEVEL"] > 90).then(~run["P-101.RUN"], within="2 s")
"""


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    """An empty project with the rig ``rigs/toy.toml``."""
    support = Path(__file__).parents[1] / "support"
    pytester.makeconftest(CONFTEST.format(support=str(support)))
    pytester.makeini("[pytest]\naddopts = -p no:cacheprovider\nfilterwarnings = error\n")
    rigs = pytester.mkdir("rigs")
    (rigs / "toy.toml").write_text("format = 1\n", encoding="utf-8")
    (rigs / "other.toml").write_text("format = 1\n", encoding="utf-8")
    return pytester


@pytest.fixture
def failing_project(project: pytest.Pytester) -> pytest.Pytester:
    """A project whose only test finds the planted defect of the toy bench."""
    project.makepyfile(test_line=LINE)
    return project
