"""Functions of our own: the same bits in Python, tcc and gcc, and close to the exact value."""

from __future__ import annotations

import math
import random
import struct

import numpy as np
import pytest

from emulators.native import INTRINSICS, build
from emulators.native.ir import (
    Argument,
    Array,
    Assign,
    Const,
    Conversion,
    Convert,
    CountedLoop,
    Element,
    FormalParameter,
    Function,
    Intrinsic,
    Load,
    Local,
    Module,
    Return,
    Scalar,
)

COUNT = 1500
DTYPES = {
    Scalar.F64: np.float64,
    Scalar.F32: np.float32,
    Scalar.U64: np.uint64,
    Scalar.I64: np.int64,
    Scalar.BOOL: np.uint8,
}
SPECIAL = (
    0.0, -0.0, 1.0, -1.0, 0.5, 2.0, 3.0, -3.0, math.inf, -math.inf, math.nan, 5e-324, -5e-324, 2.2250738585072014e-308,
    1.7976931348623157e308, 709.782712893384, 709.79, -745.13, -745.14, 710.4, 22.0, 0.35, 1e22, 1647099.0, 1e300,
    math.pi, math.pi / 2, math.pi / 4, 1e-8, -1e-9, 1e-18, 4503599627370496.5, 1.4142135623730951,
)  # fmt: skip


def element(name, of, index):
    return Element(Argument(name, Array(of, COUNT)), Load(index, Scalar.I64), of, checked=False)


def column_function(name, entry):
    """Return a function that applies an intrinsic to columns of arguments."""
    index = Local("index", Scalar.I64)
    names = [f"a{position}" for position in range(len(entry.parameters))]
    arguments = tuple(Load(element(item, of, index), of) for item, of in zip(names, entry.parameters, strict=True))
    body = Assign(element("out", entry.result, index), Intrinsic(name, arguments, entry.result))
    parameters = [
        FormalParameter(item, Array(of, COUNT), True) for item, of in zip(names, entry.parameters, strict=True)
    ]
    parameters.append(FormalParameter("out", Array(entry.result, COUNT), True))
    loop = CountedLoop(index, Const(0, Scalar.I64), Const(COUNT, Scalar.I64), (body,))
    return Function(f"column_{name}", tuple(parameters), (loop,), (index,), exported=True)


def draw(chooser, of):
    if of is Scalar.U64:
        return chooser.getrandbits(chooser.choice((3, 20, 64)))
    if of is Scalar.I64:
        return chooser.getrandbits(64) - 2**63 if chooser.random() < 0.5 else chooser.randint(-3, 3)
    kind = chooser.randrange(6)
    if kind == 0:
        return chooser.choice(SPECIAL)
    if kind == 1:
        return struct.unpack("<d", struct.pack("<Q", chooser.getrandbits(64)))[0]
    if kind == 2:
        return float(chooser.randint(-30, 30))
    return chooser.uniform(-1, 1) * (1.3, 12.0, 1e7)[kind - 3]


def columns(name, entry):
    """Return arguments inside the domain and what the Python twin makes of them."""
    chooser = random.Random(name)
    rows, results = [], []
    while len(rows) < COUNT:
        row = [draw(chooser, of) for of in entry.parameters]
        try:
            results.append(entry.twin(*row))
        except ValueError:
            continue
        rows.append(row)
    given = [np.array([row[position] for row in rows], DTYPES[of]) for position, of in enumerate(entry.parameters)]
    return given, np.array(results, DTYPES[entry.result])


@pytest.fixture(scope="module")
def column_programs():
    module = Module((), tuple(column_function(name, entry) for name, entry in INTRINSICS.items()))
    programs = {}

    def program(executor):
        if executor not in programs:
            programs[executor] = build(module, executor=executor)
        return programs[executor]

    return program


@pytest.mark.parametrize("name", INTRINSICS)
def test_native_code_has_the_bits_of_the_python_twin(name, executor, column_programs):
    given, expected = columns(name, INTRINSICS[name])
    found = np.zeros_like(expected)

    column_programs(executor).function(f"column_{name}").call(*given, found)

    if found.dtype == np.float64:
        found, expected = (np.where(np.isnan(column), 0.123, column).view(np.uint64) for column in (found, expected))
    assert np.flatnonzero(found != expected).tolist() == []


LIBRARY = {
    "exp": (-745.0, 709.0),
    "log": (1e-300, 1e300),
    "log10": (1e-3, 1e6),
    "sin": (-100.0, 100.0),
    "cos": (-100.0, 100.0),
    "tan": (-100.0, 100.0),
    "asin": (-1.0, 1.0),
    "acos": (-1.0, 1.0),
    "atan": (-50.0, 50.0),
    "sinh": (-700.0, 700.0),
    "cosh": (-700.0, 700.0),
    "tanh": (-3.0, 3.0),
}


@pytest.mark.parametrize(("name", "limits"), LIBRARY.items(), ids=list(LIBRARY))
def test_functions_are_within_two_ulp_of_the_platform(name, limits):
    chooser = random.Random(name)
    twin, library = INTRINSICS[name].twin, getattr(math, name)
    arguments = [chooser.uniform(*limits) * chooser.choice((1.0, 1.0, 1e-3)) or 0.5 for _ in range(4000)]
    if name.startswith("log"):
        arguments = [abs(x) for x in arguments]

    apart = [abs(twin(x) - library(x)) / math.ulp(library(x)) for x in arguments]

    assert max(apart) <= 2


