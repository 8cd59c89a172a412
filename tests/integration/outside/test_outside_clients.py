"""Clients that others wrote, against ``hil run two_tanks``: what they read and write is what the cell has."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hil_process import HilRun

from emulators.opcua import node_id_text
from emulators.serving import ControlClient

pytestmark = pytest.mark.outside


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HilRun]:
    with HilRun("two_tanks", "--paused", folder=tmp_path_factory.mktemp("run")) as running:
        yield running
        assert running.stop() == 0, running.stderr


@pytest.fixture
def control(running: HilRun) -> Iterator[ControlClient]:
    with running.control() as client:
        client.step(2)
        yield client


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=False, env={**os.environ, **environment}
    )


# --- mbpoll: libmodbus ------------------------------------------------------------------------------------------------


@pytest.fixture
def mbpoll(running: HilRun) -> list[str]:
    """Return the command up to the values to write; table and reference are still to come."""
    program = shutil.which("mbpoll")
    if program is None:
        pytest.skip("mbpoll is not installed")
    url = urlsplit(running.url("modbus-tcp"))
    return [program, "-m", "tcp", "-a", "1", "-p", str(url.port), "-1", "-B", str(url.hostname)]


def numbers(done: subprocess.CompletedProcess[str]) -> list[float]:
    """Return the values that mbpoll printed as ``[1]: 60``."""
    assert done.returncode == 0, done.stdout + done.stderr
    return [float(found) for found in re.findall(r"^\[\d+\]:\s+(\S+)", done.stdout, re.MULTILINE)]


def test_mbpoll_reads_what_the_controller_has(control: ControlClient, mbpoll: list[str]) -> None:
    setpoints = numbers(run(*mbpoll, "-t", "4:float", "-r", "1", "-c", "2"))
    switches = numbers(run(*mbpoll, "-t", "1", "-r", "6", "-c", "2"))
    starts = numbers(run(*mbpoll, "-t", "3:int", "-r", "12", "-c", "1"))

    assert setpoints == pytest.approx(list(control.read("LIC-101.SP", "TIC-101.SP").values()))
    assert switches == [float(value) for value in control.read("LSHH-101", "LSL-100").values()]
    assert starts == list(control.read("P-101.STARTS").values())


def test_what_mbpoll_writes_arrives_at_the_next_scan(control: ControlClient, mbpoll: list[str]) -> None:
    written = run(*mbpoll, "-t", "4:float", "-r", "1", "44.5")
    control.step(1)

    assert written.returncode == 0, written.stdout + written.stderr
    assert control.read("PLC1.LIC101_SP") == {"PLC1.LIC101_SP": 44.5}
    assert numbers(run(*mbpoll, "-t", "4:float", "-r", "1", "-c", "1")) == [44.5]


def test_mbpoll_is_told_that_an_address_does_not_exist(control: ControlClient, mbpoll: list[str]) -> None:
    refused = run(*mbpoll, "-t", "4", "-r", "900", "-c", "2")

    assert "Illegal data address" in refused.stdout + refused.stderr


# --- asyncua's command-line tools -------------------------------------------------------------------------------------


def ua_tool(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    code = f"import sys; from asyncua.tools import {name}; sys.argv[0] = {name!r}; {name}()"
    return run(sys.executable, "-c", code, *arguments)


def test_uaread_reads_what_the_controller_has(running: HilRun, control: ControlClient) -> None:
    url = running.url("opcua")
    node = node_id_text("LIC-101.SP")

    value = ua_tool("uaread", "-u", url, "-n", node)
    by_path = ua_tool("uaread", "-u", url, "-n", "i=85", "-p", "2:two_tanks,2:PLC1,2:LSHH-101")

    assert float(value.stdout) == pytest.approx(control.read("LIC-101.SP")["LIC-101.SP"])
    assert by_path.stdout.strip() == "True"


def test_what_uawrite_writes_arrives_at_the_next_scan(running: HilRun, control: ControlClient) -> None:
    written = ua_tool("uawrite", "-u", running.url("opcua"), "-n", node_id_text("TIC-101.SP"), "-t", "float", "21.5")
    control.step(1)

    assert written.returncode == 0, written.stderr
    assert control.read("PLC1.TIC101_SP") == {"PLC1.TIC101_SP": 21.5}


def test_uawrite_is_told_that_a_value_is_out_of_range(running: HilRun, control: ControlClient) -> None:
    before = control.read("TIC-101.SP")

    refused = ua_tool("uawrite", "-u", running.url("opcua"), "-n", node_id_text("TIC-101.SP"), "-t", "float", "500")
    control.step(1)

    assert "BadOutOfRange" in refused.stdout + refused.stderr
    assert control.read("TIC-101.SP") == before


# --- node-opcua -------------------------------------------------------------------------------------------------------


def test_node_opcua_browses_reads_and_writes(running: HilRun, control: ControlClient, tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None or run(node, "-e", "require('node-opcua-client')").returncode:
        pytest.skip("node-opcua-client is not installed; NODE_PATH must lead to it")
    script = str(Path(__file__).with_name("node_opcua.js"))

    done = run(node, script, running.url("opcua"), "two_tanks", "PLC1", "LIC-101.SP", "48.5", HOME=str(tmp_path))
    before = control.read("LIC-101.SP", "LSHH-101", "P-101.STARTS")
    control.step(1)

    assert done.returncode == 0, done.stderr
    found = json.loads(next(line for line in done.stdout.splitlines() if line.startswith("{")))
    assert {name: found["read"][name] for name in before} == pytest.approx(before)
    assert found["codes"] == ["Good"]
    assert found["answers"] == {"good": "Good", "wrongType": "BadTypeMismatch", "outOfRange": "BadOutOfRange"}
    assert control.read("LIC-101.SP") == {"LIC-101.SP": 48.5}
