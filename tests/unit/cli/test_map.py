"""``hil map``: every format says the same, CSV reads back."""

import re

import click.testing
import pytest

from emulators.description import load_register_map
from emulators.description.register_map_writer import map_as_toml
from emulators.errors import DescriptionError
from hil.cli.map import command

MAP = """format = 1
name = "meter"
description = "A meter <A|B>"
[[register]]
tag = "VOLTAGE"
reference = 30001
type = "float32"
word_order = "little"
unit = "V"
range = [0, 300]
initial = 230.0
[[register]]
tag = "MODE"
table = "holding"
address = 4
type = "bits[2]"
bit = 3
access = "rw"
names = { 0 = "off", 1 = "on" }
initial = 1
[[register]]
tag = "POWER"
table = "holding"
address = 5
type = "int16"
scale = 0.1
behaviour = { kind = "sine", low = 0, high = 10, period = "1 min" }
[[register]]
tag = "RUN"
reference = "00001"
access = "rw"
initial = true
description = "a|b"
"""


@pytest.fixture
def run_map(tmp_path):
    path = tmp_path / "meter.toml"
    path.write_text(MAP)

    def run_map(*arguments):
        return click.testing.CliRunner().invoke(command, [str(path), *arguments], catch_exceptions=False).output

    return run_map


def test_the_table_shows_place_type_access_and_who_moves_the_value(run_map):
    lines = [line.split() for line in run_map().splitlines()]

    assert lines[2][:5] == ["00001", "0", "coil", "RUN", "bool"]
    assert lines[3][:8] == ["30001", "0..1", "input", "VOLTAGE", "float32", "(low", "word", "first)"]
    assert "40005 4 bit 3..4 holding MODE bits[2] rw" in " ".join(lines[4])
    assert "register × 0.1 sine" in " ".join(lines[5])


def test_markdown_escapes_bars_and_marks(run_map):
    document = run_map("--format", "md")

    assert "a\\|b |" in document
    assert "A meter &lt;A\\|B>" in document


def test_html_escapes_marks(run_map):
    page = run_map("--format", "html")

    assert "A meter &lt;A|B&gt;" in page
    assert page.count("<tr") == 3 + 4
    assert "<li><b>0</b> off</li><li><b>1</b> on</li>" in page


def test_the_page_asks_nothing_of_other_servers(run_map):
    page = run_map("--format", "html")

    assert not re.search(r"https?:|src=|url\(|@import", page)


def test_csv_and_toml_read_back_as_the_same_map(run_map, tmp_path):
    (tmp_path / "copy.csv").write_text(run_map("--format", "csv"))
    (tmp_path / "copy.toml").write_text(run_map("--format", "toml"))

    maps = [load_register_map(tmp_path / name) for name in ("copy.csv", "copy.toml", "meter.toml")]

    assert map_as_toml(maps[0]) == map_as_toml(maps[1]) == map_as_toml(maps[2])


def test_csv_says_what_it_loses(tmp_path):
    path = tmp_path / "odd.toml"
    path.write_text('format = 1\nregister = [{ tag = "#!X", table = "coil", address = 0, initial = true }]\n')

    result = click.testing.CliRunner().invoke(command, [str(path), "--format", "csv"])

    assert "CSV cannot say everything of" in result.stderr


def test_a_shipped_map_has_a_name(run_map):
    output = click.testing.CliRunner().invoke(command, ["two_tanks"], catch_exceptions=False).output

    assert "LIC-101.SP" in output


def test_an_unknown_name_is_a_finding():
    with pytest.raises(DescriptionError, match="did you mean 'two_tanks'"):
        click.testing.CliRunner().invoke(command, ["two_tank"], catch_exceptions=False)


def test_a_sim_device_of_a_python_file_becomes_a_map(tmp_path):
    (tmp_path / "own.py").write_text(
        "from pymodbus.simulator import DataType, SimData, SimDevice\n"
        "METER = SimDevice(id=1, simdata=[SimData(7, values=5, datatype=DataType.UINT16)])\n"
    )

    output = (
        click.testing.CliRunner()
        .invoke(command, [f"{tmp_path}/own.py:METER", "--format", "csv"], catch_exceptions=False)
        .output
    )

    assert "tag,table,type,access,address,initial\nR7,holding,uint16,rw,7,5\n" in output


def test_a_python_file_that_fails_is_a_finding(tmp_path):
    (tmp_path / "own.py").write_text("1 / 0\n")

    with pytest.raises(DescriptionError, match="cannot be imported: ZeroDivisionError"):
        click.testing.CliRunner().invoke(command, [f"{tmp_path}/own.py:METER"], catch_exceptions=False)


def test_the_unit_id_of_a_map_stands_in_every_format(tmp_path):
    path = tmp_path / "unit.toml"
    path.write_text(MAP.replace("format = 1\n", "format = 1\nunit_id = 42\n"))

    printed = {
        form: click.testing.CliRunner().invoke(command, [str(path), "--format", form], catch_exceptions=False).output
        for form in ("table", "md", "html", "csv", "toml")
    }

    written = {"table": "unit id 42", "md": "- unit id: 42", "html": "<dt>unit id</dt><dd>42</dd>"}
    written |= {"csv": "#! unit_id = 42\n", "toml": "\nunit_id = 42\n"}
    assert [form for form, text in written.items() if text not in printed[form]] == []


def test_the_page_says_what_means_no_value_and_which_functions_there_are(tmp_path):
    path = tmp_path / "meter.toml"
    row = 'tag = "I"\nreference = 40001\ntype = "int16"\nno_value = 0x8000\ninitial = nan\n'
    path.write_text(f"format = 1\n[requests]\nfunctions = [3, 6]\nmax_registers = 20\n[[register]]\n{row}")

    page = click.testing.CliRunner().invoke(command, [str(path), "--format", "html"], catch_exceptions=False).output

    said = ["0x8000 is no value", "constant no value", "functions 3, 6<", "<dd>3, 6</dd>", "<dd>at most 20</dd>"]
    assert [text for text in said if text not in page] == []
