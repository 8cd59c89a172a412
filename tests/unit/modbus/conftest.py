from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from emulators.description import RegisterMapDescription, load_register_map

WriteMap = Callable[[str], RegisterMapDescription]


@pytest.fixture
def write_map(tmp_path: Path) -> WriteMap:
    """Read a register map given as rows ``tag; key = value; …``."""

    def write(rows: str) -> RegisterMapDescription:
        lines = ["format = 1"]
        for row in rows.strip().splitlines():
            tag, *keys = [part.strip() for part in row.split(";")]
            lines += ["[[register]]", f'tag = "{tag}"', *keys]
        path = tmp_path / "map.toml"
        path.write_text("\n".join(lines))
        return load_register_map(path)

    return write
