"""Modbus devices alone, outside any rig: from their register maps to servers that answer and values that move."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from emulators.cell.blueprint import draw_blueprint
from emulators.cell.plan import CellPlan, plan_cell
from emulators.description import RegisterMapDescription, RigDescription
from emulators.description.device_rig import rig_of_devices
from emulators.description.source import Findings
from emulators.modbus.own_values import OwnValues, own_entries
from emulators.serving import ControlAddress, EndpointAddress, Pacing, ServedCell
from emulators.serving.device_cell import DeviceCell
from emulators.serving.wires import WiredCell, wires_of
from hil.assembly.device_places import DevicePlace, device_endpoints
from hil.assembly.rig_checks import judge_maps
from hil.assembly.serving import make_modbus_endpoint, running_blueprint, served_cell

if TYPE_CHECKING:
    from hil.assembly.injection_files import InjectionFiles

__all__ = ["RunningDevices", "plan_devices", "running_devices"]


@dataclass(frozen=True, slots=True)
class RunningDevices:
    """Devices that run, and where they can be reached; ``rig`` has their endpoints with units and maps."""

    rig: RigDescription
    served: ServedCell
    endpoints: tuple[EndpointAddress, ...]
    control: ControlAddress

    @property
    def url(self) -> str:
        """Where the first device is found."""
        return self.endpoints[0].url

    @property
    def register_map(self) -> RegisterMapDescription:
        """The map of the first device."""
        return self.rig.endpoints[0].register_maps[0]


def plan_devices(
    maps: Sequence[RegisterMapDescription], findings: Findings, place: DevicePlace | None = None
) -> tuple[RigDescription, CellPlan | None]:
    """Return the rig of the sound part of devices, and the plan of their twins: None when no device has one.

    Raises:
        PlaceError: there are more devices than unit ids or ports.
    """
    rig = rig_of_devices(*device_endpoints(maps, place or DevicePlace()), findings)
    plan = plan_cell(rig, findings) if rig.plant else None
    rig = plan.rig if plan is not None else rig
    placed = [each for endpoint in rig.endpoints for each in endpoint.register_maps]
    judge_maps(placed, own_entries(placed), findings, plan=plan)
    return rig, plan


@contextmanager
def running_devices(
    maps: Sequence[RegisterMapDescription],
    *,
    place: DevicePlace | None = None,
    pacing: Pacing = Pacing.WALL,
    seed: int = 0,
    ports_file: str | Path | None = None,
    end_ns: int | None = None,
    injection_files: InjectionFiles | None = None,
    findings: Findings | None = None,
) -> Iterator[RunningDevices]:
    """Bring devices up: they listen, their values move as ``pacing`` says; everything is closed at the end.

    Raises:
        DescriptionError: a map has mistakes, or ``findings`` has some already: all of them together.
        LinkError: a device cannot listen.
        PlaceError: there are more devices than unit ids or ports.
    """
    findings = findings or Findings()
    rig, plan = plan_devices(maps, findings, place)
    findings.raise_if_any()
    if plan is not None:
        blueprint = draw_blueprint(plan)
        with running_blueprint(
            blueprint,
            pacing=pacing,
            seed=seed,
            ports_file=ports_file,
            end_ns=end_ns,
            injection_files=injection_files,
        ) as running:
            yield RunningDevices(rig, running.served, running.endpoints, running.control)
        return
    values = OwnValues(own_entries([each for entry in rig.endpoints for each in entry.register_maps]), seed=seed)
    cell = DeviceCell(rig.name, values, step_ns=rig.step_ns)
    servers = [make_modbus_endpoint(entry, cell.publication, seed) for entry in rig.endpoints]
    wired = WiredCell(cell, servers)
    script = injection_files.attach(wired, seed, wires_of(servers)) if injection_files is not None else None
    with served_cell(wired, servers, pacing=pacing, ports_file=ports_file, end_ns=end_ns, script=script) as (
        served,
        addresses,
        control,
    ):
        yield RunningDevices(rig, served, addresses, control)
