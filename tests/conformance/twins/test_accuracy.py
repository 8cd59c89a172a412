"""The integrator and the tank against published and exact solutions."""

from __future__ import annotations

import math

import pytest
from small_plants import start_plant, step_plant

from emulators.component import Component, Input, Output, Param, State, param, port, sqrt, state
from emulators.twins.flow import GRAVITY_M_PER_S2


class VanDerPol(Component):
    """Van der Pol oscillator of the FMI Reference FMUs: x'' = mu * (1 - x^2) * x' - x, x(0) = 2, x'(0) = 0, mu = 1."""

    mu: Param[float] = param(1.0)
    x0: State[float] = state(2.0)
    x1: State[float] = state(0.0)

    def derivatives(self) -> None:
        self.der.x0 = self.x1
        self.der.x1 = self.mu * ((1.0 - self.x0 * self.x0) * self.x1) - self.x0


class Dahlquist(Component):
    """Test equation of G. Dahlquist: x' = -k x."""

    k: Param[float] = param(1.0)
    x: State[float] = state(1.0)

    def derivatives(self) -> None:
        self.der.x = -self.k * self.x


class QuadrupleTank(Component):
    """Four coupled tanks, K. H. Johansson, IEEE Transactions on Control Systems Technology 8 (2000) 456-465.

    Lengths in cm, as published: A 28, 32, 28, 32 cm2; a 0.071, 0.057, 0.071, 0.057 cm2.
    """

    k1: Param[float] = param(3.33)
    k2: Param[float] = param(3.35)
    g1: Param[float] = param(0.70)
    g2: Param[float] = param(0.60)
    u1: Input[float] = port(3.0, unit="V")
    u2: Input[float] = port(3.0, unit="V")
    h1: State[float] = state(1.0, unit="cm")
    h2: State[float] = state(1.0, unit="cm")
    h3: State[float] = state(1.0, unit="cm")
    h4: State[float] = state(1.0, unit="cm")
    y1: Output[float] = port(unit="V")

    def outputs(self) -> None:
        self.y1 = 0.5 * self.h1

    def derivatives(self) -> None:
        q1 = 0.071 * sqrt(1962.0 * max(self.h1, 0.0))
        q2 = 0.057 * sqrt(1962.0 * max(self.h2, 0.0))
        q3 = 0.071 * sqrt(1962.0 * max(self.h3, 0.0))
        q4 = 0.057 * sqrt(1962.0 * max(self.h4, 0.0))
        self.der.h1 = (q3 - q1 + self.g1 * self.k1 * self.u1) / 28.0
        self.der.h2 = (q4 - q2 + self.g2 * self.k2 * self.u2) / 32.0
        self.der.h3 = ((1.0 - self.g2) * self.k2 * self.u2 - q3) / 28.0
        self.der.h4 = ((1.0 - self.g1) * self.k1 * self.u1 - q4) / 32.0


def van_der_pol_at_20_s(step_s: float) -> tuple[float, float]:
    plant = start_plant({"V": (VanDerPol, {})}, step_s=step_s)
    step_plant(plant, round(20.0 / step_s), step_s)
    return plant["V"].x0, plant["V"].x1


@pytest.mark.parametrize(("step_s", "largest_error"), [(0.1, 5e-4), (0.01, 5e-8)])
def test_van_der_pol_is_as_exact_as_rk4_can_be(step_s, largest_error):
    reference = van_der_pol_at_20_s(0.002)

    found = van_der_pol_at_20_s(step_s)

    assert math.dist(found, reference) < largest_error


def test_van_der_pol_error_falls_with_the_fourth_power_of_the_step():
    reference = van_der_pol_at_20_s(0.002)

    coarse, fine = (math.dist(van_der_pol_at_20_s(step_s), reference) for step_s in (0.05, 0.025))

    assert math.log2(coarse / fine) == pytest.approx(4.0, abs=0.3)


def test_dahlquist_step_is_the_fourth_order_polynomial():
    plant = start_plant({"D": (Dahlquist, {})}, step_s=0.1)

    step_plant(plant, 1, 0.1)

    assert plant["D"].x == pytest.approx(1 - 0.1 + 0.1**2 / 2 - 0.1**3 / 6 + 0.1**4 / 24, rel=1e-15)


def test_torricelli_drain_is_exact():
    outlet_m2 = 0.01 / math.sqrt(2.0 * GRAVITY_M_PER_S2)
    plant = start_plant({"T": ("tank", {"level_m": 1.0, "area_m2": 0.5, "outlet_area_m2": outlet_m2})})

    step_plant(plant, 8000)

    assert plant["T"].level_m == pytest.approx(0.04, abs=1e-14)


# phase, volts, k1, k2, gamma1, gamma2, published levels in cm
QUADRUPLE_ROWS = [
    ("minimum_phase", 3.0, 3.0, 3.33, 3.35, 0.70, 0.60, (12.4, 12.7, 1.8, 1.4)),
    ("non_minimum_phase", 3.15, 3.15, 3.14, 3.29, 0.43, 0.34, (12.6, 13.0, 4.8, 4.9)),
]


@pytest.mark.parametrize(
    ("u1", "u2", "k1", "k2", "g1", "g2", "levels"), [r[1:] for r in QUADRUPLE_ROWS], ids=[r[0] for r in QUADRUPLE_ROWS]
)
def test_quadruple_tank_settles_at_the_published_levels(u1, u2, k1, k2, g1, g2, levels):
    values = {"u1": u1, "u2": u2, "k1": k1, "k2": k2, "g1": g1, "g2": g2}
    plant = start_plant({"Q": (QuadrupleTank, values)}, step_s=1.0)

    step_plant(plant, 2000, 1.0)

    part = plant["Q"]
    assert (part.h1, part.h2, part.h3, part.h4) == pytest.approx(levels, abs=0.2)
