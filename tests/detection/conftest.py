"""Makes ``tests/support`` importable for the tests of planted defects, and gives each suite its defects."""

import sys
from pathlib import Path

import pytest

from hil.bench.emulated import EmulatedBench

sys.path.append(str(Path(__file__).parents[1] / "support"))
pytest.register_assert_rewrite("detection_suite")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "defect_name" in metafunc.fixturenames:
        metafunc.parametrize("defect_name", list(metafunc.cls.program.defects), scope="class")


@pytest.fixture(scope="class")
def good_bench(request: pytest.FixtureRequest) -> EmulatedBench:
    """A bench of the good program; each use of it starts cold."""
    return request.cls.program.bench()


@pytest.fixture(scope="class")
def defective_bench(request: pytest.FixtureRequest, defect_name: str) -> EmulatedBench:
    """The same of the program with a defect, compiled once for all tests of the defect."""
    return request.cls.program.bench(request.cls.program.defects[defect_name])
