"""``hil device``: list, run for a while, blank tables, wrong names."""

import socket
import subprocess
import sys
import time
from urllib.parse import urlsplit

import click.testing
import pytest

from emulators.errors import DescriptionError
from emulators.modbus.checksums import with_crc
from hil.assembly.blank_devices import blank_devices
from hil.assembly.device_places import DevicePlace, PlaceError
from hil.cli.device import command
from hil.resources import shipped_devices

NOT_FOR_DEVICES = ("emulators.iec61131.analysis", "hil.oracle", "hil.trace", "hil.bench.steps", "pymodbus", "asyncua")


def hil_device(*arguments):
    return click.testing.CliRunner().invoke(command, arguments, catch_exceptions=False, standalone_mode=False)


def test_every_shipped_device_is_listed_with_what_it_is():
    lines = hil_device("list").output.splitlines()

    assert [line.split()[0] for line in lines] == list(shipped_devices())
    assert len(lines) == 8
    assert all("registers  " in line for line in lines)


def test_a_map_of_ones_own_runs_in_virtual_time_until_its_end(tmp_path):
    path = tmp_path / "own.csv"
    path.write_text("tag,reference,type,initial\nLEVEL,40001,float32,12.5\n")

    result = hil_device("run", str(path), "--time", "virtual", "--for", "1 h")

    assert result.output.startswith("own: 1 registers at modbus-tcp://127.0.0.1:")


def test_a_device_whose_function_fails_ends_with_the_line_that_failed(tmp_path):
    (tmp_path / "own.py").write_text("def level(time_s, values):\n    return 1 / (3 - int(time_s))\n")
    path = tmp_path / "own.toml"
    path.write_text(
        'format = 1\n[[register]]\ntag = "L"\nreference = 40001\ntype = "float32"\ninitial = 0\n'
        'behaviour = { kind = "python", function = "own.py:level" }\n'
    )

    with pytest.raises(click.ClickException, match=r"own\.py:level failed: ZeroDivisionError in own\.py:2"):
        hil_device("run", str(path), "--time", "virtual", "--for", "1 h")


