"""Functions of a component that no user wrote: default values, and the four stages of the Runge-Kutta method.

Stages work in place: ``der_x`` is the derivative, ``base_x`` the state at the start of the step, ``sum_x`` the weighted
sum of derivatives. The plain Python executor does the same operations in the same order (plant/python_plant.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from emulators.component.base import Member
from emulators.errors import SourceSpan
from emulators.native import ir
from emulators.native.ir import BinaryOperator, Scalar

__all__ = ["defaults_function", "stage_functions"]

F64, I64 = Scalar.F64, Scalar.I64


def defaults_function(name: str, struct: ir.Struct, members: Iterable[Member], span: SourceSpan) -> ir.Function:
    """Return the function that gives every member its declared initial value, and zero to everything else."""
    instance = ir.Argument("self", struct)
    index = ir.Local("index", I64)
    body: list[ir.Statement] = [ir.Zero(instance, span)]
    for member in members:
        if not member.initial and str(member.initial) != "-0.0":
            continue
        initial = ir.Const(member.initial, member.scalar)
        if member.length:
            array = ir.Member(instance, member.name, ir.Array(member.scalar, member.length))
            place = ir.Element(array, ir.Load(index, I64), member.scalar, checked=False)
            fill = (ir.Assign(place, initial, span),)
            body.append(ir.CountedLoop(index, ir.Const(0, I64), ir.Const(member.length, I64), fill, span=span))
        else:
            body.append(ir.Assign(ir.Member(instance, member.name, member.scalar), initial, span))
    parameters = (ir.FormalParameter("self", struct, by_reference=True),)
    return ir.Function(name, parameters, tuple(body), (index,), span=span)


def stage_functions(
    name: str, struct: ir.Struct, continuous: Sequence[str], derivatives: str, span: SourceSpan
) -> list[ir.Function]:
    """Return ``stage_1(self, half) stage_2(self, half) stage_3(self, step) stage_4(self, sixth)``.

    ``half``, ``step``, ``sixth`` are 1/2, 1 and 1/6 of the integration step in s. Source: the classical fourth-order
    method of Kutta, W. Kutta, Zeitschrift für Mathematik und Physik 46 (1901).
    """
    return [_stage(number, name, struct, continuous, derivatives, span) for number in (1, 2, 3, 4)]


def _stage(
    number: int, name: str, struct: ir.Struct, continuous: Sequence[str], derivatives: str, span: SourceSpan
) -> ir.Function:
    instance = ir.Argument("self", struct)
    step = ir.Parameter("step_s", F64)
    body: list[ir.Statement] = [ir.Run(derivatives, (ir.AddressOf(instance),), span)]
    for state in continuous:
        here, der, base, total = (
            ir.Member(instance, f"{prefix}{state}", F64) for prefix in ("", "der_", "base_", "sum_")
        )
        slope: ir.Expression = ir.Load(der, F64)
        origin = ir.Load(here if number == 1 else base, F64)
        if number == 1:
            body.append(ir.Assign(base, origin, span))
            body.append(ir.Assign(total, slope, span))
        elif number == 4:
            slope = _binary(BinaryOperator.ADD, ir.Load(total, F64), slope)
        else:
            twice = _binary(BinaryOperator.MULTIPLY, ir.Const(2.0, F64), slope)
            body.append(ir.Assign(total, _binary(BinaryOperator.ADD, ir.Load(total, F64), twice), span))
        moved = _binary(BinaryOperator.MULTIPLY, step, slope)
        body.append(ir.Assign(here, _binary(BinaryOperator.ADD, origin, moved), span))
    parameters = (ir.FormalParameter("self", struct, by_reference=True), ir.FormalParameter("step_s", F64))
    return ir.Function(f"{name}_stage_{number}", parameters, tuple(body), span=span, is_inline=True)


def _binary(operator: BinaryOperator, left: ir.Expression, right: ir.Expression) -> ir.Binary:
    return ir.Binary(operator, left, right, F64)
