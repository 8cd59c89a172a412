"""Wires of a running cell: switched from the rig file, a test and a command, recorded on the tape."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner

from emulators.cell import TargetError
from emulators.cell.tape import Operation, TapeEvent
from emulators.description import load_rig
from emulators.errors import DescriptionError
from emulators.modbus.faults.described import described_rules
from emulators.modbus.faults.kinds import FAULTS
from emulators.modbus.faults.rule import RuleError
from emulators.serving import ControlClient, ControlRefusal, Pacing, write_ports_file
from hil.assembly.serving import RunningCell, running_cell
from hil.cli.inject import command as inject_command
from hil.errors import UnknownNameError
from hil.resources import resolve_rig

DEADLINE_S = 60.0
READ_ONE = bytes.fromhex("0001 0000 0006 01 03 0000 0001")
FAULTS_OF_THE_WIRE = """
[[endpoints.faults]]
fault = "exception"
code = "server_device_busy"
unit = 1
function = [4, 3]
address = "0..9"
count = 2
"""


@pytest.fixture(scope="module")
def cell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCell]:
    ports_file = tmp_path_factory.mktemp("cell") / "ports.json"
    with running_cell("two_tanks", pacing=Pacing.STEPPED, ports_file=ports_file) as running:
        yield running


@pytest.fixture(autouse=True)
def healthy_wire(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "cell" in request.fixturenames:
        running: RunningCell = request.getfixturevalue("cell")
        running.wire("plc1-modbus").clear()
        running.served.step(1)


def ask(running: RunningCell, *, wait_s: float = DEADLINE_S) -> bytes:
    """Return function and first byte of the answer to a read, nothing when the wire stays silent or ends."""
    url = urlsplit(next(each.url for each in running.endpoints if each.name == "plc1-modbus"))
    try:
        with socket.create_connection((url.hostname or "", url.port or 0), timeout=wait_s) as client:
            client.sendall(READ_ONE)
            return client.recv(100)[7:9]
    except (TimeoutError, ConnectionError):
        return b""


def test_a_test_lets_a_wire_fail_and_sees_what_happened(cell: RunningCell) -> None:
    wire = cell.wire("plc1-modbus")
    before = len(wire.injections)

    wire.inject("exception", code=11, function=3, count=1)
    cell.served.step(1)
    first, second = ask(cell), ask(cell)

    assert (first, second) == (b"\x83\x0b", b"\x03\x02")
    (injection,) = wire.injections[before:]
    assert (injection.endpoint, injection.function_code, injection.address) == ("plc1-modbus", 3, 0)
    assert injection.time_ns == cell.served.status().time_ns


def test_switching_a_wire_is_on_the_tape_and_in_the_status(cell: RunningCell) -> None:
    cell.wire("plc1-modbus").inject("no_response", probability=0.25)
    cell.served.step(1)

    status = cell.served.status()
    event = cell.served.tape[-1]

    assert status.faults == {"plc1-modbus.no_response": "lost=request probability=0.25"}
    assert (event.operation, event.target) == (Operation.FAULT, "plc1-modbus.no_response")
    assert event.time_ns == status.time_ns


def test_the_control_channel_offers_and_switches_faults_of_wires(cell: RunningCell) -> None:
    with ControlClient(cell.control) as client:
        (target,) = [each for each in client.targets() if each["name"] == "plc1-modbus"]
        client.inject("plc1-modbus.reset", "after")
        client.step()
        with pytest.raises(ControlRefusal, match="did you mean 'reset'"):
            client.inject("plc1-modbus.rest")
        with pytest.raises(ControlRefusal, match="write one of before, middle, after"):
            client.inject("plc1-modbus.reset", "now")

    assert target["kind"] == "link"
    assert {"no_response", "delay", "corrupt"} <= {fault["name"] for fault in target["faults"]}
    assert [rule.text for rule in cell.wire("plc1-modbus").rules] == ["when=after"]


@pytest.fixture
def inject(cell: RunningCell, tmp_path: Path) -> Callable[..., str]:
    """Run ``hil inject`` with these words, let a step pass, and return what it printed."""
    ports_file = tmp_path / "ports.json"
    write_ports_file(ports_file, cell.endpoints, cell.control)

    def run(*words: str) -> str:
        result = CliRunner().invoke(inject_command, [*words, "--ports-file", str(ports_file)], catch_exceptions=False)
        assert result.exit_code == 0, result.output
        cell.served.step(1)
        return result.output

    return run


def test_hil_inject_takes_options_without_quotes(cell: RunningCell, inject: Callable[..., str]) -> None:
    inject("plc1-modbus.delay", "200ms", "jitter=50ms", "function=3", "address=0..9")
    rules = [rule.text for rule in cell.wire("plc1-modbus").rules]
    cleared = inject("--clear")

    assert rules == ["time=200ms jitter=50ms function=3 address=0..9"]
    assert "plc1-modbus.delay" in cleared


def test_hil_inject_says_what_a_bare_number_counts(inject: Callable[..., str]) -> None:
    assert inject("plc1-modbus.delay", "200") == "plc1-modbus.delay set to 200 s\n"
    assert inject("plc1-modbus.delay", "200ms") == "plc1-modbus.delay set to 200ms\n"
    assert inject("plc1-modbus.exception", "6") == "plc1-modbus.exception set to 6\n"
    assert inject("LT-101.bias_pct", "-12") == "LT-101.bias_pct set to -12 %\n"
    inject("--clear")


def test_hil_inject_takes_a_wire_down_and_up(cell: RunningCell, inject: Callable[..., str]) -> None:
    said = inject("plc1-modbus", "down")
    listed, down = inject("plc1-modbus"), ask(cell)
    inject("plc1-modbus", "up")

    assert said == "plc1-modbus is down\n"
    assert listed.startswith("active\n  plc1-modbus.down = true\n")
    assert (down, ask(cell)) == (b"", b"\x03\x02")
    assert "active" not in inject("plc1-modbus")


def test_hil_inject_lists_a_wire_with_what_happened_and_clears_it_alone(
    cell: RunningCell, inject: Callable[..., str]
) -> None:
    inject("plc1-modbus.busy")
    inject("plc1-modbus.delay", "1ms")
    inject("LT-101.stuck")
    before = cell.served.read(["plc1-modbus.injections"])["plc1-modbus.injections"]
    ask(cell)

    listed, cleared = inject("plc1-modbus"), inject("plc1-modbus", "--clear")

    assert f"plc1-modbus.injections = {int(before) + 2}" in listed
    assert "time=500ms jitter=0ns" in listed
    assert cleared == "cleared plc1-modbus.busy, plc1-modbus.delay\n"
    assert inject("--clear") == "cleared LT-101.stuck\n"


def test_hil_inject_clears_a_wire_that_does_not_fail(inject: Callable[..., str]) -> None:
    inject("plc1-modbus.down", "false")

    assert "active" not in inject("plc1-modbus")
    assert inject("plc1-modbus", "--clear") == "no fault of plc1-modbus is active\n"
    assert inject("--clear") == "no fault is active\n"


def test_the_help_of_hil_inject_has_every_fault_of_a_wire() -> None:
    shown = CliRunner().invoke(inject_command, ["--help"]).output

    assert [name for name in FAULTS if f"\n  {name}" not in shown] == []
    assert "delay time=500ms jitter=0ns" in shown


def test_a_fault_of_an_unknown_wire_names_one_that_is_there(cell: RunningCell) -> None:
    with pytest.raises(TargetError, match=r"has no fault .*; did you mean 'plc1-modbus\.busy'"):
        cell.served.inject("plc1-modbos.busy", True)


def test_a_fault_of_wires_asked_of_a_part_names_the_wires_that_have_it(cell: RunningCell) -> None:
    with pytest.raises(
        TargetError, match=r"delay is a fault of wires and LT-101 is none; there are plc1-modbus, where"
    ):
        cell.served.inject("LT-101.delay", "200ms")
    with pytest.raises(TargetError, match=r"rig two_tanks has no fault 'LT-101\.garble'"):  # no wire has it either
        cell.served.inject("LT-101.garble", True)
    with pytest.raises(TargetError, match="plc1-modbus has no fault 'garble'; wires of other protocols have it"):
        cell.served.inject("plc1-modbus.garble", True)


def test_a_link_that_is_down_comes_up_again(cell: RunningCell) -> None:
    from emulators.cell.wires import act_on_wire

    wire = cell.wires["plc1-modbus"]

    act_on_wire(wire, TapeEvent(0, 1, Operation.LINK, "plc1-modbus", "down"))
    down = ask(cell)
    act_on_wire(wire, TapeEvent(0, 1, Operation.LINK, "plc1-modbus", "up"))

    assert (down, ask(cell)) == (b"", b"\x03\x02")


def test_unknown_wires_and_rules_are_refused(cell: RunningCell) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'plc1-modbus'"):
        cell.wire("plc1-modbos")
    with pytest.raises(RuleError, match="no option 'cout'; did you mean 'count'"):
        cell.wire("plc1-modbus").inject("busy", cout=3)


def rig_with(tmp_path: Path, text: str) -> Path:
    """Write the two tanks' rig with faults at its Modbus endpoint."""
    source = Path(resolve_rig("two_tanks"))
    rig = source.read_text().replace("unit_id = 1\n", f"unit_id = 1\n{text}", 1)
    rig = rig.replace('"../fixtures', f'"{source.parent.parent / "fixtures"}')
    rig = rig.replace('"two_tanks_io.csv"', f'"{source.parent / "two_tanks_io.csv"}"')
    path = tmp_path / "rig.toml"
    path.write_text(rig)
    return path


