"""``hil_run``: phases in order, tape, recording, faults, the stop flag."""

from __future__ import annotations

import math

import numpy as np
import pytest

from emulators.errors import SourceSpan
from emulators.native import COLUMN_FIELDS, HEADER, TAPE_FIELDS, NativeContext, build, struct_layout, verify
from emulators.native.ir import (
    Argument,
    Array,
    Assign,
    Binary,
    BinaryOperator,
    Compare,
    Comparison,
    Const,
    FaultCode,
    Field,
    FormalParameter,
    Function,
    Load,
    Member,
    Module,
    Overflow,
    Scalar,
    Struct,
    While,
)
from emulators.native.loop import PHASES, WHOLE

I64, F64 = Scalar.I64, Scalar.F64
VALUES = Struct("values", tuple(Field(f"v_{item.label}", item) for item in Scalar))
CELL = Struct(
    "cell",
    (
        Field("header", HEADER),
        Field("values", VALUES),
        Field("order", I64),
        Field("seen_by_advance", I64),
        Field("seen_by_latch", I64),
        Field("input", I64),
        Field("divisor", I64),
        Field("tick_copies", Array(I64, 2)),
    ),
)
CELL_ARGUMENT = Argument("state", CELL)
LAYOUT = struct_layout(CELL)
KINDS = {item: index for index, item in enumerate(Scalar)}


def field(name, of=I64):
    return Member(CELL_ARGUMENT, name, of)


def header(name):
    return Member(Member(CELL_ARGUMENT, "header", HEADER), name, I64)


def binary(operator, left, right):
    return Binary(operator, left, right, I64, Overflow.WRAP, SourceSpan("plant.py", 5, 1))


def phase(name, *body):
    return Function(name, (FormalParameter("state", CELL, True),), body, exported=True)


def cell_module(**extra):
    """Return a cell whose phases write their numbers, in order, into ``order``."""
    functions = []
    for number, name in enumerate(PHASES, 1):
        ten = binary(BinaryOperator.MULTIPLY, Load(field("order"), I64), Const(10, I64))
        body = [Assign(field("order"), binary(BinaryOperator.ADD, ten, Const(number, I64)))]
        functions.append(phase(name, *body, *extra.get(name, ())))
    module = Module((HEADER, VALUES, CELL), tuple(functions))
    verify(module)
    return module


def new_state(step_ns=10):
    state = np.zeros(LAYOUT.size, np.uint8)
    write(state, "header.step_ns", step_ns)
    write(state, "divisor", 1)
    return state


def view(state, path):
    entry = LAYOUT.entry(path)
    code = "f" if entry.type.is_float else "i" if entry.type.is_signed else "u"
    return state[entry.offset : entry.offset + entry.type.size].view(f"{code}{entry.type.size}")


def write(state, path, value):
    view(state, path)[0] = value


def read(state, path):
    return view(state, path)[0].item()


def tape_of(*entries):
    """Return a tape from (tick, stage, path, value, mask)."""
    rows = []
    for tick, stage, path, value, mask in entries:
        entry = LAYOUT.entry(path)
        rows.append((tick, value, mask, entry.offset, entry.type.size, stage, 0))
    return np.array(rows, dtype=TAPE_FIELDS)


def test_the_phases_run_in_order_in_every_step(executor):
    state = new_state()
    program = build(cell_module(), executor=executor)

    done = program.run(program.new_context(), state, 2)

    assert done == 2
    assert read(state, "order") == 12345671234567
    assert (read(state, "header.tick"), read(state, "header.time_ns")) == (2, 20)


def test_a_phase_that_the_cell_does_not_have_is_left_out(executor):
    module = Module((HEADER, VALUES, CELL), tuple(item for item in cell_module().functions if item.name != PHASES[2]))
    state = new_state()
    program = build(module, executor=executor)

    program.run(program.new_context(), state, 1)

    assert read(state, "order") == 124567


COPIES = {
    "cell_advance": (Assign(field("seen_by_advance"), Load(field("input"), I64)),),
    "cell_latch": (Assign(field("seen_by_latch"), Load(field("input"), I64)),),
}


