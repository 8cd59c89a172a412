"""Values that a rig file hands on without knowing them: parameters, and faults of wires."""

from __future__ import annotations

from emulators.description.rig import EndpointFaultEntry, ParameterEntry, ParameterValue
from emulators.description.source import Findings
from emulators.description.table_reader import TableReader, describe_node
from emulators.description.toml_nodes import TomlArray, TomlNode, TomlScalar

__all__ = ["read_faults", "read_parameter"]


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


def read_faults(reader: TableReader, what: str, findings: Findings) -> tuple[EndpointFaultEntry, ...]:
    """Return the rules under ``faults``; ``what`` names one of them in messages."""
    rules = []
    for table in reader.array_of_tables("faults"):
        inner = TableReader(table, what, findings)
        inner.require("fault")
        fault = inner.text("fault", may_be_empty=False)
        options = [read_parameter(key, entry, findings) for key, entry in inner.others()]
        if fault is not None:
            rules.append(EndpointFaultEntry(fault, tuple(option for option in options if option is not None)))
    return tuple(rules)
