"""The bench fixture: which rig it stands on, when it is made and reset, and what blocks a test."""

from __future__ import annotations

import pytest

STEPS = """
def test_one(bench):
    bench["INFLOW"].write(2.0)
    bench.advance("10 s")
    assert bench["LEVEL"].value > 20

def test_two(bench, toy_benches):
    assert bench.time_ns == 0
    assert bench["INFLOW"].value == 0.5
    assert len(toy_benches) == 1
"""


def test_one_bench_serves_a_module_and_is_reset_before_each_test(project: pytest.Pytester) -> None:
    project.makepyfile('import pytest\npytestmark = pytest.mark.rig("rigs/toy.toml")\n' + STEPS)

    project.runpytest().assert_outcomes(passed=2)


def test_a_rig_can_come_from_the_configuration(project: pytest.Pytester) -> None:
    project.makeini("[pytest]\nhil_rig = rigs/toy.toml\n")
    project.makepyfile(STEPS)

    project.runpytest().assert_outcomes(passed=2)


def test_a_rig_can_come_from_the_command_line_and_goes_before_the_marker(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import pytest

        @pytest.mark.rig("rigs/gone.toml")
        def test_path(bench):
            assert bench.path.name == "toy.toml"
        """
    )

    project.runpytest("--hil-rig=rigs/toy.toml").assert_outcomes(passed=1)


def test_a_rig_is_found_beside_the_test_before_the_root_folder(project: pytest.Pytester) -> None:
    folder = project.mkpydir("line")
    (folder / "rigs").mkdir()
    (folder / "rigs" / "toy.toml").write_text("", encoding="utf-8")
    (folder / "test_paths.py").write_text(
        "import pytest\n"
        "@pytest.mark.rig('rigs/toy.toml')\n"
        "def test_near(bench):\n    assert bench.path.parent.parent.name == 'line'\n"
        "@pytest.mark.rig('rigs/other.toml')\n"
        "def test_far(bench):\n    assert bench.path.parent.parent.name != 'line'\n",
        encoding="utf-8",
    )

    project.runpytest().assert_outcomes(passed=2)


def test_a_function_may_name_another_rig_and_several(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import pytest
        pytestmark = pytest.mark.rig("rigs/toy.toml")

        def test_module(bench):
            assert bench.path.name == "toy.toml"

        @pytest.mark.rig("rigs/other.toml")
        def test_other(bench):
            assert bench.path.name == "other.toml"

        @pytest.mark.rig("rigs/toy.toml", "rigs/other.toml")
        def test_both(bench):
            pass
        """
    )

    result = project.runpytest("-v")

    result.assert_outcomes(passed=4)
    result.stdout.fnmatch_lines_random(["*::test_module PASSED*", "*::test_both?toy? *", "*::test_both?other? *"])


def test_a_test_without_a_rig_is_told_how_to_name_one(project: pytest.Pytester) -> None:
    project.makepyfile("def test_lost(bench):\n    pass\n")

    result = project.runpytest()

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*the test uses a bench but names no rig; write pytestmark*"])


def test_a_rig_that_does_not_exist_is_an_error_with_its_name(project: pytest.Pytester) -> None:
    project.makepyfile("import pytest\n@pytest.mark.rig('rigs/nowhere.toml')\ndef test_lost(bench):\n    pass\n")

    result = project.runpytest()

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*rigs/nowhere.toml: there is no such rig*"])


@pytest.mark.parametrize("target", ["hybrid", "physical"])
def test_a_target_that_is_not_there_blocks_the_tests_and_names_what_is_missing(
    failing_project: pytest.Pytester, target: str
) -> None:
    failing_project.makepyfile(test_plain="def test_plain():\n    pass\n")

    result = failing_project.runpytest(f"--hil-target={target}", "-v")

    assert result.ret == 0
    result.stdout.fnmatch_lines(
        [
            "*::test_high_level_stops_the_pump BLOCKED*",
            "*= blocked =*",
            f"BLOCKED test_line.py::test_high_level_stops_the_pump: target {target} has no capability 'advance'; *",
            "*1 passed, 1 blocked*",
        ]
    )


def test_what_a_bench_cannot_do_blocks_only_the_test_that_needs_it(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import hil, pytest
        from hil.bench import Capability
        pytestmark = pytest.mark.rig("rigs/toy.toml")

        @pytest.fixture(autouse=True)
        def observer(bench):
            bench.capabilities = frozenset({Capability.ADVANCE})

        def test_step(bench):
            bench.advance("1 s")

        def test_fault(bench):
            bench["LT-101"].inject("stuck", 5.0)

        @hil.given(hil.scenario("10 s", process=[hil.step("INFLOW", 0.0, 1.0, every="1 s")]))
        def test_flow(run):
            pass
        """
    )

    result = project.runpytest("-rs")

    result.stdout.fnmatch_lines(
        [
            "*::test_fault: target emulated has no capability 'inject'",
            "*::test_flow: target emulated has no capability 'plant truth'; the scenario uses it on INFLOW",
            "*1 passed, 2 blocked*",
        ]
    )


def test_a_bench_is_closed_at_the_end_of_its_module(project: pytest.Pytester) -> None:
    project.makepyfile(
        test_a="import pytest\npytestmark = pytest.mark.rig('rigs/toy.toml')\n"
        "def test_a(bench):\n    bench.advance('1 s')\n",
        test_b="def test_b(toy_benches):\n    assert toy_benches[0].tick == 0\n",
    )

    project.runpytest().assert_outcomes(passed=2)


def test_endpoints_are_asked_for_by_a_module_not_by_a_function(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import pytest

        @pytest.mark.rig("rigs/toy.toml", endpoints=True)
        def test_client(bench):
            pass
        """
    )

    result = project.runpytest()

    result.stdout.fnmatch_lines(["*test_client: endpoints=True belongs to the module's pytestmark*"])