@pytest.mark.parametrize(("stage", "expected"), [(0, (5, 5)), (1, (0, 5))])
def test_a_tape_entry_acts_before_phase_1_or_in_phase_4_of_its_step(executor, stage, expected):
    state = new_state()
    program = build(cell_module(**COPIES), executor=executor)
    tape = tape_of((3, stage, "input", 5, -1 % (1 << 64)))

    program.run(program.new_context(), state, 2, tape=tape)
    before = (read(state, "seen_by_advance"), read(state, "seen_by_latch"))
    program.run(program.new_context(), state, 1, tape=tape)

    assert before == (0, 0)
    assert (read(state, "seen_by_advance"), read(state, "seen_by_latch")) == expected


def test_the_cursor_goes_on_where_the_last_call_ended(executor):
    state = new_state()
    program = build(cell_module(), executor=executor)
    whole = -1 % (1 << 64)
    tape = tape_of(*((tick, 0, "input", tick * 100, whole) for tick in (1, 2, 2, 4, 9)))
    cursor, seen = np.zeros(1, np.int64), []

    for _ in range(5):
        program.run(program.new_context(), state, 1, tape=tape, cursor=cursor)
        seen.append((int(cursor[0]), read(state, "input")))

    assert seen == [(1, 100), (3, 200), (3, 200), (4, 400), (4, 400)]


@pytest.mark.parametrize("size", [1, 2, 4, 8])
def test_a_tape_entry_writes_only_the_bits_of_its_mask(executor, size):
    state = new_state()
    path = f"values.v_u{size * 8}"
    write(state, path, (1 << size * 8) - 1)
    before = state.copy()
    program = build(cell_module(), executor=executor)

    program.run(program.new_context(), state, 1, tape=tape_of((1, 0, path, 0x20, 0x33)))

    assert read(state, path) == (1 << size * 8) - 1 - 0x33 + 0x20
    entry = LAYOUT.entry(path)
    changed = np.flatnonzero(state[56:] != before[56:]) + 56
    own = [offset for offset in changed if entry.offset <= offset < entry.offset + size]
    order = LAYOUT.entry("order").offset
    assert set(changed.tolist()) - set(own) <= set(range(order, order + 8))


def columns_of(entries, n_rows):
    """Return columns and row buffers for (path, bit)."""
    buffers, rows = [], []
    for path, bit in entries:
        entry = LAYOUT.entry(path)
        code = "f" if entry.type.is_float else "i" if entry.type.is_signed else "u"
        buffer = np.zeros(n_rows, "u1" if bit != WHOLE else f"{code}{entry.type.size}")
        buffers.append(buffer)
        rows.append((buffer.ctypes.data, entry.offset, KINDS[entry.type], bit, 0))
    return np.array(rows, dtype=COLUMN_FIELDS), buffers


def test_every_type_is_recorded_as_it_is(executor):
    state = new_state()
    values = {Scalar.BOOL: 1, Scalar.F32: 0.1, Scalar.F64: -1e300}
    paths = []
    for item in Scalar:
        value = values.get(item, -5 if item.is_signed else 200)
        write(state, f"values.v_{item.label}", value)
        paths += [(f"values.v_{item.label}", WHOLE)] * 2
    columns, buffers = columns_of(paths, 4)
    times = np.zeros(4, np.int64)
    program = build(cell_module(), executor=executor)

    program.run(program.new_context(), state, 2, columns=columns, row_times=times, first_row=1)

    for (path, _), buffer in zip(paths, buffers, strict=True):
        assert buffer.tolist() == [0, read(state, path), read(state, path), 0]
    assert times.tolist() == [0, 10, 20, 0]


