"""The command ``hil``: overview, exit codes, errors as text."""

import subprocess
import sys
from types import SimpleNamespace

import click
import pytest

from emulators.errors import DescriptionError, Diagnostic, InternalError, LinkError, SourceSpan
from hil.cli import commands, lazy_group, main

HEAVY = ("numpy", "rich", "asyncua", "pymodbus", "hypothesis", "pytest", "cffi", "emulators.description", "pydantic")


@pytest.fixture
def run(capsys):
    def run(*arguments):
        code = main.main(arguments)
        captured = capsys.readouterr()
        return SimpleNamespace(code=code, out=captured.out, err=captured.err)

    return run


@pytest.fixture
def raising(monkeypatch):
    """Make ``hil check`` raise the given error."""

    def raising(error):
        @click.command("check")
        def command():
            raise error

        monkeypatch.setattr(lazy_group, "import_module", lambda _name: SimpleNamespace(command=command))

    return raising


@pytest.mark.parametrize("row", commands.COMMANDS, ids=lambda row: row.name)
def test_every_command_of_the_table_can_be_imported_and_explains_itself(run, row):
    shown = run(row.name, "--help")

    assert shown.code == 0
    assert shown.out.startswith(f"Usage: hil {row.name}")


@pytest.mark.parametrize("row", commands.COMMANDS, ids=lambda row: row.name)
def test_the_overview_has_the_summary_of_every_command(run, row):
    words = " ".join(run("--help").out.split())

    assert f"{row.name} {row.summary}" in words


def test_the_overview_imports_nothing_heavy():
    code = f"""
import sys
from hil.cli.main import main
code = main(["--help"])
print([name for name in {HEAVY!r} if name in sys.modules], code)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)

    assert done.stdout.splitlines()[-1] == "[] 0"


def test_no_arguments_show_the_overview_and_are_wrong_usage(run):
    shown = run()

    assert shown.code == 2
    assert "Commands:" in shown.err


def test_version_is_that_of_the_distribution(run):
    shown = run("--version")

    assert shown.code == 0
    assert shown.out.startswith("hil 0.")


def test_an_unknown_command_is_wrong_usage_with_a_suggestion(run):
    shown = run("chekc")

    assert shown.code == 2
    assert "there is no command 'chekc'; did you mean 'check'?" in shown.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["modbus", "raed"], "there is no command 'raed'; did you mean 'read'?"),
        (["modbus", "xyz"], "there is no command 'xyz'; 'hil modbus --help' lists the commands"),
    ],
)
def test_a_mistyped_subcommand_is_told_with_the_one_that_was_meant(run, arguments, said):
    shown = run(*arguments)

    assert shown.code == 2
    assert said in shown.err


def test_an_unknown_option_is_wrong_usage(run):
    assert run("check", "--nope").code == 2


@pytest.mark.parametrize(
    "error",
    [
        LinkError("modbus 127.0.0.1:502: no answer within 1.0 s; check the address"),
        DescriptionError([Diagnostic(SourceSpan("f.toml", 1, 2), "", "wrong", "mend it")]),
    ],
)
def test_an_error_that_the_user_can_act_on_is_its_text_alone(run, raising, error):
    raising(error)

    shown = run("check")

    assert (shown.code, shown.out, shown.err) == (1, "", f"{error}\n")


def test_an_unexpected_exception_asks_for_a_report_without_a_traceback(run, raising):
    raising(ZeroDivisionError("division by zero"))

    shown = run("check")

    assert shown.code == 3
    assert shown.err.startswith("hil: internal error: ZeroDivisionError: division by zero (hil/cli/main.py:")
    assert "please report it" in shown.err
    assert "Traceback" not in shown.err


def test_an_internal_error_asks_for_a_report_with_its_text(run, raising):
    raising(InternalError("layout of T-101 differs"))

    assert run("check").err.startswith("hil: internal error: layout of T-101 differs\n")


def test_the_traceback_is_shown_when_asked_for(run, raising):
    raising(ZeroDivisionError("division by zero"))

    assert "Traceback (most recent call last)" in run("--traceback", "check").err


def test_an_interrupt_ends_with_130_and_one_line(run, raising):
    raising(KeyboardInterrupt())

    shown = run("check")

    assert shown.code == 130
    assert shown.err.strip() == "hil: interrupted"


def test_a_reader_that_leaves_early_gets_no_traceback():
    code = "from hil.cli.main import main; import sys; sys.exit(main(['--help']))"
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.close()

    with process.stderr:
        errors = process.stderr.read()
    process.wait(timeout=60)

    assert errors == b""


def test_a_full_disk_is_not_our_mistake():
    script = "import sys; from hil.cli.main import main; sys.exit(main(['device', 'list']))"
    with open("/dev/full", "w") as full:
        result = subprocess.run(
            [sys.executable, "-c", script], stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=60
        )

    assert (result.returncode, result.stderr) == (1, "hil: no space left for the output\n")


def test_hil_runs_as_a_module_where_the_command_is_not_on_the_path():
    done = subprocess.run([sys.executable, "-m", "hil", "nonsense"], capture_output=True, text=True, timeout=60)

    assert (done.returncode, "there is no command 'nonsense'" in done.stderr) == (2, True)
