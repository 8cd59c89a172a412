"""Connections of a controller: ``[controllers.PLC1.inputs]`` and ``[controllers.PLC1.outputs]``.

``target = "source"`` or ``target = { from = "source", period = "100 ms", delay = "20 ms", jitter = "5 ms" }``.
A dotted key needs no quotes here: ``P-101.run = "RUN"`` and ``"P-101.run" = "RUN"`` mean the same.
"""

from __future__ import annotations

from collections.abc import Iterator

from emulators.description.rig import ConnectionEntry
from emulators.description.source import Findings, Located
from emulators.description.table_reader import TableReader, describe_node
from emulators.description.toml_nodes import TomlNode, TomlScalar, TomlTable
from emulators.errors import SourceSpan

__all__ = ["read_connections"]

_OPTIONS = frozenset({"from", "period", "delay", "jitter"})


def read_connections(
    reader: TableReader, key: str, *, controller: str, findings: Findings
) -> tuple[ConnectionEntry, ...]:
    """Return the connections under ``key`` (``inputs`` or ``outputs``); the controller's end gets its name in front."""
    table = reader.table(key)
    if table is None:
        return ()
    connections = []
    is_input = key == "inputs"
    for name, entry in _flattened(table, ""):
        connection = _connection(name, entry, controller=controller, is_input=is_input, findings=findings)
        if connection is not None:
            connections.append(connection)
    return tuple(connections)


def _flattened(table: TomlTable, prefix: str) -> Iterator[tuple[Located[str], TomlNode]]:
    for key, entry in table.entries.items():
        name = f"{prefix}{key}"
        is_part_of_name = isinstance(entry, TomlTable) and not _OPTIONS & entry.entries.keys()
        if isinstance(entry, TomlTable) and is_part_of_name and entry.entries:
            for inner_name, inner in _flattened(entry, f"{name}."):
                start, end = entry.key_span, inner_name.span
                is_one_key = (start.line, start.file) == (end.line, end.file) and start.column < end.column
                span = SourceSpan(start.file, start.line, start.column, end.end_line, end.end_column)
                yield Located(inner_name.value, span if is_one_key else end), inner
        else:
            yield Located(name, entry.key_span), entry


def _connection(
    name: Located[str], node: TomlNode, *, controller: str, is_input: bool, findings: Findings
) -> ConnectionEntry | None:
    period_ns = delay_ns = jitter_ns = 0
    if isinstance(node, TomlTable):
        reader = TableReader(node, f"the connection of {name.value}", findings)
        reader.require("from")
        source = reader.text("from")
        timing = [reader.duration_ns(key) for key in ("period", "delay", "jitter")]
        period_ns, delay_ns, jitter_ns = (duration.value if duration else 0 for duration in timing)
        reader.finish()
    elif isinstance(node, TomlScalar) and isinstance(node.value, str):
        source = Located(node.value, node.span)
    else:
        hint = 'write a name in quotes or { from = "…", delay = "20 ms" }'
        findings.add(node.span, f"{name.value} must be connected to a name, not {describe_node(node)}", hint)
        return None
    if source is None:
        return None
    if not source.value.strip():
        findings.add(source.span, f"{name.value} is connected to nothing", "name a signal or a program variable")
        return None
    if is_input:
        target = Located(f"{controller}.{name.value}", name.span)
        return ConnectionEntry(target, source, period_ns, delay_ns, jitter_ns)
    return ConnectionEntry(name, Located(f"{controller}.{source.value}", source.span), period_ns, delay_ns, jitter_ns)
