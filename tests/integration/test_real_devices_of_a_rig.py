"""``hil run RIG --link``: a controller of the cell scans a device that is not in the cell, over sockets and ptys."""

from __future__ import annotations

import select
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from link_cells import DEVICE_MAP, DEVICE_PARTS, LINE_PROGRAM, LINK_PROGRAM, line_rig, link_rig
from modbus_tls_plant import TlsPlant

from emulators.description import load_register_map
from emulators.description.characters import CharacterEntry
from emulators.description.modbus_transport import ModbusTransportEntry, SerialEntry, TlsEntry
from emulators.errors import EmulatorError, LinkError
from emulators.modbus.permissions import PermissionTable
from hil.assembly.cells import make_blueprint
from hil.assembly.device_places import DevicePlace
from hil.assembly.devices import running_devices
from hil.assembly.real_devices import with_real_devices
from hil.assembly.serving import RunningCell, running_cell
from hil.cli.main import main
from hil.errors import SafetyRefusal, UnknownNameError
from hil.targets.modbus_url import ModbusUrl

DEADLINE_S = 60.0
SERIAL = 815  # of the real device; the one in the cell has another
LINE = SerialEntry("", "", CharacterEntry(115_200, "none"))
TRANSPORTS = {protocol: ModbusTransportEntry(serial=LINE) for protocol in ("modbus-rtu", "modbus-ascii")}
BROADCAST = """
[controllers.PLC1.outputs]
"ALL.WANTED" = "common"
[links.ALL]
line = "COM"
unit_id = 0
map = "map.toml"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A rig for each protocol of links, and the map of its device."""
    (tmp_path / "parts.py").write_text(DEVICE_PARTS)
    (tmp_path / "PLC1.st").write_text(LINK_PROGRAM)
    (tmp_path / "map.toml").write_text(DEVICE_MAP)
    (tmp_path / "real.toml").write_text(DEVICE_MAP.replace("initial = 4711", f"initial = {SERIAL}"))
    for protocol in ("modbus-tcp", "modbus-udp", "modbus-rtu-over-tcp", "modbus-rtu", "modbus-ascii"):
        link = link_rig(protocol=protocol).replace('timeout = "50 ms"', 'timeout = "2 s"')  # of the clock's time here
        rig = f'format = 1\nname = "hybrid"\nstep = "10 ms"\n{link}'
        (tmp_path / f"{protocol}.toml").write_text(rig)
    return tmp_path


@contextmanager
def device(folder: Path, protocol: str, port: int = 0, transport: ModbusTransportEntry | None = None) -> Iterator[str]:
    """A device of its own, which counts in its own time, as unit 5."""
    place = DevicePlace(port=port, unit_id=5, protocol=protocol, transport=transport or TRANSPORTS.get(protocol))
    with running_devices([load_register_map(folder / "real.toml")], place=place) as running:
        yield running.url


@pytest.fixture
def run(folder: Path) -> Iterator[Callable[[str, str], RunningCell]]:
    with ExitStack() as stack:

        def run_rig(protocol: str, url: str) -> RunningCell:
            devices = {"BUS": ModbusUrl.parse(url)}
            return stack.enter_context(running_cell(folder / f"{protocol}.toml", real_devices=devices))

        yield run_rig


def value(running: RunningCell, name: str) -> bool | int | float:
    return running.served.read([name])[name]


def wait_until(condition: Callable[[], bool]) -> None:
    end_s = time.monotonic() + DEADLINE_S
    while not condition() and time.monotonic() < end_s:
        select.select([], [], [], 0.01)
    assert condition()


@pytest.mark.parametrize(
    ("link", "protocol"),
    [
        ("modbus-tcp", "modbus-tcp"),
        ("modbus-tcp", "modbus-udp"),
        ("modbus-rtu", "modbus-rtu-over-tcp"),
        ("modbus-rtu", "modbus-rtu"),
        ("modbus-udp", "modbus-udp"),
        ("modbus-rtu-over-tcp", "modbus-rtu-over-tcp"),
        ("modbus-ascii", "modbus-ascii"),
    ],
)
def test_controller_reads_and_writes_a_device_that_is_not_in_the_cell(folder, run, link: str, protocol: str) -> None:
    with device(folder, protocol) as url:
        running = run(link, url)

        wait_until(lambda: value(running, "PLC1.Main.serial") == SERIAL and value(running, "PLC1.Main.seen") > 2)
        wait_until(lambda: value(running, "PLC1.Main.echo") > 0)  # what it wrote came back, scaled by the map

        assert value(running, "BUS.error") is False
        assert value(running, "BUS.failures") == 0


