"""Three Structured Text programs against the same by hand in C: gcc -O2 for both, guards and all against none.

The programs stand in ``programs/``: ``pid.st`` and ``arrays.st`` beside their twins in C, and a sequence of 2,000
lines that ``sequence.py`` generates in both languages. One operation is one scan.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from measure import Ratio, Timing, hand_c, interleave, report, scratch_folder

sys.path.insert(0, str(Path(__file__).parent / "programs"))
import sequence

from emulators.iec61131 import CompiledProgram, SourceText, compile_program
from emulators.native import Executor, build, link, struct_layout
from emulators.native.ir import (
    AddressOf,
    Argument,
    Const,
    CountedLoop,
    FormalParameter,
    Function,
    Local,
    Module,
    Parameter,
    Run,
    Scalar,
)
from emulators.native.shorthand import add, assign, member, read

PROGRAMS = Path(__file__).parent / "programs"
SCAN_NS = 10_000_000
LIMITS = {"pid": 1.5, "sequence": 1.5, "arrays": 2.0}
SCANS = {"pid": 200_000, "sequence": 200_000, "arrays": 2_000}


def driver(program: CompiledProgram) -> Module:
    """Return a function that runs ``scans`` scans of the first task."""
    instance = Argument("instance", program.instance)
    turn = Local("turn", Scalar.I64)
    now = member(instance, "now_ns")
    body = (
        assign(now, add(read(now), SCAN_NS)),
        *(Run(name, (AddressOf(instance),)) for name in program.tasks[0].programs),
    )
    loop = CountedLoop(turn, Const(0, Scalar.I64), Parameter("scans", Scalar.I64), body)
    formal = (FormalParameter("instance", program.instance, by_reference=True), FormalParameter("scans", Scalar.I64))
    return Module(functions=(Function("bench_run", formal, (loop,), (turn,), exported=True),))


def compiled(text: str, executor: Executor, scans: int) -> Callable[[], object]:
    """Return a call that runs ``scans`` scans of a program."""
    program = compile_program([SourceText("program.st", text)], prefix="bench")
    exported = ("bench_run", program.initialise)
    native = build(link([program.module, driver(program)], exported=exported), executor=executor)
    block = np.zeros(struct_layout(program.instance).size + 16, dtype=np.uint8)
    block = block[-block.ctypes.data % 16 :]
    native.function(program.initialise).call(block)
    run, context = native.function("bench_run"), native.new_context(budget=1 << 62)
    return lambda: run.call(block, scans, context=context)


def by_hand(source: Path, scans: int) -> Callable[[], object]:
    """Return a call that runs ``scans`` scans of the C program."""
    run = hand_c(source, "run", ctypes.c_int64)
    return lambda: run(scans)


def sources() -> dict[str, tuple[str, Path]]:
    """Return the text in Structured Text and the file in C by name."""
    generated = scratch_folder() / "sequence.c"
    generated.write_text(sequence.c_source(), "utf-8")
    texts = {name: (PROGRAMS / f"{name}.st").read_text("utf-8") for name in ("pid", "arrays")}
    return {
        "pid": (texts["pid"], PROGRAMS / "pid.c"),
        "sequence": (sequence.structured_text(), generated),
        "arrays": (texts["arrays"], PROGRAMS / "arrays.c"),
    }


def main() -> int:
    timings: list[Timing] = []
    ratios: list[Ratio] = []
    for name, (text, hand) in sources().items():
        scans = SCANS[name]
        measured = interleave(
            {
                "hand": by_hand(hand, scans),
                "gcc": compiled(text, Executor.GCC, scans),
                "tcc": compiled(text, Executor.TCC, scans),
            },
            operations=scans,
        )
        for executor in ("hand", "gcc", "tcc"):
            taken = measured[executor]
            label = f"{name}: {'C by hand' if executor == 'hand' else 'ST, ' + executor}"
            timings.append(Timing(label, taken.median_ns, taken.quartile_low_ns, taken.quartile_high_ns))
        factor = measured["gcc"].median_ns / measured["hand"].median_ns
        ratios.append(Ratio(f"ST program '{name}' against C by hand, gcc -O2, one scan", factor, LIMITS[name]))
    return 0 if report("Structured Text against C by hand", timings, ratios) else 1


if __name__ == "__main__":
    sys.exit(main())
