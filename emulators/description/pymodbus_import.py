"""Register maps from what pymodbus simulates: ``SimDevice`` objects and the JSON of its simulator.

Nothing here imports pymodbus: a ``SimDevice`` is read by its public attributes. What has no counterpart becomes a note.
Both forms share registers between the tables unless they say otherwise; a shared value stands in the map as a holding
register, which clients write where the original lets them, and as an input register.

Actions of the simulator act at each access, behaviours in time: ``increment`` becomes a counter, or a ramp between its
limits, ``random`` a random walk, ``uptime`` a counter of seconds.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from emulators.description.behaviour import BEHAVIOURS, BehaviourEntry
from emulators.description.register_map import (
    ByteOrder,
    RegisterAccess,
    RegisterEntry,
    RegisterMapDescription,
    RegisterTable,
)
from emulators.description.register_types import RegisterType, register_type_named
from emulators.description.source import Findings, SourceFile, file_span
from emulators.errors import did_you_mean
from emulators.signals.tags import TagValue
from emulators.timebase import NS_PER_S

__all__ = ["ImportedMap", "map_of_sim_device", "map_of_simulator_json"]

_TYPES = MappingProxyType({"uint16": 1, "uint32": 2, "float32": 2, "float64": 4, "string": 0})
_SIZES = ("co size", "di size", "ir size", "hr size")
_ORDER = (
    RegisterTable.COIL,
    RegisterTable.DISCRETE_INPUT,
    RegisterTable.INPUT_REGISTER,
    RegisterTable.HOLDING_REGISTER,
)
_SIM_BLOCKS = (
    RegisterTable.COIL,
    RegisterTable.DISCRETE_INPUT,
    RegisterTable.HOLDING_REGISTER,
    RegisterTable.INPUT_REGISTER,
)
_SHORT = MappingProxyType(
    {
        RegisterTable.COIL: "CO",
        RegisterTable.DISCRETE_INPUT: "DI",
        RegisterTable.INPUT_REGISTER: "IR",
        RegisterTable.HOLDING_REGISTER: "HR",
    }
)
_IDENTITY = MappingProxyType(
    {
        "vendor_name": "VendorName",
        "product_code": "ProductCode",
        "revision": "MajorMinorRevision",
        "vendor_url": "VendorUrl",
        "product_name": "ProductName",
        "model_name": "ModelName",
        "user_application_name": "UserApplicationName",
    }
)


@dataclass(frozen=True, slots=True)
class ImportedMap:
    """A map, and what of the original it does not have."""

    register_map: RegisterMapDescription
    notes: tuple[str, ...]


@dataclass(slots=True)
class _Builder:
    """Entries and notes while a device is read."""

    file: str
    entries: list[RegisterEntry] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(
        self,
        tables: Sequence[RegisterTable],
        address: int,
        kind: RegisterType,
        initial: TagValue,
        *,
        is_writable: bool,
        behaviour: BehaviourEntry | None = None,
    ) -> None:
        """Add one value at the same address of some tables; the first is the one that clients may write."""
        shared = "B" if tables[0].has_bits else "R"
        tag = f"{shared if len(tables) > 1 else _SHORT[tables[0]]}{address}"
        for index, table in enumerate(tables):
            writable = is_writable and index == 0 and table.is_client_writable
            span = file_span(self.file)
            self.entries.append(
                RegisterEntry(
                    tag=tag,
                    table=table,
                    address=address,
                    type=kind,
                    bit=None,
                    word_order=ByteOrder.BIG,
                    byte_order=ByteOrder.BIG,
                    scale=1.0,
                    offset=0.0,
                    access=RegisterAccess.READ_WRITE if writable else RegisterAccess.READ,
                    unit="",
                    description="",
                    place=span,
                    tag_place=span,
                    initial=initial if index == 0 else None,
                    behaviour=behaviour if index == 0 else None,
                )
            )

    def note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)

    def finished(self, name: str, identity: Mapping[str, str]) -> ImportedMap:
        entries = tuple(sorted(self.entries, key=lambda entry: (entry.table.value, entry.address)))
        description = "imported from pymodbus"
        register_map = RegisterMapDescription(
            self.file, name, description, entries, identity=MappingProxyType(identity)
        )
        return ImportedMap(register_map, tuple(self.notes))


def map_of_simulator_json(source: SourceFile, device: str | None = None) -> ImportedMap:
    """Read a device of the simulator's JSON; ``device`` may be left out where there is one.

    Raises:
        DescriptionError: no JSON, no such device, or a section that is not as the simulator has it.
    """
    findings = Findings()
    try:
        content = json.loads(source.text)
    except (ValueError, RecursionError) as error:
        line, column = getattr(error, "lineno", 1), getattr(error, "colno", 1)
        at = source.offset(line, column)
        findings.add(source.span(at, at), f"this is no JSON: {getattr(error, 'msg', error)}", "correct it")
        findings.raise_if_any()
    devices: Any = content.get("device_list") if isinstance(content, dict) else None
    if not isinstance(devices, dict) or not devices:
        findings.add(file_span(source.name), "there is no device_list", "name the JSON of a pymodbus simulator")
        findings.raise_if_any()
    if device is None and len(devices) > 1:
        hint = f"choose one of {', '.join(devices)}"
        findings.add(file_span(source.name), f"the file has {len(devices)} devices", hint)
    name = device if device is not None else next(iter(devices))
    if name not in devices:
        hint = did_you_mean(name, devices) or f"there are {', '.join(devices)}"
        findings.add(file_span(source.name), f"there is no device '{name}'", hint)
    findings.raise_if_any()
    try:
        return _JsonDevice(source.name, name, devices[name]).read()
    except (TypeError, ValueError, KeyError, AttributeError, IndexError) as error:
        message = f"device '{name}' is not as the simulator of pymodbus has it: {error!r}"
        findings.add(file_span(source.name), message, "correct the file")
    findings.raise_if_any()
    raise AssertionError("unreachable: findings were raised")


class _JsonDevice:
    """One device of the JSON; a section holds addresses, ranges, or ``{"addr", "value", "action", "parameters"}``."""

    def __init__(self, file: str, name: str, content: Mapping[str, Any]) -> None:
        self._builder = _Builder(file)
        self._name = name
        self._content = content
        setup = content["setup"]
        self._is_shared = bool(setup["shared blocks"])
        self._sizes = [int(setup[size]) for size in _SIZES]
        self._default_values = setup["defaults"]["value"]
        self._default_actions = setup["defaults"]["action"]
        self._invalid = {at for entry in content.get("invalid", ()) for at in _range(entry)}
        self._writable = {at for entry in content.get("write", ()) for at in _range(entry)}

    def read(self) -> ImportedMap:
        for entry in self._content.get("bits", ()):
            self._bits(entry)
        for section in _TYPES:
            for entry in self._content.get(section, ()):
                self._registers(section, entry)
        if self._content.get("repeat"):
            self._builder.note("the section 'repeat' is left out")
        return self._builder.finished(self._name, {})

    def _tables(self, address: int) -> tuple[tuple[RegisterTable, ...], int]:
        """Return where a register of the simulator's block lies, and its address there."""
        if self._is_shared:
            return (RegisterTable.HOLDING_REGISTER, RegisterTable.INPUT_REGISTER), address
        for table, size in zip(_ORDER, self._sizes, strict=True):
            if address < size:
                return (table,), address
            address -= size
        raise ValueError(f"address {address} is behind the last block")

    def _bits(self, entry: Any) -> None:
        """Sixteen bits a register: coils and discrete inputs at 16 times its address."""
        written = entry if isinstance(entry, dict) else {"addr": entry}
        word = int(written.get("value", self._default_values["bits"]))
        self._report_action("bits", written)
        boolean = register_type_named("bool")
        assert boolean is not None
        for at in _range(written["addr"]):
            if at in self._invalid:
                continue
            tables, address = self._tables(at)
            if self._is_shared:
                tables = (RegisterTable.COIL, RegisterTable.DISCRETE_INPUT)
            for bit in range(16):
                if 16 * address + bit > 65535:
                    self._builder.note("bits behind address 65535 are left out")
                    break
                initial = bool(word >> bit & 1)
                writable = at in self._writable
                self._builder.add(tables, 16 * address + bit, boolean, initial, is_writable=writable)

    def _registers(self, section: str, entry: Any) -> None:
        written = entry if isinstance(entry, dict) else {"addr": entry}
        places = list(_range(written["addr"]))
        size = _TYPES[section] or len(places)
        kind = register_type_named(f"string[{2 * size}]" if section == "string" else section)
        if kind is None or len(places) % size:
            raise ValueError(f"{section} at {written['addr']} does not take whole values")
        value = written.get("value", self._default_values[section])
        initial = str(value)[: 2 * size] if section == "string" else float(value) if kind.is_float else int(value)
        behaviour = self._behaviour(section, written, initial)
        for at in places[::size]:
            if self._invalid.isdisjoint(range(at, at + size)):
                tables, address = self._tables(at)
                if tables[0].has_bits:
                    self._builder.note("registers in blocks of coils or discrete inputs are left out")
                    return
                writable = all(each in self._writable for each in range(at, at + size))
                self._builder.add(tables, address, kind, initial, is_writable=writable, behaviour=behaviour)

    def _behaviour(self, section: str, written: Mapping[str, Any], initial: TagValue) -> BehaviourEntry | None:
        action = self._action(section, written)
        parameters = written.get("parameters") or {}
        low: Any = parameters.get("minval")
        high: Any = parameters.get("maxval")
        has_range = low is not None and high is not None and float(low) < float(high)
        if action in ("increment", "random") and section == "string":
            return None
        if action == "increment" and has_range:
            period_ns = max(1, round((float(high) - float(low)) * NS_PER_S))
            return self._made("ramp", low=float(low), high=float(high), period=period_ns)
        if action in ("increment", "uptime"):
            return self._made("counter")
        if action == "random":
            bottom, top = (float(low), float(high)) if has_range else (0.0, 65535.0)
            return self._made("random_walk", low=bottom, high=top, step=(top - bottom) / 2.0)
        self._report_action(section, written)
        return None

    def _action(self, section: str, written: Mapping[str, Any]) -> str | None:
        action: str | None = written.get("action", self._default_actions[section])
        return action

    def _report_action(self, section: str, written: Mapping[str, Any]) -> None:
        action = self._action(section, written)
        if action is not None:
            self._builder.note(f"the action '{action}' of {section} is left out")

    def _made(self, kind: str, **values: float) -> BehaviourEntry:
        defaults = {key.name: key.default for key in BEHAVIOURS[kind] if key.default is not None}
        return BehaviourEntry(kind, MappingProxyType({**defaults, **values}), file_span(self._builder.file))


