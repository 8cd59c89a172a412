"""The schedule of a plant as IR: structure ``plant`` and its four functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from emulators.component import ComponentUnit
from emulators.native import ir
from emulators.native.ir import BinaryOperator, Conversion, Overflow, Scalar
from emulators.native.same_bits.noise import channel_of
from emulators.plant.schedule import Connect, Operation, Schedule
from emulators.plant.wiring import Connection, Instance, Port, WiredPlant

__all__ = ["STEP_WEIGHTS", "plant_module"]

F64, I64 = Scalar.F64, Scalar.I64
_WEIGHTS = ("substep", "half", "sixth")
_MOST_INLINED = 4
"""Instances of one class up to which its functions may be inlined."""
_PART_LENGTH = 64
"""Statements of one function: C compilers are slow with very long ones."""
STEP_WEIGHTS = {"stage_1": "half", "stage_2": "half", "stage_3": "substep", "stage_4": "sixth"}
"""Which part of the integration step each stage takes."""


def plant_module(plant: WiredPlant, schedule: Schedule, substeps: int) -> ir.Module:
    """Return ``plant_start``, ``plant_advance``, ``plant_sense``, ``plant_actuate``, each ``(plant&, f64 step_s)``."""
    structs = list({instance.unit.struct: None for instance in plant.instances})
    functions: dict[str, ir.Function] = {}
    counts = Counter(instance.unit for instance in plant.instances)
    for unit, count in counts.items():
        functions |= {function.name: function for function in unit.functions}
        if count > _MOST_INLINED:
            functions |= {name: replace(functions[name], is_inline=False) for name in _called_once_each(unit)}
    writer = _Writer(plant.struct)
    plant_functions = [
        writer.function("plant_start", writer.start(plant, schedule)),
        *writer.advance(schedule, substeps),
        writer.function("plant_sense", writer.operations(schedule.sense)),
        writer.function("plant_actuate", writer.operations(schedule.actuate)),
    ]
    return ir.Module((*structs, plant.struct), (*functions.values(), *writer.parts.values(), *plant_functions))


def _called_once_each(unit: ComponentUnit) -> list[str]:
    """Return the functions that the plant calls for every instance: copies of them would swell with the plant."""
    methods = [name for name in ("start", "outputs", "tick") if unit.has(name)]
    return [unit.function_name(name) for name in (*methods, *(STEP_WEIGHTS if unit.continuous else ()))]


class _Writer:
    """Writes the functions; long lists of statements become parts of ``_PART_LENGTH``, equal ones shared."""

    def __init__(self, struct: ir.Struct) -> None:
        self.struct = struct
        self.plant = ir.Argument("plant", struct)
        self.step = ir.Parameter("step_s", F64)
        self.parts: dict[tuple[ir.Statement, ...], ir.Function] = {}

    def instance(self, instance: Instance) -> ir.Member:
        return ir.Member(self.plant, instance.field, instance.unit.struct)

    def port(self, port: Port) -> ir.Member:
        return ir.Member(self.instance(port.instance), port.member.name, port.member.scalar)

    # --- functions --------------------------------------------------------------------------------------------------

    def exported(self, name: str, body: Sequence[ir.Statement], locals_: Sequence[ir.Local] = ()) -> ir.Function:
        parameters = (
            ir.FormalParameter("plant", self.struct, by_reference=True),
            ir.FormalParameter("step_s", F64),
        )
        return ir.Function(name, parameters, tuple(body), tuple(locals_), exported=True)

    def function(self, name: str, body: Sequence[ir.Statement]) -> ir.Function:
        return self.exported(name, self.in_parts(body, self.step, self.step, self.step))

    def in_parts(self, body: Sequence[ir.Statement], *weights: ir.Expression) -> list[ir.Statement]:
        """Return the statements, or calls of parts that hold them."""
        if len(body) <= _PART_LENGTH:
            return list(body)
        chunks = [tuple(body[start : start + _PART_LENGTH]) for start in range(0, len(body), _PART_LENGTH)]
        return [self.call(self.part(chunk), *weights) for chunk in chunks]

    def part(self, body: tuple[ir.Statement, ...]) -> ir.Function:
        known = self.parts.get(body)
        if known is None:
            known = self.parts[body] = self.weighted(f"plant_part_{len(self.parts) + 1}", body, is_inline=False)
        return known

    def weighted(self, name: str, body: Sequence[ir.Statement], *, is_inline: bool) -> ir.Function:
        """Return a function that gets the parts of the integration step as parameters."""
        weights = (ir.FormalParameter(weight, F64) for weight in ("step_s", *_WEIGHTS))
        parameters = (ir.FormalParameter("plant", self.struct, by_reference=True), *weights)
        return ir.Function(name, parameters, tuple(body), is_inline=is_inline)

    def call(self, function: ir.Function, *weights: ir.Expression) -> ir.Run:
        return ir.Run(function.name, (ir.AddressOf(self.plant), self.step, *weights))

    def start(self, plant: WiredPlant, schedule: Schedule) -> list[ir.Statement]:
        body: list[ir.Statement] = []
        for instance in plant.instances:
            place = self.instance(instance)
            body.append(self.invoke(instance, "defaults"))
            for name, value in instance.values.items():
                scalar = instance.unit.members[name].scalar
                body.append(ir.Assign(ir.Member(place, name, scalar), ir.Const(value, scalar), instance.span))
            if "seed" in instance.unit.built_ins:
                seed = ir.Load(ir.Member(self.plant, "seed", I64), I64)
                body.append(ir.Assign(ir.Member(place, "seed", I64), seed, instance.span))
            if "noise_channel" in instance.unit.built_ins:
                channel = ir.Const(channel_of(instance.name), I64)
                body.append(ir.Assign(ir.Member(place, "noise_channel", I64), channel, instance.span))
        return [*body, *self.operations(schedule.start)]

    def advance(self, schedule: Schedule, substeps: int) -> list[ir.Function]:
        """Return ``plant_advance`` and, where there is something to integrate, ``plant_substep``."""
        before = self.in_parts(self.operations(schedule.held), self.step, self.step, self.step)
        after = self.in_parts(self.operations(schedule.after), self.step, self.step, self.step)
        if not schedule.stages:
            return [self.exported("plant_advance", [*before, *after])]
        stages: list[ir.Statement] = []
        for stage in schedule.stages:
            stages += self.in_parts(self.operations(stage), *(ir.Parameter(weight, F64) for weight in _WEIGHTS))
        integrate = self.weighted("plant_substep", stages, is_inline=True)
        turn, *weights = [ir.Local("turn", I64), *(ir.Local(weight, F64) for weight in _WEIGHTS)]
        substep, half, sixth = weights
        length = self.step if substeps == 1 else _divided(self.step, float(substeps))
        once = self.call(integrate, *(ir.Load(weight, F64) for weight in weights))
        body: list[ir.Statement] = [
            *before,
            ir.Assign(substep, length),
            ir.Assign(half, ir.Binary(BinaryOperator.MULTIPLY, ir.Const(0.5, F64), ir.Load(substep, F64), F64)),
            ir.Assign(sixth, _divided(ir.Load(substep, F64), 6.0)),
            once if substeps == 1 else ir.CountedLoop(turn, ir.Const(0, I64), ir.Const(substeps, I64), (once,)),
            *after,
        ]
        return [integrate, self.exported("plant_advance", body, (turn, *weights))]

    # --- operations -------------------------------------------------------------------------------------------------

    def operations(self, operations: Iterable[Operation]) -> list[ir.Statement]:
        return [
            self.connect(operation.connection)
            if isinstance(operation, Connect)
            else self.invoke(operation.instance, operation.method)
            for operation in operations
        ]

    def connect(self, connection: Connection) -> ir.Assign:
        total: ir.Expression | None = None
        for source in connection.sources:
            value: ir.Expression = ir.Load(self.port(source), source.member.scalar)
            if value.type is not connection.target.member.scalar:
                value = ir.Convert(value, F64, Conversion.TO_FLOAT)
            total = value if total is None else ir.Binary(BinaryOperator.ADD, total, value, F64)
        assert total is not None, "a connection has a source"
        return ir.Assign(self.port(connection.target), total, connection.span)

    def invoke(self, instance: Instance, method: str) -> ir.Run:
        arguments: list[ir.Expression | ir.AddressOf] = [ir.AddressOf(self.instance(instance))]
        if method == "tick":
            arguments.append(self.step)
        elif method in STEP_WEIGHTS:
            arguments.append(ir.Parameter(STEP_WEIGHTS[method], F64))
        return ir.Run(instance.unit.function_name(method), tuple(arguments), instance.span)


def _divided(dividend: ir.Expression, divisor: float) -> ir.Binary:
    return ir.Binary(BinaryOperator.DIVIDE, dividend, ir.Const(divisor, F64), F64, Overflow.WRAP)
