"""Mathematical functions for components: the same bits in plain Python and in native code.

Angles in rad. ``power(x, y)`` is x to the power of y; ``round_even``, ``floor``, ``ceil`` and ``trunc`` give a float.
``uniform(seed, counter, channel)`` is in [0, 1), ``gauss(seed, counter, channel)`` has mean 0 and deviation 1: pass
``self.seed``, a state that counts, ``self.noise_channel``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from emulators.native.intrinsics import INTRINSICS
from emulators.native.ir import Scalar

__all__ = [
    "INTRINSIC_FUNCTIONS",
    "IntrinsicFunction",
    "acos",
    "asin",
    "atan",
    "atan2",
    "ceil",
    "copysign",
    "cos",
    "cosh",
    "exp",
    "floor",
    "fmod",
    "gauss",
    "isfinite",
    "isnan",
    "log",
    "log10",
    "power",
    "round_even",
    "sin",
    "sinh",
    "sqrt",
    "tan",
    "tanh",
    "trunc",
    "uniform",
]

_UINT64 = 0xFFFF_FFFF_FFFF_FFFF
_Unary = Callable[[float], float]
_Binary = Callable[[float, float], float]


def _twin(name: str) -> Any:
    return INTRINSICS[name].twin


sqrt = cast(_Unary, _twin("sqrt"))
"""Square root; a negative number is a fault."""
exp = cast(_Unary, _twin("exp"))
"""e to the power of x."""
log = cast(_Unary, _twin("log"))
"""Natural logarithm; a fault unless x > 0."""
log10 = cast(_Unary, _twin("log10"))
"""Logarithm to base 10; a fault unless x > 0."""
sin = cast(_Unary, _twin("sin"))
"""Sine."""
cos = cast(_Unary, _twin("cos"))
"""Cosine."""
tan = cast(_Unary, _twin("tan"))
"""Tangent."""
asin = cast(_Unary, _twin("asin"))
"""Arc sine; a fault outside -1..1."""
acos = cast(_Unary, _twin("acos"))
"""Arc cosine; a fault outside -1..1."""
atan = cast(_Unary, _twin("atan"))
"""Arc tangent."""
sinh = cast(_Unary, _twin("sinh"))
"""Hyperbolic sine."""
cosh = cast(_Unary, _twin("cosh"))
"""Hyperbolic cosine."""
tanh = cast(_Unary, _twin("tanh"))
"""Hyperbolic tangent."""
floor = cast(_Unary, _twin("floor"))
"""Greatest whole float not above x."""
ceil = cast(_Unary, _twin("ceil"))
"""Least whole float not below x."""
trunc = cast(_Unary, _twin("trunc"))
"""x without its fraction."""
round_even = cast(_Unary, _twin("round_even"))
"""Nearest whole float, ties to even."""
atan2 = cast(_Binary, _twin("atan2"))
"""Angle of the point (y, x)."""
copysign = cast(_Binary, _twin("copysign"))
"""Size of the first with the sign of the second."""
fmod = cast(_Binary, _twin("fmod"))
"""Remainder with the sign of the dividend; a fault for a divisor 0."""
power = cast(_Binary, _twin("pow"))
"""x to the power of y; a fault where that is no real number."""
isnan = cast(Callable[[float], bool], _twin("isnan"))
isfinite = cast(Callable[[float], bool], _twin("isfinite"))

_uniform = _twin("uniform")
_gauss = _twin("gauss")


def uniform(seed: int, counter: int, channel: int) -> float:
    """Return a number in [0, 1) that depends on the three integers only."""
    return cast(float, _uniform(seed & _UINT64, counter & _UINT64, channel & _UINT64))


def gauss(seed: int, counter: int, channel: int) -> float:
    """Return a normally distributed number that depends on the three integers only."""
    return cast(float, _gauss(seed & _UINT64, counter & _UINT64, channel & _UINT64))


@dataclass(frozen=True, slots=True)
class IntrinsicFunction:
    """Python function and the intrinsic of native code that it stands for."""

    function: Callable[..., Any]
    name: str
    arguments: tuple[Scalar, ...]
    result: Scalar


def _rows() -> tuple[IntrinsicFunction, ...]:
    functions: dict[str, Callable[..., Any]] = {
        "sqrt": sqrt,
        "exp": exp,
        "log": log,
        "log10": log10,
        "sin": sin,
        "cos": cos,
        "tan": tan,
        "asin": asin,
        "acos": acos,
        "atan": atan,
        "sinh": sinh,
        "cosh": cosh,
        "tanh": tanh,
        "floor": floor,
        "ceil": ceil,
        "trunc": trunc,
        "round_even": round_even,
        "atan2": atan2,
        "copysign": copysign,
        "fmod": fmod,
        "isnan": isnan,
        "isfinite": isfinite,
        "uniform": uniform,
        "gauss": gauss,
        "pow": power,
    }
    return tuple(
        IntrinsicFunction(function, name, INTRINSICS[name].parameters, INTRINSICS[name].result)
        for name, function in functions.items()
    )


INTRINSIC_FUNCTIONS = _rows()
