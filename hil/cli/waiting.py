"""Waiting on the command line: until something is over, or somebody presses Ctrl-C."""

from __future__ import annotations

import time
from collections.abc import Callable

__all__ = ["wait_until"]

_LOOK_EACH_S = 0.05


def wait_until(is_over: Callable[[], bool]) -> None:
    """Look every now and then whether it is over."""
    while not is_over():
        time.sleep(_LOOK_EACH_S)
