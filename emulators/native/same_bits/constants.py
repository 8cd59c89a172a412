"""Constants of the functions of the runtime: the C text gets each as ``HIL_<NAME>``, a hexadecimal float."""

from __future__ import annotations

__all__ = ["C_CONSTANTS"]

ROUNDING = 134217729.0
"""2**27 + 1: splits a float into two halves of 26 bits."""

LN2_HIGH = 0.6931471805598903
"""ln 2 as a multiple of 2**-42."""
LN2_LOW = 5.497923018708371e-14
STEP_HIGH = 0.010830424696223417
"""ln 2 / 64 as a multiple of 2**-42."""
STEP_LOW = 2.572804622327669e-14
STEPS = 92.33248261689366
"""64 / ln 2."""
EXP_ABOVE = 709.782712893384
"""Where exp overflows."""
EXP_BELOW = -745.1332191019412
"""Where exp rounds to 0."""
INVERSE_LN10_HIGH = 0.4342944819032518
INVERSE_LN10_LOW = 1.098319650216765e-17

PI_HIGH = 3.141592653589793
PI_LOW = 1.2246467991473532e-16
HALF_PI_HIGH = 1.5707963267948966
HALF_PI_LOW = 6.123233995736766e-17
HALF_PI_FIRST = 1.5707963267341256
"""Half pi in three parts, the first two of 33 bits."""
HALF_PI_SECOND = 6.077100506303966e-11
HALF_PI_THIRD = 2.0222662487959506e-21
TWO_OVER_PI_NEAR = 0.6366197723675814
QUARTER_PI = 0.7853981633974483

EXPONENTIAL = (1.0 / 2, 1.0 / 6, 1.0 / 24, 1.0 / 120, 1.0 / 720)
"""exp(r) = 1 + r + r² (E0 + r (E1 + ...))."""

LOGARITHM = (1.0 / 3, -1.0 / 4, 1.0 / 5, -1.0 / 6, 1.0 / 7, -1.0 / 8, 1.0 / 9, -1.0 / 10)
"""log(1 + r) = r - r²/2 + r³ (L0 + r (L1 + ...))."""

SINE = (
    -1.0 / 6,
    1.0 / 120,
    -1.0 / 5040,
    1.0 / 362880,
    -1.0 / 39916800,
    1.0 / 6227020800,
    -1.0 / 1307674368000,
    1.0 / 355687428096000,
)
"""sin(r) = r + r³ (S0 + r² (S1 + ...)); the same numbers without their signs are sinh's."""

COSINE = (
    1.0 / 24,
    -1.0 / 720,
    1.0 / 40320,
    -1.0 / 3628800,
    1.0 / 479001600,
    -1.0 / 87178291200,
    1.0 / 20922789888000,
)
"""cos(r) = 1 - r²/2 + r⁴ (C0 + r² (C1 + ...)); the same numbers without their signs are cosh's."""

ARC_TANGENT = (-1.0 / 3, 1.0 / 5, -1.0 / 7, 1.0 / 9, -1.0 / 11)
"""atan(u) = u + u³ (A0 + u² (A1 + ...)) for |u| up to 1/64."""

SMALL_ANGLE = 0.35
"""Up to here sinh and tanh are series."""
TINY = 1e-300
"""Exponents of e below this give 1."""
NEAR = 1647099.0
"""About 2**20 quarter turns: up to here half pi in three parts is exact enough."""
LINEAR_ANGLE = 1e-8
"""Up to here sin x, tan x and asin x are x."""
VANISHING = 1e-18
GAUSS_TAIL = 3.4426198558966523
"""Right edge of the lowest rectangle under the bell curve."""

C_CONSTANTS: dict[str, float | tuple[float, ...]] = {
    "ROUNDING": ROUNDING,
    "LN2_HIGH": LN2_HIGH,
    "LN2_LOW": LN2_LOW,
    "STEP_HIGH": STEP_HIGH,
    "STEP_LOW": STEP_LOW,
    "STEPS": STEPS,
    "EXP_ABOVE": EXP_ABOVE,
    "EXP_BELOW": EXP_BELOW,
    "INVERSE_LN10_HIGH": INVERSE_LN10_HIGH,
    "INVERSE_LN10_LOW": INVERSE_LN10_LOW,
    "PI_HIGH": PI_HIGH,
    "PI_LOW": PI_LOW,
    "HALF_PI_HIGH": HALF_PI_HIGH,
    "HALF_PI_LOW": HALF_PI_LOW,
    "HALF_PI_FIRST": HALF_PI_FIRST,
    "HALF_PI_SECOND": HALF_PI_SECOND,
    "HALF_PI_THIRD": HALF_PI_THIRD,
    "TWO_OVER_PI_NEAR": TWO_OVER_PI_NEAR,
    "QUARTER_PI": QUARTER_PI,
    "EXPONENTIAL": EXPONENTIAL,
    "LOGARITHM": LOGARITHM,
    "SINE": SINE,
    "COSINE": COSINE,
    "ARC_TANGENT": ARC_TANGENT,
    "SMALL_ANGLE": SMALL_ANGLE,
    "TINY": TINY,
    "NEAR": NEAR,
    "LINEAR_ANGLE": LINEAR_ANGLE,
    "VANISHING": VANISHING,
    "GAUSS_TAIL": GAUSS_TAIL,
}
"""By name, as the C text has them; a row of numbers is ``HIL_<NAME>_0``, ``HIL_<NAME>_1``, ..."""
