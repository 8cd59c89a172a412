"""A scan that stands still at a line of its step while a client asks for something, line after line."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

from emulators.modbus import endpoint as modbus_endpoint
from emulators.modbus import image, own_values
from emulators.serving import device_cell, emulated_cell, endpoint, scan

__all__ = ["Standstill", "WatchedLock"]

_SCAN_THREAD = "hil-scan"
_COMMIT = (scan, device_cell, emulated_cell, own_values, endpoint, modbus_endpoint, image)


class WatchedLock:
    """Lock of an image that says when somebody waits for it."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self.is_awaited = False

    def __enter__(self) -> None:
        if not self._lock.acquire(blocking=False):
            self.is_awaited = True
            self._lock.acquire()
            self.is_awaited = False

    def __exit__(self, *_: object) -> None:
        self._lock.release()


class Standstill:
    """Holds the scan at the ``position``-th line of a step until ``meanwhile`` returns; ``n_lines`` is how many lines
    the last step had, of what publishes and of ``further`` files."""

    def __init__(self, *further: str) -> None:
        self._watched = frozenset((*further, *(module.__file__ for module in _COMMIT)))
        self.position = 0
        self.n_lines = 0
        self.is_over = threading.Event()
        self.meanwhile: Callable[[], object] = lambda: None
        self._is_in_step = False

    def trace(self, frame: FrameType, event: str, arg: object) -> Any:
        """Trace function of all new threads."""
        code = frame.f_code
        if threading.current_thread().name != _SCAN_THREAD or code.co_filename not in self._watched:
            return None
        if code is scan.Scan.run_batch.__code__:
            self.n_lines, self._is_in_step = 0, True
            return self._pass_step
        return self._pass

    def _pass_step(self, frame: FrameType, event: str, arg: object) -> Any:
        self._pass(frame, event, arg)
        if event == "return":
            self._is_in_step = False
            self.is_over.set()
        return self._pass_step

    def _pass(self, frame: FrameType, event: str, arg: object) -> Any:
        if event == "line" and self._is_in_step:
            self.n_lines += 1
            if self.n_lines == self.position:
                self.meanwhile()
        return self._pass
