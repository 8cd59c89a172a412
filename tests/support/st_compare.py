"""Runs a program by the reference evaluator and by native code and tells where they differ, bit for bit."""

from __future__ import annotations

import math
import struct
from typing import Any

from st_evaluator import Evaluator
from st_functions import FaultError
from st_plc import MS, NativePlc

from emulators.iec61131.analysis import analyse
from emulators.iec61131.lowering.project_lowering import lower_project
from emulators.iec61131.project import SourceText
from emulators.native import Executor, NativeFault

__all__ = ["differences"]


def same(left: Any, right: Any) -> bool:
    """Return whether two values have the same bits; all NaN are one."""
    if isinstance(left, float) and isinstance(right, float):
        if math.isnan(left) or math.isnan(right):
            return math.isnan(left) and math.isnan(right)
        return struct.pack("<d", left) == struct.pack("<d", right)
    return bool(left == right)


def differences(text: str, executors: tuple[Executor, ...], n_scans: int = 5) -> list[str]:
    """Return what differs after each scan, up to the first scan with a difference or a fault."""
    project = analyse([SourceText("test.st", text)])
    compiled = lower_project(project, prefix="plc")
    plcs = {executor.value: NativePlc(compiled, executor) for executor in executors}
    reference = Evaluator(project)
    for number in range(n_scans):
        now_ns = (number * 10 + 10) * MS
        expected = fault_of(lambda now=now_ns: reference.scan(now))  # type: ignore[misc]
        for name, plc in plcs.items():
            found = fault_of(lambda plc=plc, now=now_ns: plc.scan(now))  # type: ignore[misc]
            if found != expected:
                return [f"scan {number}: {name} {found or 'runs'}, the evaluator {expected or 'runs'}"]
        wrong = [] if expected else values_that_differ(plcs, reference, number)
        if wrong or expected:
            return wrong
    return []


def values_that_differ(plcs: dict[str, NativePlc], reference: Evaluator, number: int) -> list[str]:
    wrong = []
    for name, plc in plcs.items():
        for variable in plc.compiled.variables:
            found, expected = plc.read(variable.path), reference.read(variable.path)
            if not same(found, expected):
                wrong.append(f"scan {number}: {variable.path} is {found!r} by {name}, {expected!r} by the evaluator")
    return wrong


def fault_of(run: Any) -> str:
    """Return code and line of the fault that a scan ended with, or an empty text."""
    try:
        run()
    except FaultError as fault:
        return f"{fault.code} in line {fault.span.line}"
    except NativeFault as fault:
        return f"{fault.code.name} in line {fault.span.line}"
    return ""
