"""JUnit carries requirement, seed, hashes and robustness of each test, without a warning."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

PROPERTIES = """
import hil, pytest
pytestmark = pytest.mark.rig("rigs/toy.toml")

@hil.requirement("FDS-1")
@hil.requirement("FDS-2", text="The level stays in the tank.")
@hil.given(hil.scenario("10 s"), scenarios=3)
def test_level(run):
    run.always(run["LEVEL"] <= 100)

@hil.requirement("FDS-3")
def test_start(bench):
    bench["START"].press()
    bench.wait_for(bench["P-101.RUN"], within="1 s")

def test_plain():
    pass
"""


def properties_of(project: pytest.Pytester) -> dict[str, list[tuple[str, str]]]:
    root = ElementTree.parse(project.path / "junit.xml").getroot()
    return {
        case.attrib["name"]: [(item.attrib["name"], item.attrib["value"]) for item in case.iter("property")]
        for case in root.iter("testcase")
    }


@pytest.mark.parametrize("extra", [(), ("-n1",)], ids=["one process", "xdist"])
def test_properties_are_written_once_a_test(project: pytest.Pytester, extra: tuple[str, ...]) -> None:
    project.makepyfile(PROPERTIES)

    project.runpytest("--junitxml=junit.xml", "--hil-seed=4", *extra).assert_outcomes(passed=3)

    found = properties_of(project)
    hashes = [("program_hash", "p123"), ("rig_hash", "r456")]
    level = dict(found["test_level"])
    assert [value for name, value in found["test_level"] if name == "requirement"] == ["FDS-1", "FDS-2"]
    assert (level["seed"], level["scenarios"]) == ("4", "3")
    assert float(level["robustness"]) == pytest.approx(89.5, abs=5)
    assert found["test_level"][-2:] == hashes
    assert found["test_start"] == [("requirement", "FDS-3"), *hashes]
    assert found["test_plain"] == []


def test_a_failure_carries_its_timeline(failing_project: pytest.Pytester) -> None:
    failing_project.runpytest("--junitxml=junit.xml", "--hil-seed=7")

    properties = dict(properties_of(failing_project)["test_high_level_stops_the_pump"])
    text = (failing_project.path / "junit.xml").read_text(encoding="utf-8")
    assert properties["timeline"].startswith(".hil/failures/")
    assert float(properties["robustness"]) < 0
    assert "LT-101 stuck at" in text
