"""Small cells from rigs, programs and components written in the test."""

from pathlib import Path

import pytest
from link_cells import LinkedCells
from small_cells import SmallCells


@pytest.fixture
def cells(tmp_path: Path) -> SmallCells:
    return SmallCells(tmp_path)


@pytest.fixture(scope="session")
def linked(tmp_path_factory: pytest.TempPathFactory) -> LinkedCells:
    return LinkedCells(tmp_path_factory.mktemp("linked"))
