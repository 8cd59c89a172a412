"""Makes ``tests/support`` importable for the tests of planted defects, and gives each suite its defects."""

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[1] / "support"))
pytest.register_assert_rewrite("detection_suite")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "defect_name" in metafunc.fixturenames:
        metafunc.parametrize("defect_name", list(metafunc.cls.program.defects))
