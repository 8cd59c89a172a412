"""``hil check``: findings, exit codes, JSON."""

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from hil.cli.check import command
from hil.resources import shipped_path, shipped_rigs

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
    with pytest.raises(click.UsageError, match=r"cannot check 'f\.docx': known are"):
        check(write("f.docx", ""))


def test_a_file_that_is_not_there_is_wrong_usage(check):
    with pytest.raises(click.UsageError, match=r"there is neither a file nor a rig 'none\.toml'"):
        check("none.toml")
    with pytest.raises(click.UsageError, match=r"there is no file 'none\.st'"):
        check("none.st")


def test_a_folder_is_wrong_usage(check, tmp_path):
    with pytest.raises(click.UsageError, match="is a folder; name the files in it"):
        check(tmp_path)


def test_a_shipped_rig_is_checked_by_its_name(check):
    assert check("two_tanks").return_value == 0


def test_a_misspelt_rig_gets_a_suggestion(check):
    with pytest.raises(click.UsageError, match="did you mean 'two_tanks'"):
        check("two_tnaks")


PROGRAM = "PROGRAM P\nVAR x : INT; END_VAR\n  x := 1.5;\nEND_PROGRAM\n"
RIG = """\
format = 1
name = "r"
step = "10 ms"
[controllers.PLC1]
language = "st"
sources = ["a.st", "b.st"]
"""
BLOCK = (
    "FUNCTION_BLOCK Twice\nVAR_INPUT x : INT; END_VAR\nVAR_OUTPUT y : INT; END_VAR\n  y := 2 * x;\nEND_FUNCTION_BLOCK\n"
)
USER = "PROGRAM Main\nVAR twice : Twice; END_VAR\n  twice(x := 3);\nEND_PROGRAM\n"


def test_a_finding_in_a_program_has_its_code(check):
    result = check(write("p.st", PROGRAM))

    assert result.return_value == 1
    assert result.stdout.startswith("p.st:3:8: ST3004 cannot assign")


def test_several_programs_are_one_project_unless_each_is_asked_for(check):
    files = (write("a.st", BLOCK), write("b.st", USER))

    together, apart = check(*files), check("--each", *files)

    assert together.return_value == 0
    assert apart.return_value == 1
    assert apart.stdout.startswith("b.st:2:")


def test_the_programs_of_a_rig_are_checked_together_with_it(check):
    write("a.st", BLOCK)
    write("b.st", USER.replace("x := 3", "x := 1.5"))

    result = check(write("rig.toml", RIG))

    assert result.return_value == 1
    assert result.stdout.startswith("b.st:3:14: ST")


def test_a_program_that_is_not_text_is_a_finding(check):
    Path("p.st").write_bytes(b"PROGRAM \xff")

    result = check("p.st")

    assert result.stdout == "p.st:1:9: byte 0xFF is not UTF-8 text; save the file as UTF-8\n"


DEEP = """\
FUNCTION inner : INT
VAR big : ARRAY[1..300000] OF INT; END_VAR
  inner := big[1];
END_FUNCTION
FUNCTION outer : INT
VAR big : ARRAY[1..300000] OF INT; END_VAR
  outer := big[1] + inner();
END_FUNCTION
FUNCTION outermost : INT
  outermost := outer();
END_FUNCTION
FUNCTION huge : INT
VAR big : ARRAY[1..3000000] OF INT; END_VAR
  huge := big[1];
END_FUNCTION
PROGRAM Main
VAR x : INT; END_VAR
  x := outermost() + huge();
END_PROGRAM
"""


@pytest.mark.parametrize("names", [("p.st",), ("rig.toml",), ("rig.toml", "p.st")], ids=" ".join)
def test_functions_that_need_too_much_stack_are_found_once_each(check, names):
    write("p.st", DEEP)
    write("rig.toml", RIG.replace('["a.st", "b.st"]', '"p.st"'))

    lines = check(*names).stdout.splitlines()

    assert [line.partition(" local")[0] for line in lines] == ["p.st:5:10: NB1001", "p.st:12:10: NB1001"]