def test_bits_are_recorded_as_0_and_1(executor):
    state = new_state()
    write(state, "values.v_u16", 0b1000_0000_0000_0101)
    paths = [("values.v_u16", bit) for bit in (0, 1, 2, 15)] + [("values.v_i64", 63), ("values.v_u8", WHOLE)]
    write(state, "values.v_i64", -1)
    columns, buffers = columns_of(paths, 1)
    program = build(cell_module(), executor=executor)

    program.run(program.new_context(), state, 1, columns=columns)

    assert [buffer[0].item() for buffer in buffers] == [1, 0, 1, 1, 1, 0]


def test_every_nan_is_recorded_with_the_same_bits(executor):
    state = new_state()
    view(state, "values.v_f64").view(np.uint64)[0] = 0xFFF8_0000_0000_1234
    view(state, "values.v_f32").view(np.uint32)[0] = 0xFFC0_0001
    columns, (wide, narrow) = columns_of([("values.v_f64", WHOLE), ("values.v_f32", WHOLE)], 1)
    program = build(cell_module(), executor=executor)

    program.run(program.new_context(), state, 1, columns=columns)

    assert math.isnan(wide[0])
    assert wide.view(np.uint64)[0] == 0x7FF8 << 48
    assert narrow.view(np.uint32)[0] == 0x7FC0_0000


def test_a_row_shows_the_step_after_its_last_phase(executor):
    state = new_state()
    columns, (order,) = columns_of([("order", WHOLE)], 1)
    program = build(cell_module(), executor=executor)

    program.run(program.new_context(), state, 1, columns=columns)

    assert order[0] == 1234567


DIVIDE = {
    "cell_advance": (
        Assign(field("divisor"), binary(BinaryOperator.SUBTRACT, Load(header("tick"), I64), Const(3, I64))),
        Assign(field("input"), binary(BinaryOperator.DIVIDE, Const(9, I64), Load(field("divisor"), I64))),
    )
}


def test_a_fault_of_the_plant_ends_the_run_and_stands_in_the_header(executor):
    state = new_state()
    program = build(cell_module(**DIVIDE), executor=executor)
    context = program.new_context()

    done = program.run(context, state, 10)

    assert done == 2
    assert context.fault_code == FaultCode.DIVISION_BY_ZERO
    code, site = read(state, "header.fault_code"), read(state, "header.fault_site")
    values = [read(state, f"header.fault_values[{index}]") for index in range(3)]
    assert str(program.decode_fault(code, site, values)) == "plant.py:5:1: division by zero: 9 / 0"


def test_each_step_has_the_whole_loop_budget(executor):
    limit = binary(BinaryOperator.MULTIPLY, Load(header("tick"), I64), Const(80, I64))
    smaller = Compare(Comparison.LT, Load(field("input"), I64), limit)
    one_more = Assign(field("input"), binary(BinaryOperator.ADD, Load(field("input"), I64), Const(1, I64)))
    module = cell_module(cell_execute=(While(smaller, (one_more,)),))
    state = new_state()
    program = build(module, executor=executor)

    assert program.run(NativeContext(budget=100), state, 5) == 5
    assert program.run(NativeContext(budget=79), state, 5) == 0


def test_a_request_to_stop_ends_the_run_between_steps(executor):
    state, context = new_state(), NativeContext()
    program = build(cell_module(), executor=executor)
    context.stop()

    assert program.run(context, state, 1000) == 0
    context.go_on()
    assert program.run(context, state, 1000) == 1000
    assert context.fault_code == 0


def test_a_copy_of_the_state_goes_on_like_the_original(executor):
    program = build(cell_module(**COPIES), executor=executor)
    state = new_state()
    program.run(program.new_context(), state, 5)
    fork = state.copy()
    write(state, "order", 0)
    write(fork, "order", 0)

    program.run(program.new_context(), state, 3)
    program.run(program.new_context(), fork, 3)

    assert state.tobytes() == fork.tobytes()


def test_the_header_of_the_table_is_the_header_of_the_loop():
    assert [field.name for field in HEADER.fields][:4] == ["tick", "time_ns", "step_ns", "seed"]
    assert np.dtype(TAPE_FIELDS).itemsize == 32
    assert np.dtype(COLUMN_FIELDS).itemsize == 16
