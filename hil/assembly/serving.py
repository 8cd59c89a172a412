"""From a rig to a running cell with its endpoints and its control channel."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from emulators.cell import Blueprint
from emulators.cell.wires import standing_faults
from emulators.description import EndpointEntry
from emulators.serving import (
    ControlAddress,
    ControlServer,
    EndpointAddress,
    EndpointHost,
    EventLoopThread,
    Pacing,
    ServedCell,
    write_ports_file,
)
from emulators.serving.device_cell import with_own_values
from emulators.serving.emulated_cell import EmulatedCell
from emulators.serving.ports_file import refuse_taken_ports_file, remove_ports_file
from emulators.serving.wires import WiredCell, wires_of
from emulators.signals.publication import Publication
from hil.assembly.cells import make_blueprint, make_cell
from hil.bench.wire import Wire

if TYPE_CHECKING:
    from emulators.cell.tape import TapeValue
    from emulators.modbus.endpoint import ModbusEndpoint
    from emulators.modbus.faults.pipeline import FaultPipeline
    from emulators.serving import Endpoint, SteppedCell
    from emulators.serving.fault_script import FaultScript
    from hil.assembly.injection_files import InjectionFiles
    from hil.targets.modbus_url import ModbusUrl

__all__ = [
    "RunningCell",
    "make_endpoint",
    "make_modbus_endpoint",
    "running_blueprint",
    "running_cell",
    "served_cell",
]


@dataclass(frozen=True, slots=True)
class RunningCell:
    """A cell that runs, and where it can be reached."""

    blueprint: Blueprint
    served: ServedCell
    publication: Publication
    endpoints: tuple[EndpointAddress, ...]
    control: ControlAddress
    wires: Mapping[str, FaultPipeline] = field(default_factory=dict)

    def wire(self, name: str) -> Wire:
        """Return the wire of an endpoint or a link, to let it fail.

        Raises:
            UnknownNameError: nothing of that name can fail.
        """
        return Wire.of(name, lambda: self.wires, self.served.inject)


@contextmanager
def running_cell(
    rig: str | Path,
    *,
    pacing: Pacing = Pacing.WALL,
    speed: float = 1.0,
    seed: int | None = None,
    ports_file: str | Path | None = None,
    end_ns: int | None = None,
    injection_files: InjectionFiles | None = None,
    real_devices: Mapping[str, ModbusUrl] | None = None,
    allowed_hosts: Collection[str] = (),
) -> Iterator[RunningCell]:
    """Bring a rig up: endpoints listen, time passes as ``pacing`` says; everything is closed at the end.

    Time stops at ``end_ns``. ``ports_file`` is written once everything listens and removed at the end.
    ``injection_files`` keep what fails on wires and let it happen again. Links named in ``real_devices`` lead to these
    addresses, see :func:`with_real_devices`.

    Raises:
        DescriptionError: the rig has mistakes.
        LinkError: an endpoint cannot listen, a real device is not there, or the ports file belongs to another cell
            that runs.
    """
    from hil.assembly.real_devices import with_real_devices  # loads the client, which devices alone do not need

    with (
        with_real_devices(make_blueprint(rig), real_devices or {}, allowed_hosts=allowed_hosts) as blueprint,
        running_blueprint(
            blueprint,
            pacing=pacing,
            speed=speed,
            seed=seed,
            ports_file=ports_file,
            end_ns=end_ns,
            injection_files=injection_files,
        ) as running,
    ):
        yield running


@contextmanager
def running_blueprint(
    blueprint: Blueprint,
    *,
    pacing: Pacing = Pacing.WALL,
    speed: float = 1.0,
    seed: int | None = None,
    ports_file: str | Path | None = None,
    end_ns: int | None = None,
    injection_files: InjectionFiles | None = None,
) -> Iterator[RunningCell]:
    """Bring a blueprint up, as :func:`running_cell` does; the maps of its endpoints may have values of their own."""
    maps = [each for entry in blueprint.rig.endpoints for each in entry.register_maps]
    own_seed = blueprint.seed if seed is None else seed
    bare = make_cell(blueprint, seed=seed)
    cell = with_own_values(EmulatedCell(bare), maps, seed=own_seed)
    endpoints = [make_endpoint(entry, blueprint, cell, own_seed) for entry in blueprint.rig.endpoints]
    wires = {**bare.wires, **wires_of(endpoints)}
    wired = WiredCell(cell, endpoints)
    script = injection_files.attach(wired, own_seed, wires) if injection_files is not None else None
    serving = served_cell(
        wired,
        endpoints,
        pacing=pacing,
        speed=speed,
        ports_file=ports_file,
        end_ns=end_ns,
        script=script,
        faults=standing_faults(wires),
    )
    with serving as (served, addresses, control):
        yield RunningCell(blueprint, served, cell.publication, addresses, control, wires)


@contextmanager
def served_cell(
    cell: WiredCell,
    endpoints: Sequence[Endpoint],
    *,
    pacing: Pacing = Pacing.WALL,
    speed: float = 1.0,
    ports_file: str | Path | None = None,
    end_ns: int | None = None,
    script: FaultScript | None = None,
    faults: Mapping[str, TapeValue] | None = None,
) -> Iterator[tuple[ServedCell, tuple[EndpointAddress, ...], ControlAddress]]:
    """Run a cell with its endpoints and a control channel; everything is closed at the end.

    ``faults`` are those that it has from the start.

    Raises:
        LinkError: an endpoint cannot listen, or the ports file belongs to another cell that runs.
    """
    if ports_file is not None:
        refuse_taken_ports_file(ports_file)
    with ExitStack() as stack:
        thread = stack.enter_context(EventLoopThread())
        host = EndpointHost(thread, endpoints)
        host.start()
        stack.callback(host.stop)
        served = ServedCell(cell, host, pacing=pacing, speed=speed, end_ns=end_ns, script=script, faults=faults)
        control = ControlServer(served, {"rig": cell.name})
        thread.run(control.start())
        stack.callback(lambda: thread.run(control.stop()))
        stack.enter_context(served)
        address = ControlAddress(control.url, control.token)
        if ports_file is not None:
            write_ports_file(ports_file, host.addresses, address)
            stack.callback(lambda: remove_ports_file(ports_file))
        yield served, host.addresses, address


def make_endpoint(entry: EndpointEntry, blueprint: Blueprint, cell: SteppedCell, seed: int) -> Endpoint:
    """Return the server that an entry of the rig describes; it does not listen yet."""
    if entry.protocol == "opcua":
        from emulators.opcua import OpcUaEndpoint

        return OpcUaEndpoint(
            entry.name,
            tags_of_controller(blueprint, cell.publication, entry.controller),
            controller=entry.controller,
            rig=blueprint.rig.name,
            host=entry.host,
            port=entry.port,
            security=entry.security,
        )
    return make_modbus_endpoint(entry, cell.publication, seed)


def make_modbus_endpoint(entry: EndpointEntry, publication: Publication, seed: int) -> ModbusEndpoint:
    """Return the Modbus server that an entry of a rig describes; it does not listen yet.

    Raises:
        DescriptionError: a map does not fit the publication, or a fault the protocol.
    """
    from emulators.modbus.described_transport import described_transport, described_units, described_unknown_unit
    from emulators.modbus.endpoint import ModbusEndpoint, ModbusEndpointSettings
    from emulators.modbus.faults.described import described_endpoint_rules

    rules, line_rules = described_endpoint_rules(entry)
    settings = ModbusEndpointSettings(
        entry.name,
        entry.controller,
        described_transport(entry),
        described_unknown_unit(entry),
        faults=rules,
        line_faults=line_rules,
        seed=seed,
    )
    return ModbusEndpoint(settings, described_units(entry), publication)


def tags_of_controller(blueprint: Blueprint, publication: Publication, controller: str) -> Publication:
    """Return the tags that stand for variables of a controller: it knows nothing of the plant's truth."""
    aliases = blueprint.directory.aliases
    own = [tag for name, tag in publication.tags.items() if aliases.get(name, "").startswith(f"{controller}.")]
    return Publication(own, publication.dtype)
