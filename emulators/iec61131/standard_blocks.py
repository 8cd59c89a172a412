"""The standard function blocks: ST text that ships with the package and is compiled like the user's own.

A program's compilation parses only the library files whose blocks it names.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from types import MappingProxyType

__all__ = ["standard_block_file", "standard_block_names", "standard_block_text"]

_COUNTER_SUFFIXES = ("", "_INT", "_DINT", "_LINT", "_UINT", "_UDINT", "_ULINT")
_TIMER_SUFFIXES = ("", "_TIME", "_LTIME")
_FILE_OF_BLOCK = MappingProxyType(
    {
        "SR": "bistables.st",
        "RS": "bistables.st",
        "R_TRIG": "edges.st",
        "F_TRIG": "edges.st",
        **{block + suffix: "counters.st" for block in ("CTU", "CTD", "CTUD") for suffix in _COUNTER_SUFFIXES},
        **{block + suffix: "timers.st" for block in ("TON", "TOF", "TP") for suffix in _TIMER_SUFFIXES},
    }
)


def standard_block_names() -> frozenset[str]:
    """Return the names of all standard function blocks, upper case."""
    return frozenset(_FILE_OF_BLOCK)


def standard_block_file(name: str) -> str | None:
    """Return the library file that declares a standard function block (name in any case), or None."""
    return _FILE_OF_BLOCK.get(name.upper())


@cache
def standard_block_text(file_name: str) -> str:
    """Return the text of a library file."""
    return (files("emulators.iec61131") / "library" / file_name).read_text(encoding="utf-8")
