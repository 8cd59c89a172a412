"""``@hil.given`` under pytest: failures are reduced, printed as a timeline, stored, and replayed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest


def stored(project: pytest.Pytester) -> list[Path]:
    return sorted((project.path / ".hil" / "failures").glob("*.json"))


def test_a_failing_property_prints_its_reduced_timeline_and_nothing_else(failing_project: pytest.Pytester) -> None:
    result = failing_project.runpytest("--hil-seed=7")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "FAIL test_high_level_stops_the_pump   robustness -*   * scenarios, reduced in * runs, seed 7",
            "  00:01.0  START pressed",
            "  00:0?.0  LT-101 stuck at * %",
            "  0*  LEVEL 9* %, P-101.RUN still on 2.0 s later      requirement FDS-3.1",
            "  replay: pytest --hil-replay .hil/failures/*.json",
        ]
    )
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*judge_many_runs*")


def test_a_failing_timeline_is_stored_with_all_that_is_known(failing_project: pytest.Pytester) -> None:
    failing_project.runpytest("--hil-seed=7")

    [path] = stored(failing_project)
    content = json.loads(path.read_text(encoding="utf-8"))
    failure = content["failure"]
    assert content["format"] == 1
    assert failure["test"] == "test_line.py::test_high_level_stops_the_pump"
    assert failure["rig"] == "rigs/toy.toml"
    assert failure["requirements"] == ["FDS-3.1"]
    assert failure["seed"] == 7
    assert failure["robustness"] < 0
    assert failure["hashes"] == {"program": "p123", "rig": "r456"}


def test_a_stored_timeline_fails_again_when_it_is_replayed(failing_project: pytest.Pytester) -> None:
    failing_project.makepyfile(test_other="def test_something_else():\n    raise RuntimeError\n")
    failing_project.runpytest("test_line.py", "--hil-seed=7")
    [path] = stored(failing_project)

    result = failing_project.runpytest("--hil-replay", str(path))

    result.assert_outcomes(failed=1, deselected=1)
    result.stdout.fnmatch_lines(["FAIL test_high_level_stops_the_pump   robustness -*   1 scenario, seed 0"])
    assert stored(failing_project) == [path]


def test_a_replayed_timeline_that_no_longer_fails_passes(failing_project: pytest.Pytester) -> None:
    failing_project.runpytest("--hil-seed=7")
    [path] = stored(failing_project)
    source = failing_project.path / "test_line.py"
    source.write_text(source.read_text(encoding="utf-8").replace('"LEVEL"] > 90', '"LEVEL"] > 101'), encoding="utf-8")

    failing_project.runpytest("--hil-replay", str(path)).assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "*--hil-replay: *No such file*"),
        ('{"format": 1,\n "duration": 5, "events": []}', "*broken.json:2:2: unknown key 'duration'*did you mean*"),
        (
            '{"format": 1, "duration_ns": 5, "events": [], "failure": {"test": "test_gone.py::test_x"}}',
            "*its test test_gone.py::test_x was not collected*",
        ),
    ],
    ids=["missing", "mistake", "other test"],
)
def test_a_replay_file_that_cannot_be_played_is_a_usage_error(
    failing_project: pytest.Pytester, content: str | None, message: str
) -> None:
    path = failing_project.path / "broken.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")

    result = failing_project.runpytest("--hil-replay", str(path))

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([message])


def test_the_same_seed_finds_the_same_and_another_seed_something_else(failing_project: pytest.Pytester) -> None:
    failing_project.runpytest("--hil-seed=7")
    first = [path.name for path in stored(failing_project)]

    failing_project.runpytest("--hil-seed=7")
    again = [path.name for path in stored(failing_project)]
    failing_project.runpytest("--hil-seed=5")

    assert again == first
    assert len(stored(failing_project)) == 2


def test_the_option_overrules_the_number_of_scenarios(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import hil, pytest
        pytestmark = pytest.mark.rig("rigs/toy.toml")
        seen = []

        @hil.given(hil.scenario("10 s"), scenarios=50, columns=["LEVEL"])
        def test_level(run):
            seen.append(run.trace.names)
            run.always(run["LEVEL"] <= 100)

        def test_count():
            assert seen == [("LEVEL",)] * 7
        """
    )

    project.runpytest("--hil-scenarios=7").assert_outcomes(passed=2)


def test_a_property_takes_other_fixtures_parameters_and_the_bench(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import hil, pytest
        pytestmark = pytest.mark.rig("rigs/toy.toml")

        @pytest.fixture
        def limit():
            return 100

        @pytest.mark.parametrize("name", ["LEVEL", "LT-101"])
        class TestLevels:
            @hil.given(hil.scenario("10 s"), scenarios=2)
            def test_level(self, run, bench, limit, name):
                assert bench.catalogue
                run.always(run[name] <= limit)
        """
    )

    project.runpytest().assert_outcomes(passed=2)


def test_a_property_without_run_is_refused_where_it_is_written(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import hil

        @hil.given(hil.scenario("10 s"))
        def test_level(bench):
            pass
        """
    )

    result = project.runpytest()

    result.stdout.fnmatch_lines(["*TypeError: test_level must take 'run'*"])


def test_names_the_rig_does_not_have_are_an_error_with_the_line_of_the_test(project: pytest.Pytester) -> None:
    project.makepyfile(
        test_names="""
        import hil, pytest
        pytestmark = pytest.mark.rig("rigs/toy.toml")

        @hil.given(hil.scenario("10 s", operator=[hil.press("STRAT")]))
        def test_level(run):
            pass
        """
    )

    result = project.runpytest()

    result.assert_outcomes(errors=1)
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.fnmatch_lines(["*test_names.py:4:1: press(STRAT): the bench has no 'STRAT'; did you mean 'START'?"])


def test_a_broken_link_is_an_error_and_no_failure(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import hil, pytest
        from hil.errors import LinkError
        pytestmark = pytest.mark.rig("rigs/toy.toml")
        runs = []

        @hil.given(hil.scenario("10 s"))
        def test_level(run):
            runs.append(run)
            raise LinkError("modbus 127.0.0.1:5020: no answer")

        def test_one_run_was_made():
            assert len(runs) == 1
        """
    )

    result = project.runpytest()

    result.assert_outcomes(errors=1, passed=1)
    result.stdout.fnmatch_lines(["*LinkError: modbus 127.0.0.1:5020: no answer"])
    assert stored(project) == []


def test_a_plain_assert_in_a_property_is_reduced_and_shown(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import hil, pytest
        pytestmark = pytest.mark.rig("rigs/toy.toml")

        @hil.given(hil.scenario("1 min", process=[hil.step("INFLOW", 0.0, 2.0)]), columns=["LEVEL"])
        def test_level(run):
            assert run.trace["LEVEL"].max() < 50, "level too high"
        """
    )

    result = project.runpytest()

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["FAIL test_level *", "*INFLOW set to *", "*level too high*", "  replay: *"])


def test_skipping_inside_a_property_skips_the_test(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import hil, pytest
        pytestmark = pytest.mark.rig("rigs/toy.toml")

        @hil.given(hil.scenario("10 s"))
        def test_level(run):
            pytest.skip("not today")
        """
    )

    project.runpytest().assert_outcomes(skipped=1)
