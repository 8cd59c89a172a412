"""Values that a rig file hands on without knowing them: parameters, and faults of wires."""

from __future__ import annotations

from dataclasses import dataclass

from emulators.description.source import Findings, Located
from emulators.description.table_reader import TableReader, describe_node
from emulators.description.toml_nodes import TomlArray, TomlNode, TomlScalar
from emulators.errors import SourceSpan

__all__ = ["ParameterEntry", "ParameterValue", "WireFaultEntry", "read_faults", "read_parameter"]

ParameterValue = bool | int | float | str | tuple[bool | int | float, ...]


@dataclass(frozen=True, slots=True)
class ParameterEntry:
    """Parameter of a component, or option of a fault; ``span`` is that of the value."""

    name: str
    value: ParameterValue
    key_span: SourceSpan
    span: SourceSpan


@dataclass(frozen=True, slots=True)
class WireFaultEntry:
    """A fault of a wire that is switched on from the start; which faults and options exist, the protocol knows."""

    fault: Located[str]
    options: tuple[ParameterEntry, ...]


def read_parameter(key: str, node: TomlNode, findings: Findings) -> ParameterEntry | None:
    """Return a number, truth value, text or array of numbers; None for anything else, which is reported."""
    value: ParameterValue | None = None
    if isinstance(node, TomlScalar) and isinstance(node.value, bool | int | float | str):
        value = node.value
    elif isinstance(node, TomlArray):
        items = [item.value for item in node.items if isinstance(item, TomlScalar)]
        if len(items) == len(node.items) and all(isinstance(item, bool | int | float) for item in items):
            value = tuple(items)
    if value is None:
        findings.add(
            node.span,
            f"parameter {key} cannot be {describe_node(node)}",
            "write a number, true, false, a text or an array of numbers",
        )
        return None
    return ParameterEntry(key, value, node.key_span, node.span)


def read_faults(reader: TableReader, what: str, findings: Findings) -> tuple[WireFaultEntry, ...]:
    """Return the rules under ``faults``; ``what`` names one of them in messages."""
    rules = []
    for table in reader.array_of_tables("faults"):
        inner = TableReader(table, what, findings)
        inner.require("fault")
        fault = inner.text("fault", may_be_empty=False)
        options = [read_parameter(key, entry, findings) for key, entry in inner.others()]
        if fault is not None:
            rules.append(WireFaultEntry(fault, tuple(option for option in options if option is not None)))
    return tuple(rules)
