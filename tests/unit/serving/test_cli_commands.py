"""``hil read``, ``hil force`` and ``hil inject`` against a served cell without a plant."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from emulators.serving import ControlAddress, ControlServer, EventLoopThread, Pacing, ServedCell, write_ports_file
from hil.cli.main import main

DEADLINE_S = 60.0
RunHil = Callable[..., tuple[int, str]]


@pytest.fixture
def served(cell, publisher) -> Iterator[ServedCell]:
    with ServedCell(cell, publisher, pacing=Pacing.STEPPED) as served:
        yield served


@pytest.fixture
def run_hil(served: ServedCell, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[RunHil]:
    """Run ``hil`` on the served cell; return exit code and what it printed."""
    path = tmp_path / "ports.json"
    with EventLoopThread() as thread:
        server = ControlServer(served, {"cell": "counting"})
        thread.run(server.start(), deadline_s=DEADLINE_S)
        write_ports_file(path, [], ControlAddress(server.url, server.token))

        def run(*arguments: str) -> tuple[int, str]:
            code = main([arguments[0], *arguments[1:], "--ports-file", str(path)])
            captured = capsys.readouterr()
            return code, captured.out + captured.err

        yield run
        served.stop()
        thread.run(server.stop(), deadline_s=DEADLINE_S)


def test_read_prints_name_value_and_unit(run_hil: RunHil) -> None:
    assert run_hil("read", "SP", "START") == (0, "SP     50 %\nSTART  false\n")


def test_read_without_names_prints_all_tags(run_hil: RunHil) -> None:
    code, text = run_hil("read")

    assert code == 0
    assert [line.split()[0] for line in text.splitlines()] == ["COUNT", "SP", "START"]


def test_read_as_json_is_one_object_with_the_time(run_hil: RunHil, served: ServedCell) -> None:
    served.step(2)

    code, text = run_hil("read", "COUNT", "--json")

    assert code == 0
    assert json.loads(text) == {"time_ns": 20_000_000, "values": {"COUNT": 2}}


def test_read_of_an_unknown_name_says_so(run_hil: RunHil) -> None:
    assert run_hil("read", "LEVLE") == (1, "there is no tag 'LEVLE'\n")


def test_read_every_period_ends_after_a_count_or_a_time(cell, publisher, tmp_path, capsys) -> None:
    path = tmp_path / "ports.json"
    with EventLoopThread() as thread, ServedCell(cell, publisher, pacing=Pacing.FREE) as served:
        server = ControlServer(served, {})
        thread.run(server.start(), deadline_s=DEADLINE_S)
        write_ports_file(path, [], ControlAddress(server.url, server.token))

        code = main(["read", "COUNT", "--every", "1s", "--count", "3", "--json", "--ports-file", str(path)])
        timed = main(["read", "COUNT", "--every", "1s", "--for", "2s", "--json", "--ports-file", str(path)])
        thread.run(server.stop(), deadline_s=DEADLINE_S)

    times_ns = [json.loads(line)["time_ns"] for line in capsys.readouterr().out.splitlines()]
    assert (code, timed) == (0, 0)
    assert [times_ns[1] - times_ns[0], times_ns[2] - times_ns[1]] == [1_000_000_000] * 2
    assert [time_ns - times_ns[3] for time_ns in times_ns[3:]] == [0, 1_000_000_000, 2_000_000_000]


def test_forced_value_is_listed_and_released(run_hil: RunHil, served: ServedCell) -> None:
    forced = run_hil("force", "START", "on")
    listed = run_hil("force")
    released = run_hil("force", "START", "--release")
    served.step(1)

    assert (forced, listed, released) == (
        (0, "START forced to true\n"),
        (0, "START  true\n"),
        (0, "released START\n"),
    )
    assert [event.value for event in served.tape] == [True, None]


def test_negative_number_is_a_value_not_an_option(run_hil: RunHil) -> None:
    assert run_hil("force", "SP", "-5.5") == (0, "SP forced to -5.5\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("stuck",), "after a dot: hil inject LT-101.stuck"),
        (("stuck", "true"), "after a dot: hil inject LT-101.stuck true"),
        (("stuk",), "LT-101 has no fault 'stuk'; did you mean 'stuck'?"),
        (("sideways",), "LT-101 has no fault 'sideways'; it has stuck"),
    ],
)
def test_a_value_for_a_bare_part_is_told_how_its_faults_are_written(
    run_hil: RunHil, words: tuple[str, ...], said: str
) -> None:
    code, text = run_hil("inject", "LT-101", *words)

    assert code == 2
    assert said in text


def test_injected_fault_is_listed_and_cleared(run_hil: RunHil, served: ServedCell) -> None:
    injected = run_hil("inject", "LT-101.stuck")
    listed = run_hil("inject")
    cleared = run_hil("inject", "--clear")

    assert (injected, listed, cleared) == (
        (0, "LT-101.stuck set to true\n"),
        (0, "active\n  LT-101.stuck = true\n\ncan fail\n  LT-101.stuck  bool\n"),
        (0, "cleared LT-101.stuck\n"),
    )
    assert run_hil("inject", "--clear") == (0, "no fault is active\n")


def test_size_of_a_fault_may_be_said_as_fault_equals_value(run_hil: RunHil) -> None:
    assert run_hil("inject", "LT-101.stuck=true") == (0, "LT-101.stuck set to true\n")
    assert run_hil("inject", "--clear") == (0, "cleared LT-101.stuck\n")


def test_name_of_a_part_lists_its_faults_and_sets_none(run_hil: RunHil, served: ServedCell) -> None:
    assert run_hil("inject", "LT-101") == (0, "  LT-101.stuck  bool\n")
    assert served.status().faults == {}


def test_unknown_fault_is_refused_with_the_cells_own_words(run_hil: RunHil) -> None:
    code, text = run_hil("inject", "LT-101.stuk")

    assert code == 1
    assert "did you mean 'LT-101.stuck'?" in text


USAGE_ROWS = [
    ("force", "SP"),
    ("force", "SP", "5", "--release"),
    ("force", "SP", "--relaese"),
    ("inject", "LT-101.stuck", "1", "--clear"),
    ("read", "--count", "3"),
    ("read", "--every", "soon"),
]


@pytest.mark.parametrize("arguments", USAGE_ROWS, ids=[" ".join(row) for row in USAGE_ROWS])
def test_wrong_usage_is_told_apart_from_a_refusal(run_hil: RunHil, arguments: tuple[str, ...]) -> None:
    assert run_hil(*arguments)[0] == 2


def test_command_without_a_running_cell_says_how_to_start_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)

    code = main(["read", "LEVEL"])

    assert code == 1
    assert "start a cell with 'hil run RIG --ports-file" in capsys.readouterr().err
