"""The native loop of a cell: its state header, tape entries and columns as the C of ``runtime/loop.c`` sees them."""

from __future__ import annotations

from emulators.native.ir import FAULT_VALUES, Field, Scalar, Struct

__all__ = ["COLUMN_FIELDS", "HEADER", "PHASES", "ROOT", "TAPE_FIELDS", "WHOLE"]

ROOT = "cell"
PHASES = (
    "cell_advance",
    "cell_sense",
    "cell_publish",
    "cell_latch",
    "cell_execute",
    "cell_flush",
    "cell_actuate",
)
WHOLE = 255
"""``bit`` of a column that records a whole scalar."""

HEADER = Struct(
    "hil_header",
    (
        Field("tick", Scalar.I64),
        Field("time_ns", Scalar.I64),
        Field("step_ns", Scalar.I64),
        Field("seed", Scalar.U64),
        Field("fault_code", Scalar.I32),
        Field("fault_site", Scalar.I32),
        Field("fault_values", FAULT_VALUES),
        Field("publish", Scalar.U32),
    ),
)
"""First field, ``header``, of the structure ``cell``; ``time_ns`` is the end of the current step."""

TAPE_FIELDS = [
    ("tick", "<i8"),
    ("value", "<u8"),
    ("mask", "<u8"),
    ("offset", "<u4"),
    ("size", "u1"),
    ("stage", "u1"),
    ("pad", "<u2"),
]
"""numpy fields of a tape entry: bytes ``offset..offset+size`` become ``old & ~mask | value & mask`` in step ``tick``.

Stage 0 acts before phase 1, stage 1 in phase 4. Entries are sorted by tick, then stage.
"""

COLUMN_FIELDS = [("rows", "<u8"), ("offset", "<u4"), ("kind", "u1"), ("bit", "u1"), ("pad", "<u2")]
"""numpy fields of a column: address of its rows, offset in the state, index of the Scalar, bit or ``WHOLE``."""
