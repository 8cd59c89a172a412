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


@pytest.mark.parametrize("extra", [(), ("-n1",)], ids=["one process", "xdist"])
def test_what_is_no_verdict_is_an_error_and_not_a_failure(project: pytest.Pytester, extra: tuple[str, ...]) -> None:
    project.makepyfile(
        """
        import hil, pytest
        pytestmark = pytest.mark.rig("rigs/toy.toml")

        @hil.given(hil.scenario("10 s"), scenarios=3)
        def test_misspelt(run):
            run.always(run["LEVL"] <= 100)

        def test_false(bench):
            assert bench["LEVEL"].value < 0
        """
    )

    project.runpytest("--junitxml=junit.xml", *extra).assert_outcomes(errors=1, failed=1)

    suite = ElementTree.parse(project.path / "junit.xml").getroot().find("testsuite")
    assert suite is not None
    assert {name: suite.get(name) for name in ("tests", "errors", "failures")} == {
        "tests": "2",
        "errors": "1",
        "failures": "1",
    }
    case = suite.find("testcase[@name='test_misspelt']")
    assert case is not None
    assert [child.tag for child in case] == ["properties", "error"]
