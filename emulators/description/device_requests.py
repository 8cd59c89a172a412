"""Which requests a device takes, where it takes less than the protocol allows.

[requests]
functions = [3, 6, 16]              # public function codes; others are ILLEGAL FUNCTION
max_registers = 50                  # in one request; more are ILLEGAL DATA VALUE
max_bits = 800
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from emulators.description.source import Findings
from emulators.description.table_reader import TableReader
from emulators.description.toml_nodes import TomlArray, TomlScalar, TomlTable

__all__ = ["DeviceRequests", "read_requests", "written_requests"]

_PUBLIC_CODES = (*range(1, 9), 11, 12, 15, 16, 17, *range(20, 25), 43)
_MOST_REGISTERS, _MOST_BITS = 125, 2000


@dataclass(frozen=True, slots=True)
class DeviceRequests:
    """``functions`` are public function codes, empty for all; limits are None where they are the protocol's."""

    functions: tuple[int, ...] = ()
    max_registers: int | None = None
    max_bits: int | None = None


def read_requests(table: TomlTable, findings: Findings) -> DeviceRequests:
    """Read the table ``requests`` of a register map."""
    reader = TableReader(table, "the requests", findings)
    max_registers = reader.integer("max_registers", low=1, high=_MOST_REGISTERS)
    max_bits = reader.integer("max_bits", low=1, high=_MOST_BITS)
    functions = _functions(reader, findings)
    reader.finish()
    return DeviceRequests(
        functions, max_registers.value if max_registers else None, max_bits.value if max_bits else None
    )


def written_requests(requests: DeviceRequests) -> dict[str, Any]:
    """Return the table as a register map has it, without what is the protocol's."""
    keys = {
        "functions": list(requests.functions),
        "max_registers": requests.max_registers,
        "max_bits": requests.max_bits,
    }
    return {key: value for key, value in keys.items() if value}


def _functions(reader: TableReader, findings: Findings) -> tuple[int, ...]:
    node = reader.entry("functions")
    if node is None:
        return ()
    items = node.items if isinstance(node, TomlArray) else ()
    codes = [item.value for item in items if isinstance(item, TomlScalar) and type(item.value) is int]
    if not codes or len(codes) < len(items) or not set(codes) <= set(_PUBLIC_CODES):
        hint = f"write some of {', '.join(map(str, _PUBLIC_CODES))}; those of its maker belong to [functions]"
        findings.add(node.span, "functions must be public function codes", hint)
        return ()
    return tuple(sorted(set(codes)))
