"""The plugin costs every pytest session of its users next to nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HEAVY = ("numpy", "hypothesis.strategies", "pydantic", "asyncua", "pymodbus", "cffi", "rich", "click")
PROBE = """
import sys

def pytest_unconfigure(config):
    loaded = [name for name in {heavy!r} if name in sys.modules]
    ours = sorted(name for name in sys.modules if name.partition(".")[0] in ("emulators", "hil"))
    print("\\nLOADED", loaded, ours)
"""


def test_an_unused_plugin_loads_nothing_but_itself(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(PROBE.format(heavy=HEAVY), encoding="utf-8")
    (tmp_path / "test_plain.py").write_text("def test_plain():\n    pass\n", encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:hypothesispytest", "-p", "no:cacheprovider"]

    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60)

    assert "LOADED [] ['emulators', 'emulators.exports', 'hil', 'hil.pytest_plugin']" in done.stdout
