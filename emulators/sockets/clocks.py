"""Two clocks that call on an event loop every so often: the kernel's, which is no timer of the loop, and the loop's.

A loop that has a timer looks at it in each of its turns and tells the kernel until when to wait; the kernel's clock
is one more descriptor that is mostly silent.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import select
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from emulators.timebase import NS_PER_S

__all__ = ["Clock", "KernelClock", "LoopClock", "clock_on"]

_COUNT_SIZE = 8  # what a read takes: how often it has gone off


class Clock(Protocol):
    """Calls from the loop it was made for."""

    def set(self, period_s: float) -> None:
        """Call after ``period_s`` and every ``period_s`` from then on."""
        ...

    def close(self) -> None:
        """Call no more."""
        ...


class _Timespec(ctypes.Structure):
    _fields_ = (("s", ctypes.c_long), ("ns", ctypes.c_long))


class _Itimerspec(ctypes.Structure):
    _fields_ = (("interval", _Timespec), ("first", _Timespec))


class KernelClock:
    """timerfd_create(2), which Python has as a function of ``os`` since 3.13. Linux only.

    Raises:
        OSError: no descriptor is left.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, call: Callable[[], object]) -> None:
        self._loop = loop
        self._call = call
        self._c_library = ctypes.CDLL(None, use_errno=True)
        self._descriptor = self._c_library.timerfd_create(time.CLOCK_MONOTONIC, os.O_NONBLOCK | os.O_CLOEXEC)
        if self._descriptor < 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        loop.add_reader(self._descriptor, self._go_off)

    def set(self, period_s: float) -> None:
        """Call after ``period_s`` and every ``period_s`` from then on."""
        period = _Timespec(*divmod(max(1, round(period_s * NS_PER_S)), NS_PER_S))
        times = _Itimerspec(interval=period, first=period)
        self._c_library.timerfd_settime(self._descriptor, 0, ctypes.byref(times), None)

    def close(self) -> None:
        """Call no more."""
        self._loop.remove_reader(self._descriptor)
        os.close(self._descriptor)

    def _go_off(self) -> None:
        with suppress(BlockingIOError):  # set anew since it went off
            os.read(self._descriptor, _COUNT_SIZE)
        self._call()


class LoopClock:
    """A timer of the loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop, call: Callable[[], object]) -> None:
        self._loop = loop
        self._call = call
        self._timer: asyncio.TimerHandle | None = None

    def set(self, period_s: float) -> None:
        """Call after ``period_s`` and every ``period_s`` from then on."""
        self.close()
        self._timer = self._loop.call_later(period_s, self._go_off, period_s)

    def close(self) -> None:
        """Call no more."""
        if self._timer is not None:
            self._timer.cancel()

    def _go_off(self, period_s: float) -> None:
        self.set(period_s)
        self._call()


def clock_on(loop: asyncio.AbstractEventLoop, call: Callable[[], object]) -> Clock:
    """Return the clock that costs the loop least of those that can be had."""
    if hasattr(select, "epoll"):
        with suppress(OSError):  # no descriptor is left
            return KernelClock(loop, call)
    return LoopClock(loop, call)