def test_a_device_starts_without_what_only_rigs_and_tests_need():
    code = f"""
import sys
from hil.cli.main import main
code = main(["device", "run", "energy_meter", "--time", "virtual", "--for", "1 s"])
print([name for name in {NOT_FOR_DEVICES!r} if name in sys.modules], code)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)

    assert done.stdout.splitlines()[-1] == "[] 0"


def test_a_blank_device_says_where_it_listens():
    result = hil_device("blank", "--unit", "3", "--size", "50", "--for", "1 ms")

    assert result.output.startswith("blank device, 4 x 50 cells at modbus-tcp://127.0.0.1:")
    assert "/3; control channel tcp://127.0.0.1:" in result.output


def test_a_misspelt_device_is_a_finding():
    with pytest.raises(DescriptionError, match="did you mean 'energy_meter'"):
        hil_device("run", "energy_metre")


def test_a_time_without_unit_is_wrong_usage():
    with pytest.raises(click.BadParameter):
        hil_device("run", "ups", "--for", "10 parsec")


def test_several_devices_are_units_behind_one_port(tmp_path):
    result = hil_device("run", "flow_meter", "ups", "flow_meter", "--time", "virtual", "--for", "1 s", "--unit", "7")

    lines = result.output.splitlines()
    assert [line.split()[0] for line in lines[:3]] == ["flow_meter-1", "ups", "flow_meter-2"]
    assert [line.split()[1].rpartition("/")[2] for line in lines[:3]] == ["7", "8", "9"]
    assert len({line.split()[1].rpartition("/")[0] for line in lines[:3]}) == 1
    assert lines[3].startswith("3 devices; control channel tcp://127.0.0.1:")


def test_a_fleet_has_ports_of_its_own_and_its_middle_is_left_out():
    result = hil_device("run", "ups", "--count", "30", "--own-ports", "--time", "virtual", "--for", "1 s")

    lines = result.output.splitlines()
    assert [line.split()[0] for line in (*lines[:2], lines[9], lines[11])] == ["ups-1", "ups-2", "ups-10", "ups-30"]
    assert lines[10] == "… 19 more …"
    assert len({line.split()[1] for line in lines[:10]}) == 10


@pytest.mark.parametrize(("protocol", "scheme"), [("rtu", "modbus-rtu"), ("modbus-ascii", "modbus-ascii")])
def test_a_device_on_a_pty_says_what_to_type(protocol, scheme):
    result = hil_device("run", "energy_meter", "--protocol", protocol, "--baud", "9600", "--for", "10 ms")

    assert f" at {scheme}:///dev/pts/" in result.output
    assert "baud=9600&parity=none&stop=1&unit=1" in result.output
    assert f"  try: hil modbus read '{scheme}:///dev/pts/" in result.output
    assert ("mbpoll -m rtu -b 9600 -P none -s 1 -a 1 -t 3:float -B -r 1 -c 1 -1 /dev/pts/" in result.output) == (
        scheme == "modbus-rtu"
    )


@pytest.mark.parametrize("protocol", ["udp", "rtu-over-tcp", "modbus-tcp"])
def test_a_blank_device_runs_on_every_network_transport(protocol):
    result = hil_device("blank", "--protocol", protocol, "--size", "10", "--count", "3", "--for", "1 ms")

    scheme = protocol if protocol.startswith("modbus") else f"modbus-{protocol}"
    assert result.output.startswith(f"3 blank devices, 4 x 10 cells each, from {scheme}://127.0.0.1:")


# arguments, what is wrong
WRONG = [
    (("--protocol", "rtux"), "'rtux' is unknown; did you mean 'modbus-rtu'?"),
    (("--baud", "9600"), "--baud belongs to a serial line; add --protocol modbus-rtu or modbus-ascii"),
    (("--protocol", "rtu", "--port", "5020"), "--port belongs to a network; modbus-rtu is a serial line"),
    (("--protocol", "rtu", "--parity", "x"), "'x' is unknown; write none, even or odd, or N, E, O"),
    (("--protocol", "rtu", "--serial", "/dev/ttyS0", "--link", "tty"), "--link leads to a pty"),
    (("--protocol", "tls"), "modbus-tls needs --certificate, --key, --client-ca: PEM files"),
    (("--key", "k.pem"), "--key belongs to TLS; add --protocol modbus-tls"),
]


@pytest.mark.parametrize("command_name", ["run ups", "blank"])
@pytest.mark.parametrize(("arguments", "message"), WRONG, ids=[row[1] for row in WRONG])
def test_an_option_that_does_not_fit_is_wrong_usage(command_name, arguments, message):
    with pytest.raises(click.UsageError) as error:
        hil_device(*command_name.split(), *arguments)

    assert message in error.value.format_message()


def test_more_devices_than_unit_ids_are_an_error_that_says_what_to_do():
    with pytest.raises(PlaceError, match=r"300 devices from unit id 1 on end at 300.*or give each device a port"):
        hil_device("blank", "--count", "300")


@pytest.mark.parametrize("protocol", ["tcp", "rtu-over-tcp"])
def test_a_device_takes_the_time_that_it_is_told_to(protocol):
    place = DevicePlace(protocol=f"modbus-{protocol}", latency_ns=40_000_000)
    frame = bytes.fromhex("01 03 0000 0001")
    request = b"\0\1\0\0\0\6" + frame if protocol == "tcp" else with_crc(frame)
    with (
        blank_devices(10, place) as blank,
        socket.create_connection((urlsplit(blank.url).hostname, urlsplit(blank.url).port)) as client,
    ):
        start_s = time.monotonic()
        client.sendall(request)
        answer = client.recv(100)
        took_s = time.monotonic() - start_s

    assert bytes.fromhex("03 02 0000") in answer
    assert took_s >= 0.04


MISTAKEN = """format = 1
[twin]
component = "energy_metre"
[[register]]
tag = "A"
reference = 40001
type = "int17"
[[register]]
tag = "B"
reference = 40002
type = "int16"
"""


def test_the_mistakes_of_all_files_and_of_their_twins_come_in_one_round(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.toml").write_text(MISTAKEN)
    (tmp_path / "b.csv").write_text("tag,reference,type\nX,40001,float23\n")

    with pytest.raises(DescriptionError) as error:
        hil_device("run", "a.toml", "b.csv", "c.toml")

    places = [(found.span.file, found.span.line, found.span.column) for found in error.value.diagnostics]
    assert places == [("a.toml", 3, 13), ("a.toml", 7, 8), ("a.toml", 9, 7), ("b.csv", 2, 9), ("c.toml", 0, 0)]


SIM_DEVICES = """from types import SimpleNamespace

words = SimpleNamespace(address=0, count=1, values=[1, 2], readonly=False, datatype=SimpleNamespace(name="REGISTERS"))
METER = SimpleNamespace(id=9, simdata=[words])
"""


def test_an_imported_device_runs_at_its_own_unit_id(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sim.py").write_text(SIM_DEVICES)

    lines = hil_device("run", "ups", "sim.py:METER", "--time", "virtual", "--for", "1 s").output.splitlines()
    alone = hil_device("run", "sim.py:METER", "--unit", "4", "--time", "virtual", "--for", "1 s").output.splitlines()

    assert [line.split()[1].rpartition("/")[2] for line in lines[:2]] == ["1", "9"]
    assert "/4; control" in alone[0]
