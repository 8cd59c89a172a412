"""Cold start of pytest with the plugin installed and unused, against pytest without it: within 20 ms of CPU."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from measure import Ratio, Timing, report

ROUNDS = 15
ALLOWED_NS = 20e6
WITHOUT, WITH = "pytest without the plugin", "pytest with the plugin"


def child_cpu_ns(arguments: list[str], folder: Path) -> float:
    """Return the CPU time of one pytest process that runs one empty test."""
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *arguments],
        cwd=folder,
        env=environment,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1e9


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "test_empty.py").write_text("def test_nothing():\n    pass\n", encoding="utf-8")
        (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
        runs = {WITHOUT: [], WITH: ["-p", "hil.pytest_plugin"]}
        samples: dict[str, list[float]] = {title: [] for title in runs}
        for _ in range(ROUNDS + 1):
            for title, arguments in runs.items():
                samples[title].append(child_cpu_ns(arguments, folder))
    timings = []
    for title, taken in samples.items():
        low, middle, high = statistics.quantiles(taken[1:], n=4)  # the first round fills the caches of bytecode
        timings.append(Timing(title, middle, low, high))
    bare_ns, loaded_ns = min(samples[WITHOUT]), min(samples[WITH])  # other work on the machine only ever adds
    sentence = f"fastest start with the plugin ({(loaded_ns - bare_ns) / 1e6:+.1f} ms) against 20 ms more than without"
    ratio = Ratio(sentence, loaded_ns / (bare_ns + ALLOWED_NS), 1.0)
    return 0 if report("Cold start of pytest", timings, [ratio]) else 1


if __name__ == "__main__":
    raise SystemExit(main())
