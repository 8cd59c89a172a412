"""Register maps from the JSON of pymodbus's simulator.

Registers may be shared between the tables; a shared value stands in the map as a holding register, which clients write
where the original lets them, and as an input register. What has no counterpart becomes a note.

Actions of the simulator act at each access, behaviours in time: ``increment`` becomes a counter, or a ramp between its
limits, ``random`` a random walk, ``uptime`` a counter of seconds. Unit id and identity are those of the file's servers.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from emulators.description.behaviour import BEHAVIOURS, BehaviourEntry
from emulators.description.imported_map import ImportedMap, MapBuilder, identity_texts
from emulators.description.register_map import RegisterTable
from emulators.description.register_types import RegisterType, register_type_named
from emulators.description.source import Findings, SourceFile, file_span
from emulators.errors import did_you_mean
from emulators.signals.tags import TagValue
from emulators.timebase import NS_PER_S

__all__ = ["map_of_simulator_json"]

_TYPES = MappingProxyType({"uint16": 1, "uint32": 2, "float32": 2, "float64": 4, "string": 0})
_SIZES = ("co size", "di size", "ir size", "hr size")
_ORDER = (
    RegisterTable.COIL,
    RegisterTable.DISCRETE_INPUT,
    RegisterTable.INPUT_REGISTER,
    RegisterTable.HOLDING_REGISTER,
)


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
        hint = f"choose one: {', '.join(f'{source.name}:{each}' for each in devices)}"
        findings.add(file_span(source.name), f"the file has {len(devices)} devices", hint)
    name = device if device is not None else next(iter(devices))
    if name not in devices:
        hint = did_you_mean(name, devices) or f"there are {', '.join(devices)}"
        findings.add(file_span(source.name), f"there is no device '{name}'", hint)
    findings.raise_if_any()
    reading = _Reading()
    try:
        return _JsonDevice(source.name, name, devices[name], content.get("server_list") or {}, reading).read()
    except (TypeError, ValueError, KeyError, AttributeError, IndexError, OverflowError) as error:
        message = f"device '{name}' is not as the simulator of pymodbus has it: {reading.place}: {_reason(error)}"
        findings.add(file_span(source.name), message, "correct the file")
    findings.raise_if_any()
    raise AssertionError("unreachable: findings were raised")


def _reason(error: Exception) -> str:
    """Return what is wrong where an error came from, for who wrote the file."""
    if isinstance(error, KeyError):
        return f"{error} is missing"
    return str(error) if isinstance(error, ValueError | OverflowError) else "it has another form"


@dataclass(slots=True)
class _Reading:
    """Which part of the file is being read."""

    place: str = ""

    def entries(self, content: Mapping[str, Any], section: str) -> Iterator[Any]:
        """Yield the entries of a section, each as the present place."""
        self.place = section
        for entry in content.get(section, ()):
            self.place = f"{section} {json.dumps(entry)[:60]}"
            yield entry


@dataclass(frozen=True, slots=True)
class _Value:
    """What some registers of the simulator's block hold: a value of a ``kind``, or sixteen bits where it is None."""

    size: int
    kind: RegisterType | None
    initial: TagValue
    is_writable: bool
    behaviour: BehaviourEntry | None = None


