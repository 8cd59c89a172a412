"""Fills the directory of a cell: every tag, plant signal, controller variable, force, fault, command and link."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePath

from emulators.cell.catalogue import DOWN, FaultDescription, TargetDescription, TargetKind
from emulators.cell.directory import Directory, ForcedMemory
from emulators.cell.link_wiring import LINE_STATUS_NAMES, STATUS_NAMES, LineWiring, LinkWiring
from emulators.cell.slots import Slot, Stage
from emulators.cell.tape import TapeValue
from emulators.cell.transports import Transport
from emulators.cell.wiring import Wiring
from emulators.component import Member, Role
from emulators.description import LeftOut, RigDescription, TagEntry
from emulators.description.source import Findings
from emulators.errors import did_you_mean
from emulators.iec61131 import VariableDescription
from emulators.native import Layout
from emulators.native.ir import Scalar
from emulators.plant.wiring import Instance, WiredPlant
from emulators.plc import PlcMode, SoftPlc
from emulators.plc.forces import FORCE_CHUNKS, FORCE_MASK, FORCE_VALUE, FORCES_USED
from emulators.signals import elementary_type, elementary_type_of_native

__all__ = ["NamedPlc", "build_directory"]

STATUS_FIELDS = ("mode", "scan_count", "fault_code")
_MODES = tuple((int(mode), mode.name) for mode in PlcMode)
_PYTHON_TYPES = {Scalar.BOOL: "bool", Scalar.I64: "int", Scalar.F64: "float"}


@dataclass(frozen=True, slots=True)
class NamedPlc:
    """A controller with the layout path of its structure in the cell."""

    name: str
    plc: SoftPlc
    path: str


@dataclass(slots=True)
class _Names:
    targets: dict[str, TargetDescription] = field(default_factory=dict)
    slots: dict[str, Slot] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    driven: dict[str, str] = field(default_factory=dict)
    forces: dict[str, ForcedMemory] = field(default_factory=dict)
    faults: dict[str, TapeValue] = field(default_factory=dict)
    commands: dict[str, Slot] = field(default_factory=dict)
    links: dict[str, Slot] = field(default_factory=dict)
    folded: dict[str, str] = field(default_factory=dict)
    ambiguous: dict[str, tuple[str, ...]] = field(default_factory=dict)


def build_directory(
    rig: RigDescription,
    layout: Layout,
    plant: WiredPlant,
    plcs: Mapping[str, NamedPlc],
    wiring: Wiring,
    findings: Findings,
) -> Directory:
    """Return the names of a cell; tags whose signal does not exist are reported and left out."""
    builder = _Builder(layout)
    for instance in plant.instances:
        builder.add_instance(instance, is_link=instance.name.startswith("link:"))
    for named in plcs.values():
        builder.add_controller(named)
    builder.add_wires(plant, wiring)
    for target, link in wiring.links.items():
        builder.add_link(target, link)
    for scan in wiring.scans.values():
        builder.add_scan(scan)
    for line in wiring.lines.values():
        builder.add_line(line)
    for entry in rig.tags:
        builder.add_tag(entry, rig.left_out, findings)
    names = builder.names
    return Directory(
        rig.name,
        names.targets,
        names.slots,
        names.aliases,
        names.driven,
        names.forces,
        names.faults,
        names.commands,
        names.links,
        names.folded,
        names.ambiguous,
    )


class _Builder:
    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self.names = _Names()

    def _slot(self, path: str, scalar: Scalar, stage: Stage, bit: int | None = None) -> Slot:
        return Slot(path, self._layout.entry(path).offset, scalar, bit, stage)

    # --- plant ------------------------------------------------------------------------------------------------------

    def add_instance(self, instance: Instance, *, is_link: bool) -> None:
        faults = []
        for member in instance.unit.members.values():
            if member.length:
                continue
            name = f"{instance.name}.{member.name}"
            self.names.slots[name] = self._slot(f"plant.{instance.field}.{member.name}", member.scalar, Stage.PLANT)
            if is_link:
                continue
            self.names.targets[name] = _plant_target(name, member)
            if member.role is Role.OUTPUT:
                self.names.driven[name] = "the plant computes it; write an input, or inject a fault"
            if member.role is Role.FAULT:
                initial = instance.values.get(member.name, member.initial)
                self.names.faults[name] = initial
                faults.append(_fault(member, initial))
        if not is_link:
            description = (instance.unit.cls.__doc__ or "").strip().partition("\n")[0]
            self.names.targets[instance.name] = TargetDescription(
                instance.name, kind=TargetKind.COMPONENT, faults=tuple(faults), description=description
            )

    # --- controllers ------------------------------------------------------------------------------------------------

    def add_controller(self, named: NamedPlc) -> None:
        memory = self._forced_memory(named)
        for variable in named.plc.program.variables:
            if variable.string_length is None:
                self._add_variable(named, variable, memory)
        self._add_short_names(named)
        for status in STATUS_FIELDS:
            name, path = f"{named.name}.{status}", f"{named.path}.{status}"
            scalar = self._layout.entry(path).type
            assert isinstance(scalar, Scalar)
            if name not in self.names.slots:
                self.names.slots[name] = self._slot(path, scalar, Stage.CONTROLLER)
                self.names.driven[name] = "the controller sets it; restart the controller instead"
                self.names.targets[name] = TargetDescription(
                    name,
                    type=scalar.label,
                    kind=TargetKind.VARIABLE,
                    description=f"{status.replace('_', ' ')} of the controller",
                    enumerators=_MODES if status == "mode" else (),
                )
        for index, task in enumerate(named.plc.tasks):
            name = f"{named.name}.{task.name}.execution_ns"
            path = f"{named.path}.tasks[{index}].execution_ns"
            self.names.slots[name] = self._slot(path, Scalar.I64, Stage.CONTROLLER)
            timing = named.plc.description.task_timing(task.name)
            self.names.faults[name] = timing.execution_ns
        self.names.commands[named.name] = self._slot(f"{named.path}.command", Scalar.I32, Stage.CONTROLLER)
        self.names.targets[named.name] = TargetDescription(
            named.name,
            kind=TargetKind.CONTROLLER,
            faults=tuple(
                FaultDescription(f"{task.name}.execution_ns", "int", 0.0, 1e9, "ns", 0, "time the task takes")
                for task in named.plc.tasks
            ),
            description="controller",
        )

    def _forced_memory(self, named: NamedPlc) -> ForcedMemory:
        fields = ("unit", FORCE_VALUE, FORCE_MASK, FORCE_CHUNKS, FORCES_USED)
        return ForcedMemory(*(self._layout.entry(f"{named.path}.{field}").offset for field in fields))

    def _add_variable(self, named: NamedPlc, variable: VariableDescription, memory: ForcedMemory) -> None:
        name = f"{named.name}.{variable.path}"
        path = f"{named.path}.unit.{variable.layout_path}"
        self.names.slots[name] = self._slot(path, variable.native, Stage.CONTROLLER, variable.bit)
        self.names.folded[name.casefold()] = name
        self.names.targets[name] = TargetDescription(
            name,
            type=variable.iec_type if elementary_type(variable.iec_type) is not None else variable.native.label,
            kind=TargetKind.VARIABLE,
            writable=not variable.is_constant,
            description=variable.description,
            source=f"{PurePath(variable.span.file).name}:{variable.span.line}",
            enumerators=variable.enumerators,
        )
        if variable.is_constant:
            self.names.driven[name] = "it is a constant of the control program"
        else:
            self.names.forces[name] = memory

    def _add_short_names(self, named: NamedPlc) -> None:
        """Let the name of the program be left out where only one variable can be meant."""
        meant: dict[str, list[str]] = {}
        for variable in named.plc.program.variables:
            _, dot, rest = variable.path.partition(".")
            if dot and variable.string_length is None:
                meant.setdefault(f"{named.name}.{rest}".casefold(), []).append(f"{named.name}.{variable.path}")
        for short, names in meant.items():
            if short in self.names.folded:
                continue
            if len(names) == 1:
                self.names.folded[short] = names[0]
            else:
                self.names.ambiguous[short] = tuple(names)

    # --- wires ------------------------------------------------------------------------------------------------------

    def add_wires(self, plant: WiredPlant, wiring: Wiring) -> None:
        behind = {link.exit: link.source for link in wiring.links.values()}
        for connection in plant.connections:
            names = [str(source) for source in connection.sources]
            advice = "force that" if any(name in behind for name in names) else "inject a fault there"
            sources = " + ".join(behind.get(name, name) for name in names)
            self.names.driven[str(connection.target)] = f"it is wired to {sources}; {advice}"
        for drive in wiring.drives:
            self.names.driven[drive.signal] = f"{drive.controller}.{drive.variable.path} drives it; force that"
        for wire in wiring.inputs:
            name = f"{wire.controller}.{wire.variable.path}"
            source = behind.get(wire.signal, wire.signal)
            self.names.driven[name] = f"it is wired to {source}; force it, or act on the plant"

    def add_link(self, target: str, link: Transport) -> None:
        slot, fault = self.names.slots[link.fault], f"{target}.{DOWN}"
        self.names.links[target] = self.names.slots[fault] = slot
        self.names.faults[fault] = False
        down = FaultDescription(DOWN, neutral=False, description="nothing is delivered; the last value stays")
        known = self.names.targets.get(target, TargetDescription(target, kind=TargetKind.LINK))
        self.names.targets[target] = replace(known, faults=(*known.faults, down))

    def add_scan(self, scan: LinkWiring) -> None:
        """Name the registers and the status of a link, and the wire itself."""
        link, targets = scan.entry, self.names.targets
        self._add_status(link.name, STATUS_NAMES, "link")
        for name, register in scan.registers.items():
            self.names.slots[name] = self.names.slots[register.slot]
            if not register.is_written:
                self.names.driven[name] = f"link {link.name} reads it; inject a fault into the link, or force the input"
            targets[name] = TargetDescription(
                name,
                type=register.scalar.label,
                unit=register.entry.unit,
                kind=TargetKind.PLANT,
                description=register.entry.description,
                enumerators=register.entry.names,
            )
        device = f" to {link.device.value}" if link.device is not None else ""
        if link.is_broadcast:
            targets[link.name] = TargetDescription(
                link.name, kind=TargetKind.COMPONENT, description="broadcast to the units of a line"
            )
        else:
            self._add_wire(link.name, link.protocol, f"{link.protocol} link{device}")

    def add_line(self, line: LineWiring) -> None:
        """Name the status of a line, and the wire itself."""
        entry = line.entry
        self._add_status(entry.name, LINE_STATUS_NAMES, "line")
        self._add_wire(entry.name, entry.protocol, f"{entry.protocol} line of {entry.controller.value}")

    def _add_status(self, owner: str, names: Iterable[str], what: str) -> None:
        for name in (f"{owner}.{status}" for status in names):
            self.names.targets[name] = replace(self.names.targets[name], writable=False, is_plant_truth=False)
            self.names.driven[name] = f"the {what} says so; inject a fault into it"

    def _add_wire(self, name: str, protocol: str, description: str) -> None:
        from emulators.cell.wires import wire_target  # loads Modbus, which few cells need

        self.names.targets[name] = wire_target(name, protocol, description)

    # --- tags -------------------------------------------------------------------------------------------------------

    def add_tag(self, entry: TagEntry, left_out: LeftOut, findings: Findings) -> None:
        tag = entry.tag
        signal = tag.signal if tag.signal in self.names.slots else self.names.folded.get(tag.signal.casefold(), "")
        meant = self.names.ambiguous.get(tag.signal.casefold()) if not signal else None
        if meant is not None:
            message = f"tag {tag.name}: '{tag.signal}' may mean several variables: {', '.join(meant[:4])}"
            findings.add(entry.signal_span, message, "write the whole name")
            return
        if signal not in self.names.slots:
            owner = tag.signal.partition(".")[0]
            if owner in left_out.owners:
                return
            hint = did_you_mean(tag.signal, self._spellings(owner)) or "name a plant signal or a controller's variable"
            findings.add(entry.signal_span, f"tag {tag.name}: there is no signal '{tag.signal}'", hint)
            return
        slot = self.names.slots[signal]
        label = slot.scalar.label if slot.bit is None else Scalar.BOOL.label
        wanted = elementary_type(tag.type) if tag.type else None
        if wanted is not None and wanted.native_label != label:
            message = f"tag {tag.name} is {tag.type}, but {signal} is {elementary_type_of_native(label).name}"
            findings.add(entry.span, message, "drop type, or convert in the program")
            return
        if tag.is_writable and signal in self.names.driven:
            message = f"tag {tag.name} is writable, but {signal} is not: {self.names.driven[signal]}"
            findings.add(entry.span, message, "drop writable")
            return
        behind = self.names.targets.get(signal)
        self.names.aliases[tag.name] = signal
        same_name = self.names.targets.get(tag.name)
        faults = same_name.faults if same_name is not None else ()
        self.names.targets[tag.name] = TargetDescription(
            tag.name,
            type=behind.type if behind is not None and behind.type else self.names.slots[signal].scalar.label,
            unit=tag.unit or (behind.unit if behind is not None else ""),
            eu_range=tag.eu_range or (behind.eu_range if behind is not None else None),
            kind=TargetKind.TAG,
            writable=signal not in self.names.driven,
            faults=faults,
            is_plant_truth=tag.is_truth,
            description=tag.description or (behind.description if behind is not None else ""),
            source=behind.source if behind is not None else "",
            enumerators=tag.names or (behind.enumerators if behind is not None else ()),
        )

    def _spellings(self, owner: str) -> Iterator[str]:
        """Yield every signal of an owner, also without the name of its program where that may be left out."""
        for name in self.names.slots:
            if not name.startswith(f"{owner}."):
                continue
            yield name
            short = f"{owner}.{name.partition('.')[2].partition('.')[2]}"
            if short.casefold() in self.names.folded:
                yield short


def _plant_target(name: str, member: Member) -> TargetDescription:
    bounded = member.scalar is not Scalar.BOOL and member.low > float("-inf") and member.high < float("inf")
    return TargetDescription(
        name,
        type=member.scalar.label,
        unit=member.unit,
        eu_range=(member.low, member.high) if bounded else None,
        kind=TargetKind.PLANT,
        writable=member.role is not Role.OUTPUT,
        is_plant_truth=True,
        description=member.description,
    )


def _fault(member: Member, initial: TapeValue) -> FaultDescription:
    finite = member.scalar is not Scalar.BOOL
    return FaultDescription(
        member.name,
        _PYTHON_TYPES[member.scalar],
        member.low if finite else None,
        member.high if finite else None,
        member.unit,
        initial,
        member.description,
    )
