"""The plain Python executor of a plant: the same operations in the same order as the native one, bit for bit."""

from __future__ import annotations

import struct as packing
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from emulators.component import Component
from emulators.component.checked import checked_class, fault_of
from emulators.native.ir import Array, Scalar, Struct
from emulators.native.layout import Layout, struct_layout
from emulators.native.same_bits.noise import channel_of
from emulators.plant.native_plant import STEP_WEIGHTS
from emulators.plant.schedule import Connect, Operation, derivative_operations
from emulators.plant.wiring import Connection, Instance

if TYPE_CHECKING:
    from emulators.plant.plant import Plant

__all__ = ["PythonPlant"]

_CODES = {Scalar.F64: "d", Scalar.I64: "q", Scalar.BOOL: "?"}
Action = Callable[[float], None]


class PythonPlant:
    """A plant whose components are Python objects: ``plant["T-101"].level_m``.

    A fault of a component raises the NativeFault that native code reports, with the line of the component.
    """

    def __init__(self, plant: Plant) -> None:
        self.seed = 0
        self._plant = plant
        self._objects = {instance.index: checked_class(instance.unit)() for instance in plant.wired.instances}
        self._by_name = {instance.name: self._objects[instance.index] for instance in plant.wired.instances}
        self._weights = {"half": 0.0, "substep": 0.0, "sixth": 0.0}
        schedule = plant.schedule
        self._start = self._actions(schedule.start)
        self._held = self._actions(schedule.held)
        self._stages = [action for stage in schedule.stages for action in self._actions(stage)]
        self._derivatives = self._actions(derivative_operations(schedule))
        self._after = self._actions(schedule.after)
        self._sense = self._actions(schedule.sense)
        self._actuate = self._actions(schedule.actuate)
        layout = struct_layout(plant.struct)
        self._images = [_Image(instance, self._objects[instance.index], layout) for instance in plant.wired.instances]
        self._seed_offset = layout.entry("seed").offset

    def __getitem__(self, name: str) -> Component:
        return self._by_name[name]

    # --- the four functions -----------------------------------------------------------------------------------------

    def start(self, step_s: float) -> None:
        """Give every member its initial value; ``seed`` is set before."""
        for instance in self._plant.wired.instances:
            component = self._objects[instance.index]
            component.__init__()  # type: ignore[misc]  # the object starts anew, its identity stays
            for name, value in instance.values.items():
                setattr(component, name, value)
            for state in instance.unit.continuous:
                component.der.__dict__[state] = 0.0
                setattr(component, f"base_{state}", 0.0)
                setattr(component, f"sum_{state}", 0.0)
            component.seed = self.seed
            component.noise_channel = channel_of(instance.name)
        self._run(self._start, step_s)

    def advance(self, step_s: float) -> None:
        """Phase 1: integrate from t to t + step with the actuators held."""
        self._run(self._held, step_s)
        if self._stages:
            substeps = self._plant.substeps
            substep = step_s if substeps == 1 else step_s / float(substeps)
            self._weights.update(substep=substep, half=0.5 * substep, sixth=substep / 6.0)
            for _ in range(substeps):
                self._run(self._stages, step_s)
        self._run(self._after, step_s)

    def sense(self, step_s: float) -> None:
        """Phase 2: sensors."""
        self._run(self._sense, step_s)

    def actuate(self, step_s: float) -> None:
        """Phase 7: actuators."""
        self._run(self._actuate, step_s)

    def evaluate_derivatives(self) -> None:
        """Compute outputs and derivatives for the members as they are, without a step."""
        self._run(self._derivatives, 0.0)

    # --- state block ------------------------------------------------------------------------------------------------

    def load(self, buffer: Any, offset: int = 0) -> None:
        """Take every member from a state block; ``offset`` is where the plant structure starts in it."""
        (self.seed,) = packing.unpack_from("<q", buffer, offset + self._seed_offset)
        for image in self._images:
            image.load(buffer, offset)

    def store(self, buffer: Any, offset: int = 0) -> None:
        """Write every member to a state block."""
        packing.pack_into("<q", buffer, offset + self._seed_offset, self.seed)
        for image in self._images:
            image.store(buffer, offset)

    # --- operations -------------------------------------------------------------------------------------------------

    def _run(self, actions: Iterable[Action], step_s: float) -> None:
        try:
            for action in actions:
                action(step_s)
        except Exception as error:
            fault = fault_of(error)
            if fault is None:
                raise
            raise fault from error

    def _actions(self, operations: Iterable[Operation]) -> list[Action]:
        return [
            self._copy(operation.connection)
            if isinstance(operation, Connect)
            else self._call(operation.instance, operation.method)
            for operation in operations
        ]

    def _copy(self, connection: Connection) -> Action:
        target, name = self._objects[connection.target.instance.index], connection.target.member.name
        is_float = connection.target.member.scalar is Scalar.F64
        first, *others = [(self._objects[port.instance.index], port.member.name) for port in connection.sources]

        def copy(step_s: float) -> None:
            total = getattr(*first)
            if is_float:
                total = float(total)
            for source in others:
                total = total + getattr(*source)
            setattr(target, name, total)

        return copy

    def _call(self, instance: Instance, method: str) -> Action:
        component = self._objects[instance.index]
        if method in STEP_WEIGHTS:
            return self._stage(component, instance.unit.continuous, method)
        bound = getattr(component, method)
        if method == "tick":
            return bound  # type: ignore[no-any-return]  # tick(step_s) of a component

        def call(step_s: float) -> None:
            bound()

        return call

    def _stage(self, component: Component, continuous: tuple[str, ...], method: str) -> Action:
        """Return the same arithmetic as ``component/generated.py``."""
        names = [(state, f"base_{state}", f"sum_{state}") for state in continuous]
        weights, weight_name = self._weights, STEP_WEIGHTS[method]
        derivatives = component.derivatives

        def first(step_s: float) -> None:
            derivatives()
            members, slopes, weight = component.__dict__, component.der.__dict__, weights[weight_name]
            for state, base, total in names:
                slope = slopes[state]
                members[base] = members[state]
                members[total] = slope
                members[state] = members[state] + weight * slope

        def middle(step_s: float) -> None:
            derivatives()
            members, slopes, weight = component.__dict__, component.der.__dict__, weights[weight_name]
            for state, base, total in names:
                slope = slopes[state]
                members[total] = members[total] + 2.0 * slope
                members[state] = members[base] + weight * slope

        def last(step_s: float) -> None:
            derivatives()
            members, slopes, weight = component.__dict__, component.der.__dict__, weights[weight_name]
            for state, base, total in names:
                members[state] = members[base] + weight * (members[total] + slopes[state])

        return {"stage_1": first, "stage_4": last}.get(method, middle)


