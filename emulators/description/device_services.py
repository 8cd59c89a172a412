"""What a device answers besides its registers: file records, FIFO queues, function codes of its maker.

[files]
4 = 20                              # file number = how many records, all 0, or their content as a list
[queues]
1246 = [440, 4740]                  # address = registers in the queue
[functions]
65 = "functions.py:answer"          # function code = def answer(device, request): return request[:1] + b"…"
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeVar

from emulators.description.source import Findings, Located
from emulators.description.table_reader import TableReader
from emulators.description.toml_nodes import TomlArray, TomlNode, TomlScalar

__all__ = ["DeviceServices", "read_services", "written_services"]

_MOST_RECORDS, _LONGEST_QUEUE = 10_000, 31

ValueT = TypeVar("ValueT")


@dataclass(frozen=True, slots=True)
class DeviceServices:
    """Records by file number, registers by address of their queue, ``file.py:function`` by function code."""

    files: Mapping[int, tuple[int, ...]] = field(default_factory=lambda: MappingProxyType({}))
    queues: Mapping[int, tuple[int, ...]] = field(default_factory=lambda: MappingProxyType({}))
    functions: Mapping[int, Located[str]] = field(default_factory=lambda: MappingProxyType({}))


def read_services(reader: TableReader, findings: Findings) -> DeviceServices:
    """Read the tables ``files``, ``queues`` and ``functions`` of a register map."""
    files = {
        number: _records(f"file {number}", node, findings)
        for number, node in _numbered(reader, "files", 1, 0xFFFF, findings)
    }
    queues = {
        address: _registers(f"queue {address}", node, _LONGEST_QUEUE, "write a list such as [440, 4740]", findings)
        for address, node in _numbered(reader, "queues", 0, 0xFFFF, findings)
    }
    functions = {
        code: _place(f"function {code}", node, findings)
        for code, node in _numbered(reader, "functions", 1, 127, findings)
    }
    return DeviceServices(_sound(files), _sound(queues), _sound(functions))


def written_services(services: DeviceServices) -> dict[str, dict[str, Any]]:
    """Return the tables as a register map has them; an empty one is left out."""
    tables: dict[str, dict[str, Any]] = {
        "files": {
            str(number): list(records) if any(records) else len(records) for number, records in services.files.items()
        },
        "queues": {str(address): list(registers) for address, registers in services.queues.items()},
        "functions": {str(code): place.value for code, place in services.functions.items()},
    }
    return {key: table for key, table in tables.items() if table}


def _numbered(reader: TableReader, key: str, low: int, high: int, findings: Findings) -> Iterator[tuple[int, TomlNode]]:
    """Yield the entries of a table whose keys are numbers."""
    table = reader.table(key)
    for written, node in (table.entries if table else {}).items():
        number = int(written) if written.isascii() and written.isdecimal() and len(written) <= 5 else -1
        if low <= number <= high:
            yield number, node
        else:
            findings.add(node.key_span, f"{key}: '{written}' is no number in {low}..{high}", "write one")


def _records(what: str, node: TomlNode, findings: Findings) -> tuple[int, ...] | None:
    count = node.value if isinstance(node, TomlScalar) else None
    if type(count) is int and 1 <= count <= _MOST_RECORDS:
        return (0,) * count
    return _registers(what, node, _MOST_RECORDS, "write a list, or how many records it has", findings)


def _registers(what: str, node: TomlNode, most: int, hint: str, findings: Findings) -> tuple[int, ...] | None:
    items = node.items if isinstance(node, TomlArray) else ()
    numbers = tuple(
        item.value
        for item in items
        if isinstance(item, TomlScalar) and type(item.value) is int and 0 <= item.value <= 0xFFFF
    )
    if isinstance(node, TomlArray) and len(numbers) == len(items) <= most:
        return numbers
    findings.add(node.span, f"{what} must be at most {most} numbers in 0..65535", hint)
    return None


def _place(what: str, node: TomlNode, findings: Findings) -> Located[str] | None:
    if isinstance(node, TomlScalar) and isinstance(node.value, str) and ":" in node.value:
        return Located(node.value, node.span)
    findings.add(node.span, f"{what} must name a function", "write 'file.py:function' or 'package.module:function'")
    return None


def _sound(read: Mapping[int, ValueT | None]) -> Mapping[int, ValueT]:
    return MappingProxyType({number: value for number, value in read.items() if value is not None})
