"""A program that runs at once with tcc and goes on with optimised code as soon as gcc or clang has made it."""

from __future__ import annotations

import threading
import weakref

from emulators.errors import EmulatorError
from emulators.native.emit_module import emit_module
from emulators.native.gcc import CacheFolderError, Compilation, find_compiler
from emulators.native.ir import Module
from emulators.native.program import Executor, NativeFunction, NativeProgram, compile_emitted

__all__ = ["TieredProgram"]


class TieredProgram:
    """Two tiers of one module with the same layout and the same bits; each call takes the best one that is ready.

    The compiler of the second tier starts with ``optimise``: at once, or with ``is_patient`` when somebody finds the
    work long enough to ask for it. Close it, or use it in a ``with`` block: that ends a compiler which still runs.
    """

    def __init__(self, module: Module, *, coverage: bool = False, is_patient: bool = False) -> None:
        self.module = module
        self._emitted = emit_module(module, coverage=coverage)
        self._first = NativeProgram(module, self._emitted, Executor.TCC, compile_emitted(self._emitted, Executor.TCC))
        self._second: NativeProgram | None = None
        self._is_ready = threading.Event()
        self._is_asked = False
        self.refusal: EmulatorError | None = None
        if not is_patient:
            self.optimise()

    def optimise(self) -> None:
        """Start the optimising compiler in the background; asking again changes nothing."""
        if self._is_asked:
            return
        self._is_asked = True
        if find_compiler() is None:
            self._is_ready.set()
            return
        try:
            compilation = Compilation(self._emitted.text)
        except CacheFolderError as error:
            self._adopt(None, error)
            return
        self._finalizer = weakref.finalize(self, compilation.cancel)
        threading.Thread(target=_optimise, args=(weakref.ref(self), compilation), daemon=True).start()

    @property
    def current(self) -> NativeProgram:
        """The best program that is ready. A caller keeps it for the length of a call, so a swap is between calls."""
        return self._second or self._first

    @property
    def executor(self) -> Executor:
        return self.current.executor

    def function(self, name: str) -> NativeFunction:
        """Return an exported function of the current tier."""
        return self.current.function(name)

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until no better tier is to come; return False when the time ran out first."""
        return self._is_ready.wait(timeout_s)

    def _adopt(self, program: NativeProgram | None, refusal: EmulatorError | None) -> None:
        self._second = program
        self.refusal = refusal
        self._is_ready.set()

    def close(self) -> None:
        """End the background compiler and free both tiers."""
        if hasattr(self, "_finalizer"):
            self._finalizer()
        if self._is_asked:
            self._is_ready.wait(10)
        self._first.close()
        if self._second is not None:
            self._second.close()

    def __enter__(self) -> TieredProgram:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()


def _optimise(owner: weakref.ref[TieredProgram], compilation: Compilation) -> None:
    refusal: EmulatorError | None = None
    code = None
    try:
        code = compilation.run()
    except EmulatorError as error:
        refusal = error
    tiered = owner()
    if tiered is None:
        if code is not None:
            code.close()
        return
    program = None
    if code is not None:
        program = NativeProgram(tiered.module, tiered._emitted, Executor.GCC, code)
    tiered._adopt(program, refusal)