def test_rig_file_switches_faults_on_from_the_start(tmp_path: Path) -> None:
    with running_cell(rig_with(tmp_path, FAULTS_OF_THE_WIRE), pacing=Pacing.STEPPED) as running:
        answers = [ask(running) for _ in range(3)]

    assert answers == [b"\x83\x06", b"\x83\x06", b"\x03\x02"]


def test_faults_of_the_rig_file_are_listed_and_cleared_like_others(tmp_path: Path) -> None:
    ports_file = tmp_path / "ports.json"
    delays = FAULTS_OF_THE_WIRE + '[[endpoints.faults]]\nfault = "delay"\ntime = "1500 ms"\nfunction = 4\n'
    more = '[[endpoints.faults]]\nfault = "delay"\ntime = "2 s"\nfunction = 2\n'
    with running_cell(rig_with(tmp_path, delays + more), pacing=Pacing.STEPPED, ports_file=ports_file) as running:
        before = running.served.status().faults
        said = CliRunner().invoke(inject_command, ["--clear", "--ports-file", str(ports_file)]).output
        running.served.step(1)
        answer = ask(running)

    assert before == {
        "plc1-modbus.exception": "code=6 unit=1 function=4,3 address=0..9 count=2",
        "plc1-modbus.delay": "time=1500ms jitter=0ns function=4; time=2s jitter=0ns function=2",
    }
    assert said == "cleared plc1-modbus.exception, plc1-modbus.delay\n"
    assert answer == b"\x03\x02"


