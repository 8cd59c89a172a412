"""The layout table against what the C compilers make of the same structures."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulators.native import Executor, available_executors, build, struct_layout
from emulators.native.ir import Array, Field, FormalParameter, Function, Module, Scalar, Struct

SCALARS = st.sampled_from(list(Scalar))
TYPES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.builds(Array, inner, st.integers(1, 3)),
        st.lists(inner, max_size=4).map(tuple),
    ),
    max_leaves=8,
)


def as_struct(shape, structs):
    fields = tuple(Field(f"f{index}", as_type(inner, structs)) for index, inner in enumerate(shape))
    struct = Struct(f"s{len(structs)}", fields)
    structs.append(struct)
    return struct


def as_type(shape, structs):
    if isinstance(shape, tuple):
        return as_struct(shape, structs)
    if isinstance(shape, Array):
        return Array(as_type(shape.element, structs), shape.length)
    return shape


def compiled_offsets(structs, executor):
    """Return what the compiler says: size and offset of each field, by its own ``sizeof`` and ``offsetof``."""
    from emulators.native.emit_module import emit_module
    from emulators.native.foreign import foreign
    from emulators.native.gcc import Compilation
    from emulators.native.tcc import compile_with_tcc

    lines = [emit_module(Module(tuple(structs))).text, "HIL_EXPORT i64 ask(i32 question) {", "switch (question) {"]
    questions = []
    for struct in structs:
        questions.append(f"sizeof(struct {struct.name})")
        questions += [f"(i64)&((struct {struct.name} *)0)->{field.name}" for field in struct.fields]
    lines += [f"case {index}: return {question};" for index, question in enumerate(questions)]
    text = "\n".join([*lines, "}", "return -1;", "}"])
    code = compile_with_tcc(text) if executor is Executor.TCC else Compilation(text, optimisation="-O0").run()
    ask = foreign().cast("long long(*)(int)", code.address("ask"))
    answers = [ask(index) for index in range(len(questions))]
    code.close()
    return answers


def table_offsets(structs):
    answers = []
    for struct in structs:
        layout = struct_layout(struct)
        answers.append(layout.size)
        answers += [layout.entry(field.name).offset for field in struct.fields]
    return answers


@settings(derandomize=True, max_examples=60, deadline=None)
@given(shape=st.lists(TYPES, min_size=1, max_size=6).map(tuple))
def test_layout_table_agrees_with_tcc(shape):
    structs = []
    as_struct(shape, structs)

    assert compiled_offsets(structs, Executor.TCC) == table_offsets(structs)


@pytest.mark.skipif(Executor.GCC not in available_executors(), reason="no gcc or clang on the path")
def test_layout_table_agrees_with_gcc():
    structs = []
    shapes = [
        (Scalar.BOOL, Scalar.F64, Scalar.I16),
        (Array(Scalar.U8, 3), Array(Array(Scalar.F32, 3), 5), Scalar.U8),
        (),
        (Scalar.U8, (), (Scalar.I8, (Scalar.I64,)), Array((Scalar.BOOL, Scalar.I32), 2)),
    ]
    for shape in shapes:
        as_struct(shape, structs)

    assert compiled_offsets(structs, Executor.GCC) == table_offsets(structs)


def test_entry_names_nested_fields_and_elements():
    part = Struct("part", (Field("kind", Scalar.U8), Field("height_m", Scalar.F64)))
    belt = Struct("belt", (Field("running", Scalar.BOOL), Field("parts", Array(part, 4))))

    entry = struct_layout(belt).entry("parts[3].height_m")

    assert (entry.offset, entry.type) == (8 + 3 * 16 + 8, Scalar.F64)


def test_entries_lists_every_scalar_once_in_order_of_offset():
    part = Struct("part", (Field("kind", Scalar.U8), Field("height_m", Scalar.F64)))
    belt = Struct("belt", (Field("parts", Array(part, 2)), Field("running", Scalar.BOOL)))

    paths = [(entry.path, entry.offset) for entry in struct_layout(belt).entries()]

    assert paths == [
        ("parts[0].kind", 0),
        ("parts[0].height_m", 8),
        ("parts[1].kind", 16),
        ("parts[1].height_m", 24),
        ("running", 32),
    ]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("level", "did you mean 'level_m'"),
        ("parts[2]", "outside 0..1"),
        ("level_m.x", "has no fields"),
        ("level_m[0]", "no array"),
        ("level_m!", "not a path"),
    ],
)
def test_a_wrong_path_says_what_is_wrong(path, message):
    struct = Struct("tank", (Field("level_m", Scalar.F64), Field("parts", Array(Scalar.U8, 2))))

    with pytest.raises(KeyError, match=message):
        struct_layout(struct).entry(path)


def test_fields_named_like_keywords_of_c_compile():
    struct = Struct("register", tuple(Field(name, Scalar.I32) for name in ("int", "int_", "unix", "struct")))
    read = Function("read", (FormalParameter("default", struct, True),), (), exported=True)

    program = build(Module((struct,), (read,)), executor=Executor.TCC)

    assert "struct register_" in program.text
