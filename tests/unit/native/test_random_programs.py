"""Random programs: tcc, gcc and the plain evaluator of the tests agree in values, state and faults."""

from __future__ import annotations

import random

import numpy as np
import pytest

from emulators.native import Executor, NativeContext, NativeFault, available_executors, build, struct_layout, verify
from emulators.native.emit_module import emit_module
from emulators.native.gcc import Compilation
from emulators.native.ir import Scalar
from emulators.native.program import NativeProgram

BUDGET = 3000
NAN = {Scalar.F32: np.uint32(0xFFC00000), Scalar.F64: np.uint64(0xFFF8000000000000)}
DTYPES = {
    item: np.dtype(f"{'uif'[1 if item.is_signed and not item.is_float else 2 if item.is_float else 0]}{item.size}")
    for item in Scalar
}


def random_state(layout, seed):
    """Return a state block with small and large numbers, infinities, NaN and a random process image."""
    chooser = random.Random(seed)
    block = np.zeros(layout.size, np.uint8)
    for entry in layout.entries():
        place = block[entry.offset : entry.offset + entry.type.size]
        if entry.type is Scalar.BOOL:
            place[:] = chooser.randrange(2)
        elif entry.type.is_float:
            value = chooser.choice((0.0, -0.0, 1.5, -3.25, 1e30, float("inf"), None, chooser.uniform(-1e3, 1e3)))
            if value is None:
                place[:] = np.array([NAN[entry.type]]).view(np.uint8)
            else:
                place[:] = np.array([value], DTYPES[entry.type]).view(np.uint8)
        else:
            near = chooser.choice((chooser.getrandbits(64), chooser.randrange(6), -1 - chooser.randrange(3)))
            place[:] = np.frombuffer((near % (1 << 64)).to_bytes(8, "little"), np.uint8)[: entry.type.size]
    return block


def compared(block, layout, *, with_site):
    """Return the state with every NaN alike; without the sites, which the evaluator does not know."""
    block = block.copy()
    for entry in layout.entries():
        place = block[entry.offset : entry.offset + entry.type.size]
        if entry.type.is_float and np.isnan(place.view(DTYPES[entry.type])[0]):
            place[:] = 0xAA
        if entry.path == "site" and not with_site:
            place[:] = 0
    return block.tobytes()


def run_native(program, name, block, n, x, out):
    context = NativeContext(budget=BUDGET)
    try:
        value = program.function(name).call(block, n, x, out, context=context)
    except NativeFault as fault:
        return ("fault", fault.code, fault.span.line, fault.values)
    return ("value", "nan" if value != value else value, np.copysign(1.0, value) if value == 0 else 1.0)


def run_plain(interpreter, name, block, n, x, out, faulted):
    try:
        value = interpreter.call(name, (block, 0), n, x, (out, 0))
    except faulted as fault:
        return ("fault", fault.code, fault.span.line, fault.values)
    return ("value", "nan" if value != value else value, np.copysign(1.0, value) if value == 0 else 1.0)


def check(seed, programs, module, ir_interpreter, ir_generator):
    layout = struct_layout(ir_generator.STATE)
    compared_count = 0
    for index, function in enumerate(module.functions):
        start = random_state(layout, seed * 1000 + index)
        n, x = random.Random(seed + index).choice(((0, 0.5), (3, -1e9), (-7, 2.0), (1 << 40, 0.0)))
        block, out = bytearray(start.tobytes()), bytearray(8)
        plain = ir_interpreter.Interpreter(module, budget=BUDGET)
        try:
            expected = run_plain(plain, function.name, block, n, x, out, ir_interpreter.Faulted)
        except ir_interpreter.TooLong:
            continue
        compared_count += 1
        blocks = []
        for program in programs:
            native, native_out = start.copy(), np.zeros(8, np.uint8)
            assert run_native(program, function.name, native, n, x, native_out) == expected, function.name
            plain_block = np.frombuffer(bytes(block), np.uint8)
            assert compared(native, layout, with_site=False) == compared(plain_block, layout, with_site=False)
            blocks.append(compared(native, layout, with_site=True))
        assert len(set(blocks)) == 1
    return compared_count


@pytest.mark.parametrize("seed", range(8))
def test_tcc_agrees_with_the_plain_evaluator(seed, ir_interpreter, ir_generator):
    module = ir_generator.random_module(seed)
    verify(module)
    programs = [build(module, executor=Executor.TCC)]

    assert check(seed, programs, module, ir_interpreter, ir_generator) > 0


def all_executors(module):
    """Return tcc and gcc at two levels."""
    emitted = emit_module(module)
    yield build(module, executor=Executor.TCC)
    for optimisation in ("-O0", "-O2"):
        code = Compilation(emitted.text, optimisation=optimisation).run()
        yield NativeProgram(module, emitted, Executor.GCC, code)


@pytest.mark.skipif(Executor.GCC not in available_executors(), reason="no gcc or clang on the path")
@pytest.mark.parametrize("seed", range(100, 102))
def test_gcc_agrees_with_tcc_at_every_level(seed, ir_interpreter, ir_generator):
    module = ir_generator.random_module(seed)

    assert check(seed, list(all_executors(module)), module, ir_interpreter, ir_generator) > 0


@pytest.mark.campaign
@pytest.mark.skipif(Executor.GCC not in available_executors(), reason="no gcc or clang on the path")
@pytest.mark.parametrize("seed", range(1000, 1060))
def test_all_executors_agree_on_many_random_programs(seed, ir_interpreter, ir_generator):
    module = ir_generator.random_module(seed, 40)

    assert check(seed, list(all_executors(module)), module, ir_interpreter, ir_generator) > 0


def test_the_same_module_gives_the_same_text(ir_generator):
    first, second = ir_generator.random_module(5), ir_generator.random_module(5)

    assert emit_module(first).text == emit_module(second).text