class _JsonDevice:
    """One device of the JSON; a section holds addresses, ranges, or ``{"addr", "value", "action", "parameters"}``."""

    def __init__(
        self, file: str, name: str, content: Mapping[str, Any], servers: Mapping[str, Any], reading: _Reading
    ) -> None:
        self._builder = MapBuilder(file)
        reading.place = "server_list"
        self._servers = tuple(servers.values())
        reading.place = "setup"
        self._name = name
        self._content = content
        setup = content["setup"]
        self._is_shared = bool(setup["shared blocks"])
        self._sizes = [int(setup[size]) for size in _SIZES]
        self._default_values = setup["defaults"]["value"]
        self._default_actions = setup["defaults"]["action"]
        self._reading = reading
        self._invalid = {at for entry in reading.entries(content, "invalid") for at in _range(entry)}
        self._writable = {at for entry in reading.entries(content, "write") for at in _range(entry)}
        self._values: dict[int, _Value] = {}

    def read(self) -> ImportedMap:
        for entry in self._reading.entries(self._content, "bits"):
            self._bits(entry)
        for section in _TYPES:
            for entry in self._reading.entries(self._content, section):
                self._registers(section, entry)
        for entry in self._reading.entries(self._content, "repeat"):
            self._repeat(entry)
        for at, value in self._values.items():
            self._reading.place = f"register {at}"
            if value.kind is None:
                self._add_bits(at, value)
            else:
                self._add_registers(at, value.kind, value)
        self._reading.place = "server_list"
        unit_id = self._agreed("device_id")
        identity = identity_texts((self._agreed("identity") or {}).get)
        return self._builder.finished(self._name, None if unit_id is None else int(unit_id), identity)

    def _agreed(self, key: str) -> Any:
        """Return what the servers say of themselves, None where they differ: the file does not tie them to devices."""
        said = [server.get(key) for server in self._servers]
        if any(each != said[0] for each in said):
            self._builder.note(f"the servers differ in {key}, which is left out")
            return None
        return said[0] if said else None

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
        """Take registers of sixteen bits."""
        written = entry if isinstance(entry, dict) else {"addr": entry}
        word = int(written.get("value", self._default_values["bits"]))
        self._report_action("bits", written)
        for at in _range(written["addr"]):
            self._place(at, _Value(1, None, word, at in self._writable))

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
            writable = all(each in self._writable for each in range(at, at + size))
            self._place(at, _Value(size, kind, initial, writable, behaviour))

    def _place(self, at: int, value: _Value) -> None:
        if at in self._values:
            raise ValueError(f"the register {at} has two values")
        if self._invalid.isdisjoint(range(at, at + value.size)):
            self._values[at] = value

    def _repeat(self, entry: Mapping[str, Any]) -> None:
        """Fill the registers ``to`` with those at ``addr``, again and again, in place of what they had."""
        sources, targets = _range(entry["addr"]), _range(entry["to"])
        filled: dict[int, _Value] = {}
        for at, value in self._values.items():
            n_lost = len(range(max(at, targets.start), min(at + value.size, targets.stop)))
            if n_lost == 0:
                filled[at] = value
            elif n_lost < value.size:
                self._builder.note("values that the section 'repeat' cuts are left out")
        for offset, at in enumerate(targets):
            place = offset % len(sources)
            copied = self._values.get(sources[place])
            if copied is None:
                continue
            if place + copied.size <= len(sources) and at + copied.size <= targets.stop:
                filled[at] = copied
            else:
                self._builder.note("values that the section 'repeat' cuts are left out")
        self._values = filled

    def _add_bits(self, at: int, value: _Value) -> None:
        """Add sixteen coils or discrete inputs, at 16 times the register's address."""
        tables, address = self._tables(at)
        if self._is_shared:
            tables = (RegisterTable.COIL, RegisterTable.DISCRETE_INPUT)
        boolean = register_type_named("bool")
        assert boolean is not None
        assert isinstance(value.initial, int)
        for bit in range(16):
            if 16 * address + bit > 65535:
                self._builder.note("bits behind address 65535 are left out")
                break
            initial = bool(value.initial >> bit & 1)
            self._builder.add(tables, 16 * address + bit, boolean, initial, is_writable=value.is_writable)

    def _add_registers(self, at: int, kind: RegisterType, value: _Value) -> None:
        tables, address = self._tables(at)
        if tables[0].has_bits:
            self._builder.note("registers in blocks of coils or discrete inputs are left out")
            return
        self._builder.add(
            tables, address, kind, value.initial, is_writable=value.is_writable, behaviour=value.behaviour
        )

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
