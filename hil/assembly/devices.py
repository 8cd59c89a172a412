"""A Modbus device alone, outside any rig: from its register map to a server that answers and values that move."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from emulators.cell import Blueprint
from emulators.cell.blueprint import draw_blueprint
from emulators.cell.plan import CellPlan, plan_cell
from emulators.description import RegisterMapDescription
from emulators.description.device_rig import DEFAULT_DEVICE_STEP_NS, rig_of_device
from emulators.description.source import Findings
from emulators.errors import LinkError
from emulators.modbus.device import ModbusDevice
from emulators.modbus.endpoint import ModbusEndpoint, ModbusEndpointSettings
from emulators.modbus.mbap import UnitDirectory
from emulators.modbus.memory import UnitMemory
from emulators.modbus.own_values import OwnValues, own_entries
from emulators.modbus.tcp import ModbusTcpServer
from emulators.serving import ControlAddress, EventLoopThread, Pacing, ServedCell
from emulators.serving.device_cell import DeviceCell
from hil.assembly.rig_checks import judge_maps
from hil.assembly.serving import running_blueprint, served_cell

__all__ = ["DevicePlace", "RunningDevice", "blank_device", "device_blueprint", "plan_device", "running_device"]


@dataclass(frozen=True, slots=True)
class DevicePlace:
    """Where a device listens."""

    host: str = "127.0.0.1"
    port: int = 0
    unit_id: int = 1


@dataclass(frozen=True, slots=True)
class RunningDevice:
    """A device that runs, and where it can be reached."""

    register_map: RegisterMapDescription
    served: ServedCell
    url: str
    control: ControlAddress


def device_blueprint(register_map: RegisterMapDescription, place: DevicePlace | None = None) -> Blueprint | None:
    """Return the blueprint of a device with a twin, None for one whose values are all its own.

    Raises:
        DescriptionError: the twin, its signals or a behaviour do not fit the map; all findings at once.
    """
    findings = Findings()
    plan = plan_device(register_map, findings, place)
    findings.raise_if_any()
    return draw_blueprint(plan) if plan is not None else None


def plan_device(
    register_map: RegisterMapDescription, findings: Findings, place: DevicePlace | None = None
) -> CellPlan | None:
    """Return the plan of the sound part of a device with a twin, None for one whose values are all its own."""
    if register_map.twin is None:
        judge_maps([register_map], own_entries([register_map], are_all_own=True), findings)
        return None
    place = place or DevicePlace()
    rig = rig_of_device(register_map, findings, host=place.host, port=place.port, unit_id=place.unit_id)
    plan = plan_cell(rig, findings)
    maps = [endpoint.register_map for endpoint in rig.endpoints if endpoint.register_map is not None]
    judge_maps(maps, own_entries(maps), findings, plan=plan)
    return plan


@contextmanager
def running_device(
    register_map: RegisterMapDescription,
    *,
    place: DevicePlace | None = None,
    pacing: Pacing = Pacing.WALL,
    seed: int = 0,
    ports_file: str | Path | None = None,
    end_ns: int | None = None,
) -> Iterator[RunningDevice]:
    """Bring a device up: it listens, its values move as ``pacing`` says; everything is closed at the end.

    Raises:
        DescriptionError: the map has mistakes.
        LinkError: the device cannot listen.
    """
    place = place or DevicePlace()
    blueprint = device_blueprint(register_map, place)
    if blueprint is not None:
        with running_blueprint(blueprint, pacing=pacing, seed=seed, ports_file=ports_file, end_ns=end_ns) as running:
            yield RunningDevice(register_map, running.served, running.endpoints[0].url, running.control)
        return
    name = register_map.name or "device"
    values = OwnValues(own_entries([register_map], are_all_own=True), seed=seed)
    cell = DeviceCell(name, values, step_ns=DEFAULT_DEVICE_STEP_NS)
    settings = ModbusEndpointSettings(name, "", place.host, place.port, place.unit_id, seed=seed)
    endpoint = ModbusEndpoint(settings, register_map, cell.publication)
    with served_cell(cell, [endpoint], pacing=pacing, ports_file=ports_file, end_ns=end_ns) as (
        served,
        addresses,
        control,
    ):
        yield RunningDevice(register_map, served, addresses[0].url, control)


@contextmanager
def blank_device(size: int, place: DevicePlace) -> Iterator[str]:
    """Serve four plain tables of ``size`` cells and yield the URL; what a client writes stays.

    Raises:
        LinkError: the device cannot listen.
    """
    directory = UnitDirectory({place.unit_id: ModbusDevice(UnitMemory.of_size(size))}, direct=place.unit_id)
    server = ModbusTcpServer(directory, host=place.host, port=place.port)
    with EventLoopThread() as thread:
        try:
            thread.run(server.start(), deadline_s=10.0)
        except OSError as error:
            message = f"cannot listen on {place.host}:{place.port}: {error.strerror}; use port 0 for a free one"
            raise LinkError(message) from error
        try:
            host, port = server.address
            yield f"modbus-tcp://{host}:{port}/{place.unit_id}"
        finally:
            thread.run(server.stop(), deadline_s=10.0)