def _range(entry: Any) -> range:
    first, last = (entry, entry) if isinstance(entry, int) else (int(entry[0]), int(entry[1]))
    if not 0 <= first <= last:
        raise ValueError(f"the range {entry} is reversed or negative")
    return range(first, last + 1)


def map_of_sim_device(device: Any, name: str, file: str) -> ImportedMap:
    """Read a pymodbus ``SimDevice`` by its public attributes.

    Raises:
        DescriptionError: the object is no ``SimDevice``.
    """
    builder = _Builder(file)
    try:
        simdata = device.simdata
        if isinstance(simdata, tuple):
            for table, block in zip(_SIM_BLOCKS, simdata, strict=True):
                _add_block(builder, (table,), block)
        else:
            block = simdata if isinstance(simdata, list) else [simdata]
            _add_block(builder, (RegisterTable.HOLDING_REGISTER, RegisterTable.INPUT_REGISTER), block)
        if getattr(device, "action", None) is not None:
            builder.note("the action function is left out; write a behaviour of kind python")
        identity = getattr(device, "identity", None)
        texts = {key: str(getattr(identity, theirs, "") or "") for key, theirs in _IDENTITY.items()}
    except (AttributeError, TypeError, ValueError, KeyError) as error:
        findings = Findings()
        findings.add(file_span(file), f"'{name}' is no SimDevice: {error}", "name a SimDevice of the file")
        findings.raise_if_any()
        raise
    return builder.finished(name, {key: text for key, text in texts.items() if text})


