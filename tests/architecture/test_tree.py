"""The tree as committed: no paths of a machine, no leftovers, commands of the README that exist."""

import re

import pytest

from hil.cli.commands import COMMANDS

TEXT_SUFFIXES = {".py", ".st", ".toml", ".md", ".c", ".h", ".csv", ".json", ".txt", ".html", ".js", ".css", ""}
MACHINE_PATHS = re.compile(r"(?<![\w.])/(?:home|root|Users|work|mnt|workspace)/[\w.-]+|[A-Z]:\\Users\\")
LEFTOVERS = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X)\b|raise NotImplemented" r"Error")
BARE_IGNORES = re.compile(r"#\s*(?:type:\s*ignore(?!\[)|noqa(?!:))")
FOLDERS_WITH_README = ("emulators", "hil", "fixtures", "rigs", "tests")
HIL_COMMAND = re.compile(r"^\s*(?:\$ )?(?:python -m pip install \. && )?hil ([a-z]+)", re.MULTILINE)


@pytest.fixture(scope="module")
def texts(root, tracked_files):
    """Text of every tracked text file by its path."""
    names = [path for path in tracked_files if path.suffix in TEXT_SUFFIXES and path.name != "LICENSE"]
    return {path.as_posix(): (root / path).read_text(encoding="utf-8") for path in names}


@pytest.mark.parametrize("pattern", [MACHINE_PATHS, LEFTOVERS], ids=["paths of a machine", "leftovers"])
def test_no_file_holds(texts, pattern):
    found = [f"{name}: {match[0]}" for name, text in texts.items() for match in pattern.finditer(text)]

    assert found == []


def test_every_suppression_names_its_code(texts):
    found = [name for name, text in texts.items() if name.endswith(".py") and BARE_IGNORES.search(text)]

    assert found == []


@pytest.mark.parametrize("folder", FOLDERS_WITH_README)
def test_every_top_folder_opens_with_a_readme(root, folder):
    assert (root / folder / "README.md").is_file()


def test_every_command_in_the_readme_exists(root):
    known = {row.name for row in COMMANDS}
    text = (root / "README.md").read_text(encoding="utf-8")

    assert set(HIL_COMMAND.findall(text)) - known == set()
