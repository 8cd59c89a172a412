"""``hil new``: the files of a project, names, refusals."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from emulators.description import load_rig
from hil.cli.new import command

FILES = [
    ".gitignore",
    "README.md",
    "control.st",
    "pytest.ini",
    "register_map.toml",
    "rig.toml",
    "tests/test_requirements.py",
]


@pytest.fixture
def new(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(command, arguments)


def test_a_project_has_program_rig_map_test_and_readme(new):
    result = new("plant-7")

    written = sorted(path.relative_to("plant-7").as_posix() for path in Path("plant-7").rglob("*") if path.is_file())
    assert (result.exit_code, written) == (0, FILES)
    assert "Next: cd plant-7 && pytest" in result.output


def test_the_rig_of_a_project_has_its_name_and_no_mistakes(new):
    new("plant-7", "--name", "filling")

    assert load_rig("plant-7/rig.toml").name == "filling"


def test_no_placeholder_is_left(new):
    new("plant-7")

    texts = [path.read_text(encoding="utf-8") for path in Path("plant-7").rglob("*") if path.is_file()]
    assert [text for text in texts if "{{" in text] == []


def test_an_empty_folder_may_be_used(new):
    Path("empty").mkdir()

    assert new("empty").exit_code == 0


def test_a_folder_with_files_is_refused_and_left_alone(new):
    Path("full").mkdir()
    Path("full/notes.txt").touch()

    result = new("full")

    assert result.exit_code == 1
    assert "full is not empty; name a new folder" in result.output
    assert [path.name for path in Path("full").iterdir()] == ["notes.txt"]


def test_a_folder_whose_name_is_no_rig_name_needs_a_name(new):
    result = new("7 tanks")

    assert result.exit_code == 2
    assert "'7 tanks' is not a name for a rig" in result.output
    assert not Path("7 tanks").exists()