def _add_block(builder: _Builder, tables: Sequence[RegisterTable], block: Sequence[Any]) -> None:
    for data in block:
        kind_name = str(data.datatype.name).lower()
        if kind_name == "invalid":
            continue
        values = list(data.values) if isinstance(data.values, list) else [data.values]
        address = int(data.address)
        for kind, initial in itertools.chain.from_iterable(
            [_typed_values(kind_name, values, data, tables[0])] * int(data.count)
        ):
            builder.add(tables, address, kind, initial, is_writable=not data.readonly)
            address += kind.quantity


def _typed_values(
    kind_name: str, values: Sequence[Any], data: Any, table: RegisterTable
) -> list[tuple[RegisterType, TagValue]]:
    if table.has_bits:
        return [(_type("bool"), bit) for bit in _bits_of(values)]
    if kind_name == "bits":
        bits = list(_bits_of(values))
        words = [bits[at : at + 16] for at in range(0, len(bits), 16)]
        return [(_type("uint16"), sum(bit << index for index, bit in enumerate(word))) for word in words]
    if kind_name == "registers":
        return [(_type("uint16"), int(value) & 0xFFFF) for value in values]
    if kind_name == "string":
        texts = [str(value).encode(data.string_encoding).decode("latin-1") for value in values]
        return [(_type(f"string[{len(text) + len(text) % 2}]"), text) for text in texts]
    kind = _type(kind_name)
    return [(kind, float(value) if kind.is_float else int(value)) for value in values]


def _bits_of(values: Sequence[Any]) -> Iterator[bool]:
    for value in values:
        if isinstance(value, bool):
            yield value
        else:
            yield from (bool(int(value) >> bit & 1) for bit in range(16))


def _type(name: str) -> RegisterType:
    kind = register_type_named(name)
    if kind is None:
        raise ValueError(f"there is no counterpart of the data type {name}")
    return kind
