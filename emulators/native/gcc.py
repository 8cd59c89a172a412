"""gcc or clang in a process of its own, behind a cache by content: for runs long enough to pay for optimising."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import stat
import subprocess
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

from emulators.errors import EmulatorError, InternalError
from emulators.native.foreign import LoadedLibrary

__all__ = [
    "CacheFolderError",
    "Compilation",
    "MissingCompilerError",
    "OptimisingCompiler",
    "cache_folder",
    "find_compiler",
]

_FLAGS = (
    "-std=gnu11",
    "-ffp-contract=off",
    "-fwrapv",
    "-fno-strict-aliasing",
    "-fno-math-errno",
    "-fno-semantic-interposition",
    "-fvisibility=hidden",
    "-shared",
    "-fPIC",
    "-nostartfiles",
)
_GCC_FLAGS = ("-frounding-math", "-ftree-vectorize")
# constants of the user's program can lead to these; what they warn of is defined or guarded in emitted code
_ALLOWED = ("overflow", "div-by-zero", "aggressive-loop-optimizations", "stringop-overflow", "stringop-overread")
_CACHED_AT_MOST = 200
_WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH


class MissingCompilerError(EmulatorError):
    """Neither gcc nor clang is on the path; tcc, which comes with the package, always works."""


class CacheFolderError(EmulatorError):
    """No place for compiled code is out of the reach of others."""


@dataclass(frozen=True, slots=True)
class OptimisingCompiler:
    """A compiler found on the path; ``identity`` changes when another version is installed there."""

    path: str
    identity: str
    is_clang: bool

    def command(self, optimisation: str) -> list[str]:
        """Return the command line but for the files."""
        if self.is_clang:
            return [self.path, optimisation, *_FLAGS, "-w"]
        return [self.path, optimisation, *_FLAGS, *_GCC_FLAGS, *(f"-Wno-{name}" for name in _ALLOWED)]


def find_compiler() -> OptimisingCompiler | None:
    """Return gcc or clang if the path has one."""
    for name in ("gcc", "clang", "cc"):
        path = shutil.which(name)
        if path is not None:
            status = Path(path).resolve().stat()
            is_clang = "clang" in Path(path).resolve().name
            return OptimisingCompiler(path, f"{path} {status.st_size} {status.st_mtime_ns}", is_clang)
    return None


def cache_folder() -> Path:
    """Return where compiled code is kept: below ``XDG_CACHE_HOME``, ``~/.cache``, or a folder of ours in ``/tmp``.

    What lies there is loaded and run, so it must be out of the reach of others.

    Raises:
        CacheFolderError: the folder in ``/tmp`` was made by somebody else, or others may write into it.
    """
    base = os.environ.get("XDG_CACHE_HOME")
    folder = (Path(base) if base else Path.home() / ".cache") / "plc-hil" / "native"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if os.access(folder, os.W_OK):
            return folder
    except OSError:
        pass
    return _temporary_folder()


def _temporary_folder() -> Path:
    user = os.getuid() if hasattr(os, "getuid") else 0
    folder = Path(tempfile.gettempdir()) / f"plc-hil-{user}"
    folder.mkdir(mode=0o700, exist_ok=True)
    status = folder.lstat()
    if hasattr(os, "getuid") and (status.st_uid != user or stat.S_IMODE(status.st_mode) & _WRITABLE_BY_OTHERS):
        raise CacheFolderError(
            f"{folder}: others may put code there; remove it, or name a folder of your own in XDG_CACHE_HOME"
        )
    return folder


class Compilation:
    """One text on its way through the compiler; ``cancel`` may be called from another thread.

    Raises:
        MissingCompilerError: neither gcc nor clang is on the path.
        CacheFolderError: see ``cache_folder``.
    """

    def __init__(self, text: str, *, optimisation: str = "-O2") -> None:
        compiler = find_compiler()
        if compiler is None:
            raise MissingCompilerError("no gcc or clang on the path; install one, or choose the executor tcc")
        self._text = text
        self._command = compiler.command(optimisation)
        self._is_cancelled = False
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        key = "\0".join((compiler.identity, *self._command, text))
        self._target = cache_folder() / f"{hashlib.sha256(key.encode()).hexdigest()[:40]}.so"

    def run(self) -> LoadedLibrary:
        """Return the loaded library, from the cache or newly compiled.

        Raises:
            InternalError: the compiler refused the text, said anything at all, or was cancelled.
        """
        if self._target.exists():
            with contextlib.suppress(OSError):
                os.utime(self._target)
        else:
            self._compile()
        return LoadedLibrary(str(self._target))

    def cancel(self) -> None:
        """End the compiler if it runs."""
        with self._lock:
            self._is_cancelled = True
            if self._process is not None:
                self._process.kill()

    def _compile(self) -> None:
        handle, name = tempfile.mkstemp(dir=self._target.parent, prefix=".", suffix=".so")
        os.close(handle)
        try:
            with self._lock:
                if self._is_cancelled:
                    raise InternalError("compilation was cancelled")
                self._process = subprocess.Popen(
                    [*self._command, "-x", "c", "-o", name, "-"],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.PIPE,
                    env={**os.environ, "LC_ALL": "C"},
                )
            _, messages = self._process.communicate(self._text.encode())
            if self._is_cancelled:
                raise InternalError("compilation was cancelled")
            if self._process.returncode != 0 or messages.strip():
                raise InternalError(f"{self._command[0]} refused emitted code: {messages.decode(errors='replace')}")
            os.replace(name, self._target)
            _prune(self._target.parent)
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(name)


def _prune(folder: Path) -> None:
    """Keep the cache small: the libraries used longest ago go first."""
    kept = sorted(folder.glob("[0-9a-f]*.so"), key=_age)
    for path in kept[:-_CACHED_AT_MOST]:
        with contextlib.suppress(OSError):
            path.unlink()


def _age(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
