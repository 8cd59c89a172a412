"""Interleaved measurement: candidates take turns A B A B, so that a noisy machine disturbs all alike.

Prints medians and spread with the machine; ratios are what counts. Times are CPU times of the calling thread.
"""

from __future__ import annotations

import argparse
import atexit
import ctypes
import functools
import json
import platform
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

HAND_C_FLAGS = ("-O2", "-ffp-contract=off", "-shared", "-fPIC")


@dataclass(frozen=True, slots=True)
class Timing:
    """Nanoseconds of CPU an operation: median and the range of the middle half of the rounds."""

    name: str
    median_ns: float
    quartile_low_ns: float
    quartile_high_ns: float


@dataclass(frozen=True, slots=True)
class Ratio:
    """One sentence that was measured: ``value`` must not exceed ``limit``."""

    sentence: str
    value: float
    limit: float

    @property
    def holds(self) -> bool:
        return self.value <= self.limit


def interleave(
    candidates: Mapping[str, Callable[[], object]], *, operations: int, rounds: int = 9
) -> dict[str, Timing]:
    """Time each candidate once a round after one warm-up; ``operations`` are done by one call."""
    samples: dict[str, list[float]] = {name: [] for name in candidates}
    for call in candidates.values():
        call()
    for _ in range(rounds):
        for name, call in candidates.items():
            start = time.thread_time_ns()
            call()
            samples[name].append((time.thread_time_ns() - start) / operations)
    return {name: timing_of(name, taken) for name, taken in samples.items()}


def timing_of(name: str, taken: list[float]) -> Timing:
    """Return median and quartiles of at least two samples."""
    low, middle, high = statistics.quantiles(taken, n=4)
    return Timing(name, middle, low, high)


@functools.cache
def scratch_folder() -> Path:
    """Return a folder for compiled and generated files that is gone when the benchmark ends."""
    folder = tempfile.TemporaryDirectory(prefix="hil-benchmark-")
    atexit.register(folder.cleanup)
    return Path(folder.name)


def hand_c(path: Path, function: str, *argument_types: type) -> Callable[..., None]:
    """Compile a C file with gcc -O2 and return one of its functions."""
    library = scratch_folder() / (path.stem + ".so")
    subprocess.run(["gcc", *HAND_C_FLAGS, "-o", str(library), str(path)], check=True)
    found = getattr(ctypes.CDLL(str(library)), function)
    found.argtypes = list(argument_types)
    found.restype = None
    return found  # type: ignore[no-any-return]  # ctypes functions are untyped


def machine() -> str:
    """Return the processor and the interpreter in one line."""
    model = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
        model = next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    return f"{model}, Python {platform.python_version()}"


def report(title: str, timings: list[Timing], ratios: list[Ratio]) -> bool:
    """Print a table, or figures with ``--json``; return whether every ratio holds."""
    arguments = argparse.ArgumentParser(description=title)
    arguments.add_argument("--json", action="store_true", help="print figures instead of a table")
    as_json = arguments.parse_args().json
    holds = all(ratio.holds for ratio in ratios)
    if as_json:
        figures = {
            "title": title,
            "machine": machine(),
            "timings": [asdict(timing) for timing in timings],
            "ratios": [{**asdict(ratio), "holds": ratio.holds} for ratio in ratios],
        }
        print(json.dumps(figures, indent=2))
        return holds
    print(f"{title}\n{machine()}\n")
    for timing in timings:
        spread = f"{timing.quartile_low_ns:,.1f} .. {timing.quartile_high_ns:,.1f}"
        print(f"  {timing.name:<44} {timing.median_ns:>14,.1f} ns   ({spread})")
    print()
    for ratio in ratios:
        verdict = "ok  " if ratio.holds else "MISS"
        print(f"  {verdict} {ratio.value:6.2f} x of at most {ratio.limit:g} x   {ratio.sentence}")
    return holds
