"""The schedule of a plant as IR: structure ``plant`` and its four functions."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from emulators.native import ir
from emulators.native.ir import BinaryOperator, Conversion, Overflow, Scalar
from emulators.plant.schedule import Connect, Operation, Schedule
from emulators.plant.wiring import Connection, Instance, Port, WiredPlant

__all__ = ["STEP_WEIGHTS", "noise_channel", "plant_module", "plant_struct"]

F64, I64 = Scalar.F64, Scalar.I64
STEP_WEIGHTS = {"stage_1": "half", "stage_2": "half", "stage_3": "substep", "stage_4": "sixth"}
"""Which part of the integration step each stage takes."""


def noise_channel(name: str) -> int:
    """Return the noise channel of an instance: 63 bits of the SHA-256 of its name."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") >> 1


def plant_struct(plant: WiredPlant) -> ir.Struct:
    """Return the structure: ``seed``, which the cell writes before ``plant_start``, and a field for each instance."""
    fields = [ir.Field("seed", I64)]
    fields += [ir.Field(instance.field, instance.unit.struct) for instance in plant.instances]
    return ir.Struct("plant", tuple(fields))


def plant_module(plant: WiredPlant, struct: ir.Struct, schedule: Schedule, substeps: int) -> ir.Module:
    """Return ``plant_start``, ``plant_advance``, ``plant_sense``, ``plant_actuate``, each ``(plant&, f64 step_s)``."""
    structs = list({instance.unit.struct: None for instance in plant.instances})
    functions: dict[str, ir.Function] = {}
    for instance in plant.instances:
        functions |= {function.name: function for function in instance.unit.functions}
    writer = _Writer(struct)
    functions["plant_start"] = writer.function("plant_start", writer.start(plant, schedule))
    functions["plant_advance"] = writer.advance(schedule, substeps)
    functions["plant_sense"] = writer.function("plant_sense", writer.operations(schedule.sense))
    functions["plant_actuate"] = writer.function("plant_actuate", writer.operations(schedule.actuate))
    return ir.Module((*structs, struct), tuple(functions.values()))


class _Writer:
    def __init__(self, struct: ir.Struct) -> None:
        self.struct = struct
        self.plant = ir.Argument("plant", struct)
        self.step = ir.Parameter("step_s", F64)

    def function(self, name: str, body: Iterable[ir.Statement], locals_: Sequence[ir.Local] = ()) -> ir.Function:
        parameters = (
            ir.FormalParameter("plant", self.struct, by_reference=True),
            ir.FormalParameter("step_s", F64),
        )
        return ir.Function(name, parameters, tuple(body), tuple(locals_), exported=True)

    def instance(self, instance: Instance) -> ir.Member:
        return ir.Member(self.plant, instance.field, instance.unit.struct)

    def port(self, port: Port) -> ir.Member:
        return ir.Member(self.instance(port.instance), port.member.name, port.member.scalar)

    # --- functions --------------------------------------------------------------------------------------------------

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
                channel = ir.Const(noise_channel(instance.name), I64)
                body.append(ir.Assign(ir.Member(place, "noise_channel", I64), channel, instance.span))
        return [*body, *self.operations(schedule.start)]

    def advance(self, schedule: Schedule, substeps: int) -> ir.Function:
        locals_ = [ir.Local("substep", F64), ir.Local("half", F64), ir.Local("sixth", F64), ir.Local("turn", I64)]
        substep, half, sixth, turn = locals_
        length = self.step if substeps == 1 else _divided(self.step, float(substeps))
        body: list[ir.Statement] = [*self.operations(schedule.held)]
        if schedule.stages:
            body += [
                ir.Assign(substep, length),
                ir.Assign(half, ir.Binary(BinaryOperator.MULTIPLY, ir.Const(0.5, F64), ir.Load(substep, F64), F64)),
                ir.Assign(sixth, _divided(ir.Load(substep, F64), 6.0)),
            ]
            stages = tuple(operation for stage in schedule.stages for operation in self.operations(stage))
            if substeps == 1:
                body += stages
            else:
                body.append(ir.CountedLoop(turn, ir.Const(0, I64), ir.Const(substeps, I64), stages))
        body += self.operations(schedule.after)
        return self.function("plant_advance", body, locals_ if schedule.stages else ())

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
            arguments.append(ir.Load(ir.Local(STEP_WEIGHTS[method], F64), F64))
        return ir.Run(instance.unit.function_name(method), tuple(arguments), instance.span)


def _divided(dividend: ir.Expression, divisor: float) -> ir.Binary:
    return ir.Binary(BinaryOperator.DIVIDE, dividend, ir.Const(divisor, F64), F64, Overflow.WRAP)
