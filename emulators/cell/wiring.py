"""Wires between the plant and the controllers of a rig: both ends resolved, types judged, transports put in.

An input of a controller takes a plant signal or another controller's variable; an output drives a plant input. Every
finding names both ends.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from emulators.cell.conversion import can_convert
from emulators.cell.link_wiring import LineWiring, LinkWiring
from emulators.cell.programs import ControlProgram, split_name
from emulators.cell.transports import Transport, is_timed, transport
from emulators.component import Phase, Role, members_of
from emulators.description import ConnectionEntry, PlantEntry, RigDescription
from emulators.description.source import Findings
from emulators.errors import did_you_mean
from emulators.iec61131 import VariableDescription
from emulators.native.ir import Scalar
from emulators.plant import InstanceDescription, PlantDescription, Wire, component_class

__all__ = ["ControllerWire", "PlantDrive", "Wiring", "component_path", "plan_wiring"]


@dataclass(frozen=True, slots=True)
class ControllerWire:
    """Input of a controller: ``variable`` takes a plant signal, or what ``source_controller`` flushed."""

    controller: str
    variable: VariableDescription
    signal: str
    source_controller: str | None = None
    source_variable: VariableDescription | None = None


@dataclass(frozen=True, slots=True)
class PlantDrive:
    """Output of a controller: ``variable`` drives the plant input ``signal``."""

    controller: str
    variable: VariableDescription
    signal: str


@dataclass(slots=True)
class Wiring:
    """Everything wired in a rig; plant wires are inside ``plant``.

    ``links`` are connections that take time, by their target; ``scans`` the links to devices and ``lines`` the lines
    that they share, by name.
    """

    plant: PlantDescription
    inputs: list[ControllerWire] = field(default_factory=list)
    drives: list[PlantDrive] = field(default_factory=list)
    links: dict[str, Transport] = field(default_factory=dict)
    scans: dict[str, LinkWiring] = field(default_factory=dict)
    lines: dict[str, LineWiring] = field(default_factory=dict)

    def outputs_of(self, controller: str) -> tuple[VariableDescription, ...]:
        """Return what a controller flushes: first what drives the plant, drive by drive, then what others take."""
        drives = [drive.variable for drive in self.drives if drive.controller == controller]
        taken = {wire.source_variable: None for wire in self.inputs if wire.source_controller == controller}
        return (*drives, *(variable for variable in taken if variable is not None))


class _Ends:
    """Types of plant members before the plant is built."""

    def __init__(self, rig: RigDescription) -> None:
        self._members = {}
        for entry in rig.plant:
            try:
                self._members[entry.name] = members_of(component_class(component_path(rig, entry.component.value)))
            except (LookupError, TypeError):
                continue  # the plant reports it

    def scalar(self, signal: str, *roles: Role) -> Scalar | None:
        instance, _, member = signal.rpartition(".")
        found = self._members.get(instance, {}).get(member)
        return found.scalar if found is not None and found.role in roles and not found.length else None

    def has(self, signal: str) -> bool:
        """Whether the signal's component is known; one whose class is not has been reported."""
        return signal.rpartition(".")[0] in self._members

    def hint(self, signal: str, roles: tuple[Role, ...]) -> str:
        """Return what may be meant: another member of the same instance, or another instance."""
        instance, _, member = signal.rpartition(".")
        if instance not in self._members:
            return did_you_mean(instance, self._members)
        fitting = [found.name for found in self._members[instance].values() if found.role in roles and not found.length]
        return did_you_mean(member, fitting) or f"{instance} has {', '.join(fitting) or 'none'}"


def plan_wiring(rig: RigDescription, programs: Mapping[str, ControlProgram], findings: Findings) -> Wiring:
    """Return the wiring of a rig; what is wrong is reported with both ends and left out."""
    instances = [
        InstanceDescription(
            entry.name,
            component_path(rig, entry.component.value),
            _numbers(entry, findings),
            entry.span,
            spans={
                "component": entry.component.span,
                **{parameter.name: parameter.key_span for parameter in entry.parameters},
            },
        )
        for entry in rig.plant
    ]
    wires = [
        Wire(
            tuple(source.value for source in wire.sources),
            wire.target.value,
            wire.target.span,
            tuple(source.span for source in wire.sources),
        )
        for entry in rig.plant
        for wire in entry.inputs
    ]
    planner = _Planner(rig, programs, findings, instances, wires)
    for controller in rig.controllers:
        for connection in controller.inputs:
            planner.plan_input(controller.name, connection)
        for connection in controller.outputs:
            planner.plan_output(connection)
    for scan in planner.wiring.scans.values():
        instances += [scan.status_instance, *(register.instance for register in scan.registers.values())]
    instances += [line.status_instance for line in planner.wiring.lines.values()]
    left_out = rig.left_out.owners - {instance.name for instance in instances}
    planner.wiring.plant = PlantDescription(tuple(instances), tuple(wires), left_out)
    return planner.wiring


