"""``--injections`` and ``--replay`` of ``hil run`` and ``hil device run``: the same requests fail in the same way."""

from __future__ import annotations

import json
import socket
from contextlib import suppress
from pathlib import Path

import pytest
from hil_process import HilRun
from small_cells import MS, SmallCells

from emulators.errors import DescriptionError, LinkError
from emulators.modbus.faults.pipeline import FaultPipeline
from emulators.serving import Pacing
from hil.assembly.blank_devices import blank_devices
from hil.assembly.device_places import DevicePlace
from hil.assembly.devices import running_devices
from hil.assembly.injection_files import InjectionFiles, load_injections
from hil.assembly.register_maps import load_any_map
from hil.assembly.serving import running_cell
from hil.cli.main import main
from hil.cli.waiting import wait_until
from hil.targets.modbus_url import ModbusUrl

HEAD = '{"format": 1, "cell": "small", "seed": 5}\n'
ROW = (
    '{"time_ns": 0, "endpoint": "modbus", "connection": 1, "exchange": 2, "unit_id": 1, "function_code": 3, '
    '"address": 0, "number": 1, "rule": "busy"}\n'
)
SWITCHED = (  # steps before it, fault, value
    (4, "L.offset", -1.0),
    (0, "modbus.busy", "function=6"),
    (7, "modbus.down", True),
    (3, "V.stuck", True),
    (10, "modbus.down", None),
    (1, "L.offset", 2.5),
    (16, "V.stuck", None),
)
FAULTS = ("refuse_connection", "exception", "extra_bytes", "wrong_unit")


def answers(url: str) -> list[bytes]:
    """Return what came back for each of five reads of an address that is not there, on eight connections."""
    place = ModbusUrl.parse(url)
    found = []
    for _ in range(8):
        with socket.socket() as client:
            client.settimeout(10)
            with suppress(ConnectionError):  # one that is refused at the door may be reset in here already
                client.connect((place.host, place.port))
            for number in range(5):
                try:
                    client.sendall(bytes((0, number, 0, 0, 0, 6, 1, 4, 0xEE, 0, 0, 1)))
                    found.append(client.recv(260))
                except ConnectionError:
                    found.append(b"")
    return found


def test_the_same_requests_fail_in_the_same_way_again(tmp_path: Path) -> None:
    rig = SmallCells(tmp_path).served_loop()
    kept, again = tmp_path / "kept.jsonl", tmp_path / "again.jsonl"

    with HilRun(rig, "--seed", "77", "--injections", kept, folder=tmp_path) as running:
        with running.control() as control:
            for fault in FAULTS:
                control.inject(f"modbus.{fault}", "probability=0.4")
        first = answers(running.url("modbus-tcp"))
        seen = load_injections(kept)  # while it runs
        assert running.stop() == 0
    with HilRun(rig, "--replay", kept, "--injections", again, folder=tmp_path) as running:
        second = answers(running.url("modbus-tcp"))
        assert running.stop() == 0

    assert second == first
    assert len(set(first)) > 8
    assert {each.rule.partition(" ")[0] for _, each in seen.rows} == set(FAULTS)
    assert (seen.seed, kept.read_bytes()[-1:]) == (77, b"\n")
    assert [line | {"time_ns": 0} for line in rows(again)] == [line | {"time_ns": 0} for line in rows(kept)]