FITTING = """\
format = 1
name = "r"
step = "10 ms"
[plant.T-1]
component = "tank"
aera_m2 = 0.5
[plant.P-1]
component = "pmup"
[controllers.PLC1]
language = "st"
sources = "p.st"
[controllers.PLC1.inputs]
LEVLE = "T-1.level_m"
OTHER = "T-1.leval_m"
[controllers.PLC1.outputs]
P-1.run_command = "RUN"
[tags.A]
signal = "T-1.level_pc"
[tags.B]
signal = "PLC1.RUNN"
[tags.C]
signal = "P-1.flow"
"""
FITTING_PROGRAM = "PROGRAM P\nVAR LEVEL, OTHER : LREAL; RUN : BOOL; END_VAR\n  RUN := LEVEL < OTHER;\nEND_PROGRAM\n"
FITTING_FINDINGS = """\
rig.toml:6:1: 'T-1.aera_m2': component has no such parameter; did you mean 'area_m2'?
rig.toml:8:13: 'P-1': there is no component 'pmup'; did you mean 'pump'?
rig.toml:13:1: T-1.level_m -> PLC1.LEVLE: no variable 'LEVLE' in the program; did you mean 'LEVEL'?
rig.toml:14:9: T-1.leval_m -> PLC1.OTHER: the plant has no output or state 'T-1.leval_m'; did you mean 'level_m'?
rig.toml:18:10: tag A: there is no signal 'T-1.level_pc'; did you mean 'T-1.level_pct'?
rig.toml:20:10: tag B: there is no signal 'PLC1.RUNN'; did you mean 'PLC1.RUN'?
"""


def test_how_a_rig_and_its_programs_fit_together_is_checked_at_once(check):
    write("p.st", FITTING_PROGRAM)

    result = check(write("rig.toml", FITTING))

    assert result.stdout == FITTING_FINDINGS


@pytest.mark.parametrize("name", shipped_rigs())
def test_the_shipped_rigs_have_no_errors(check, name):
    result = check(shipped_path(f"rigs/{name}.toml"))

    assert result.return_value == 0


def test_the_type_of_a_tag_is_that_of_its_signal(check):
    write("p.st", FITTING_PROGRAM)
    rig = RIG.replace('["a.st", "b.st"]', '"p.st"') + '[tags.D]\nsignal = "PLC1.RUN"\ntype = "INT"\n'

    result = check(write("rig.toml", rig))

    assert "rig.toml:7:7: tag D is INT, but PLC1.P.RUN is BOOL; drop type, or convert in the program\n" in result.stdout


def test_a_csv_with_places_is_checked_as_a_register_map(check):
    good = check(write("map.csv", "tag,reference,type\nLEVEL,40001,float32\n"))
    bad = check(write("bad.csv", "tag,reference,type\nLEVEL,40001,float31\n"))

    assert (good.return_value, bad.return_value) == (0, 1)
    assert "did you mean 'float32'" in bad.output


def test_function_of_a_device_that_is_not_there_is_found_beside_other_mistakes(check):
    lines = (
        'format = 1\n[[register]]\ntag = "X"\nreference = 40001\ntype = "int16"\n'
        'behaviour = { kind = "mirror", of = "Y" }\n[functions]\n65 = "no.py:answer"\n'
    )

    result = check(write("map.toml", lines))

    assert result.return_value == 1
    assert "X follows 'Y', which is not there" in result.stdout
    assert "map.toml:8:6: no function 'no.py:answer'" in result.stdout


def test_a_scale_of_0_is_one_finding_and_the_check_goes_on(check):
    lines = 'format = 1\n[[register]]\ntag = "X"\nreference = 40001\ntype = "int16"\ninitial = 1\nscale = 0\nscal = 1\n'

    result = check(write("map.toml", lines))

    assert result.return_value == 1
    assert "map.toml:7:1: register 'X': scale is 0; write how much one count is" in result.stdout
    assert "map.toml:8:1: unknown key 'scal'" in result.stdout
