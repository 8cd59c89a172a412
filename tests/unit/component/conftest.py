"""Writes component classes to files, and runs single methods of them in plain Python and in native code."""

from __future__ import annotations

import dataclasses
import itertools
import textwrap
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from emulators.component import Component, compile_component
from emulators.component.checked import checked_class, fault_of
from emulators.native import Executor, NativeFault, build, ir, struct_layout
from emulators.plant import component_class

HEAD = "from __future__ import annotations\nfrom emulators.component import *\n"


@pytest.fixture
def write_classes(tmp_path, monkeypatch) -> Callable[[str], Callable[[str], type[Component]]]:
    """Return a function that writes source text to a new file and gives its classes by name.

    The text follows two lines of imports, so that its first line is line 3.
    """
    monkeypatch.chdir(tmp_path)
    numbers = itertools.count()

    def write(text: str) -> Callable[[str], type[Component]]:
        path = tmp_path / f"parts_{next(numbers)}.py"
        path.write_text(HEAD + textwrap.dedent(text), encoding="utf-8")
        return lambda name: component_class(f"{path.name}:{name}")

    return write


def canonical(raw: bytes, scalar: ir.Type) -> bytes:
    """Return the bytes of a scalar; the sign and payload of a NaN have no meaning and differ between compilers."""
    if scalar is ir.Scalar.F64 and np.isnan(np.frombuffer(raw, np.float64)[0]):
        return b"not a number"
    return raw


class MethodRun:
    """Methods of some classes in one native program, and the same methods in plain Python."""

    def __init__(self, classes: Sequence[type[Component]], executor: Executor = Executor.TCC) -> None:
        self.units = {cls.__name__: compile_component(cls) for cls in classes}
        functions: dict[str, ir.Function] = {}
        for unit in self.units.values():
            entries = {unit.function_name(name) for name in ("defaults", *unit.methods)}
            functions |= {
                function.name: dataclasses.replace(function, exported=function.name in entries)
                for function in unit.functions
            }
        structs = tuple(unit.struct for unit in self.units.values())
        self.program = build(ir.Module(structs, tuple(functions.values())), executor=executor)

    def native(self, name: str, method: str, values: dict[str, object], *arguments: float) -> dict[str, object]:
        """Return the members after a method ran in native code, or its fault under the key ``fault``."""
        unit = self.units[name]
        layout = struct_layout(unit.struct)
        block = np.zeros(layout.size, np.uint8)
        self.program.function(unit.function_name("defaults")).call(block)
        kinds = {"f64": np.float64, "i64": np.int64, "bool": np.uint8}
        for member, value in values.items():
            entry = layout.entry(member)
            image = np.array([value], kinds[entry.type.label]).view(np.uint8)
            block[entry.offset : entry.offset + len(image)] = image
        found: dict[str, object] = {}
        try:
            self.program.function(unit.function_name(method)).call(block, *arguments)
        except NativeFault as fault:
            found["fault"] = (fault.code, fault.span)
        for entry in layout.entries():
            if not entry.path.startswith(("der_", "base_", "sum_")):
                raw = block[entry.offset : entry.offset + entry.type.size]
                found[entry.path] = canonical(raw.tobytes(), entry.type)
        return found

    def python(self, name: str, method: str, values: dict[str, object], *arguments: float) -> dict[str, object]:
        """Return the same from plain Python."""
        unit = self.units[name]
        component = checked_class(unit)()
        for member, value in values.items():
            setattr(component, member, value)
        found: dict[str, object] = {}
        try:
            getattr(component, method)(*arguments)
        except Exception as error:
            fault = fault_of(error)
            if fault is None:
                raise
            found["fault"] = (fault.code, fault.span)
        kinds = {ir.Scalar.F64: np.float64, ir.Scalar.I64: np.int64, ir.Scalar.BOOL: np.uint8}
        for member in unit.members.values():
            value = getattr(component, member.name)
            elements = value if member.length else [value]
            for index, element in enumerate(elements):
                path = f"{member.name}[{index}]" if member.length else member.name
                found[path] = canonical(np.array([element], kinds[member.scalar]).tobytes(), member.scalar)
        for built_in in unit.built_ins:
            found[built_in] = np.array([getattr(component, built_in)], np.int64).tobytes()
        return found


@pytest.fixture
def run_methods() -> type[MethodRun]:
    return MethodRun