class _Planner:
    def __init__(
        self,
        rig: RigDescription,
        programs: Mapping[str, ControlProgram],
        findings: Findings,
        instances: list[InstanceDescription],
        wires: list[Wire],
    ) -> None:
        scans = {link.name: LinkWiring(link) for link in rig.links}
        lines = {line.name: LineWiring(line) for line in rig.lines}
        self.wiring = Wiring(PlantDescription(()), scans=scans, lines=lines)
        self._programs = programs
        self._findings = findings
        self._instances = instances
        self._wires = wires
        self._ends = _Ends(rig)
        self._controllers = {controller.name for controller in rig.controllers}

    def plan_input(self, controller: str, connection: ConnectionEntry) -> None:
        target = self._variable(connection.target.value, connection)
        source_name = connection.source.value
        is_controller = source_name.partition(".")[0] in self._controllers
        source = self._variable(source_name, connection) if is_controller else None
        scalar = source[1].native if source else self._plant_scalar(connection, source_name, Role.OUTPUT, Role.STATE)
        if target is None or scalar is None or not self._fits(connection, scalar, target[1].native):
            return
        if not is_timed(connection):
            wire = ControllerWire(controller, target[1], source_name, *(source or (None, None)))
            self.wiring.inputs.append(wire)
            return
        link = self._add_transport(connection, scalar, Phase.SENSOR)
        if source is None:
            self._wires.append(Wire((source_name,), link.entry, connection.source.span))
        else:
            self.wiring.drives.append(PlantDrive(source[0], source[1], link.entry))
        self.wiring.inputs.append(ControllerWire(controller, target[1], link.exit))

    def plan_output(self, connection: ConnectionEntry) -> None:
        source = self._variable(connection.source.value, connection)
        target_name = connection.target.value
        scalar = self._plant_scalar(connection, target_name, Role.INPUT)
        if source is None or scalar is None or not self._fits(connection, source[1].native, scalar):
            return
        if not is_timed(connection):
            self.wiring.drives.append(PlantDrive(source[0], source[1], target_name))
            return
        link = self._add_transport(connection, scalar, Phase.ACTUATOR)
        self.wiring.drives.append(PlantDrive(source[0], source[1], link.entry))
        self._wires.append(Wire((link.exit,), target_name, connection.target.span))

    def _add_transport(self, connection: ConnectionEntry, scalar: Scalar, phase: Phase) -> Transport:
        link = transport(connection, scalar, phase=phase)
        self._instances.append(link.instance)
        self.wiring.links[connection.target.value] = link
        return link

    def _variable(self, name: str, connection: ConnectionEntry) -> tuple[str, VariableDescription] | None:
        try:
            found = split_name(name, self._programs)
        except KeyError as error:
            self._findings.add(connection.target.span, f"{_ends(connection)}: {error.args[0]}")
            return None
        return found

    def _plant_scalar(self, connection: ConnectionEntry, signal: str, *roles: Role) -> Scalar | None:
        owner = signal.partition(".")[0]
        wiring = self.wiring.scans.get(owner) or self.wiring.lines.get(owner)
        if wiring is not None:
            return wiring.plan(connection, is_written=Role.INPUT in roles, findings=self._findings)
        scalar = self._ends.scalar(signal, *roles)
        if scalar is None and self._ends.has(signal):
            what = "input" if Role.INPUT in roles else "output or state"
            self._findings.add(
                connection.source.span if Role.OUTPUT in roles else connection.target.span,
                f"{_ends(connection)}: the plant has no {what} '{signal}'",
                self._ends.hint(signal, roles),
            )
        return scalar

    def _fits(self, connection: ConnectionEntry, source: Scalar, target: Scalar) -> bool:
        if can_convert(source, target):
            return True
        self._findings.add(
            connection.target.span,
            f"{_ends(connection)}: {source.label} cannot feed {target.label}",
            "wire BOOL to BOOL and numbers to numbers",
        )
        return False


def _numbers(entry: PlantEntry, findings: Findings) -> dict[str, float | int | bool]:
    """Return the parameters of a component; texts and lists are reported, for no component takes them."""
    numbers: dict[str, float | int | bool] = {}
    for parameter in entry.parameters:
        if isinstance(parameter.value, str | tuple):
            message = f"parameter {entry.name}.{parameter.name} is {parameter.value!r}"
            findings.add(parameter.span, message, "write a number or true or false")
        else:
            numbers[parameter.name] = parameter.value
    return numbers


def _ends(connection: ConnectionEntry) -> str:
    return f"{connection.source.value} -> {connection.target.value}"


def component_path(rig: RigDescription, component: str) -> str:
    """Return a component's name as the registry takes it: a relative file of a user starts at the rig's folder."""
    file, colon, cls = component.rpartition(":")
    if not colon or not file.endswith(".py"):
        return component
    return f"{os.path.join(rig.folder, file)}:{cls}"
