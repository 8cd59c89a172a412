"""``hil modbus`` against servers that others wrote: what it reads, writes and finds is what they hold."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner
from outside_clients import installed

from hil.cli.main import hil

pytestmark = pytest.mark.outside


def hil_modbus(*arguments: str) -> str:
    """Run a command to its end and return what it printed."""
    result = CliRunner().invoke(hil, ["modbus", *arguments])
    assert result.exit_code == 0, result.output
    return result.stdout


@contextmanager
def other_server(package: str) -> Iterator[str]:
    """Serve with a package in a process of its own; yield the URL."""
    installed(package)
    script = str(Path(__file__).with_name("other_server.py"))
    command = [sys.executable, "-W", "ignore", script, package]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.kill()


@pytest.fixture(params=["pyModbusTCP", "modbus_tk"])
def server_url(request: pytest.FixtureRequest) -> Iterator[str]:
    with other_server(request.param) as url:
        yield url


def test_hil_reads_and_writes_what_other_servers_hold(server_url: str) -> None:
    hil_modbus("write", server_url, "holding:20:float32=12.5", "holding:30=4242")
    found = json.loads(hil_modbus("read", server_url, "holding:0..19", "holding:20:float32", "holding:30", "--json"))

    assert list(found.values()) == [*range(0, 140, 7), 12.5, 4242]


def test_hil_finds_the_registers_of_other_servers(server_url: str) -> None:
    found = hil_modbus("scan", server_url, "--table", "holding", "--rate", "100000")

    assert "holding:0..199" in found


def test_hil_asks_another_server_who_it_is() -> None:
    with other_server("pyModbusTCP") as url:
        assert "Example" in hil_modbus("identify", url)
