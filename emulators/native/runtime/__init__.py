"""C text that every module starts with, and parts that a module pulls in when it needs them."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from importlib import resources
from typing import Any

from emulators.errors import InternalError
from emulators.native.emit_types import literal
from emulators.native.ir import Scalar

__all__ = ["PART_NEEDS", "runtime_text"]

_NUMBER = re.compile(r"\b(?:HIL_[A-Z0-9_]+|hil_[a-z_]+_table|hil_two_over_pi)\b")
_NUMERIC = frozenset({"pairs", "exponential", "trigonometry", "noise"})

PART_NEEDS: dict[str, tuple[str, ...]] = {
    "prelude": (),
    "loop": (),
    "forces": (),
    "elementary": (),
    "pairs": ("elementary",),
    "exponential": ("pairs",),
    "trigonometry": ("pairs",),
    "noise": ("exponential",),
    "strings": (),
    "text_numbers": ("strings",),
    "text_times": ("text_numbers",),
}
"""Runtime parts and the parts they use; the text of a part is the file ``<part>.c`` in this folder."""


def runtime_text(*parts: str) -> Iterator[str]:
    """Yield the text of parts and of what they need, each once, needed ones first."""
    written: set[str] = set()

    def with_needs(part: str) -> Iterator[str]:
        if part in written:
            return
        written.add(part)
        if part not in PART_NEEDS:
            raise InternalError(f"there is no runtime part '{part}'")
        for needed in PART_NEEDS[part]:
            yield from with_needs(needed)
        yield from part_lines(part)

    for part in parts:
        yield from with_needs(part)


@functools.cache
def part_lines(part: str) -> tuple[str, ...]:
    """Return the lines of one part, with the constants and tables that it names first."""
    text = resources.files(__package__).joinpath(f"{part}.c").read_text(encoding="utf-8")
    numbers = number_lines(frozenset(_NUMBER.findall(text))) if part in _NUMERIC else ()
    return (*numbers, f'#line 1 "runtime/{part}.c"', *text.splitlines())


def number_lines(names: frozenset[str]) -> tuple[str, ...]:
    """Return definitions of the constants and tables of ``same_bits`` among the names."""
    from emulators.native.same_bits import tables
    from emulators.native.same_bits.constants import C_CONSTANTS

    lines = []
    for name, value in C_CONSTANTS.items():
        numbers = value if isinstance(value, tuple) else (value,)
        for index, number in enumerate(numbers):
            macro = f"HIL_{name}_{index}" if isinstance(value, tuple) else f"HIL_{name}"
            if macro in names:
                lines.append(f"#define {macro} {literal(number, Scalar.F64)}")
    used = (table for table in tables.__all__ if f"hil_{table.lower()}" in names)
    lines.extend(_table_line(table, getattr(tables, table)) for table in used)
    return tuple(lines)


def _table_line(name: str, rows: tuple[Any, ...]) -> str:
    head = f"static const {{}} hil_{name.lower()}[{len(rows)}]"
    if isinstance(rows[0], int):
        return f"{head.format('u32')} = {{{', '.join(f'{row}u' for row in rows)}}};"
    texts = ("{" + ", ".join(literal(number, Scalar.F64).strip("()") for number in row) + "}" for row in rows)
    return f"{head.format('f64')}[{len(rows[0])}] = {{{', '.join(texts)}}};"
