"""The door to cffi: one FFI object, the C library's loader, and the state of a call."""

from __future__ import annotations

import functools
import os
import threading
from typing import Any

import cffi
import numpy as np
from numpy.typing import NDArray

from emulators.errors import InternalError
from emulators.native.ir import FAULT_VALUES

__all__ = ["DEFAULT_BUDGET", "LoadedLibrary", "NativeContext", "foreign", "native_work"]

DEFAULT_BUDGET = 10_000_000
"""Turns of budgeted loops in one call, or in one step of the loop."""

_CONTEXT_FIELDS = [
    ("fault_code", "<i4"),
    ("fault_site", "<i4"),
    ("fault_values", "<i8", FAULT_VALUES.length),
    ("budget", "<i8"),
    ("coverage", "<u8"),
    ("stop", "<u8"),
    ("slice", "<i8"),
]
_DECLARATIONS = """
void *dlopen(const char *name, int flags);
void *dlsym(void *library, const char *name);
int dlclose(void *library);
char *dlerror(void);
"""
_NOW_AND_LOCAL = 2

native_work = threading.RLock()
"""Held while code is compiled, loaded or freed, and over every fork: a child that is forked in the middle of such
work of another thread would find locks inside the compiler and the system loader held for ever."""
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=native_work.acquire, after_in_parent=native_work.release, after_in_child=native_work.release
    )


@functools.cache
def foreign() -> Any:
    """Return the FFI object. cffi has no types for it that mypy could use."""
    ffi = cffi.FFI()
    ffi.cdef(_DECLARATIONS)
    return ffi


@functools.cache
def _loader() -> Any:
    return foreign().dlopen(None)


class LoadedLibrary:
    """Shared library that is mapped until ``close``; its functions must not run after that."""

    def __init__(self, path: str) -> None:
        ffi = foreign()
        # looked up now: freeing may happen in a garbage collection that interrupts cffi, which would wait for itself
        self._handle: Any = None
        self._free = _loader().dlclose
        with native_work:
            handle = _loader().dlopen(path.encode(), _NOW_AND_LOCAL)
            if handle == ffi.NULL:
                reason = ffi.string(_loader().dlerror()).decode(errors="replace")
                raise InternalError(f"compiled code cannot be loaded: {reason}")
        self._handle = handle

    def address(self, name: str) -> int:
        """Return the address of an exported function."""
        with native_work:
            pointer = _loader().dlsym(self._handle, name.encode())
        if pointer == foreign().NULL:
            raise InternalError(f"compiled code has no function {name}")
        return int(foreign().cast("uintptr_t", pointer))

    def close(self) -> None:
        """Unmap the library; closing twice is harmless."""
        with native_work:
            handle, self._handle = self._handle, None
            if handle is not None:
                self._free(handle)

    def __del__(self) -> None:
        self.close()


class NativeContext:
    """First argument of every native function: fault of the last call, loop budget, coverage counters, stop flag.

    One context serves one call at a time. ``stop`` may be called from another thread.
    """

    def __init__(self, *, budget: int = DEFAULT_BUDGET, coverage_points: int = 0) -> None:
        self.fields: NDArray[np.void] = np.zeros(1, dtype=_CONTEXT_FIELDS)
        self.coverage: NDArray[np.uint64] = np.zeros(max(coverage_points, 1), dtype=np.uint64)
        self._stop: NDArray[np.int32] = np.zeros(1, dtype=np.int32)
        self.fields["coverage"] = self.coverage.ctypes.data
        self.fields["stop"] = self._stop.ctypes.data
        self.budget = budget
        self.pointer = foreign().from_buffer(self.fields)
        self._code, self._site = self.fields["fault_code"], self.fields["fault_site"]
        self._budget_left, self._slice = self.fields["budget"], self.fields["slice"]
        self.refill()

    def refill(self) -> None:
        """Clear the fault and give the whole budget again."""
        self._code[0] = self._site[0] = self._slice[0] = 0
        self._budget_left[0] = self.budget

    @property
    def fault_code(self) -> int:
        return int(self.fields["fault_code"][0])

    @property
    def fault_site(self) -> int:
        return int(self.fields["fault_site"][0])

    @property
    def fault_values(self) -> tuple[int, int, int]:
        first, second, third = self.fields["fault_values"][0]
        return int(first), int(second), int(third)

    def stop(self) -> None:
        """Ask the running call to end: a loop at its next look, ``hil_run`` after the current step."""
        self._stop[0] = 1

    def go_on(self) -> None:
        """Take the request to stop back."""
        self._stop[0] = 0
