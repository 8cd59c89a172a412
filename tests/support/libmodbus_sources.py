"""libmodbus from its sources, and its own client tests: found, made fit to run here, compiled with gcc.

The sources stay outside the repository: ``.ci/libmodbus`` puts them below a folder, ``HIL_LIBMODBUS`` names it; by
default it is one of the user's cache. The client programs get the port of the server as ``MODBUS_PORT``.
"""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

__all__ = ["LibmodbusSources", "find_libmodbus", "random_client", "unit_client"]

DEFINED = (
    *("HAVE_NETINET_IN_H", "HAVE_NETINET_IP_H", "HAVE_NETINET_TCP_H", "HAVE_ACCEPT4"),
    *("HAVE_DECL_TIOCSRS485=1", "HAVE_DECL_TIOCM_RTS=1", "_GNU_SOURCE"),
)
LIBRARY = ("modbus.c", "modbus-data.c", "modbus-rtu.c", "modbus-tcp.c")

_ADDRESS = re.compile(r'"(\d+\.\d+\.\d+\.\d+)"')
_CONNECTION_TIMEOUT = re.compile(
    r"\n *// Invalid in TCP or RTU mode\.\.\.\n.*?modbus_free\(invalid_ctx\);\n", re.DOTALL
)

_UNIT_CLIENT_CHANGES = {
    '_pi(ip_or_device, "1502")': '_pi(ip_or_device, getenv("MODBUS_PORT"))',
    "(ip_or_device, 1502)": '(ip_or_device, atoi(getenv("MODBUS_PORT")))',
    "byte_timeout(ctx, 0, 3000)": "byte_timeout(ctx, 0, 30000)",
    "byte_timeout(ctx, 0, 7000)": "byte_timeout(ctx, 0, 400000)",
    "usleep(11 * 5000)": "usleep(11 * 50000)",
}


@dataclass(frozen=True, slots=True)
class LibmodbusSources:
    """An unpacked release."""

    folder: Path
    version: str

    def text(self, name: str) -> str:
        """Return the text of one of its client programs."""
        return (self.folder / "tests" / name).read_text(encoding="utf-8")

    def compile(self, program: str, work: Path) -> Path:
        """Compile the text of a client program with the library; return the executable, in the folder ``work``."""
        major, minor, micro = self.version.split(".")
        values = {"_MAJOR": major, "_MINOR": minor, "_MICRO": micro, "": self.version}
        header = (self.folder / "src" / "modbus-version.h.in").read_text(encoding="utf-8")
        for part, value in values.items():
            header = header.replace(f"@LIBMODBUS_VERSION{part}@", value)
        (work / "modbus-version.h").write_text(header, encoding="utf-8")
        (work / "unit-test.h").write_text(re.sub("@HAVE_[A-Z_]+@", "1", self.text("unit-test.h.in")), encoding="utf-8")
        (work / "config.h").touch()
        (work / "client.c").write_text(program, encoding="utf-8")
        sources = [str(self.folder / "src" / name) for name in LIBRARY]
        command = ["gcc", "-w", "-include", "limits.h", *(f"-D{name}" for name in DEFINED)]
        command += [
            f"-I{work}",
            f"-I{self.folder / 'src'}",
            *sources,
            str(work / "client.c"),
            "-o",
            str(work / "client"),
        ]
        subprocess.run(command, check=True, timeout=60)
        return work / "client"


def find_libmodbus() -> LibmodbusSources | None:
    """Return the newest sources there are, None without any."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = Path(os.environ.get("HIL_LIBMODBUS") or cache / "plc-hil")
    found = [LibmodbusSources(made.parent, _version(made)) for made in folder.glob("libmodbus-*/configure.ac")]
    return max(found, key=lambda each: [int(part) for part in each.version.split(".")], default=None)


def _version(configure: Path) -> str:
    text = configure.read_text(encoding="utf-8")
    parts = re.findall(r"^m4_define\(\[libmodbus_version_(?:major|minor|micro)\], \[(\d+)\]\)", text, re.MULTILINE)
    return ".".join(parts)


def unit_client(text: str) -> str:
    """Return ``unit-test-client.c`` without its connection to a public address, with more time between bytes.

    Raises:
        ValueError: the text is not what it was taken for.
    """
    text, count = _CONNECTION_TIMEOUT.subn("\n", text)
    if count != 1:
        raise ValueError(f"found {count} times the block 'Connection timeout', which connects to a public address")
    for present, wanted in _UNIT_CLIENT_CHANGES.items():
        text = _replaced(text, present, wanted)
    return _on_loopback(text)


def random_client(text: str) -> str:
    """Return ``random-test-client.c`` with our port; raises like :func:`unit_client`."""
    return _on_loopback(_replaced(text, '("127.0.0.1", 1502)', '("127.0.0.1", atoi(getenv("MODBUS_PORT")))'))


def _replaced(text: str, present: str, wanted: str) -> str:
    if text.count(present) != 1:
        raise ValueError(f"expected '{present}' once, found it {text.count(present)} times")
    return text.replace(present, wanted)


def _on_loopback(text: str) -> str:
    foreign = set(_ADDRESS.findall(text)) - {"127.0.0.1"}
    if foreign or "1502" in text:
        raise ValueError(f"the program would still connect to {', '.join(sorted(foreign)) or 'port 1502'}")
    return text
