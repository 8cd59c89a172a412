"""C functions of runtime parts that ``RuntimeCall`` may name.

A part is the file ``runtime/<part>.c``: freestanding C, ``static inline`` functions whose names start with ``hil_``.
One more function: its text in a part and one line here.
"""

from __future__ import annotations

from dataclasses import dataclass

from emulators.native.ir import Scalar

__all__ = ["RUNTIME_FUNCTIONS", "RuntimeFunction"]


@dataclass(frozen=True, slots=True)
class RuntimeFunction:
    """C function; ``may_fault``: takes the fault site as last argument and returns 1 after it called ``hil_fault``."""

    part: str
    returns: Scalar | None = None
    takes_context: bool = False
    may_fault: bool = False


RUNTIME_FUNCTIONS: dict[str, RuntimeFunction] = {}
