"""Source texts in, native code out."""

from __future__ import annotations

from collections.abc import Sequence

from emulators.iec61131.analysis import analyse
from emulators.iec61131.compiled import CompiledProgram
from emulators.iec61131.lowering.project_lowering import lower_project
from emulators.iec61131.project import SourceText
from emulators.native.stack import check_stack
from emulators.native.walk import call_order

__all__ = ["compile_program"]


def compile_program(sources: Sequence[SourceText], *, prefix: str) -> CompiledProgram:
    """Compile a control program.

    Args:
        sources: the files of the program, in any order.
        prefix: beginning of every structure and function name, a C identifier; programs in one cell differ in it.

    Raises:
        CompileError: with all findings, if there is any error.
    """
    program = lower_project(analyse(sources), prefix=prefix)
    check_stack(call_order(program.module))
    return program
