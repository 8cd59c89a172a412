"""libmodbus (mbpoll) over transports it does not speak: socat carries its frames over TLS, UDP and RTU over TCP."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from outside_clients import program

from emulators.modbus.certificates import LOCAL_NAMES, Identity, make_identity, role_extension
from emulators.modbus.device import ModbusDevice
from emulators.modbus.permissions import EVERY_FUNCTION, READ_FUNCTIONS, PermissionTable
from emulators.modbus.tls import TlsSettings

pytestmark = pytest.mark.outside

REGISTERS = list(range(0x0200, 0x0200 + 100))

Carry = Callable[[str, str], str]
Poll = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def carry() -> Iterator[Carry]:
    """Let socat connect two addresses; return the TCP port or the pty at which it waits."""
    socat = program("socat")
    with ExitStack() as cleanup:

        def connect(near: str, far: str) -> str:
            process = cleanup.enter_context(
                subprocess.Popen(
                    [socat, "-d", "-d", near, far], stderr=subprocess.PIPE, text=True, start_new_session=True
                )
            )
            cleanup.callback(lambda: os.killpg(process.pid, signal.SIGKILL))  # its children too
            assert process.stderr is not None
            for line in process.stderr:
                found = re.search(r"listening on AF=2 127\.0\.0\.1:(\d+)|PTY is (\S+)", line)
                if found:
                    return found[1] or found[2]
            raise AssertionError("socat ended at once")

        yield connect


@pytest.fixture
def poll() -> Poll:
    """Run mbpoll against a TCP port or a pty."""
    mbpoll = program("mbpoll")

    def run(where: str, *arguments: str, values: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
        line = ["-m", "rtu", "-b", "115200", "-P", "none"] if where.startswith("/") else ["-m", "tcp", "-p", where]
        host = where if where.startswith("/") else "127.0.0.1"
        command = [mbpoll, *line, "-a", "1", "-1", "-o", "5", *arguments, host, *values]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    return run


def assert_reads_and_writes(device: ModbusDevice, poll: Poll, where: str) -> None:
    read = poll(where, "-t", "3", "-r", "1", "-c", "100")
    written = poll(where, "-t", "4", "-r", "101", values=("11", "22", "33"))

    assert [int(number) for number in re.findall(r"^\[\d+\]:\s+(\d+)", read.stdout, re.MULTILINE)] == REGISTERS
    assert written.returncode == 0, written.stdout + written.stderr
    assert device.memory.holding_registers.read(100, 3) == bytes.fromhex("000B 0016 0021")


LISTEN = "tcp-listen:0,bind=127.0.0.1,fork"


def test_mbpoll_works_over_udp(device: ModbusDevice, serve: Callable[..., str], carry: Carry, poll: Poll) -> None:
    where = carry(LISTEN, f"udp:127.0.0.1:{serve('modbus-udp')}")

    assert_reads_and_writes(device, poll, where)


def test_mbpoll_works_with_rtu_over_tcp(
    device: ModbusDevice, serve: Callable[..., str], carry: Carry, poll: Poll
) -> None:
    where = carry("pty,raw,echo=0", f"tcp:127.0.0.1:{serve('modbus-rtu-over-tcp')}")

    assert_reads_and_writes(device, poll, where)


# --- TLS --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def authority(tmp_path: Path) -> Identity:
    return make_identity(tmp_path, "authority")


@pytest.fixture
def carry_tls(
    tmp_path: Path, authority: Identity, serve: Callable[..., str], carry: Carry
) -> Callable[[Identity], str]:
    """Start a server that asks for certificates; return how to reach it with one."""
    server = make_identity(tmp_path, "server", authority=authority, names=LOCAL_NAMES)
    permissions = PermissionTable({"Operator": EVERY_FUNCTION, "Viewer": READ_FUNCTIONS})
    port = serve("modbus-tls", tls=TlsSettings(server.certificate, server.key, authority.certificate, permissions))

    def connect(client: Identity) -> str:
        files = f"cert={client.certificate},key={client.key},cafile={authority.certificate}"
        return carry(LISTEN, f"openssl:127.0.0.1:{port},{files}")

    return connect


def client(folder: Path, authority: Identity, role: str) -> Identity:
    return make_identity(folder, f"client-{role}", authority=authority, role_der=role_extension(role))


def test_mbpoll_works_over_tls_with_the_certificate_of_an_operator(
    tmp_path: Path, device: ModbusDevice, authority: Identity, carry_tls: Callable[[Identity], str], poll: Poll
) -> None:
    assert_reads_and_writes(device, poll, carry_tls(client(tmp_path, authority, "Operator")))


def test_viewer_may_read_but_not_write(
    tmp_path: Path, device: ModbusDevice, authority: Identity, carry_tls: Callable[[Identity], str], poll: Poll
) -> None:
    where = carry_tls(client(tmp_path, authority, "Viewer"))

    read = poll(where, "-t", "3", "-r", "1", "-c", "1")
    written = poll(where, "-t", "4", "-r", "101", values=("11",))

    assert read.returncode == 0, read.stdout + read.stderr
    assert "Illegal function" in written.stdout + written.stderr
    assert device.memory.holding_registers.read(100, 1) == bytes(2)


def test_stranger_gets_no_answer(tmp_path: Path, carry_tls: Callable[[Identity], str], poll: Poll) -> None:
    elsewhere = make_identity(tmp_path, "elsewhere")
    stranger = make_identity(tmp_path, "stranger", authority=elsewhere, role_der=role_extension("Operator"))

    read = poll(carry_tls(stranger), "-t", "3", "-r", "1", "-c", "1")

    assert not re.search(r"^\[1\]:", read.stdout, re.MULTILINE)
