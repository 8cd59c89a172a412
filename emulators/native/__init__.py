"""Typed IR to native code: layout table, C emitter, tcc in memory, gcc behind it, faults with file and line."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emulators.native.emit_module import emit_c as emit_c
    from emulators.native.faults import FaultSite as FaultSite
    from emulators.native.faults import NativeFault as NativeFault
    from emulators.native.faults import decode_fault as decode_fault
    from emulators.native.foreign import NativeContext as NativeContext
    from emulators.native.gcc import MissingCompilerError as MissingCompilerError
    from emulators.native.intrinsics import INTRINSICS as INTRINSICS
    from emulators.native.intrinsics import IntrinsicEntry as IntrinsicEntry
    from emulators.native.intrinsics import IntrinsicTable as IntrinsicTable
    from emulators.native.layout import Layout as Layout
    from emulators.native.layout import LayoutEntry as LayoutEntry
    from emulators.native.layout import struct_layout as struct_layout
    from emulators.native.linker import link as link
    from emulators.native.loop import COLUMN_FIELDS as COLUMN_FIELDS
    from emulators.native.loop import HEADER as HEADER
    from emulators.native.loop import TAPE_FIELDS as TAPE_FIELDS
    from emulators.native.program import Executor as Executor
    from emulators.native.program import NativeFunction as NativeFunction
    from emulators.native.program import NativeProgram as NativeProgram
    from emulators.native.program import available_executors as available_executors
    from emulators.native.program import build as build
    from emulators.native.tiered import TieredProgram as TieredProgram
    from emulators.native.verifier import verify as verify

_HOMES = {
    "COLUMN_FIELDS": "loop",
    "MissingCompilerError": "gcc",
    "Executor": "program",
    "FaultSite": "faults",
    "HEADER": "loop",
    "INTRINSICS": "intrinsics",
    "IntrinsicEntry": "intrinsics",
    "IntrinsicTable": "intrinsics",
    "Layout": "layout",
    "LayoutEntry": "layout",
    "NativeContext": "foreign",
    "NativeFault": "faults",
    "NativeFunction": "program",
    "NativeProgram": "program",
    "TAPE_FIELDS": "loop",
    "TieredProgram": "tiered",
    "available_executors": "program",
    "build": "program",
    "decode_fault": "faults",
    "emit_c": "emit_module",
    "link": "linker",
    "struct_layout": "layout",
    "verify": "verifier",
}

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
    "link",
    "struct_layout",
    "verify",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__} has no attribute {name}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
