"""``hil check``: findings, exit codes, JSON."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from hil.cli.check import command

BAD = Path(__file__).parents[1] / "description" / "bad"
GOOD_MAP = 'format = 1\n[[register]]\ntag = "LEVEL"\nreference = 40001\ntype = "float32"\n'


@pytest.fixture
def check(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def check(*arguments):
        result = CliRunner().invoke(command, [str(argument) for argument in arguments], standalone_mode=False)
        if result.exception is not None:
            raise result.exception
        return result

    return check


def write(name, text):
    Path(name).write_text(text, encoding="utf-8")
    return name


def test_files_without_mistakes_end_with_0_and_print_nothing_on_standard_output(check):
    result = check(write("map.toml", GOOD_MAP), write("io.csv", "tag,signal\nA,T.x\n"))

    assert (result.return_value, result.stdout) == (0, "")
    assert result.stderr == "2 files checked: no findings\n"


def test_findings_of_several_files_are_sorted_and_end_with_1(check):
    result = check(BAD / "ten_mistakes.toml", BAD / "overlaps.toml", BAD / "io_list.csv")

    lines = result.stdout.splitlines()
    assert result.return_value == 1
    assert [Path(line.split(":")[0]).name for line in lines] == (
        ["io_list.csv"] * 10 + ["overlaps.toml"] * 4 + ["ten_mistakes.toml"] * 10
    )
    assert result.stderr == "3 files checked: 24 errors, 0 warnings\n"


def test_a_long_finding_stays_on_one_line_and_has_no_colour_when_piped(check):
    result = check(BAD / "ten_mistakes.toml")

    assert len(result.stdout.splitlines()) == 10
    assert "\x1b" not in result.stdout


def test_json_has_place_severity_and_hint(check):
    result = check("--json", BAD / "overlaps.toml")

    findings = json.loads(result.stdout)["findings"]
    first = findings[0]
    assert (len(findings), first["line"], first["column"], first["end_column"]) == (4, 12, 13, 18)
    assert (first["severity"], first["hint"]) == ("error", "move one of them")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a = 1\n", "f.toml:1:1: this is neither a rig nor a register map; a rig has [plant.NAME]"),
        ("a = \n", "f.toml:1:5: a value is missing here"),
        ('format = 1\nname = "x"\nstep = "1 ms"\n', "f.toml:1:1: the rig lacks the key plant"),
        ('format = 1\nword_order = "big"\n', "f.toml:1:1: the register map lacks the key register"),
    ],
)
def test_a_toml_file_is_told_by_its_content(check, text, expected):
    result = check(write("f.toml", text))

    assert result.return_value == 1
    assert result.stdout.startswith(expected)


def test_a_timeline_is_checked_too(check):
    result = check(write("f.json", "[]"))

    assert result.return_value == 1
    assert result.stdout.startswith("f.json:1:1: ")


def test_a_kind_that_nobody_knows_is_wrong_usage(check):
    with pytest.raises(Exception, match=r"cannot check 'f\.docx': known are"):
        check(write("f.docx", ""))


def test_a_file_that_is_not_there_is_wrong_usage(check):
    with pytest.raises(Exception, match=r"'none\.toml' does not exist"):
        check("none.toml")
