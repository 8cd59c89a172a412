"""Packages and programs that others wrote; this project depends on none of them. What is not there skips the test."""

from __future__ import annotations

import importlib
import os
import shutil
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

__all__ = ["installed", "node", "program", "run"]

DEADLINE_S = 60.0


def installed(module: str) -> ModuleType:
    """Import a client's package."""
    try:
        return importlib.import_module(module)
    except ImportError:
        pytest.skip(f"{module} is not installed")


def program(name: str) -> str:
    """Return the path of a program."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def run(*command: str) -> str:
    """Run a client to its end; return what it printed."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE_S, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def node(script: Path, package: str, *arguments: str) -> str:
    """Run a script that needs a package of npm; return what it printed."""
    folders = [Path(folder) for folder in os.environ.get("NODE_PATH", "").split(os.pathsep) if folder]
    if not any((folder / package).is_dir() for folder in folders):
        pytest.skip(f"{package} is not installed; NODE_PATH must lead to it")
    return run(program("node"), str(script), *arguments)
