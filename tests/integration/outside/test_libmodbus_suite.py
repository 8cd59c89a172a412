"""libmodbus's own client tests, compiled from its sources, against a rig that does what its test server does.

Every check of ``unit-test-client.c`` is made but one: "Connection timeout" connects to a public address and is taken
out. Two times are others than on its own server, for the sake of busy machines: 50 ms lie between the bytes of the
dribbled answer instead of 5 ms, and 30 and 400 ms instead of 3 and 7 ms are too short and enough for it; the late
answer comes after 0.4 s instead of 0.5 s, half-way between the time-outs of 0.2 s and 0.6 s.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hil_process import HilRun
from libmodbus_sources import LibmodbusSources, find_libmodbus, random_client, unit_client

from hil.assembly.blank_devices import blank_devices
from hil.assembly.device_places import DevicePlace

pytestmark = pytest.mark.outside

RIG = Path(__file__).with_name("libmodbus_unit_test.toml")
PROGRAM = "PROGRAM Main\nVAR beats : INT; END_VAR\nbeats := beats + 1;\nEND_PROGRAM\n"
COILS, DISCRETE_INPUTS, HOLDING_REGISTERS, INPUT_REGISTER = range(0x130, 0x155), 0x1C4, range(0x160, 0x180), 0x108
DISCRETE_INPUTS_ON = (0xAC, 0xDB, 0x35)  # the first 22 bits, lowest first


def register_map(version: str) -> str:
    """Return the cells that the client expects; all of them are the device's own."""
    bits = int.from_bytes(bytes(DISCRETE_INPUTS_ON), "little")
    entries = [f'tag = "C{at}", table = "coil", address = {at}, initial = false, access = "rw"' for at in COILS]
    entries += [
        f'tag = "D{index}", table = "discrete", address = {DISCRETE_INPUTS + index}, initial = {on}'
        for index, on in enumerate("true" if bits >> index & 1 else "false" for index in range(0x16))
    ]
    entries += [
        f'tag = "H{at}", table = "holding", address = {at}, type = "uint16", initial = 0, access = "rw"'
        for at in HOLDING_REGISTERS
    ]
    entries.append(f'tag = "I", table = "input", address = {INPUT_REGISTER}, type = "uint16", initial = 10')
    registers = "".join(f"    {{ {entry} }},\n" for entry in entries)
    return f'format = 1\nregister = [\n{registers}]\n[identity]\nserver_id = "B"\nadditional = "LMB{version}"\n'


@pytest.fixture(scope="module")
def libmodbus() -> LibmodbusSources:
    sources = find_libmodbus()
    if sources is None or shutil.which("gcc") is None:
        pytest.skip("no gcc, or no sources of libmodbus; .ci/libmodbus fetches them")
    return sources


@pytest.fixture(scope="module")
def client(libmodbus: LibmodbusSources, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return libmodbus.compile(unit_client(libmodbus.text("unit-test-client.c")), tmp_path_factory.mktemp("client"))


@pytest.fixture(scope="module")
def running(libmodbus: LibmodbusSources, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HilRun]:
    folder = tmp_path_factory.mktemp("rig")
    shutil.copy(RIG, folder / "rig.toml")
    (folder / "control.st").write_text(PROGRAM)
    (folder / "map.toml").write_text(register_map(libmodbus.version))
    with HilRun("rig.toml", folder=folder) as running:
        yield running
        assert running.stop() == 0


def run(client: Path, *arguments: str, port: int | None = 0) -> str:
    """Run a client to its end and return what it printed."""
    environment = {**os.environ, "MODBUS_PORT": str(port)}
    done = subprocess.run(
        [client, *arguments], capture_output=True, text=True, timeout=60, env=environment, check=False
    )
    told = [line for line in done.stdout.splitlines() if "assertion error" in line or line.startswith("ERROR")]
    assert done.returncode == 0, f"{told}\n{done.stdout[-2000:]}"
    return done.stdout


def test_client_tests_of_libmodbus_pass_over_tcp(client: Path, running: HilRun) -> None:
    printed = run(client, "tcp", "127.0.0.1", port=urlsplit(running.url("modbus-tcp")).port)

    assert "ALL TESTS PASS WITH SUCCESS." in printed
    assert printed.count("OK\n") > 100


def test_client_tests_of_libmodbus_pass_over_rtu(client: Path, running: HilRun) -> None:
    printed = run(client, "rtu", str(running.folder / "line"))

    assert "ALL TESTS PASS WITH SUCCESS." in printed
    assert printed.count("OK\n") > 100


def test_random_writes_of_libmodbus_read_back(libmodbus: LibmodbusSources, tmp_path: Path) -> None:
    writer = libmodbus.compile(random_client(libmodbus.text("random-test-client.c")), tmp_path)

    with blank_devices(99, DevicePlace(unit_id=17)) as blank:
        printed = run(writer, port=urlsplit(blank.url).port)

    assert "Test: SUCCESS" in printed


def test_client_that_is_not_what_it_was_taken_for_is_not_run() -> None:
    with pytest.raises(ValueError, match="0 times the block 'Connection timeout'"):
        unit_client('ctx = modbus_new_tcp(ip_or_device, 1502); modbus_new_tcp("1.2.3.4", 1502);')
    with pytest.raises(ValueError, match=r"connect to 10\.1\.2\.3"):
        random_client('modbus_new_tcp("127.0.0.1", 1502); modbus_new_tcp("10.1.2.3", 502);')
