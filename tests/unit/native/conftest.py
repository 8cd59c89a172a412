"""Shared parts of the tests of the native back end."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

from emulators.native import Executor, available_executors

_SUPPORT = Path(__file__).parents[2] / "support"


def _load(name):
    found = sys.modules.get(name)
    if found is None:
        spec = importlib.util.spec_from_file_location(name, _SUPPORT / f"{name}.py")
        found = importlib.util.module_from_spec(spec)
        sys.modules[name] = found
        spec.loader.exec_module(found)
    return found


@pytest.fixture(scope="session")
def ir_interpreter():
    """The plain evaluator of IR, judge over the compilers."""
    return _load("ir_interpreter")


@pytest.fixture(scope="session")
def ir_generator():
    """Random well-formed modules."""
    return _load("ir_generator")


@pytest.fixture(params=list(Executor), ids=lambda executor: executor.value)
def executor(request):
    """Each executor in turn; gcc is skipped where it is not installed."""
    if request.param not in available_executors():
        pytest.skip("no gcc or clang on the path")
    return request.param