def test_pow_and_atan2_are_within_two_ulp_of_the_platform():
    chooser = random.Random(4)
    power, angle = INTRINSICS["pow"].twin, INTRINSICS["atan2"].twin
    apart = []
    for _ in range(4000):
        x, y = chooser.uniform(0.0, 20.0), chooser.uniform(-100.0, 100.0)
        apart.append(abs(power(x, y) - math.pow(x, y)) / math.ulp(math.pow(x, y)))
        x, y = chooser.uniform(-1, 1) * 10 ** chooser.uniform(-9, 9), chooser.uniform(-1, 1)
        apart.append(abs(angle(y, x) - math.atan2(y, x)) / math.ulp(math.atan2(y, x)))

    assert max(apart) <= 2


@pytest.mark.parametrize("x", [1e7, 3e9, 1e16, 123456789.123e20, 1e300, 1.7976931348623157e308, 2.0**1000])
@pytest.mark.parametrize("name", ["sin", "cos", "tan"])
def test_large_angles_are_reduced_exactly(name, x):
    assert INTRINSICS[name].twin(x) == pytest.approx(getattr(math, name)(x), rel=1e-15)


@pytest.mark.parametrize("power", range(-300, 301, 7))
def test_log10_of_a_power_of_ten_is_whole(power):
    assert INTRINSICS["log10"].twin(float(f"1e{power}")) == power


POWER_ROWS = [
    (0.0, 0.0, 1.0), (-8.0, 3.0, -512.0), (-0.0, 3.0, -0.0), (-0.0, 2.0, 0.0), (2.0, -1074.0, 5e-324),
    (1.0, math.nan, 1.0), (math.nan, 0.0, 1.0), (-1.0, math.inf, 1.0), (0.5, math.inf, 0.0), (2.0, -math.inf, 0.0),
    (-math.inf, 3.0, -math.inf), (math.inf, -1.0, 0.0), (10.0, 308.0, 1e308), (10.0, 309.0, math.inf),
    (-10.0, 309.0, -math.inf), (2.0, 0.5, 2.0**0.5),
]  # fmt: skip


@pytest.mark.parametrize(("x", "y", "expected"), POWER_ROWS)
def test_pow_keeps_the_special_values_of_iec_60559(x, y, expected):
    assert repr(INTRINSICS["pow"].twin(x, y)) == repr(expected)


ANGLE_ROWS = [
    (0.0, 1.0), (-0.0, 1.0), (0.0, -1.0), (-0.0, -1.0), (0.0, 0.0), (-0.0, -0.0), (1.0, 0.0), (-1.0, -0.0),
    (math.inf, 1.0), (1.0, math.inf), (1.0, -math.inf), (-math.inf, math.inf), (math.inf, -math.inf), (5e-324, 1.0),
    (1e308, 1e-308), (1e-300, -1e-300), (5e-324, 5e-324), (1e-310, 1e-305), (1.0, 5e-324),
]  # fmt: skip


@pytest.mark.parametrize(("y", "x"), ANGLE_ROWS)
def test_atan2_keeps_the_special_values_of_iec_60559(y, x):
    assert repr(INTRINSICS["atan2"].twin(y, x)) == repr(math.atan2(y, x))


def test_gauss_has_mean_0_and_variance_1_and_gaussian_tails():
    draws = np.array([INTRINSICS["gauss"].twin(11, counter, 2) for counter in range(40_000)])

    assert abs(draws.mean()) < 0.02
    assert abs(draws.std() - 1) < 0.02
    assert abs((draws**4).mean() - 3) < 0.2
    assert 0.0015 < (np.abs(draws) > 3).mean() < 0.004


def test_noise_of_two_channels_is_unrelated():
    first, second = (
        np.array([INTRINSICS["uniform"].twin(1, counter, channel) for counter in range(5000)]) for channel in (1, 2)
    )

    assert abs(np.corrcoef(first, second)[0, 1]) < 0.05
    assert abs(np.corrcoef(first[1:], first[:-1])[0, 1]) < 0.05
    assert 0.0 <= first.min() < first.max() < 1.0


def test_functions_on_f32_are_computed_in_f64_and_rounded(executor):
    x = Local("x", Scalar.F32)
    given = Load(x, Scalar.F32)
    wide = Intrinsic("exp", (Convert(given, Scalar.F64, Conversion.TO_FLOAT),), Scalar.F64)
    results = {
        "narrow": Intrinsic("exp", (given,), Scalar.F32),
        "wide": Convert(wide, Scalar.F32, Conversion.TO_FLOAT),
    }
    functions = [
        Function(name, (), (Assign(x, Const(0.7, Scalar.F32)), Return(result)), (x,), Scalar.F32, True)
        for name, result in results.items()
    ]
    program = build(Module((), tuple(functions)), executor=executor)

    assert program.function("narrow").call() == program.function("wide").call()
