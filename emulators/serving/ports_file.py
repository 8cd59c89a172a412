"""Ports file: where the endpoints and the control channel of a running cell listen, with the channel's token.

``{"pid": 4711, "endpoints": [{"name", "protocol", "url", "controller"}], "control": {"url", "token"}}``. It is
written whole, after everything listens, readable by its user alone.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from emulators.errors import LinkError
from emulators.serving.addresses import ControlAddress, EndpointAddress

__all__ = [
    "DEFAULT_PORTS_FILE",
    "Ports",
    "read_ports_file",
    "refuse_taken_ports_file",
    "remove_ports_file",
    "write_ports_file",
]

DEFAULT_PORTS_FILE = Path(".hil") / "ports.json"
"""Where ``hil run`` writes and the other commands look unless told otherwise, in the current folder."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Content of a ports file."""

    pid: int
    endpoints: tuple[EndpointAddress, ...]
    control: ControlAddress


def write_ports_file(
    path: str | os.PathLike[str], endpoints: Sequence[EndpointAddress], control: ControlAddress
) -> None:
    """Write the file in one move, with mode 0600; its folder is made if need be."""
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    content = json.dumps(asdict(Ports(os.getpid(), tuple(endpoints), control)), indent=2) + "\n"
    descriptor, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")  # mode 0600
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(content)
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def refuse_taken_ports_file(path: str | os.PathLike[str]) -> None:
    """Refuse to take the place of a cell that still runs; a file that a dead process left behind is nobody's.

    Raises:
        LinkError: another living process wrote the file.
    """
    try:
        ports = read_ports_file(path)
    except LinkError:
        return
    if ports.pid != os.getpid() and _is_alive(ports.pid):
        raise LinkError(
            f"{path}: belongs to a cell that runs (process {ports.pid}); stop that one, or give this one its own file "
            "with --ports-file"
        )


def remove_ports_file(path: str | os.PathLike[str]) -> None:
    """Remove the file if this process wrote it."""
    try:
        ports = read_ports_file(path)
    except LinkError:
        return
    if ports.pid == os.getpid():
        Path(path).unlink(missing_ok=True)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # somebody else's process
        return True
    return True


def read_ports_file(path: str | os.PathLike[str]) -> Ports:
    """Read a ports file.

    Raises:
        LinkError: it is missing or no ports file.
    """
    try:
        content: Any = json.loads(Path(path).read_text(encoding="utf-8"))
        endpoints = tuple(EndpointAddress(**endpoint) for endpoint in content["endpoints"])
        return Ports(int(content["pid"]), endpoints, ControlAddress(**content["control"]))
    except OSError as error:
        raise LinkError(
            f"{path}: {error.strerror}; start a cell with 'hil run RIG --ports-file {path}' first"
        ) from error
    except (ValueError, TypeError, KeyError) as error:
        raise LinkError(f"{path}: not a ports file of 'hil run'; start the cell again") from error
