"""Checks a plant description against the component classes: every finding at once, both ends of a wire named."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from emulators.component import Component, Member, Phase, Role, compile_component
from emulators.component.unit import ComponentUnit
from emulators.description.source import Findings
from emulators.errors import CompileError, SourceSpan, did_you_mean
from emulators.native.c_names import c_identifier
from emulators.native.ir import Field, Scalar, Struct
from emulators.plant.description import InstanceDescription, PlantDescription, Wire
from emulators.plant.registry import ComponentNotFoundError, component_class
from emulators.signals.units import unit_named

__all__ = ["Connection", "Instance", "Port", "WiredPlant", "field_name", "wire_plant"]

Plain = float | int | bool
_RESERVED_FIELDS = ("seed",)


@dataclass(frozen=True, slots=True, eq=False)
class Instance:
    """One component instance with its compiled class; ``field`` is its name in the structure of the plant."""

    index: int
    name: str
    field: str
    unit: ComponentUnit
    phase: Phase
    values: Mapping[str, Plain]
    span: SourceSpan


@dataclass(frozen=True, slots=True)
class Port:
    """Member of an instance."""

    instance: Instance
    member: Member

    def __str__(self) -> str:
        return f"{self.instance.name}.{self.member.name}"


@dataclass(frozen=True, slots=True)
class Connection:
    """An input and what is wired to it."""

    target: Port
    sources: tuple[Port, ...]
    span: SourceSpan


@dataclass(frozen=True, slots=True)
class WiredPlant:
    """Instances and connections, all names resolved.

    ``struct`` has ``seed``, which the cell writes before ``plant_start``, and a field for each instance.
    """

    instances: tuple[Instance, ...]
    connections: tuple[Connection, ...]
    struct: Struct


def field_name(name: str) -> str:
    """Return the field of an instance in the plant structure; the name ``seed`` gets a trailing _."""
    safe = c_identifier(name)
    return f"{safe}_" if safe in _RESERVED_FIELDS else safe


def wire_plant(description: PlantDescription, findings: Findings) -> WiredPlant:
    """Return the plant with every name resolved, without what is wrong.

    Reported are unknown components, members and parameters, wrong types and units, doubled wires.
    """
    return _Wiring(description, findings).wire()


class _Wiring:
    def __init__(self, description: PlantDescription, findings: Findings) -> None:
        self.description = description
        self.findings = findings
        self.report = findings.add
        self.instances: dict[str, Instance] = {}
        self.is_broken = set(description.left_out)  # instances whose own description is wrong: no follow-up findings

    def wire(self) -> WiredPlant:
        for instance in self.description.instances:
            self.add_instance(instance)
        connections = [found for wire in self.description.wires if (found := self.connection(wire)) is not None]
        instances = tuple(self.instances.values())
        fields = (Field("seed", Scalar.I64), *(Field(instance.field, instance.unit.struct) for instance in instances))
        return WiredPlant(instances, tuple(self.without_doubles(connections)), Struct("plant", fields))

    # --- instances --------------------------------------------------------------------------------------------------

    def add_instance(self, description: InstanceDescription) -> None:
        name, span = description.name, description.span
        if name in self.instances or name in self.is_broken:
            self.report(span, f"plant component '{name}' is described twice", "give one of them another name")
            return
        field = field_name(name)
        twins = [other.name for other in self.instances.values() if other.field == field]
        for other in twins:
            self.report(span, f"'{name}' and '{other}' differ in signs only", "give one of them another name")
        unit = self.unit(description)
        if unit is None or twins:
            self.is_broken.add(name)
            return
        values = dict(self.values(description, unit))
        phase = description.phase or unit.phase
        if phase is not unit.phase and Phase.PROCESS in (phase, unit.phase):
            self.report(span, f"'{name}': a {unit.phase.name} component cannot act as {phase.name}")
        self.instances[name] = Instance(len(self.instances), name, field, unit, phase, values, span)

    def unit(self, description: InstanceDescription) -> ComponentUnit | None:
        component = description.component
        try:
            cls: type[Component] = component_class(component) if isinstance(component, str) else component
            return compile_component(cls)
        except ComponentNotFoundError as error:
            self.report(description.span_of("component"), f"'{description.name}': {error}")
        except CompileError as error:
            self.findings.extend(error.diagnostics)
        return None

    def values(self, description: InstanceDescription, unit: ComponentUnit) -> Iterator[tuple[str, Plain]]:
        for name, value in description.parameters.items():
            member = unit.members.get(name)
            where = f"'{description.name}.{name}'"
            if member is None or member.role is Role.OUTPUT or member.length:
                settable = [
                    item.name for item in unit.members.values() if item.role is not Role.OUTPUT and not item.length
                ]
                hint = did_you_mean(name, settable) or f"it has {', '.join(settable) or 'none'}"
                self.report(description.span_of(name), f"{where}: component has no such parameter", hint)
                continue
            converted = _converted(value, member.scalar)
            if converted is None:
                kind = {Scalar.F64: "a number", Scalar.I64: "a whole number", Scalar.BOOL: "true or false"}[
                    member.scalar
                ]
                self.report(description.span_of(name), f"{where} is {value!r}", f"write {kind}")
            elif member.scalar is not Scalar.BOOL and not member.low <= converted <= member.high:
                limits = f"{member.low:g}..{member.high:g} {member.unit}".rstrip()
                self.report(description.span_of(name), f"{where} is {value}, outside {limits}")
            else:
                yield name, converted

    # --- wires ------------------------------------------------------------------------------------------------------

    def connection(self, wire: Wire) -> Connection | None:
        target = self.port(wire, wire.target, (Role.INPUT,), "input", wire.span)
        if not wire.sources:
            self.report(wire.span, f"nothing is wired to {wire.target}", "name an output, or leave the wire out")
        spans = wire.source_spans or (wire.span,) * len(wire.sources)
        roles = (Role.OUTPUT, Role.STATE)
        found = [
            self.port(wire, source, roles, "output or state", span)
            for source, span in zip(wire.sources, spans, strict=True)
        ]
        sources = [port for port in found if port is not None]
        if target is None or len(sources) < len(wire.sources) or not sources:
            return None
        for source in sources:
            self.check_pair(wire, source, target)
        if len(sources) > 1 and target.member.scalar is not Scalar.F64:
            names = ", ".join(map(str, sources))
            self.report(wire.span, f"{names} -> {target}: only a float input sums its sources", "wire one of them")
        return Connection(target, tuple(sources), wire.span)

    def port(self, wire: Wire, text: str, roles: tuple[Role, ...], what: str, span: SourceSpan) -> Port | None:
        instance_name, dot, member_name = text.rpartition(".")
        ends = f"{' + '.join(wire.sources)} -> {wire.target}"
        if not dot:
            self.report(span, f"{ends}: '{text}' is not written 'component.{what.split()[0]}'")
            return None
        instance = self.instances.get(instance_name)
        if instance is None:
            if instance_name not in self.is_broken:
                hint = did_you_mean(instance_name, self.instances)
                self.report(span, f"{ends}: there is no plant component '{instance_name}'", hint)
            return None
        member = instance.unit.members.get(member_name)
        if member is None or member.role not in roles or member.length:
            known = [item.name for item in instance.unit.members_of_role(*roles) if not item.length]
            hint = did_you_mean(member_name, known) or f"it has {', '.join(known) or 'none'}"
            self.report(span, f"{ends}: '{instance_name}' has no {what} '{member_name}'", hint)
            return None
        return Port(instance, member)

    def check_pair(self, wire: Wire, source: Port, target: Port) -> None:
        have, want = source.member, target.member
        if have.scalar is not want.scalar and (have.scalar, want.scalar) != (Scalar.I64, Scalar.F64):
            names = {Scalar.F64: "float", Scalar.I64: "int", Scalar.BOOL: "bool"}
            self.report(wire.span, f"{source} is {names[have.scalar]}, {target} is {names[want.scalar]}")
        elif not _same_unit(have.unit, want.unit):
            self.report(
                wire.span,
                f"{source} is in {have.unit}, {target} in {want.unit}",
                "wire a member of the same unit",
            )

    def without_doubles(self, connections: Iterable[Connection]) -> Iterable[Connection]:
        """Return the first connection of each input; further ones are reported."""
        seen: dict[str, Connection] = {}
        for connection in connections:
            first = seen.setdefault(str(connection.target), connection)
            if first is not connection:
                self.report(
                    connection.span,
                    f"{connection.target} is wired twice, to {first.sources[0]} ({first.span}) and "
                    f"to {connection.sources[0]}",
                    "write one wire with a list of sources to sum them",
                )
        return seen.values()


def _converted(value: object, scalar: Scalar) -> Plain | None:
    if isinstance(value, bool):
        return value if scalar is Scalar.BOOL else None
    if scalar is Scalar.F64 and isinstance(value, int | float):
        return float(value)
    if scalar is Scalar.I64 and isinstance(value, int):
        return value
    return None


def _same_unit(first: str, second: str) -> bool:
    """Return if a value passes unchanged between two units; an empty unit is not stated and fits any."""
    if not first or not second or first == second:
        return True
    known = unit_named(first), unit_named(second)
    return known[0] is not None and known[0] == known[1]
