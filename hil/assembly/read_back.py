"""Reads tags of a running cell through every endpoint, as a client in a process of its own.

``python -m hil.assembly.read_back RIG PORTS_FILE TAG…`` prints ``{endpoint: {tag: value}}`` as JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from emulators.description import load_rig
from emulators.errors import LinkError
from emulators.serving import read_ports_file
from emulators.signals.tags import TagValue
from hil.resources import resolve_rig

__all__ = ["read_back", "read_back_in_another_process"]

_DEADLINE_S = 30.0


def read_back(rig: str, ports_file: Path, tags: Sequence[str]) -> dict[str, dict[str, TagValue]]:
    """Return the values of tags by endpoint.

    Raises:
        LinkError: an endpoint does not answer.
    """
    from hil.targets import read_modbus, read_opcua  # both clients, which who starts the other process does not need

    entries = {entry.name: entry for entry in load_rig(resolve_rig(rig)).endpoints}
    values: dict[str, dict[str, TagValue]] = {}
    for address in read_ports_file(ports_file).endpoints:
        units = entries[address.name].units
        if units:
            values[address.name] = read_modbus(address.url, units[0].register_map, tags)
        else:
            values[address.name] = read_opcua(address.url, tags)
    return values


def read_back_in_another_process(rig: str, ports_file: Path, tags: Sequence[str]) -> dict[str, dict[str, TagValue]]:
    """Return the same, read by a new Python process.

    Raises:
        LinkError: the process failed; its message is passed on.
    """
    command = [sys.executable, "-m", "hil.assembly.read_back", rig, str(ports_file), *tags]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_DEADLINE_S, check=False)
    if done.returncode:
        raise LinkError(f"the client process failed: {done.stderr.strip() or done.returncode}")
    values: dict[str, dict[str, TagValue]] = json.loads(done.stdout)
    return values


def _main(arguments: Sequence[str]) -> int:
    rig, ports_file, *tags = arguments
    try:
        sys.stdout.write(json.dumps(read_back(rig, Path(ports_file), tags)) + "\n")
    except LinkError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
