"""Columns that are recorded again and again do not fault their memory in each time."""

from __future__ import annotations

import platform
import resource

import numpy as np
import pytest

from hil.trace.memory import keep_freed_columns


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other allocators keep memory by their own rules")
def test_freed_columns_are_used_again() -> None:
    keep_freed_columns()
    np.ones(60_000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt

    total = sum(float(np.ones(60_000)[-1]) for _ in range(100))

    faults = resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
    assert total == 100.0
    assert faults < 100 * 60_000 * 8 / 4096 / 4
