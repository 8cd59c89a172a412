"""Reads one entry of a register map: place, type, access, scaling, and who moves the value."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from emulators.description.behaviour import BehaviourEntry
from emulators.description.register_map import ByteOrder, RegisterAccess, RegisterEntry, RegisterTable
from emulators.description.register_types import REGISTER_TYPE_NAMES, RegisterType, meant_type, register_type_named
from emulators.description.register_value_reader import ValueReader
from emulators.description.source import Findings, Located, Spanned, span_of
from emulators.description.table_reader import TableReader
from emulators.description.tag_checks import known_unit
from emulators.description.toml_nodes import TomlTable
from emulators.errors import SourceSpan, did_you_mean
from emulators.signals.tags import TagValue

__all__ = ["ByteOrders", "EntryReader", "read_order"]

_TABLES = MappingProxyType({table.value: table for table in RegisterTable})
_REFERENCE_TABLES = MappingProxyType({table.first_reference_digit: table for table in RegisterTable})
_ACCESSES = MappingProxyType({access.value: access for access in RegisterAccess})
_ORDERS = MappingProxyType({order.value: order for order in ByteOrder})


@dataclass(frozen=True, slots=True)
class ByteOrders:
    """Orders that hold where an entry has none of its own; that of words for numbers only."""

    word: ByteOrder
    byte: ByteOrder


@dataclass(frozen=True, slots=True)
class _Location:
    table: RegisterTable
    address: int
    place: SourceSpan | Spanned

    @property
    def span(self) -> SourceSpan:
        return span_of(self.place)


class EntryReader:
    """Reads one ``[[register]]``."""

    def __init__(self, table: TomlTable, defaults: ByteOrders, findings: Findings) -> None:
        tag_entry = table.entries.get("tag")
        tag_value = getattr(tag_entry, "value", None) if tag_entry is not None else None
        what = f"register '{tag_value}'" if isinstance(tag_value, str) else "the register"
        self._reader = TableReader(table, what, findings)
        self._what = what
        self._findings = findings
        self._defaults = defaults
        self._values = ValueReader(self._reader, what, findings)

    def read(self) -> RegisterEntry | None:
        reader = self._reader
        reader.require("tag")
        tag = reader.text("tag", may_be_empty=False)
        location = self._location()
        value_type = self._type(location)
        bit = reader.integer("bit", low=0, high=15)
        self._check_bit(location, value_type, has_bit=reader.has("bit"))
        scale, offset = reader.number("scale"), reader.number("offset")
        scale_factor = reader.text("scale_factor", may_be_empty=False)
        self._check_scaling(value_type, scale.value if scale else None)
        access = self._access(location)
        unit = known_unit(reader.text("unit"), self._findings)
        description = reader.text("description")
        signal = reader.text("signal", may_be_empty=False)
        eu_range = reader.number_pair("range")
        names = self._values.names("names", value_type)
        flags = self._values.names("flags", value_type)
        no_value = self._values.no_value(value_type)
        is_float = value_type is not None and value_type.is_float
        initial = self._values.initial(value_type, names, may_be_nan=no_value is not None or is_float)
        behaviour = self._values.behaviour(value_type)
        self._check_owner(signal, initial, behaviour)
        is_text = value_type is not None and value_type.is_string
        word_order = read_order(reader, "word_order", ByteOrder.BIG if is_text else self._defaults.word)
        byte_order = read_order(reader, "byte_order", self._defaults.byte)
        reader.finish()
        is_misread = reader.has("behaviour") and behaviour is None  # else the entry would be nobody's
        if tag is None or location is None or value_type is None or is_misread:
            return None
        if location.address + value_type.quantity > 65536:
            end = location.address + value_type.quantity - 1
            self._findings.add(location.span, f"{self._what} ends at address {end}", "the last address is 65535")
            return None
        if bit is not None and value_type.is_field and bit.value + value_type.bit_count > 16:
            message = f"{self._what}: {value_type.name} from bit {bit.value} ends behind bit 15"
            self._findings.add(bit.span, message, "start lower or make it narrower")
            return None
        is_part = (value_type.is_bit and not location.table.has_bits) or value_type.is_field
        return RegisterEntry(
            tag=tag.value,
            table=location.table,
            address=location.address,
            type=value_type,
            bit=bit.value if bit and is_part else None,
            word_order=word_order,
            byte_order=byte_order,
            scale=(scale.value if scale else 0.0) or 1.0,  # 0 has been reported
            offset=offset.value if offset else 0.0,
            access=access,
            unit=unit,
            description=description.value if description else "",
            place=location.place,
            tag_place=tag.place,
            signal=signal,
            initial=initial.value if initial else None,
            eu_range=eu_range.value if eu_range else None,
            names=names,
            flags=flags,
            behaviour=behaviour,
            no_value=no_value,
            scale_factor=scale_factor,
        )

    def _location(self) -> _Location | None:
        reader = self._reader
        named = reader.choice("table", _TABLES)
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
        if named is None or address is None:
            if not reader.has_misspelt("reference"):
                reader.require("table", "address")
            return None
        return _Location(_TABLES[named.value], address.value, address.place)

    def _reference(self) -> _Location | None:
        """Return the place of ``40001`` (number) or ``"00001"`` (text: a coil's leading zero needs quotes)."""
        entry = self._reader.entry("reference")
        if entry is None:
            return None
        written = getattr(entry, "value", None)
        digits = str(written) if isinstance(written, int | str) and not isinstance(written, bool) else ""
        if digits.isascii() and digits.isdigit() and len(digits) in (5, 6) and digits[0] in _REFERENCE_TABLES:
            number = int(digits[1:])
            if 1 <= number <= 65536:
                return _Location(_REFERENCE_TABLES[digits[0]], number - 1, entry)
        self._findings.add(
            entry.span,
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
            meant = meant_type(text.value)
            hint = f"write '{meant}'" if meant else did_you_mean(text.value, REGISTER_TYPE_NAMES)
            hint = hint or f"known are {', '.join(REGISTER_TYPE_NAMES)}"
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
        is_bit_of_register = (value_type.is_bit or value_type.is_field) and not location.table.has_bits
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
        if self._reader.has("scale") and self._reader.has("scale_factor"):
            message = f"{self._what} has both a scale and a scale_factor"
            self._findings.add(self._reader.key_span("scale"), message, "keep one")
        if value_type is None or value_type.is_numeric:
            return
        for key in ("scale", "offset", "scale_factor"):
            if self._reader.has(key):
                self._findings.add(self._reader.key_span(key), f"a {value_type.name} has no {key}", f"drop {key}")

    def _check_owner(
        self, signal: Located[str] | None, initial: Located[TagValue] | None, behaviour: BehaviourEntry | None
    ) -> None:
        if signal is not None and (initial is not None or behaviour is not None):
            key = "behaviour" if behaviour is not None else "initial"
            message = f"{self._what} has a signal of the twin and {key}"
            self._findings.add(self._reader.key_span(key), message, "keep one: who moves the value?")

    def _access(self, location: _Location | None) -> RegisterAccess:
        access = self._reader.choice("access", _ACCESSES)
        if access is None or _ACCESSES[access.value] is RegisterAccess.READ:
            return RegisterAccess.READ
        if location is not None and not location.table.is_client_writable:
            self._findings.add(
                access.span,
                f"{self._what}: a client cannot write to table '{location.table.value}'",
                'write access = "r" or use a coil or holding register',
            )
        return _ACCESSES[access.value]


def read_order(reader: TableReader, key: str, default: ByteOrder) -> ByteOrder:
    """Return the order that a key names, or the default."""
    named = reader.choice(key, _ORDERS)
    return _ORDERS[named.value] if named else default