def rows(file: Path) -> list[dict[str, object]]:
    return [{"time_ns": None} | json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("device", ["energy_meter", "{map}"], ids=["with a twin", "without"])
def test_a_device_alone_keeps_and_replays_too(tmp_path: Path, device: str) -> None:
    plain = tmp_path / "plain.toml"
    plain.write_text('format = 1\n[[register]]\ntag = "A"\nreference = 40001\ntype = "int16"\n', encoding="utf-8")
    maps = [load_any_map(device.format(map=plain)).register_map]
    kept = tmp_path / "kept.jsonl"

    with InjectionFiles(kept) as files, running_devices(maps, seed=3, injection_files=files) as running:
        wire = running.endpoints[0].name
        running.served.inject(f"{wire}.exception", "code=4 probability=0.5")
        first = answers(running.url)
    stored = load_injections(kept)
    with InjectionFiles(None, stored) as files, running_devices(maps, seed=3, injection_files=files) as running:
        second = answers(running.url)

    assert second == first
    assert 5 < len(stored.rows) < 35


def test_a_blank_device_fails_while_it_runs_keeps_it_and_replays(tmp_path: Path) -> None:
    kept = tmp_path / "kept.jsonl"

    with InjectionFiles(kept) as files, blank_devices(10, DevicePlace(), seed=3, injection_files=files) as blank:
        blank.served.inject("blank.exception", "code=4 probability=0.5")
        first = answers(blank.url)
    stored = load_injections(kept)
    with (
        InjectionFiles(None, stored) as files,
        blank_devices(10, DevicePlace(), seed=3, injection_files=files) as blank,
    ):
        second = answers(blank.url)

    assert second == first
    assert 5 < len(stored.rows) < 35


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "k:1:1: this file holds no failures of a run; give one that --injections has written"),
        ("time,value\n0,1\n", "k:1:1: this file holds no failures of a run"),
        ('{\n  "format": 1,\n  "seed": 2\n}\n', "k:1:1: this file holds no failures of a run"),
        ('{"format": 2, "seed": 5}\n', "k:1:12: format 2 is newer than 1; update plc-hil"),
        ('{"format": 1, "seed": -5}\n', "k:1:23: 'seed' must be an integer of at least 0"),
        (HEAD + ROW + ROW[:40], "k:3:38: not JSON"),
        (HEAD + ROW.replace("busy", "bussy"), "k:2:1: there is no fault 'bussy' of a wire; did you mean 'busy'?"),
        (HEAD + ROW.replace("number", "nummer"), "k:2:118: unknown key 'nummer' in an injection"),
        (HEAD + "[]\n", "k:2:1: an injection is an object in braces"),
        (HEAD + '{"time_ns": -1, "target": "L.offset"}\n', "k:2:13: 'time_ns' must be an integer of at least 0"),
        (HEAD + '{"time": 1, "target": "L.offset"}\n', "k:2:2: unknown key 'time' in a fault; did you mean 'time_ns'?"),
    ],
)
def test_a_file_that_is_none_is_refused_where_it_is_wrong(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "k"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(DescriptionError) as error:
        load_injections(file)

    assert message in str(error.value).replace(str(file), "k")


def test_a_wire_that_the_cell_lacks_is_refused_once_with_its_first_line(tmp_path: Path) -> None:
    file = tmp_path / "k"
    file.write_text(HEAD + ROW + ROW, encoding="utf-8")

    with pytest.raises(DescriptionError) as error:
        load_injections(file).play({"modbus-1": FaultPipeline("modbus-1")}, check=pytest.fail)

    assert str(error.value) == f"{file}:2:1: no endpoint or link 'modbus' whose wire can fail; did you mean 'modbus-1'?"


def test_a_fault_that_wires_of_the_protocol_lack_is_refused_once_with_its_first_line(tmp_path: Path) -> None:
    file = tmp_path / "k"
    rtu_row = ROW.replace('"modbus"', '"blank"').replace("busy", "garble characters=3")
    file.write_text(HEAD + ROW.replace('"modbus"', '"blank"') + rtu_row + rtu_row, encoding="utf-8")
    stored = load_injections(file)

    with InjectionFiles(None, stored) as files, pytest.raises(DescriptionError) as error:
        blank_devices(10, DevicePlace(), injection_files=files).__enter__()

    (finding,) = error.value.diagnostics
    assert str(finding).startswith(f"{file}:3:1: blank has no fault 'garble'; wires of other protocols have it")


def test_a_cell_that_cannot_start_leaves_the_file_of_the_last_run(tmp_path: Path) -> None:
    kept = tmp_path / "kept.jsonl"
    kept.write_text(HEAD + ROW, encoding="utf-8")

    with InjectionFiles(kept) as files, blank_devices(10, DevicePlace(), seed=3, injection_files=files) as blank:
        while_it_runs = kept.read_text(encoding="utf-8")
        port = ModbusUrl.parse(blank.url).port
        kept.write_text(HEAD + ROW, encoding="utf-8")
        with InjectionFiles(kept) as others, pytest.raises(LinkError):
            blank_devices(10, DevicePlace(port=port), injection_files=others).__enter__()

    assert while_it_runs == '{"format": 1, "cell": "blank", "seed": 3}\n'
    assert kept.read_text(encoding="utf-8") == HEAD + ROW


def test_a_fault_that_the_cell_lacks_is_refused_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "k"
    file.write_text(HEAD + '{"time_ns": 10, "target": "L.ofset", "value": 2.5}\n', encoding="utf-8")
    files = InjectionFiles(None, load_injections(file))
    running = running_cell(SmallCells(tmp_path).served_loop(), injection_files=files)

    with pytest.raises(DescriptionError) as error, running:
        pytest.fail("it runs")

    assert str(error.value).startswith(f"{file}:2:1: rig small has no fault 'L.ofset'; did you mean 'L.offset'?")


@pytest.mark.parametrize("pacing", [Pacing.STEPPED, Pacing.FREE, Pacing.WALL])
def test_faults_of_the_plant_and_of_a_cut_wire_come_again_in_the_same_steps(tmp_path: Path, pacing: Pacing) -> None:
    rig = SmallCells(tmp_path).served_loop()
    kept, again = tmp_path / "kept.jsonl", tmp_path / "again.jsonl"
    with (
        InjectionFiles(kept) as files,
        running_cell(rig, pacing=Pacing.STEPPED, seed=77, injection_files=files) as running,
    ):
        for n_steps, fault, value in SWITCHED:
            running.served.step(n_steps)
            running.served.inject(fault, value)
        running.served.step(9)
        first, reading = running.served.tape, running.served.read(["L.reading"])
        assert can_connect(running.endpoints[0].url)
    with (
        InjectionFiles(again, load_injections(kept)) as files,
        running_cell(rig, pacing=pacing, seed=77, end_ns=500 * MS, injection_files=files) as running,
    ):
        if pacing is Pacing.STEPPED:
            running.served.step(20)
            assert not can_connect(running.endpoints[0].url)
            running.served.step(30)
        wait_until(lambda: running.served.status().time_ns >= 500 * MS)
        second, same_reading = running.served.tape, running.served.read(["L.reading"])
        assert can_connect(running.endpoints[0].url)

    assert len(first) == len(SWITCHED)
    assert second == tuple(event for event in first if event.target != "modbus.busy")
    assert same_reading == reading == {"L.reading": 2.5}
    assert rows(again) == rows(kept)
    assert len(rows(kept)) == len(SWITCHED)  # with the head, without the rule of the wire


def can_connect(url: str) -> bool:
    """Whether a read is answered."""
    place = ModbusUrl.parse(url)
    try:
        with socket.create_connection((place.host, place.port), timeout=10) as client:
            client.sendall(bytes((0, 1, 0, 0, 0, 6, 1, 4, 0, 0, 0, 1)))
            return bool(client.recv(260))
    except ConnectionError:
        return False


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (["--replay", "k", "--seed", "6"], 2, "k was written with seed 5; leave out --seed"),
        (["--replay", "k", "--injections", "./k"], 2, "--injections would overwrite the file of --replay"),
        (["--replay", "none"], 1, "none: No such file or directory"),
        (["--injections", "none/k"], 1, "none/k: No such file or directory"),
    ],
)
def test_options_that_cannot_be_met(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    options: list[str],
    code: int,
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "k").write_text(HEAD + ROW, encoding="utf-8")

    assert main(["device", "run", "energy_meter", "--for", "10ms", "--time", "virtual", *options]) == code
    assert message in capsys.readouterr().err
    assert (tmp_path / "k").read_text(encoding="utf-8") == HEAD + ROW
