"""A module as machine code: its exported functions, called from Python with the GIL released."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emulators.errors import InternalError
from emulators.native.emit_module import EmittedFunction, EmittedModule, emit_module
from emulators.native.emit_types import scalar_name
from emulators.native.faults import FaultSite, NativeFault, decode_fault
from emulators.native.foreign import DEFAULT_BUDGET, NativeContext, foreign, native_work
from emulators.native.gcc import Compilation, find_compiler
from emulators.native.ir import Module, Scalar
from emulators.native.tcc import MachineCode, compile_with_tcc
from emulators.native.verifier import verify

__all__ = ["Executor", "NativeFunction", "NativeProgram", "available_executors", "build"]

_C_TYPES = {
    "b8": "unsigned char",
    "i8": "signed char",
    "i16": "short",
    "i32": "int",
    "i64": "long long",
    "u8": "unsigned char",
    "u16": "unsigned short",
    "u32": "unsigned int",
    "u64": "unsigned long long",
    "f32": "float",
    "f64": "double",
}
_RUN_TYPE = "long long(*)(void *, void *, long long, void *, long long, void *, void *, long long, void *, long long)"


class Executor(enum.Enum):
    """What turns C into machine code; GCC stands for clang too."""

    TCC = "tcc"
    GCC = "gcc"


def available_executors() -> tuple[Executor, ...]:
    """Return the executors of this machine, the one that is always there first."""
    return (Executor.TCC,) if find_compiler() is None else (Executor.TCC, Executor.GCC)


class NativeFunction:
    """Exported function. Scalars are given as Python numbers, references as numpy arrays, addresses or bytearrays."""

    def __init__(self, emitted: EmittedFunction, code: MachineCode, module: Module, sites: Sequence[FaultSite]) -> None:
        function = emitted.function
        self.name = function.name
        self.may_fault = emitted.may_fault
        self._code = code  # keeps the machine code mapped
        self._n_points = len(module.points)
        self._sites = sites
        self._is_reference = tuple(parameter.by_reference for parameter in function.parameters)
        self._returns = function.returns
        types = ["void *"]
        for parameter in function.parameters:
            of = parameter.type
            types.append("void *" if parameter.by_reference or not isinstance(of, Scalar) else _c_type(of))
        returns = "void" if function.returns is None else _c_type(function.returns)
        if emitted.may_fault:
            if function.returns is not None:
                types.append(returns + " *")
            returns = "int"
        self._call = foreign().cast(f"{returns}(*)({', '.join(types)})", code.address(emitted.c_name))
        self._result_type = None if function.returns is None else foreign().typeof(_c_type(function.returns) + " *")

    def call(self, *arguments: Any, context: NativeContext | None = None) -> int | float | bool | None:
        """Call the function and return its value.

        Raises:
            NativeFault: a guard stopped it; what it had written until then stays written.
        """
        if len(arguments) != len(self._is_reference):
            raise TypeError(f"{self.name} takes {len(self._is_reference)} arguments, got {len(arguments)}")
        if context is None:
            context = NativeContext(coverage_points=self._n_points)
        else:
            context.refill()
        given = [
            _pointer(argument) if is_reference else argument
            for argument, is_reference in zip(arguments, self._is_reference, strict=True)
        ]
        if not self.may_fault:
            return self._result(self._call(context.pointer, *given))
        if self._returns is None:
            has_faulted = self._call(context.pointer, *given)
            value = None
        else:
            place = foreign().new(self._result_type)
            has_faulted = self._call(context.pointer, *given, place)
            value = place[0]
        if has_faulted:
            raise decode_fault(self._sites, context.fault_code, context.fault_site, context.fault_values)
        return self._result(value)

    def _result(self, value: Any) -> int | float | bool | None:
        if self._returns is None:
            return None
        return bool(value) if self._returns is Scalar.BOOL else value


class NativeProgram:
    """Compiled module. Its code is freed by ``close``, or when neither it nor one of its functions is held any more."""

    def __init__(self, module: Module, emitted: EmittedModule, executor: Executor, code: MachineCode) -> None:
        self.module = module
        self.executor = executor
        self.text = emitted.text
        self.sites: tuple[FaultSite, ...] = emitted.sites
        self._code = code
        with native_work:
            self._functions = {
                name: NativeFunction(function, code, module, self.sites) for name, function in emitted.functions.items()
            }
            self._run = foreign().cast(_RUN_TYPE, code.address("hil_run")) if emitted.has_loop else None

    def function(self, name: str) -> NativeFunction:
        """Return an exported function."""
        if name not in self._functions:
            raise KeyError(f"the module exports no function {name}; it has {', '.join(self._functions) or 'none'}")
        return self._functions[name]

    def new_context(self, *, budget: int = DEFAULT_BUDGET) -> NativeContext:
        """Return a context with room for the module's coverage counters."""
        return NativeContext(budget=budget, coverage_points=len(self.module.points))

    def fault_of(self, context: NativeContext) -> NativeFault:
        """Return the fault that the last call left in a context."""
        return decode_fault(self.sites, context.fault_code, context.fault_site, context.fault_values)

    def decode_fault(self, code: int, site: int, values: Sequence[int]) -> NativeFault:
        """Return the fault that a state block reports."""
        return decode_fault(self.sites, code, site, values)

    def run(
        self,
        context: NativeContext,
        state: NDArray[np.uint8],
        n_steps: int,
        *,
        tape: NDArray[np.void] | None = None,
        cursor: NDArray[np.int64] | None = None,
        columns: NDArray[np.void] | None = None,
        row_times: NDArray[np.int64] | None = None,
        first_row: int = 0,
    ) -> int:
        """Run steps of the cell and return how many were completed; see ``runtime/loop.c``.

        Fewer than ``n_steps``: ``context.fault_code`` tells why, 0 means that the stop flag was set between steps.
        """
        if self._run is None:
            raise InternalError("the module has no cell to run")
        context.refill()
        cursor = np.zeros(1, np.int64) if cursor is None else cursor
        done = self._run(
            context.pointer,
            _pointer(state),
            n_steps,
            _pointer(tape),
            0 if tape is None else len(tape),
            _pointer(cursor),
            _pointer(columns),
            0 if columns is None else len(columns),
            _pointer(row_times),
            first_row,
        )
        return int(done)

    def close(self) -> None:
        """Free the machine code; no function may be called after that, nor be running."""
        self._functions = {}
        self._run = None
        self._code.close()


def build(module: Module, *, executor: Executor, coverage: bool = False) -> NativeProgram:
    """Compile a module.

    Raises:
        MissingCompilerError: gcc is asked for and neither gcc nor clang is there.
        InternalError: the module is not well formed, or the compiler had anything to say.
    """
    emitted = emit_module(module, coverage=coverage)
    try:
        code = compile_emitted(emitted, executor)
    except InternalError as error:
        verify(module)
        raise error
    return NativeProgram(module, emitted, executor, code)


def compile_emitted(emitted: EmittedModule, executor: Executor) -> MachineCode:
    """Return the machine code of emitted text."""
    if executor is Executor.TCC:
        return compile_with_tcc(emitted.text)
    return Compilation(emitted.text).run()


def _c_type(of: Scalar) -> str:
    return _C_TYPES[scalar_name(of)]


def _pointer(argument: Any) -> Any:
    if argument is None:
        return foreign().NULL
    if isinstance(argument, int):
        return foreign().cast("void *", argument)
    return foreign().from_buffer(argument)