def test_controller_talks_to_all_units_of_a_line_that_is_not_in_the_cell(folder) -> None:
    rig = line_rig(extra=BROADCAST).replace('timeout = "100 ms"', 'timeout = "2 s"')
    (folder / "line.toml").write_text(f'format = 1\nname = "hybrid"\nstep = "10 ms"\n{rig}')
    (folder / "PLC1.st").write_text(LINE_PROGRAM)
    (folder / "written.toml").write_text(DEVICE_MAP.replace('signal = "count"', 'signal = "wanted"'))
    place = DevicePlace(protocol="modbus-rtu", transport=TRANSPORTS["modbus-rtu"])

    with running_devices([load_register_map(folder / "written.toml")] * 2, place=place) as devices:
        line = {"COM": ModbusUrl.parse(devices.url)}
        with running_cell(folder / "line.toml", real_devices=line) as running:
            wait_until(lambda: min(value(running, f"PLC1.Main.seen{unit}") for unit in (1, 2)) > 100)

            assert (value(running, "COM.failures"), value(running, "PLC1.Main.error2")) == (0, False)


def test_link_on_a_line_leads_to_no_real_device_by_itself(folder) -> None:
    (folder / "line.toml").write_text(f'format = 1\nname = "hybrid"\nstep = "10 ms"\n{line_rig()}')
    (folder / "PLC1.st").write_text(LINE_PROGRAM)
    urls = {"U1": ModbusUrl.parse("rtu:///dev/ttyS9?baud=9600")}

    with (
        pytest.raises(UnknownNameError, match=r"link U1 is on line COM; only the whole line .*--link COM=modbus-rtu:"),
        with_real_devices(make_blueprint(folder / "line.toml"), urls),
    ):
        pass


def test_controller_reads_and_writes_a_device_over_tls(folder, run) -> None:
    plant = TlsPlant(folder, roles=("Operator",))
    settings = plant.settings(PermissionTable())
    tls = TlsEntry(str(settings.certificate), str(settings.key), str(settings.client_ca), {"Operator": "all"})
    client = plant.clients["Operator"]
    shown = f"certificate={client.certificate}&key={client.key}&server_ca={plant.authority.certificate}"
    with device(folder, "modbus-tls", transport=ModbusTransportEntry(tls=tls)) as url:
        running = run("modbus-tcp", f"{url}?{shown}")

        wait_until(lambda: value(running, "PLC1.Main.serial") == SERIAL and value(running, "PLC1.Main.echo") > 0)

        assert value(running, "BUS.failures") == 0


def test_controller_sees_a_device_that_goes_away_and_comes_back(folder, run) -> None:
    with device(folder, "modbus-tcp") as url:
        running = run("modbus-tcp", url)
        wait_until(lambda: value(running, "PLC1.Main.serial") == SERIAL)
    wait_until(lambda: value(running, "PLC1.Main.comm_error") is True)

    with device(folder, "modbus-tcp", port=ModbusUrl.parse(url).port):
        wait_until(lambda: value(running, "PLC1.Main.comm_error") is False)
        before = value(running, "PLC1.Main.seen")
        wait_until(lambda: value(running, "PLC1.Main.seen") > before)


def test_wire_to_a_real_device_cannot_be_told_to_fail(folder, run) -> None:
    with device(folder, "modbus-tcp") as url:
        running = run("modbus-tcp", url)

        with pytest.raises(EmulatorError, match="leads to a real device and fails by itself only"):
            running.served.inject("BUS.no_response", True)


@pytest.mark.parametrize(
    ("name", "url", "error", "reason"),
    [
        ("BUSS", "tcp://127.0.0.1:9/1", UnknownNameError, "did you mean 'BUS'?"),
        ("BUS", "rtu:///dev/ttyS0", UnknownNameError, "write modbus-tcp or modbus-tls or modbus-udp"),
        ("BUS", "tcp://192.0.2.1/1", SafetyRefusal, "allow it by name: --allow-host 192.0.2.1"),
        ("BUS", "tcp://127.0.0.1:9/1", LinkError, "nobody listens on port 9"),
    ],
)
def test_mistakes_show_before_anything_runs(folder, name: str, url: str, error: type[Exception], reason: str) -> None:
    blueprint = make_blueprint(folder / "modbus-tcp.toml")

    with pytest.raises(error, match=r".") as refused, with_real_devices(blueprint, {name: ModbusUrl.parse(url)}):
        pass

    assert reason in str(refused.value)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--link", "BUS"], "write LINK=URL"),
        (["--link", "BUS=30001"], "write modbus-tcp://30001"),
        (["--link", "BUS=tcp://127.0.0.1/1", "--time", "virtual"], "a real device has the time of the clock"),
    ],
)
def test_wrong_usage_says_what_to_write(folder, capsys, arguments: list[str], message: str) -> None:
    assert main(["run", str(folder / "modbus-tcp.toml"), *arguments]) == 2
    assert message in capsys.readouterr().err
