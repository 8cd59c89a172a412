"""Reads a register map, TOML or CSV; overlaps are refused with both places.

One ``[[register]]``, or one line, an entry. A place is written as a 0-based ``address`` with its ``table``, or as a
``reference`` (``40001``, ``400001``), never both.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from emulators.description.device_requests import DeviceRequests, read_requests
from emulators.description.device_services import read_services
from emulators.description.register_entry_reader import ByteOrders, EntryReader, read_order
from emulators.description.register_map import (
    UNIT_IDS,
    ByteOrder,
    HalfValues,
    RegisterEntry,
    RegisterMapDescription,
    RegisterTable,
    TwinEntry,
)
from emulators.description.register_map_csv import register_tables
from emulators.description.register_map_preamble import preamble_table
from emulators.description.scale_factors import with_scale_factors
from emulators.description.source import Findings, Located, SourceFile, read_source_file
from emulators.description.table_reader import TableReader, read_format
from emulators.description.toml_nodes import TomlScalar, TomlTable
from emulators.description.toml_tree import parse_toml

__all__ = ["IDENTITY_KEYS", "SERVER_ID_KEYS", "load_register_map", "parse_register_map", "read_register_map"]

IDENTITY_KEYS = (
    "vendor_name",
    "product_code",
    "revision",
    "vendor_url",
    "product_name",
    "model_name",
    "user_application_name",
)
"""Objects 0 to 6 of the device identification (function code 43/14), in the order of their ids."""
SERVER_ID_KEYS = ("server_id", "additional")
"""Bytes before and after the run indicator of Report Server ID (function code 17)."""
_LONGEST_IDENTITY = {**dict.fromkeys(IDENTITY_KEYS, 200), **dict.fromkeys(SERVER_ID_KEYS, 100)}


def load_register_map(path: str | os.PathLike[str]) -> RegisterMapDescription:
    """Read a register map: CSV where the name ends so, TOML else.

    Raises:
        DescriptionError: with every mistake of the file.
    """
    return parse_register_map(read_source_file(path))


def parse_register_map(source: SourceFile) -> RegisterMapDescription:
    """Read a register map from its text; raises like :func:`load_register_map`."""
    findings = Findings()
    register_map = read_register_map(source, findings)
    findings.raise_if_any()
    return register_map


def read_register_map(source: SourceFile, findings: Findings) -> RegisterMapDescription:
    """Return the sound entries of a register map; what is wrong with the others is reported.

    Raises:
        DescriptionError: the text is no TOML.
    """
    default_name = ""
    if source.name.casefold().endswith(".csv"):
        default_name = os.path.splitext(os.path.basename(source.name))[0]
        reader = TableReader(preamble_table(source), "the register map", findings)
        reader.has("format")  # known, not needed: the header tells what the file is
        tables = list(register_tables(source, findings))
    else:
        reader = TableReader(parse_toml(source), "the register map", findings)
        read_format(reader, findings)
        reader.require("register")
        tables = list(reader.array_of_tables("register"))
    register_map = _whole_map(source.name, reader, tables, default_name, findings)
    _check_sizes(register_map, findings)
    _check_twin_signals(register_map, findings)
    return register_map


def _whole_map(
    file: str, reader: TableReader, tables: Sequence[TomlTable], default_name: str, findings: Findings
) -> RegisterMapDescription:
    name = reader.text("name")
    description = reader.text("description")
    unit_id = reader.integer("unit_id", low=UNIT_IDS[0], high=UNIT_IDS[-1])
    orders = ByteOrders(
        read_order(reader, "word_order", ByteOrder.BIG), read_order(reader, "byte_order", ByteOrder.BIG)
    )
    gaps = reader.choice("gaps", ("refuse", "zero"))
    half_values = reader.choice("half_values", [each.value for each in HalfValues])
    twin = reader.table("twin")
    identity = reader.table("identity")
    services = read_services(reader, findings)
    requests = reader.table("requests")
    entries = _entries(tables, orders, findings)
    reader.finish()
    return RegisterMapDescription(
        file,
        name.value if name else default_name,
        description.value if description else "",
        tuple(entries),
        gaps is not None and gaps.value == "zero",
        HalfValues(half_values.value) if half_values else HalfValues.READ_ONLY,
        _twin(twin, findings) if twin is not None else None,
        _identity(identity, findings) if identity is not None else MappingProxyType({}),
        is_whole=len(entries) == len(tables),
        services=services,
        unit_id=unit_id.value if unit_id else None,
        requests=read_requests(requests, findings) if requests is not None else DeviceRequests(),
    )


def _entries(tables: Iterable[TomlTable], orders: ByteOrders, findings: Findings) -> list[RegisterEntry]:
    read = (EntryReader(table, orders, findings).read() for table in tables)
    entries = [entry for entry in read if entry is not None]
    _report_overlaps(entries, findings)
    return with_scale_factors(entries, findings)


def _twin(table: TomlTable, findings: Findings) -> TwinEntry:
    reader = TableReader(table, "the twin", findings)
    reader.require("component")
    component = reader.text("component", may_be_empty=False)
    step = reader.duration_ns("step", may_be_zero=False)
    parameters = []
    for key, node in reader.others():
        if isinstance(node, TomlScalar) and isinstance(node.value, bool | int | float | str):
            parameters.append((Located(key, node.key_span), node.value))
        else:
            findings.add(node.span, f"parameter {key} of the twin must be a number, a text or a boolean", "write one")
    return TwinEntry(component or Located("", table.span), tuple(parameters), step.value if step else 0, table.span)


def _identity(table: TomlTable, findings: Findings) -> Mapping[str, str]:
    reader = TableReader(table, "the identity", findings)
    texts = {}
    for key, longest in _LONGEST_IDENTITY.items():
        text = reader.text(key)
        if text is not None and not (text.value.isascii() and len(text.value) <= longest):
            message = f"{key} must be ASCII text of at most {longest} characters"
            findings.add(text.span, message, "shorten it or write it in ASCII")
        elif text is not None:
            texts[key] = text.value
    reader.finish()
    return MappingProxyType(texts)


def _check_twin_signals(register_map: RegisterMapDescription, findings: Findings) -> None:
    if register_map.twin is not None:
        return
    for entry in register_map.entries:
        if entry.signal is not None:
            message = f"register '{entry.tag}' names a signal but the map has no twin"
            findings.add(entry.signal.span, message, "add [twin] with its component, or drop signal")


def _check_sizes(register_map: RegisterMapDescription, findings: Findings) -> None:
    """Report values that no request can carry."""
    most = register_map.requests.max_registers
    for entry in register_map.entries:
        if most is not None and not entry.table.has_bits and entry.quantity > most:
            message = f"{entry.tag} takes {entry.quantity} registers, a request of the device at most {most}"
            findings.add(entry.span, message, "raise max_registers, or split the value")


def _report_overlaps(entries: list[RegisterEntry], findings: Findings) -> None:
    """Report each entry that takes an address (or bit) of an earlier one in the file, with both places.

    A read-only value and a write-only one may share a place.
    """
    owners: dict[tuple[RegisterTable, int], list[RegisterEntry]] = {}
    for entry in entries:
        overlapped = None
        for address in range(entry.address, entry.end_address):
            present = owners.setdefault((entry.table, address), [])
            for other in present:
                is_pair = entry.is_behind(other) or other.is_behind(entry)
                if overlapped is None and not is_pair and _bits(entry) & _bits(other):
                    overlapped = other
            present.append(entry)
        if overlapped is not None:
            findings.add(
                entry.span,
                f"{entry.tag} at {_stretch(entry)} overlaps {overlapped.tag} at {_stretch(overlapped)}, "
                f"see {overlapped.span.file}:{overlapped.span.line}",
                _way_out(entry, overlapped),
            )


def _way_out(*overlapping: RegisterEntry) -> str:
    bits = [entry for entry in overlapping if entry.bit is not None]
    words = [entry for entry in overlapping if entry.bit is None]
    if len(bits) == 1 and words[0].quantity == 1:
        named = f"flags = {{ {bits[0].bit} = '{bits[0].tag}' }}"
        return f"keep the word and name its bits, {named}, or the bits and leave the word out"
    return "move one of them"


def _bits(entry: RegisterEntry) -> int:
    """Return the bits of a register that an entry takes, as a mask."""
    return 0xFFFF if entry.bit is None else ((1 << entry.type.bit_count) - 1) << entry.bit


def _stretch(entry: RegisterEntry) -> str:
    if entry.bit is not None:
        last_bit = f"..{entry.bit + entry.type.bit_count - 1}" if entry.type.is_field else ""
        return f"{entry.table.value} {entry.address} bit {entry.bit}{last_bit}"
    last = f"..{entry.end_address - 1}" if entry.quantity > 1 else ""
    return f"{entry.table.value} {entry.address}{last}"
