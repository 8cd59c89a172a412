"""How much stack a chain of calls takes: checked before code is compiled, as nothing catches an overflow later."""

from __future__ import annotations

from collections.abc import Iterable

from emulators.errors import CompileError, Diagnostic
from emulators.native.ir import Field, Function, Struct
from emulators.native.layout import struct_layout
from emulators.native.walk import called_functions

__all__ = ["STACK_LIMIT", "check_stack"]

STACK_LIMIT = 1 << 20
"""Bytes that local variables of a function and of what it calls may take; threads have 8 MiB as a rule."""

_FRAME = 256


def check_stack(order: Iterable[Function]) -> None:
    """Check the functions of a module; ``order`` has callees first.

    Raises:
        CompileError: at every function that goes over the limit and calls none that does.
    """
    deepest: dict[str, int] = {}
    findings = []
    for function in order:
        frame = struct_layout(Struct("", tuple(Field(local.name, local.type) for local in function.locals))).size
        below = max((deepest[name] for name in called_functions(function)), default=0)
        deepest[function.name] = total = _FRAME + frame + below
        if below <= STACK_LIMIT < total:
            message = (
                f"local variables of this function and of what it calls take {total:,} bytes of stack, "
                f"at most {STACK_LIMIT:,} are there"
            )
            hint = "keep large arrays in a program or function block instance, not in a function"
            findings.append(Diagnostic(function.span, "NB1001", message, hint))
    if findings:
        raise CompileError(sorted(findings, key=lambda finding: finding.span))
