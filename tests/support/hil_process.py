"""``hil`` in a process of its own, as a user starts it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import Any

from emulators.serving import ControlClient

__all__ = ["HilRun", "run_hil"]

DEADLINE_S = 60.0
_COMMAND = [sys.executable, "-W", "error", "-c", "import sys; from hil.cli.main import main; sys.exit(main())"]
_PAUSE = threading.Event()


def run_hil(*arguments: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run ``hil`` to its end."""
    command = [*_COMMAND, *map(str, arguments)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=DEADLINE_S, check=False)


class HilRun:
    """``hil run``, started when the ``with`` block begins and killed at its end if it has not stopped by itself."""

    def __init__(self, *arguments: str | Path, folder: Path) -> None:
        self.folder = folder
        self.ports_file = folder / "ports.json"
        self.ports: dict[str, Any] = {}
        self._arguments = ["run", *map(str, arguments), "--ports-file", str(self.ports_file)]
        self._streams = (folder / "stdout.txt", folder / "stderr.txt")

    def __enter__(self) -> HilRun:
        out, err = (path.open("w", encoding="utf-8") for path in self._streams)
        with out, err:
            self.process = subprocess.Popen([*_COMMAND, *self._arguments], cwd=self.folder, stdout=out, stderr=err)
        try:
            self._wait_until_it_listens()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(DEADLINE_S)

    def _wait_until_it_listens(self) -> None:
        for _ in range(int(DEADLINE_S / 0.02)):
            if self.ports_file.exists():
                self.ports = json.loads(self.ports_file.read_text(encoding="utf-8"))
                return
            assert self.process.poll() is None, self.stderr
            _PAUSE.wait(0.02)
        raise AssertionError(f"no ports file after {DEADLINE_S} s: {self.stderr}")

    def printed(self, end: str) -> str:
        """Return standard output once it ends with ``end``."""
        for _ in range(int(DEADLINE_S / 0.02)):
            text = self._streams[0].read_text(encoding="utf-8")
            if text.endswith(end):
                return text
            _PAUSE.wait(0.02)
        raise AssertionError(f"standard output never ended with {end!r}: {text!r}")

    @property
    def stderr(self) -> str:
        return self._streams[1].read_text(encoding="utf-8")

    def url(self, protocol: str) -> str:
        """Return the address of the endpoint of a protocol."""
        return next(str(each["url"]) for each in self.ports["endpoints"] if each["protocol"] == protocol)

    def control(self) -> ControlClient:
        """Connect to the control channel."""
        return ControlClient.from_ports_file(self.ports_file)

    def hil(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run ``hil read``, ``hil force`` or ``hil inject`` on this cell."""
        return run_hil(arguments[0], "--ports-file", self.ports_file, *arguments[1:], folder=self.folder)

    def stop(self, number: int = signal.SIGINT) -> int:
        """Send a signal, as Ctrl-C does, and return the exit code."""
        os.kill(self.process.pid, number)
        return self.process.wait(DEADLINE_S)
