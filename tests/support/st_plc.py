"""A compiled control program on its own: memory, scans, reading and writing by path."""

from __future__ import annotations

from typing import Any

import numpy as np

from emulators.iec61131.compilation import compile_program
from emulators.iec61131.compiled import CompiledProgram, VariableDescription
from emulators.iec61131.project import SourceText
from emulators.native import Executor, NativeContext, build, struct_layout
from emulators.native.ir import Scalar

MS = 1_000_000
_CODES = {
    Scalar.BOOL: "u1",
    Scalar.I8: "i1",
    Scalar.I16: "<i2",
    Scalar.I32: "<i4",
    Scalar.I64: "<i8",
    Scalar.U8: "u1",
    Scalar.U16: "<u2",
    Scalar.U32: "<u4",
    Scalar.U64: "<u8",
    Scalar.F32: "<f4",
    Scalar.F64: "<f8",
}


class NativePlc:
    """One instance of a program under one executor, cold-started."""

    def __init__(self, compiled: CompiledProgram, executor: Executor = Executor.TCC, *, coverage: bool = False) -> None:
        self.compiled = compiled
        self.program = build(compiled.module, executor=executor, coverage=coverage)
        self.layout = struct_layout(compiled.instance)
        self.memory = np.zeros(self.layout.size, np.uint8)
        self.context: NativeContext = self.program.new_context()
        self._by_path = {variable.path.upper(): variable for variable in compiled.variables}
        self.now_ns = 0
        self.start()

    def start(self, *, is_warm: bool = False) -> None:
        name = self.compiled.initialise_warm if is_warm else self.compiled.initialise
        self.program.function(name).call(self.memory)

    def scan(self, now_ns: int | None = None) -> None:
        """Run every task once, at a time in ns (by default 10 ms after the last scan)."""
        self.now_ns = self.now_ns + 10 * MS if now_ns is None else now_ns
        start = self.layout.entry("now_ns").offset
        self.memory[start : start + 8].view(np.int64)[0] = self.now_ns
        for task in self.compiled.tasks:
            for run in task.programs:
                self.program.function(run).call(self.memory, context=self.context)

    def _place(self, path: str) -> tuple[VariableDescription, int]:
        variable = self._by_path[path.upper()]
        return variable, self.layout.entry(variable.layout_path).offset

    def read(self, path: str) -> Any:
        variable, offset = self._place(path)
        if variable.bit is not None:
            return bool(self.memory[offset] >> variable.bit & 1)
        code = np.dtype(_CODES[variable.native])
        count = 1 if variable.string_length is None else variable.string_length + 1
        raw = self.memory[offset : offset + count * code.itemsize].tobytes()
        values = np.frombuffer(raw, code)
        if variable.string_length is not None:
            return "".join(chr(unit) for unit in values).split("\0")[0]
        if variable.native is Scalar.BOOL:
            return bool(values[0])
        if variable.iec_type in ("CHAR", "WCHAR"):
            return chr(values[0])
        return values[0].item()

    def write(self, path: str, value: Any) -> None:
        variable, offset = self._place(path)
        if variable.bit is not None:
            cleared = int(self.memory[offset]) & ~(1 << variable.bit)
            self.memory[offset] = cleared | bool(value) << variable.bit
            return
        code = np.dtype(_CODES[variable.native])
        if variable.string_length is not None:
            units = [ord(character) for character in value.ljust(variable.string_length + 1, "\0")]
            raw = np.array(units, code).tobytes()
        else:
            raw = np.array([ord(value) if isinstance(value, str) else value], code).tobytes()
        self.memory[offset : offset + len(raw)] = np.frombuffer(raw, np.uint8)


def compile_text(text: str, *, prefix: str = "plc") -> CompiledProgram:
    """Compile one file, ``test.st``."""
    return compile_program([SourceText("test.st", text)], prefix=prefix)


def plc(text: str, executor: Executor = Executor.TCC) -> NativePlc:
    """Compile and start a program."""
    return NativePlc(compile_text(text), executor)