class _Image:
    """How one instance lies in the state block."""

    def __init__(self, instance: Instance, component: Component, layout: Layout) -> None:
        self.component = component
        struct = instance.unit.struct
        here = layout.entry(instance.field)
        self.offset = here.offset
        self.continuous = instance.unit.continuous
        self.fields: list[tuple[str, int]] = []
        codes, position = "<", 0
        inner = struct_layout(struct)
        for field in struct.fields:
            offset = inner.entry(field.name).offset
            codes += "x" * (offset - position)
            length = field.type.length if isinstance(field.type, Array) else 0
            scalar = field.type.element if isinstance(field.type, Array) else field.type
            assert isinstance(scalar, Scalar), f"{Struct} of a component holds scalars and arrays of them"
            codes += f"{length or 1}{_CODES[scalar]}"
            position = offset + (length or 1) * scalar.size
            self.fields.append((field.name, length))
        self.packer = packing.Struct(codes)

    def load(self, buffer: Any, offset: int) -> None:
        component = self.component
        members, slopes = component.__dict__, component.der.__dict__
        values = self.packer.unpack_from(buffer, offset + self.offset)
        position = 0
        for name, length in self.fields:
            if length:
                members[name] = list(values[position : position + length])
                position += length
                continue
            if name.startswith("der_"):
                slopes[name[4:]] = values[position]
            else:
                members[name] = values[position]
            position += 1

    def store(self, buffer: Any, offset: int) -> None:
        members, slopes = self.component.__dict__, self.component.der.__dict__
        values: list[float | int | bool] = []
        for name, length in self.fields:
            if length:
                values += members[name]
            else:
                values.append(slopes[name[4:]] if name.startswith("der_") else members[name])
        self.packer.pack_into(buffer, offset + self.offset, *values)
