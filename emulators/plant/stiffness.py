"""How many integration steps a communication step needs: an estimate of the fastest time constant at build time.

The estimate is the largest growth of a small disturbance under the Jacobian of the derivatives (power iteration with
finite differences), at the initial state and with inputs and states at typical values. RK4 is stable for
step / time constant < 2.78; we stay at 0.5, where a step is exact to 0.04 %.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from emulators.component import Member, Role
from emulators.description.source import Findings
from emulators.native.faults import NativeFault
from emulators.native.ir import Scalar

if TYPE_CHECKING:
    from emulators.plant.plant import Plant
    from emulators.plant.python_plant import PythonPlant

__all__ = ["MOST_SUBSTEPS", "STEP_PER_TIME_CONSTANT", "substeps_of"]

STEP_PER_TIME_CONSTANT = 0.5
MOST_SUBSTEPS = 1000
_ROUNDS = 24
_NUDGE = 1e-4


def substeps_of(plant: Plant, python: PythonPlant, step_s: float, findings: Findings) -> int | None:
    """Return the number of equal integration steps within ``step_s``; None after reporting that they are too many."""
    longest = min((instance.unit.cls.MAX_STEP_S for instance in plant.wired.instances), default=math.inf)
    needed = step_s / longest
    rate = max(_rates(plant, python, step_s), default=0.0)
    needed = max(needed, step_s * rate / STEP_PER_TIME_CONSTANT)
    substeps = max(1, math.ceil(needed - 1e-9))
    if substeps > MOST_SUBSTEPS:
        message = (
            f"the plant has a time constant near {1.0 / rate:.2g} s: {substeps} integration steps a step of {step_s} s"
        )
        span = plant.wired.instances[0].span
        findings.add(span, message, "choose a shorter step, or a slower model of that part")
        return None
    return substeps


def _rates(plant: Plant, python: PythonPlant, step_s: float) -> Iterator[float]:
    """Yield the fastest rate in 1/s at each typical operating point; points with a fault are passed over."""
    for set_point in (_leave, _open_everything):
        try:
            python.start(step_s)
            set_point(plant, python)
            yield _fastest_rate(plant, python)
        except NativeFault:
            continue


def _leave(plant: Plant, python: PythonPlant) -> None:
    """Keep the initial state."""


def _open_everything(plant: Plant, python: PythonPlant) -> None:
    """Put inputs that no process component feeds to the top of their range, states without range-end to the middle."""
    fed = {
        str(connection.target)
        for connection in plant.wired.connections
        if any(source.instance.phase is connection.target.instance.phase for source in connection.sources)
    }
    for instance in plant.wired.instances:
        for member in instance.unit.members_of_role(Role.INPUT, Role.STATE):
            if member.length or f"{instance.name}.{member.name}" in fed:
                continue
            if member.role is Role.INPUT:
                setattr(python[instance.name], member.name, _top(member, getattr(python[instance.name], member.name)))
            elif member.name in instance.unit.continuous and math.isfinite(member.low) and math.isfinite(member.high):
                setattr(python[instance.name], member.name, 0.5 * (member.low + member.high))


def _top(member: Member, otherwise: float | int | bool) -> float | int | bool:
    if member.scalar is Scalar.BOOL:
        return True
    return otherwise if math.isinf(member.high) else member.high


def _fastest_rate(plant: Plant, python: PythonPlant) -> float:
    slots = [
        (python[instance.name], instance.unit.members[state])
        for instance in plant.wired.instances
        for state in instance.unit.continuous
    ]
    if not slots:
        return 0.0

    def derivatives(values: list[float]) -> list[float]:
        for (component, member), value in zip(slots, values, strict=True):
            setattr(component, member.name, value)
        python.evaluate_derivatives()
        return [component.der.__dict__[member.name] for component, member in slots]

    origin = [getattr(component, member.name) for component, member in slots]
    nudges = [_NUDGE * _scale(member, value) for (_, member), value in zip(slots, origin, strict=True)]
    direction = [(1.0 if index % 2 else -1.0) / math.sqrt(len(slots)) for index in range(len(slots))]
    growths: list[float] = []
    for _ in range(_ROUNDS):
        # between two points on one side, so that a jump at the operating point itself does not count
        near, far = (
            derivatives([x + times * n * d for x, n, d in zip(origin, nudges, direction, strict=True)])
            for times in (1.0, 2.0)
        )
        change = [(there - here) / n for there, here, n in zip(far, near, nudges, strict=True)]
        norm = math.sqrt(sum(part * part for part in change))
        if norm < 1e-9 or not math.isfinite(norm):
            break
        growths.append(norm)
        direction = [part / norm for part in change]
    return max(growths[len(growths) // 2 :], default=0.0)


def _scale(member: Member, value: float) -> float:
    """Return a typical size of a state."""
    span = member.high - member.low
    return max(abs(value), 0.01 * span if math.isfinite(span) else 0.0, 1e-3)
