"""One emulated device on a loopback socket for all tests of a module, and ``hil modbus`` as its users run it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from emulators.description import RegisterMapDescription
from emulators.description.register_map_reader import parse_register_map
from emulators.description.source import SourceFile
from hil.assembly.devices import running_devices
from hil.cli.main import main

METER = """format = 1
name = "meter"
half_values = "refuse"
[identity]
vendor_name = "Example"
product_code = "M1"
revision = "2.0"
[[register]]
tag = "VOLTAGE"
table = "input"
address = 0
type = "float32"
word_order = "little"
unit = "V"
initial = 230.5
[[register]]
tag = "SERIAL"
table = "input"
address = 10
type = "string[7]"
initial = "AB-1234"
[[register]]
tag = "SP"
table = "holding"
address = 0
type = "int16"
scale = 0.1
unit = "°C"
range = [0, 100]
access = "rw"
initial = 20.0
[[register]]
tag = "MODE"
table = "holding"
address = 1
type = "uint16"
access = "rw"
names = { 0 = "off", 1 = "heat", 2 = "cool" }
initial = 1
[[register]]
tag = "ENERGY"
table = "holding"
address = 4
type = "uint64"
initial = 12345678901
[[register]]
tag = "UNLOCK"
table = "holding"
address = 8
type = "uint16"
access = "w"
[[register]]
tag = "FLAG"
table = "holding"
address = 20
type = "bit"
bit = 3
access = "rw"
initial = true
[[register]]
tag = "GEAR"
table = "holding"
address = 20
type = "bits[3]"
bit = 8
access = "rw"
initial = 5
[[register]]
tag = "COUNT"
table = "holding"
address = 30
type = "int32"
access = "rw"
initial = -7
[[register]]
tag = "RUN"
table = "coil"
address = 4
access = "rw"
initial = true
[[register]]
tag = "DOOR"
table = "discrete"
address = 9
initial = true
"""


@pytest.fixture(scope="session")
def meter_map() -> RegisterMapDescription:
    return parse_register_map(SourceFile("meter.toml", METER))


@pytest.fixture(scope="session")
def meter_text() -> str:
    return METER


@pytest.fixture(scope="module")
def meter_url(meter_map: RegisterMapDescription) -> Iterator[str]:
    """Address of a running meter; its values are those of the map until a test of the module writes."""
    with running_devices([meter_map]) as device:
        yield device.url


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Run ``hil modbus`` and return exit code, output and messages."""

    def run_command(*arguments: str) -> tuple[int, str, str]:
        code = main(["modbus", *arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run_command


@pytest.fixture
def map_file(tmp_path: Path, meter_text: str) -> str:
    file = tmp_path / "meter.toml"
    file.write_text(meter_text, encoding="utf-8")
    return str(file)
