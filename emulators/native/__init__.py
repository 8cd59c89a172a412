"""Typed IR to native code: layout table, C emitter, tcc in memory, gcc behind it, faults with file and line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.exports import lazy_exports

if TYPE_CHECKING:
    from emulators.native.emit_module import emit_c
    from emulators.native.faults import FaultSite, NativeFault, decode_fault
    from emulators.native.foreign import NativeContext
    from emulators.native.gcc import MissingCompilerError
    from emulators.native.intrinsics import INTRINSICS, IntrinsicEntry, IntrinsicTable
    from emulators.native.layout import Layout, LayoutEntry, struct_layout
    from emulators.native.linker import link_modules
    from emulators.native.loop import COLUMN_FIELDS, HEADER, TAPE_FIELDS
    from emulators.native.program import Executor, NativeFunction, NativeProgram, available_executors, build
    from emulators.native.tiered import TieredProgram
    from emulators.native.verifier import verify
else:
    __getattr__, __dir__ = lazy_exports(
        __name__,
        {
            "emit_module": ("emit_c",),
            "faults": ("FaultSite", "NativeFault", "decode_fault"),
            "foreign": ("NativeContext",),
            "gcc": ("MissingCompilerError",),
            "intrinsics": ("INTRINSICS", "IntrinsicEntry", "IntrinsicTable"),
            "layout": ("Layout", "LayoutEntry", "struct_layout"),
            "linker": ("link_modules",),
            "loop": ("COLUMN_FIELDS", "HEADER", "TAPE_FIELDS"),
            "program": ("Executor", "NativeFunction", "NativeProgram", "available_executors", "build"),
            "tiered": ("TieredProgram",),
            "verifier": ("verify",),
        },
    )

__all__ = [
    "COLUMN_FIELDS",
    "HEADER",
    "INTRINSICS",
    "TAPE_FIELDS",
    "Executor",
    "FaultSite",
    "IntrinsicEntry",
    "IntrinsicTable",
    "Layout",
    "LayoutEntry",
    "MissingCompilerError",
    "NativeContext",
    "NativeFault",
    "NativeFunction",
    "NativeProgram",
    "TieredProgram",
    "available_executors",
    "build",
    "decode_fault",
    "emit_c",
    "link_modules",
    "struct_layout",
    "verify",
]
