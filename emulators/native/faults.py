"""Faults of native code: where each can come from, and what a person reads about one."""

from __future__ import annotations

import struct as packing
from collections.abc import Sequence
from dataclasses import dataclass

from emulators.errors import EmulatorError, SourceSpan
from emulators.native.ir import FaultCode

__all__ = ["FaultSite", "NativeFault", "decode_fault"]

_SIGNS = {"add": "+", "sub": "-", "mul": "*", "div": "/", "mod": "mod", "floordiv": "//", "floormod": "%", "neg": "-"}


@dataclass(frozen=True, slots=True)
class FaultSite:
    """Guard in the code; ``detail`` names the operation and its type, such as ``add i64``."""

    span: SourceSpan
    code: FaultCode
    detail: str = ""


class NativeFault(EmulatorError):  # noqa: N818  # what a PLC calls a fault, also given as a value
    """Native code stopped at a guard: what happened, where in the user's source, with which values."""

    def __init__(self, code: FaultCode, span: SourceSpan, message: str, *, values: tuple[int, ...] = ()) -> None:
        self.code = code
        self.span = span
        self.message = message
        self.values = values
        super().__init__(f"{span}: {message}" if span.file else message)


def decode_fault(sites: Sequence[FaultSite], code: int, site: int, values: Sequence[int]) -> NativeFault:
    """Return the fault that a state block or a call reports by its three numbers."""
    known = FaultCode(code)
    where = sites[site] if 0 <= site < len(sites) else FaultSite(SourceSpan("", 0, 0), known)
    numbers = tuple(int(value) for value in values)
    return NativeFault(known, where.span, _message(known, where.detail, numbers), values=numbers)


def _message(code: FaultCode, detail: str, values: tuple[int, ...]) -> str:
    first, second, third = (*values, 0, 0, 0)[:3]
    operation, _, of = detail.partition(" ")
    sign = _SIGNS.get(operation, operation)
    match code:
        case FaultCode.DIVISION_BY_ZERO:
            return f"division by zero: {_shown(first, of)} {sign or '/'} 0"
        case FaultCode.INDEX_OUT_OF_BOUNDS:
            return f"index {first} is outside {second}..{third}"
        case FaultCode.OVERFLOW:
            return _overflow_message(operation, sign, of, first, second)
        case FaultCode.CONVERSION:
            return f"{_shown(first, 'f64')} has no value of type {of or detail or 'integer'}"
        case FaultCode.SUBRANGE:
            return f"value {first} is outside {second}..{third}"
        case FaultCode.LOOP_BUDGET:
            return "the loops of one call made more turns than its budget; does a loop never end?"
        case FaultCode.DOMAIN:
            shown = _shown(first, "f64") + (f", {_shown(second, 'f64')}" if operation in ("pow", "fmod") else "")
            return f"{operation or 'function'}({shown}) is not defined"
        case FaultCode.WATCHDOG:
            return "the watchdog tripped"
        case FaultCode.CALL_DEPTH:
            return "calls are nested too deep"
        case FaultCode.STOPPED:
            return "stopped from outside"
        case FaultCode.ASSERTION:
            return detail or f"assertion failed ({first}, {second}, {third})"
        case _:
            return "no fault"


def _overflow_message(operation: str, sign: str, of: str, first: int, second: int) -> str:
    left, right = _shown(first, of), _shown(second, of)
    if operation == "convert":
        return f"{first} does not fit {of}"
    if operation == "neg":
        return f"-({left}) does not fit {of}"
    return f"{left} {sign} {right} does not fit {of}"


def _shown(value: int, of: str) -> str:
    if of in ("f64", "f32"):
        return repr(packing.unpack("<d", packing.pack("<q", value))[0])
    return str(value & 0xFFFF_FFFF_FFFF_FFFF) if of == "u64" else str(value)
