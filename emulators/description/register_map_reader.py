"""Reads a register map; overlaps are refused with both places.

One ``[[register]]`` an entry. A place is written as a 0-based ``address`` with its ``table``, or as a ``reference``
(``40001``, ``400001``), never both.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from emulators.description.register_map import ByteOrder, RegisterEntry, RegisterMapDescription, RegisterTable
from emulators.description.register_types import REGISTER_TYPE_NAMES, RegisterType, register_type_named
from emulators.description.source import Findings, SourceFile, read_source_file
from emulators.description.table_reader import TableReader, read_format
from emulators.description.tag_checks import known_unit
from emulators.description.toml_tree import TomlTable, parse_toml
from emulators.errors import SourceSpan, did_you_mean

__all__ = ["load_register_map", "parse_register_map"]


def load_register_map(path: str | os.PathLike[str]) -> RegisterMapDescription:
    """Read a register map.

    Raises:
        DescriptionError: with every mistake of the file.
    """
    return parse_register_map(read_source_file(path))


def parse_register_map(source: SourceFile) -> RegisterMapDescription:
    """Read a register map from its text; raises like :func:`load_register_map`."""
    findings = Findings()
    reader = TableReader(parse_toml(source), "the register map", findings)
    read_format(reader, findings)
    reader.require("register")
    name = reader.text("name")
    description = reader.text("description")
    defaults = _Orders(_order(reader, "word_order", ByteOrder.BIG), _order(reader, "byte_order", ByteOrder.BIG))
    entries = []
    for table in reader.array_of_tables("register"):
        entry = _EntryReader(table, defaults, findings).read()
        if entry is not None:
            entries.append(entry)
    reader.finish()
    _report_overlaps(entries, findings)
    findings.raise_if_any()
    return RegisterMapDescription(
        source.name, name.value if name else "", description.value if description else "", tuple(entries)
    )


@dataclass(frozen=True, slots=True)
class _Orders:
    word: ByteOrder
    byte: ByteOrder


@dataclass(frozen=True, slots=True)
class _Location:
    table: RegisterTable
    address: int
    span: SourceSpan


class _EntryReader:
    """Reads one ``[[register]]``."""

    def __init__(self, table: TomlTable, defaults: _Orders, findings: Findings) -> None:
        tag_entry = table.entries.get("tag")
        tag_value = getattr(tag_entry.node, "value", None) if tag_entry is not None else None
        what = f"register '{tag_value}'" if isinstance(tag_value, str) else "the register"
        self._reader = TableReader(table, what, findings)
        self._what = what
        self._findings = findings
        self._defaults = defaults

    def read(self) -> RegisterEntry | None:
        reader = self._reader
        reader.require("tag")
        tag = reader.text("tag", may_be_empty=False)
        location = self._location()
        value_type = self._type(location)
        bit = reader.integer("bit", low=0, high=15)
        self._check_bit(location, value_type, has_bit=reader.has("bit"))
        scale, offset = reader.number("scale"), reader.number("offset")
        self._check_scaling(value_type, scale.value if scale else None)
        is_writable = self._is_writable(location)
        unit = known_unit(reader.text("unit"), self._findings)
        description = reader.text("description")
        word_order = _order(reader, "word_order", self._defaults.word)
        byte_order = _order(reader, "byte_order", self._defaults.byte)
        reader.finish()
        if tag is None or location is None or value_type is None:
            return None
        if location.address + value_type.quantity > 65536:
            end = location.address + value_type.quantity - 1
            self._findings.add(location.span, f"{self._what} ends at address {end}", "the last address is 65535")
            return None
        return RegisterEntry(
            tag=tag.value,
            table=location.table,
            address=location.address,
            type=value_type,
            bit=bit.value if bit and value_type.is_bit and not location.table.has_bits else None,
            word_order=word_order,
            byte_order=byte_order,
            scale=scale.value if scale else 1.0,
            offset=offset.value if offset else 0.0,
            is_writable=is_writable,
            unit=unit,
            description=description.value if description else "",
            span=location.span,
            tag_span=tag.span,
        )

    def _location(self) -> _Location | None:
        reader = self._reader
        named = reader.choice("table", [table.value for table in RegisterTable])
        address = reader.integer("address", low=0, high=65535)
        reference = self._reference()
        if reader.has("address") and reader.has("reference"):
            self._findings.add(
                reader.key_span("reference"),
                f"{self._what} has both an address and a reference",
                "keep one: address counts from 0, reference from 40001",
            )
            return None
        if reader.has("reference"):
            if reference and named and reference.table.value != named.value:
                self._findings.add(
                    reference.span,
                    f"{self._what}: the reference lies in table '{reference.table.value}', not '{named.value}'",
                    "drop the key table or correct the reference",
                )
                return None
            return reference
        if not reader.has_misspelt("reference"):
            reader.require("table", "address")
        if named is None or address is None:
            return None
        return _Location(RegisterTable(named.value), address.value, address.span)

    def _reference(self) -> _Location | None:
        """Return the place of ``40001`` (number) or ``"00001"`` (text: a coil's leading zero needs quotes)."""
        entry = self._reader.entry("reference")
        if entry is None:
            return None
        written = getattr(entry.node, "value", None)
        digits = str(written) if isinstance(written, int | str) and not isinstance(written, bool) else ""
        tables = {table.first_reference_digit: table for table in RegisterTable}
        if digits.isascii() and digits.isdigit() and len(digits) in (5, 6) and digits[0] in tables:
            number = int(digits[1:])
            if 1 <= number <= 65536:
                return _Location(tables[digits[0]], number - 1, entry.node.span)
        self._findings.add(
            entry.node.span,
            f"{self._what}: reference {digits[:12] or 'of this type'} is not a Modbus reference",
            'write five or six digits such as 40001; a coil needs quotes: "00001"',
        )
        return None

    def _type(self, location: _Location | None) -> RegisterType | None:
        text = self._reader.text("type")
        if not self._reader.has("type"):
            if location is not None and location.table.has_bits:
                return register_type_named("bool")
            if location is not None:
                self._reader.require("type")
            return None
        if text is None:
            return None
        value_type = register_type_named(text.value)
        if value_type is None:
            hint = did_you_mean(text.value, REGISTER_TYPE_NAMES) or f"known are {', '.join(REGISTER_TYPE_NAMES)}"
            self._findings.add(text.span, f"unknown type '{text.value[:40]}'", hint)
            return None
        if location is not None and location.table.has_bits and not value_type.is_bit:
            self._findings.add(
                text.span, f"a {location.table.value} holds one bit, not {value_type.name}", 'write type = "bool"'
            )
            return None
        return value_type

    def _check_bit(self, location: _Location | None, value_type: RegisterType | None, *, has_bit: bool) -> None:
        if location is None or value_type is None:
            return
        is_bit_of_register = value_type.is_bit and not location.table.has_bits
        if is_bit_of_register and not has_bit:
            self._findings.add(
                self._reader.key_span("type"), f"{self._what}: which bit of the register?", "add bit = 0 … 15"
            )
        if has_bit and not is_bit_of_register:
            where = f"table '{location.table.value}'" if location.table.has_bits else f"type {value_type.name}"
            self._findings.add(self._reader.key_span("bit"), f"{self._what}: {where} has no bit number", "drop bit")

    def _check_scaling(self, value_type: RegisterType | None, scale: float | None) -> None:
        if scale == 0.0:
            self._findings.add(
                self._reader.key_span("scale"), f"{self._what}: scale is 0", "write how much one count is"
            )
        if value_type is None or value_type.is_numeric:
            return
        for key in ("scale", "offset"):
            if self._reader.has(key):
                self._findings.add(self._reader.key_span(key), f"a {value_type.name} has no {key}", f"drop {key}")

    def _is_writable(self, location: _Location | None) -> bool:
        access = self._reader.choice("access", ("r", "rw"))
        if access is None or access.value == "r":
            return False
        if location is not None and not location.table.is_client_writable:
            self._findings.add(
                access.span,
                f"{self._what}: a client cannot write to table '{location.table.value}'",
                'write access = "r" or use a coil or holding register',
            )
        return True


def _order(reader: TableReader, key: str, default: ByteOrder) -> ByteOrder:
    named = reader.choice(key, [order.value for order in ByteOrder])
    return ByteOrder(named.value) if named else default


def _report_overlaps(entries: list[RegisterEntry], findings: Findings) -> None:
    """Report each entry that takes an address (or bit) of an earlier one in the file, with both places."""
    owners: dict[tuple[RegisterTable, int], list[RegisterEntry]] = {}
    for entry in entries:
        overlapped = None
        for address in range(entry.address, entry.end_address):
            for other in owners.get((entry.table, address), ()):
                is_other_bit = entry.bit is not None and other.bit is not None and entry.bit != other.bit
                if overlapped is None and not is_other_bit:
                    overlapped = other
            owners.setdefault((entry.table, address), []).append(entry)
        if overlapped is not None:
            findings.add(
                entry.span,
                f"{entry.tag} at {_stretch(entry)} overlaps {overlapped.tag} at {_stretch(overlapped)}, "
                f"see {overlapped.span.file}:{overlapped.span.line}",
                "move one of them",
            )


def _stretch(entry: RegisterEntry) -> str:
    if entry.bit is not None:
        return f"{entry.table.value} {entry.address} bit {entry.bit}"
    last = f"..{entry.end_address - 1}" if entry.quantity > 1 else ""
    return f"{entry.table.value} {entry.address}{last}"
