"""``hil device``: list, run for a while, blank tables, wrong names."""

import click.testing
import pytest

from emulators.errors import DescriptionError
from hil.cli.device import command
from hil.resources import shipped_devices


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


def test_a_blank_device_says_where_it_listens():
    result = hil_device("blank", "--unit", "3", "--size", "50", "--for", "1 ms")

    assert result.output.startswith("blank device, 4 x 50 cells at modbus-tcp://127.0.0.1:")
    assert "/3; Ctrl-C stops" in result.output


def test_a_misspelt_device_is_a_finding():
    with pytest.raises(DescriptionError, match="did you mean 'energy_meter'"):
        hil_device("run", "energy_metre")


def test_a_time_without_unit_is_wrong_usage():
    with pytest.raises(click.BadParameter):
        hil_device("run", "ups", "--for", "10 parsec")
