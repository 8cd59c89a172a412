"""Faults of wires under pytest: what has failed is stored with them and fails again in the same way."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from hil.cli.main import main
from hil.scenario.timeline_file import FailureRecord
from hil.scenario.timeline_reader import parse_timeline_file

LINKED = """
import hil
import pytest
from hil import faults, press

pytestmark = pytest.mark.rig("fan_drive")

rough = hil.scenario("20 s", operator=[press("START", every=("2 s", "5 s"))]).with_faults(
    faults.wire("VFD-401", "no_response", lasting=("3 s", "10 s")), at_most=1
)

@hil.given(rough, scenarios=20)
def test_the_drive_is_always_reached(run):
    run.always(run["VFD-401.age_s"] < 2.0)

def test_step_by_step(bench):
    bench.wire("VFD-401").inject("corrupt", values="random", probability=0.3, function=4)
    bench.wire("VFD-401").inject("no_response", count=2, from_="2 s")
    bench.advance("5 s")
    with open("seen.txt", "a") as file:
        print(bench.recorded()["SI-401"].tolist(), file=file)
        print(bench.wire("VFD-401").injections, file=file)
    assert bench["VFD-401.requests"].value == 0
"""

SERVED = """
import socket
import pytest

pytestmark = pytest.mark.rig("served.toml", endpoints=True)

def test_a_client(bench):
    wire, place = bench.wire("plc"), bench.endpoint("plc")
    wire.inject("exception", probability=0.4)
    wire.inject("corrupt", values="random", probability=0.5)
    answers = []
    with socket.create_connection((place.host, place.port), timeout=60) as client:
        for number in range(20):
            client.sendall(bytes((0, number, 0, 0, 0, 6, 1, 4, 0, 0, 0, 2)))
            answers.append(client.recv(100).hex())
    with open("seen.txt", "a") as file:
        print(answers, file=file)
        print([(each.exchange, each.rule) for each in wire.injections], file=file)
    assert not wire.injections
