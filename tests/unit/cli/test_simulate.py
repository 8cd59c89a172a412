"""``hil simulate``: what it prints, how long it runs, what it refuses."""

import re

import pytest

from hil.cli.main import main
from hil.cli.new import write_project


@pytest.fixture(scope="module")
def rig(tmp_path_factory):
    folder = tmp_path_factory.mktemp("filling")
    write_project(folder, "filling")
    return str(folder / "rig.toml")


def test_the_end_of_a_run_is_a_table_of_tags(rig, capsys):
    code = main(["simulate", rig, "--for", "2s", "--executor", "tcc"])
    printed = capsys.readouterr().out

    assert code == 0
    assert re.search(r"^P-101.RUN +false", printed, re.MULTILINE)
    assert "PLC1 RUN after 200 scans" in printed
    assert "2.0 s of plant time" in printed


def test_a_part_of_a_step_is_a_whole_one(rig, capsys):
    main(["simulate", rig, "--for", "13ms", "--executor", "tcc"])

    assert "20 ms of plant time" in capsys.readouterr().out


@pytest.mark.parametrize(("duration", "words"), [("0s", "give more than 0"), ("banana", "not a duration: 'banana'")])
def test_a_wrong_duration_is_wrong_usage(rig, capsys, duration, words):
    code = main(["simulate", rig, "--for", duration])

    assert code == 2
    assert words in capsys.readouterr().err


def test_a_trace_that_cannot_be_written_is_an_error_of_the_user(rig, tmp_path, capsys):
    target = tmp_path / "nowhere" / "out.csv"

    code = main(["simulate", rig, "--for", "1s", "--executor", "tcc", "--trace", str(target)])

    assert code == 1
    assert capsys.readouterr().err == f"{target}: No such file or directory; give another file or folder\n"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("two_tank", "two_tank: there is no such rig; did you mean 'two_tanks'?\n"),
        (".", ".: this is a folder; name a rig file in it\n"),
    ],
)
def test_a_rig_that_is_none_is_told_in_one_line(capsys, name, message):
    code = main(["simulate", name])

    assert code == 1
    assert capsys.readouterr().err == message


def test_the_digest_is_the_same_with_every_executor(rig, capsys):
    for executor in ("tcc", "python"):
        main(["simulate", rig, "--for", "1s", "--sha256", "--executor", executor])
    digests = capsys.readouterr().out.split()

    assert len(digests) == 2
    assert len(set(digests)) == 1
