"""Functions that an Intrinsic names: argument types, result, C text, and the Python twin with the same bits.

``guard`` is the C condition under which the function is not defined (FaultCode.DOMAIN); the twin raises ValueError
there. One more: the C function in a runtime part, its twin, and one row of the table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from emulators.native.ir import Scalar
from emulators.native.same_bits import elementary, exponential, noise, trigonometry

__all__ = ["INTRINSICS", "IntrinsicEntry", "IntrinsicTable"]


@dataclass(frozen=True, slots=True)
class IntrinsicEntry:
    """One function; ``{0}`` and ``{1}`` in ``guard`` and ``template`` stand for the arguments."""

    name: str
    parameters: tuple[Scalar, ...]
    result: Scalar
    template: str
    twin: Callable[..., float | int | bool] = field(compare=False)
    guard: str | None = None
    parts: frozenset[str] = frozenset()
    repeats_arguments: bool = False


IntrinsicTable = Mapping[str, IntrinsicEntry]

_F, _U, _I = Scalar.F64, Scalar.U64, Scalar.I64


def _function(
    name: str, twin: Callable[..., float], arity: int = 1, *, guard: str | None = None, part: str = "elementary"
) -> IntrinsicEntry:
    places = ", ".join(f"{{{index}}}" for index in range(arity))
    return IntrinsicEntry(name, (_F,) * arity, _F, f"hil_{name}({places})", twin, guard, frozenset({part}))


def _inline(
    name: str, template: str, twin: Callable[..., float | bool], arity: int = 1, result: Scalar = _F
) -> IntrinsicEntry:
    return IntrinsicEntry(name, (_F,) * arity, result, template, twin, repeats_arguments=True)


def _noise(name: str, twin: Callable[..., float | int], result: Scalar) -> IntrinsicEntry:
    return IntrinsicEntry(
        name, (_U, _U, _U), result, f"hil_{name}({{0}}, {{1}}, {{2}})", twin, parts=frozenset({"noise"})
    )


def _exponential(name: str, twin: Callable[..., float], arity: int = 1, guard: str | None = None) -> IntrinsicEntry:
    return _function(name, twin, arity, guard=guard, part="exponential")


def _angle(name: str, twin: Callable[..., float], arity: int = 1, guard: str | None = None) -> IntrinsicEntry:
    return _function(name, twin, arity, guard=guard, part="trigonometry")


_OUTSIDE_ONE = "{0} < -1.0 || {0} > 1.0"

_ENTRIES = (
    _function("sqrt", elementary.sqrt, guard="{0} < 0.0"),
    _function("floor", elementary.floor),
    _function("ceil", elementary.ceil),
    IntrinsicEntry("trunc", (_F,), _F, "hil_trunc({0})", elementary.trunc),
    IntrinsicEntry("round_even", (_F,), _F, "hil_round_even({0})", elementary.round_even),
    _function("copysign", elementary.copysign, 2),
    _function("fmod", elementary.fmod, 2, guard="{1} == 0.0"),
    _inline("fabs", "({0} <= 0.0 ? 0.0 - {0} : {0})", elementary.fabs),
    _inline("isnan", "({0} != {0})", elementary.isnan, result=Scalar.BOOL),
    _inline("isfinite", "({0} - {0} == 0.0)", elementary.isfinite, result=Scalar.BOOL),
    _inline("fmin_py", "({1} < {0} ? {1} : {0})", elementary.fmin_py, 2),
    _inline("fmax_py", "({1} > {0} ? {1} : {0})", elementary.fmax_py, 2),
    IntrinsicEntry("min_i64", (_I, _I), _I, "({1} < {0} ? {1} : {0})", min, repeats_arguments=True),
    IntrinsicEntry("max_i64", (_I, _I), _I, "({1} > {0} ? {1} : {0})", max, repeats_arguments=True),
    _exponential("exp", exponential.exp),
    _exponential("log", exponential.log, guard="{0} <= 0.0"),
    _exponential("log10", exponential.log10, guard="{0} <= 0.0"),
    _exponential("pow", exponential.power, 2, guard="hil_power_is_undefined({0}, {1})"),
    _exponential("sinh", exponential.sinh),
    _exponential("cosh", exponential.cosh),
    _exponential("tanh", exponential.tanh),
    _angle("sin", trigonometry.sin),
    _angle("cos", trigonometry.cos),
    _angle("tan", trigonometry.tan),
    _angle("asin", trigonometry.asin, guard=_OUTSIDE_ONE),
    _angle("acos", trigonometry.acos, guard=_OUTSIDE_ONE),
    _angle("atan", trigonometry.atan),
    _angle("atan2", trigonometry.atan2, 2),
    _noise("hash_u64", noise.hash_u64, Scalar.U64),
    _noise("uniform", noise.uniform, Scalar.F64),
    _noise("gauss", noise.gauss, Scalar.F64),
)

INTRINSICS: IntrinsicTable = {entry.name: entry for entry in _ENTRIES}