"""

RIG = """format = 1
name = "served"
step = "10 ms"
[controllers.PLC1]
language = "st"
sources = "plc.st"
[tags.N]
signal = "PLC1.n"
[[endpoints]]
name = "plc"
protocol = "modbus-tcp"
controller = "PLC1"
map = "map.toml"
"""
PROGRAM = "PROGRAM Main VAR n : DINT := 123456; END_VAR n := n; END_PROGRAM"
MAP = 'format = 1\nregister = [{ tag = "N", reference = 30001, type = "int32" }]\n'


def stored(project: pytest.Pytester) -> Path:
    """Return the one failure file."""
    (file,) = (project.path / ".hil" / "failures").glob("*.json")
    return file


def record_of(file: Path) -> FailureRecord:
    record = parse_timeline_file(file.read_text("utf-8"), str(file))[1]
    assert record is not None
    return record


def seen(project: pytest.Pytester) -> list[str]:
    return (project.path / "seen.txt").read_text("utf-8").splitlines()


def replay(project: pytest.Pytester, file: Path) -> pytest.RunResult:
    return project.runpytest("--hil-replay", str(file.relative_to(project.path)))


def test_a_scenario_with_a_fault_of_a_wire_is_stored_and_fails_again(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(LINKED)
    pytester.runpytest("-k", "always_reached").assert_outcomes(failed=1, deselected=1)
    file = stored(pytester)

    result = replay(pytester, file)

    result.assert_outcomes(failed=1, deselected=1)
    result.stdout.fnmatch_lines(["*VFD-401 no response*"])
    targets = [event["target"] for event in json.loads(file.read_text("utf-8"))["events"]]
    assert targets == ["VFD-401.no_response"]
    assert record_of(file).injections == (), "they follow from the timeline"


def test_the_report_tells_what_happened_on_the_wire(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(LINKED)

    pytester.runpytest("-k", "always_reached", "--hil-report", "report")

    page = (pytester.path / "report" / "index.html").read_text("utf-8")
    assert re.search(r"VFD-401: no response, \d+ exchanges</td><td class=soft>happened on a wire", page)
    assert "VFD-401.injections" in page


def test_a_step_by_step_test_is_stored_with_what_happened_on_its_wires(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(LINKED)
    result = pytester.runpytest("-k", "test_step_by_step")
    result.assert_outcomes(failed=1, deselected=1)
    result.stdout.fnmatch_lines(["replay: pytest --hil-replay .hil/failures/*.json"])
    file = stored(pytester)

    replay(pytester, file).assert_outcomes(failed=1, deselected=1)

    first, first_injections, again, again_injections = seen(pytester)
    assert (first, first_injections) == (again, again_injections)
    rules = [each.rule.partition(" ")[0] for each in record_of(file).injections]
    assert rules.count("no_response") == 2
    assert rules.count("corrupt") > 2
    assert stored(pytester) == file, "a replay stores nothing"


def test_a_replay_lets_the_same_exchanges_fail_whatever_the_rules_say(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(LINKED)
    pytester.runpytest("-k", "test_step_by_step")
    pytester.makepyfile(LINKED.replace("probability=0.3", "probability=1.0").replace("count=2", "count=9"))

    replay(pytester, stored(pytester)).assert_outcomes(failed=1, deselected=1)

    first, first_injections, again, again_injections = seen(pytester)
    assert (first, first_injections) == (again, again_injections)


def test_faults_of_a_served_wire_happen_again_to_a_client(pytester: pytest.Pytester) -> None:
    for name, text in {"served.toml": RIG, "plc.st": PROGRAM, "map.toml": MAP}.items():
        (pytester.path / name).write_text(text, encoding="utf-8")
    pytester.makepyfile(SERVED)
    pytester.runpytest().assert_outcomes(failed=1)
    pytester.makepyfile(SERVED.replace("probability=0.4", "probability=0.9"))

    replay(pytester, stored(pytester)).assert_outcomes(failed=1)

    first, first_injections, again, again_injections = seen(pytester)
    assert first_injections == again_injections != "[]"
    assert first == again


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('"number": 1', '"numbr": 1', "unknown key 'numbr'"),
        ('"rule": "corrupt', '"rule": "corupt', "did you mean 'corrupt'"),
    ],
)
def test_a_mistake_in_an_injection_is_reported_with_its_line(
    pytester: pytest.Pytester, old: str, new: str, says: str
) -> None:
    pytester.makepyfile(LINKED)
    pytester.runpytest("-k", "test_step_by_step")
    file = stored(pytester)
    file.write_text(file.read_text("utf-8").replace(old, new, 1), encoding="utf-8")

    result = replay(pytester, file)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*.json:*{says}*"])


def test_a_timeline_that_the_bench_cannot_play_is_told_of_with_all_its_mistakes(
    pytester: pytest.Pytester, capsys: pytest.CaptureFixture[str]
) -> None:
    pytester.makepyfile(LINKED)
    values = [("VFD-401.delay", '"80ms functio=3"'), ("VFD-401.reset", "true"), ("VFD-4.busy", "true")]
    events = [
        f'{{"time_ns": {1_000_000_000 * number}, "operation": "fault", "target": "{target}", "value": {value}}}'
        for number, (target, value) in enumerate(values, start=1)
    ]
    file = pytester.path / "hand.json"
    file.write_text(f'{{"format": 1, "seed": 1, "duration_ns": 5000000000, "events": [{", ".join(events)}]}}')

    result = replay(pytester, file)
    capsys.readouterr()
    code = main(["simulate", "fan_drive", "--scenario", str(file)])

    said = [
        "hand.json:1:1: event at 00:01.0: VFD-401.delay: fault delay has no option 'functio'; did you mean 'function'?",
        "hand.json:1:1: event at 00:02.0: VFD-401 has no fault 'reset'; wires of other protocols have it; *",
        "hand.json:1:1: event at 00:03.0: *VFD-4.busy*",
    ]
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(said)
    assert code == 1
    pytest.LineMatcher(capsys.readouterr().err.splitlines()).fnmatch_lines([f"*{line}" for line in said])


def test_a_wire_that_the_bench_lacks_is_an_error_not_a_run_without_faults(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(LINKED)
    pytester.runpytest("-k", "test_step_by_step")
    file = stored(pytester)
    file.write_text(file.read_text("utf-8").replace('"endpoint": "VFD-401"', '"endpoint": "VFD-4"'), encoding="utf-8")

    result = replay(pytester, file)

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*.json*: no endpoint or link 'VFD-4' whose wire can fail; did you mean 'VFD-401'?"])