# line of the fault, what is wrong with it, column of the mistake
RIG_ROWS = [
    ('fault = "no_respons"', "did you mean 'no_response'", 9),
    ('fault = "busy"\ncuont = 3', "did you mean 'count'", 1),
    ('fault = "busy"\naddress = "9..2"', "reversed", 11),
    ('fault = "delay"\ntime = true', "not a duration", 8),
    ('fault = "bad_checksum"', "a wire of modbus-tcp cannot have", 9),
]


@pytest.mark.parametrize(("text", "said", "column"), RIG_ROWS, ids=[row[1] for row in RIG_ROWS])
def test_mistake_in_a_rig_is_shown_where_it_is(tmp_path: Path, text: str, said: str, column: int) -> None:
    rig = load_rig(rig_with(tmp_path, f"[[endpoints.faults]]\n{text}\n"))

    with pytest.raises(DescriptionError, match=said) as refused:
        described_rules(rig.endpoints[0].faults, rig.endpoints[0].protocol)

    (diagnostic,) = refused.value.diagnostics
    assert diagnostic.span.file == str(tmp_path / "rig.toml")
    assert diagnostic.span.column == column


def test_all_mistakes_of_all_rules_are_shown_at_once(tmp_path: Path) -> None:
    first = '[[endpoints.faults]]\nfault = "delay"\ntime = "200 msec"\nprobability = 3\n'
    rig = load_rig(rig_with(tmp_path, first + '[[endpoints.faults]]\nfault = "busi"\ncount = 0\n'))

    with pytest.raises(DescriptionError) as refused:
        described_rules(rig.endpoints[0].faults, rig.endpoints[0].protocol)

    found = [diagnostic.message.partition(" ")[0] for diagnostic in refused.value.diagnostics]
    assert found == ["time:", "probability", "there"]


def test_fault_without_a_name_is_a_mistake_of_the_rig(tmp_path: Path) -> None:
    with pytest.raises(DescriptionError, match="the fault of the endpoint lacks the key fault"):
        load_rig(rig_with(tmp_path, "[[endpoints.faults]]\ncount = 1\n"))
