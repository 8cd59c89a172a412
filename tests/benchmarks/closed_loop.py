"""The closed loop against the same by hand in C with gcc -O2: 9 states (RK4), 3 lagged noisy sensors, 2 PI, TON, latch.

Run: ``python tests/benchmarks/closed_loop.py [--json]``. One operation is one communication step of 10 ms: plant in
``programs/closed_loop.py``, control in ``closed_loop.st``, by hand in ``closed_loop.c``. All phases of the cell run:
tape, publishing switch, forces, modes and task schedule are part of ours and not of the C by hand.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from pathlib import Path

from measure import Ratio, Timing, hand_c, interleave, report, scratch_folder

from emulators.cell import Blueprint, Cell, build_blueprint, make_executor
from emulators.description import load_rig
from emulators.native import emit_c

PROGRAMS = Path(__file__).parent / "programs"
STEPS = 100_000
LIMITS = {"gcc": 1.5, "tcc": 4.0}


def by_hand(blueprint: Blueprint) -> Callable[[], object]:
    """Return a call of the loop by hand, behind the runtime's noise and rounding."""
    runtime, _, _ = emit_c(blueprint.module).partition("struct hil_header {")
    path = scratch_folder() / "closed_loop.c"
    path.write_text(runtime + (PROGRAMS / "closed_loop.c").read_text("utf-8"), "utf-8")
    run = hand_c(path, "run", ctypes.c_int64)
    return lambda: run(STEPS)


def ours(blueprint: Blueprint, executor: str) -> Callable[[], object]:
    """Return a call of the cell's loop."""
    cell = Cell(blueprint, make_executor(blueprint, executor))
    return lambda: cell.run(STEPS)


def main() -> int:
    blueprint = build_blueprint(load_rig(PROGRAMS / "closed_loop.toml"))
    measured = interleave(
        {"hand": by_hand(blueprint), "gcc": ours(blueprint, "gcc"), "tcc": ours(blueprint, "tcc")}, operations=STEPS
    )
    labels = {"hand": "C by hand, gcc -O2", "gcc": "cell, gcc", "tcc": "cell, tcc"}
    timings = [
        Timing(labels[name], taken.median_ns, taken.quartile_low_ns, taken.quartile_high_ns)
        for name, taken in measured.items()
    ]
    hand_ns = measured["hand"].median_ns
    ratios = [
        Ratio(f"closed loop under {name} against C by hand, gcc -O2", measured[name].median_ns / hand_ns, limit)
        for name, limit in LIMITS.items()
    ]
    return 0 if report("Closed loop of 9 states against C by hand", timings, ratios) else 1


if __name__ == "__main__":
    sys.exit(main())
