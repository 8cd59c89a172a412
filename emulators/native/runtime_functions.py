"""C functions of runtime parts that ``RuntimeCall`` may name.

A part is the file ``runtime/<part>.c``: freestanding C, static functions whose names start with ``hil_``.
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


def _part(part: str, returns: Scalar | None, *names: str) -> dict[str, RuntimeFunction]:
    return {name: RuntimeFunction(part, returns) for name in names}


RUNTIME_FUNCTIONS: dict[str, RuntimeFunction] = {
    **_part("forces", None, "hil_lay_forces"),
    **_part("strings", None, "hil_text_copy", "hil_text_from_other", "hil_text_append", "hil_text_from_character"),
    **_part("strings", None, "hil_text_left", "hil_text_right", "hil_text_mid", "hil_text_delete"),
    **_part("strings", None, "hil_text_insert", "hil_text_replace"),
    **_part("strings", Scalar.I32, "hil_text_compare"),
    **_part("strings", Scalar.I64, "hil_text_length", "hil_text_find"),
    **_part("text_numbers", None, "hil_text_from_bool", "hil_text_from_i64", "hil_text_from_u64"),
    **_part("text_numbers", None, "hil_text_from_f32", "hil_text_from_f64"),
    **_part("text_numbers", Scalar.BOOL, "hil_text_to_bool"),
    **_part("text_numbers", Scalar.U64, "hil_text_to_u64"),
    **_part("text_numbers", Scalar.F32, "hil_text_to_f32"),
    **_part("text_numbers", Scalar.F64, "hil_text_to_f64"),
    **_part("text_times", None, "hil_text_from_duration", "hil_text_from_date"),
    **_part("text_times", None, "hil_text_from_time_of_day", "hil_text_from_date_and_time"),
    **_part("text_times", Scalar.I64, "hil_text_to_duration", "hil_text_to_date"),
    **_part("text_times", Scalar.I64, "hil_text_to_time_of_day", "hil_text_to_date_and_time"),
}
