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

__all__ = ["defaults_function", "der_local", "stage_functions"]

F64, I64 = Scalar.F64, Scalar.I64
_STEP = ir.Parameter("integration_step_s_", F64)


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


def der_local(state: str) -> ir.Local:
    """Return the local variable that holds a derivative inside a stage."""
    return ir.Local(f"der_{state}_", F64)


def stage_functions(
    name: str, struct: ir.Struct, continuous: Sequence[str], derivatives: ir.Function, *, is_copied: bool
) -> list[ir.Function]:
    """Return ``stage_1(self, half) stage_2(self, half) stage_3(self, step) stage_4(self, sixth)``.

    ``half``, ``step``, ``sixth`` are 1/2, 1 and 1/6 of the integration step in s. With ``is_copied`` the body of
    ``derivatives`` stands in each stage and sets local variables, else it is called and sets ``der_x``.
    Source: the classical fourth-order method, W. Kutta, Zeitschrift für Mathematik und Physik 46 (1901).
    """
    return [_stage(number, name, struct, continuous, derivatives, is_copied=is_copied) for number in (1, 2, 3, 4)]


def _stage(
    number: int,
    name: str,
    struct: ir.Struct,
    continuous: Sequence[str],
    derivatives: ir.Function,
    *,
    is_copied: bool,
) -> ir.Function:
    instance = ir.Argument("self", struct)
    span = derivatives.span
    body: list[ir.Statement] = [*derivatives.body]
    if not is_copied:
        body = [ir.Run(derivatives.name, (ir.AddressOf(instance),), span)]
    for state in continuous:
        der: ir.Place = der_local(state) if is_copied else ir.Member(instance, f"der_{state}", F64)
        body += _moved(number, instance, state, ir.Load(der, F64), span)
    parameters = (ir.FormalParameter("self", struct, by_reference=True), ir.FormalParameter(_STEP.name, F64))
    locals_ = derivatives.locals if is_copied else ()
    return ir.Function(f"{name}_stage_{number}", parameters, tuple(body), locals_, span=span, is_inline=True)


def _moved(
    number: int, instance: ir.Argument, state: str, slope: ir.Expression, span: SourceSpan
) -> list[ir.Statement]:
    """Return the statements that move one state on by its slope at a stage."""
    here, base, total = (ir.Member(instance, f"{prefix}{state}", F64) for prefix in ("", "base_", "sum_"))
    origin = ir.Load(here if number == 1 else base, F64)
    before: list[ir.Statement] = []
    if number == 1:
        before = [ir.Assign(base, origin, span), ir.Assign(total, slope, span)]
    elif number == 4:
        slope = _binary(BinaryOperator.ADD, ir.Load(total, F64), slope)
    else:
        twice = _binary(BinaryOperator.MULTIPLY, ir.Const(2.0, F64), slope)
        before = [ir.Assign(total, _binary(BinaryOperator.ADD, ir.Load(total, F64), twice), span)]
    way = _binary(BinaryOperator.MULTIPLY, _STEP, slope)
    return [*before, ir.Assign(here, _binary(BinaryOperator.ADD, origin, way), span)]


def _binary(operator: BinaryOperator, left: ir.Expression, right: ir.Expression) -> ir.Binary:
    return ir.Binary(operator, left, right, F64)
