"""What the READMEs say runs as it is printed: tests, rigs and commands, for somebody in an empty folder."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from hil.cli.main import hil

ROOT = Path(__file__).parents[2]
DEVICES = ROOT / "fixtures" / "devices" / "README.md"


def blocks(readme: Path, language: str) -> list[str]:
    text = readme.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def test_the_first_test_of_the_readme_passes(pytester: pytest.Pytester) -> None:
    (module,) = blocks(ROOT / "README.md", "python")
    pytester.makepyfile(test_first=module)

    result = pytester.runpytest_subprocess("--hil-scenarios=10", "-p", "no:cacheprovider")

    result.assert_outcomes(passed=2)


def write_hall() -> None:
    """Write the rig of the device README and its register map."""
    (rig,) = blocks(DEVICES, "toml")
    Path("hall.toml").write_text(rig)
    Path("meter.toml").write_text((DEVICES.parent / "energy_meter.toml").read_text())


def test_the_tests_of_the_device_readme_pass(pytester: pytest.Pytester) -> None:
    write_hall()
    client, scenario = blocks(DEVICES, "python")
    pytester.makepyfile(test_client=client, test_scenario=scenario)

    result = pytester.runpytest_subprocess("--hil-scenarios=10", "-p", "no:cacheprovider")

    result.assert_outcomes(passed=2)


def test_the_rig_of_the_device_readme_has_no_mistake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_hall()

    assert CliRunner().invoke(hil, ["check", "hall.toml"]).output == "1 file checked: no findings\n"


def printed_commands() -> Iterator[str]:
    for readme in (ROOT / "README.md", *ROOT.glob("*/README.md"), DEVICES):
        for block in blocks(readme, "sh"):
            yield from (line for line in block.splitlines() if line.startswith("hil "))


@pytest.mark.parametrize("line", sorted(set(printed_commands())))
def test_a_printed_command_exists_with_its_options(line: str) -> None:
    command: click.Command = hil
    words = shlex.split(line)[1:]
    while isinstance(command, click.Group):
        found = command.get_command(click.Context(command), words.pop(0))
        assert found is not None
        command = found
    known = {option for parameter in command.params for option in parameter.opts + parameter.secondary_opts}

    assert {word for word in words if word.startswith("--")} <= known
