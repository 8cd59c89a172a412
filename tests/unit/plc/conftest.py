"""Soft PLCs without a plant, from a program written in the test."""

from pathlib import Path

import pytest
from small_cells import SmallCells


@pytest.fixture
def cells(tmp_path: Path) -> SmallCells:
    return SmallCells(tmp_path)
