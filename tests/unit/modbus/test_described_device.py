"""A device answers what its register map says besides registers."""

from __future__ import annotations

from pathlib import Path

import pytest

from emulators.description.register_map_reader import load_register_map
from emulators.errors import DescriptionError
from emulators.modbus.described_device import described_device
from emulators.modbus.device import ModbusDevice
from emulators.modbus.memory import UnitMemory

MAP = """format = 1
[[register]]
tag = "X"
reference = 40001
type = "uint16"
initial = 1
[identity]
vendor_name = "Maker"
server_id = "S"
[files]
4 = [258, 65535]
[queues]
1246 = [440, 4740]
[functions]
65 = "functions.py:answer"
"""
FUNCTIONS = """
def answer(device, request):
    return request[:1] + device.memory.holding_registers.read(0, 1) + request[1:]
"""


def device_of(folder: Path, functions: str) -> ModbusDevice:
    (folder / "map.toml").write_text(MAP)
    (folder / "functions.py").write_text(functions)
    memory = UnitMemory.of_size(2)
    memory.holding_registers.cells[:2] = b"\x12\x34"
    return described_device(load_register_map(folder / "map.toml"), memory)


def test_files_queues_functions_and_identity_are_those_of_the_map(tmp_path: Path) -> None:
    device = device_of(tmp_path, FUNCTIONS)

    asked = ["14 07 06 0004 0000 0002", "18 04DE", "41 AA", "11", "2B 0E 04 00", "42"]
    answers = [device.pdu(bytes.fromhex(request)).hex(" ").upper() for request in asked]

    assert answers == [
        "14 06 05 06 01 02 FF FF",
        "18 00 06 00 02 01 B8 12 84",
        "41 12 34 AA",
        "11 02 53 FF",
        "2B 0E 04 81 00 00 01 00 05 4D 61 6B 65 72",
        "C2 01",
    ]


def test_function_that_is_not_there_is_told_with_its_place_in_the_map(tmp_path: Path) -> None:
    with pytest.raises(DescriptionError, match=r"map\.toml:15:6: no function 'functions\.py:answer'"):
        device_of(tmp_path, "")
