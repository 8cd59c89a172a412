"""Reference evaluator of control programs: plain, slow, straight over the typed tree; it shares nothing with lowering.

Values: bool, int, float (REAL already rounded), str; an array is a flat list in row-major order, a structure a dict by
upper-case field name, a function block instance a dict by ``Variable``. The process images are byte arrays.
"""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import st_functions as functions
from st_functions import FaultError

from emulators.iec61131 import tree
from emulators.iec61131.project import Project
from emulators.iec61131.types import (
    Address,
    Area,
    ArrayInitial,
    ArrayType,
    Edge,
    Elementary,
    FunctionBlockType,
    Section,
    StringType,
    StructureInitial,
    StructureType,
    SubrangeType,
    Variable,
    underlying,
)

__all__ = ["Evaluator", "FaultError"]

SCALARS = (Elementary,)
OPERATORS = tree.BinaryOperator


class _ExitError(Exception):
    pass


class _ContinueError(Exception):
    pass


class _ReturnError(Exception):
    pass


@dataclass
class Reference:
    """A place: how to read and write it."""

    get: Callable[[], Any]
    set: Callable[[Any], None]


@dataclass
class Frame:
    """Variables that the running unit sees; in-outs and references are ``Reference`` objects in ``bound``."""

    values: dict[Variable, Any]
    bound: dict[Variable, Reference] = field(default_factory=dict)
    seen: dict[Variable, Any] = field(default_factory=dict)


def initial_value(iec_type: Any, initial: Any) -> Any:
    """Return a fresh value for a declared initial value."""
    match iec_type:
        case ArrayType():
            assert isinstance(initial, ArrayInitial)
            parts = initial.parts
            return [initial_value(iec_type.element, value) for count, value in parts for _ in range(count)]
        case StructureType():
            assert isinstance(initial, StructureInitial)
            values = {name.upper(): value for name, value in initial.values}
            return {f.name.upper(): initial_value(f.type, values[f.name.upper()]) for f in iec_type.fields}
        case FunctionBlockType():
            assert isinstance(initial, StructureInitial)
            values = {name.upper(): value for name, value in initial.values}
            instance: dict[Any, Any] = {}
            for variable in iec_type.variables:
                if variable.section not in (Section.TEMP, Section.IN_OUT, Section.EXTERNAL):
                    value = values.get(variable.name.upper(), variable.initial)
                    instance[variable] = initial_value(variable.type, value)
                if variable.edge is not None:
                    instance["memory", variable] = False
            return instance
        case StringType():
            return str(initial)[: iec_type.length]
    return initial


def is_located(variable: Variable) -> bool:
    aggregates = ArrayType | StructureType | FunctionBlockType | StringType
    return variable.address is not None and not isinstance(variable.type, aggregates)


class Evaluator:
    """A running program; ``scan`` runs every program instance once, in the order of the configuration."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.now_ns = 0
        self.cold_start()

    def cold_start(self) -> None:
        self.images = {area: bytearray(size + 8) for area, size in zip(Area, self.project.image_bytes, strict=True)}
        self.globals: dict[Variable, Any] = {}
        for variable in self.project.globals:
            self._start(variable, self.globals)
        self.programs: dict[str, dict[Any, Any]] = {}
        for resource in self.project.configuration.resources:
            for instance in resource.programs:
                values: dict[Any, Any] = {}
                for variable in instance.program.variables:
                    if variable.section not in (Section.TEMP, Section.EXTERNAL):
                        self._start(variable, values)
                    if variable.edge is not None:
                        values["memory", variable] = False
                self.programs[instance.name.upper()] = values

    def _start(self, variable: Variable, values: dict[Any, Any]) -> None:
        if is_located(variable):
            assert variable.address is not None
            self._write_image(variable.address, underlying(variable.type), variable.initial)
        else:
            values[variable] = initial_value(variable.type, variable.initial)

    def scan(self, now_ns: int) -> None:
        self.now_ns = now_ns
        for resource in self.project.configuration.resources:
            for instance in resource.programs:
                self._run_program(instance)

    def _run_program(self, instance: Any) -> None:
        outer = Frame({})
        values = self.programs[instance.name.upper()]
        frame = Frame(values)
        pou = self.project.pous[instance.program.name.upper()]
        for argument in instance.arguments:
            if isinstance(argument, tree.InputArgument):
                values[argument.parameter] = self.evaluate(argument.value, outer)
        self._run_body(pou, frame)
        for argument in instance.arguments:
            if isinstance(argument, tree.OutputArgument):
                self._copy_output(argument, values[argument.parameter], outer)

    # --- units -----------------------------------------------------------------------------------------------------

    def _run_body(self, pou: tree.Pou, frame: Frame) -> None:
        for variable in pou.variables:
            if variable.section is Section.TEMP:
                frame.seen[variable] = initial_value(variable.type, variable.initial)
            if variable.edge is not None:
                level = frame.values[variable] if variable.edge is Edge.RISING else not frame.values[variable]
                frame.seen[variable] = level and not frame.values["memory", variable]  # type: ignore[index]
                frame.values["memory", variable] = level  # type: ignore[index]
        with contextlib.suppress(_ReturnError):
            self.execute(pou.body, frame)

    def _call_function(self, call: tree.FunctionCall, caller: Frame) -> Any:
        result = call.function.result
        if call.enable is not None and not self.evaluate(call.enable, caller):
            self._set(call.enable_output, False, caller)
            return None if result is None else initial_value(result.type, result.initial)
        frame = Frame({})
        outputs = []
        after: list[Callable[[], None]] = []
        for argument in call.arguments:
            match argument:
                case tree.InputArgument(parameter, value):
                    frame.values[parameter] = self._fitted(parameter.type, self.evaluate(value, caller))
                case tree.InOutArgument(parameter, place):
                    frame.bound[parameter] = self._bind(parameter, place, caller, after)
                case tree.OutputArgument():
                    outputs.append(argument)
        for variable in call.function.variables:
            is_own = variable.section in (Section.VAR, Section.OUTPUT, Section.RESULT, Section.TEMP)
            is_not_given = variable.section is Section.INPUT and variable not in frame.values
            if is_not_given or (is_own and not is_located(variable)):
                frame.values[variable] = initial_value(variable.type, variable.initial)
        self._run_body_of_function(call, frame)
        for copy_back in after:
            copy_back()
        for output in outputs:
            self._copy_output(output, frame.values[output.parameter], caller)
        self._set(call.enable_output, True, caller)
        return None if result is None else frame.values[result]

    def _run_body_of_function(self, call: tree.FunctionCall, frame: Frame) -> None:
        with contextlib.suppress(_ReturnError):
            self.execute(self.project.pous[call.function.name.upper()].body, frame)

    def _call_block(self, call: tree.FunctionBlockCall, caller: Frame) -> None:
        if call.enable is not None and not self.evaluate(call.enable, caller):
            self._set(call.enable_output, False, caller)
            return
        instance = self.reference(call.instance, caller).get()
        frame = Frame(instance)
        after: list[Callable[[], None]] = []
        for argument in call.arguments:
            match argument:
                case tree.InputArgument(parameter, value):
                    instance[parameter] = self._fitted(parameter.type, self.evaluate(value, caller))
                case tree.InOutArgument(parameter, place):
                    frame.bound[parameter] = self._bind(parameter, place, caller, after)
        self._run_body(self.project.pous[call.type.name.upper()], frame)
        for copy_back in after:
            copy_back()
        for argument in call.arguments:
            if isinstance(argument, tree.OutputArgument):
                self._copy_output(argument, instance[argument.parameter], caller)
        self._set(call.enable_output, True, caller)

    def _bind(self, parameter: Variable, node: tree.Place, caller: Frame, after: list[Callable[[], None]]) -> Reference:
        """Bind a VAR_IN_OUT; a string of another length is copied in and, cut, back."""
        place = self.reference(node, caller)
        if not isinstance(parameter.type, StringType) or parameter.type == node.type:
            return place
        own = {"text": self._fitted(parameter.type, place.get())}
        after.append(lambda: place.set(self._fitted(node.type, own["text"])))
        return _item(own, "text")

    def _copy_output(self, argument: tree.OutputArgument, value: Any, caller: Frame) -> None:
        if argument.is_negated:
            source = argument.parameter.type
            value = (not value) if source is Elementary.BOOL else ~value & underlying(source).high  # type: ignore[union-attr]
        place = argument.target
        source, target = underlying(argument.parameter.type), underlying(place.type)
        if isinstance(source, Elementary) and isinstance(target, Elementary) and source is not target:
            value = functions.convert(value, source, target, place.span)
        if isinstance(place.type, SubrangeType):
            functions.check_range(value, place.type, place.span)
        self.reference(place, caller).set(self._fitted(place.type, copy.deepcopy(value)))

    def _set(self, place: tree.Place | None, value: Any, frame: Frame) -> None:
        if place is not None:
            self.reference(place, frame).set(value)

    @staticmethod
    def _fitted(iec_type: Any, value: Any) -> Any:
        if isinstance(iec_type, StringType):
            return value[: iec_type.length]
        return copy.copy(value) if not isinstance(value, list | dict) else copy.deepcopy(value)

    # --- statements ------------------------------------------------------------------------------------------------

    def execute(self, statements: Sequence[tree.Statement], frame: Frame) -> None:
        for statement in statements:
            self._execute(statement, frame)

    def _execute(self, node: tree.Statement, frame: Frame) -> None:
        match node:
            case tree.Assignment(target, value):
                result = self._fitted(target.type, self.evaluate(value, frame))
                self.reference(target, frame).set(result)
            case tree.CallStatement(call):
                self.evaluate(call, frame)
            case tree.FunctionBlockCall():
                self._call_block(node, frame)
            case tree.If():
                self._if(node, frame)
            case tree.Case():
                self._case(node, frame)
            case tree.For():
                self._for(node, frame)
            case tree.While():
                self._loop(lambda: bool(self.evaluate(node.condition, frame)), node.body, frame)
            case tree.Repeat():
                self._repeat(node, frame)
            case tree.Exit():
                raise _ExitError
            case tree.Continue():
                raise _ContinueError
            case tree.Return():
                raise _ReturnError

    def _if(self, node: tree.If, frame: Frame) -> None:
        for branch in node.branches:
            if self.evaluate(branch.condition, frame):
                self.execute(branch.body, frame)
                return
        self.execute(node.orelse or (), frame)

    def _case(self, node: tree.Case, frame: Frame) -> None:
        selector = self.evaluate(node.selector, frame)
        for branch in node.branches:
            if any(item.low <= selector <= item.high for item in branch.ranges):
                self.execute(branch.body, frame)
                return
        self.execute(node.orelse or (), frame)

    def _turn(self, body: Sequence[tree.Statement], frame: Frame) -> bool:
        """Run a loop body once; return False if EXIT left the loop."""
        try:
            self.execute(body, frame)
        except _ContinueError:
            return True
        except _ExitError:
            return False
        return True

    def _loop(self, condition: Callable[[], bool], body: Sequence[tree.Statement], frame: Frame) -> None:
        while condition():
            if not self._turn(body, frame):
                return

    def _repeat(self, node: tree.Repeat, frame: Frame) -> None:
        while self._turn(node.body, frame):
            if self.evaluate(node.until, frame):
                return

    def _for(self, node: tree.For, frame: Frame) -> None:
        start, stop, step = (self.evaluate(bound, frame) for bound in (node.start, node.stop, node.step))
        variable = self.reference(node.variable, frame)
        declared = node.variable.type
        value = start
        base = underlying(declared)
        assert isinstance(base, Elementary)
        while value <= stop if step >= 0 else value >= stop:
            if isinstance(declared, SubrangeType):
                functions.check_range(value, declared, node.span)
            variable.set(value)
            if not self._turn(node.body, frame):
                return
            value += step
        if isinstance(declared, SubrangeType):
            value = min(max(value, declared.low), declared.high)
        variable.set(functions.wrap(value, base))

    # --- places ----------------------------------------------------------------------------------------------------

    def reference(self, node: tree.Place, frame: Frame) -> Reference:
        match node:
            case tree.Name(variable):
                return self._variable(variable, frame)
            case tree.Field(base, name):
                owner = self.reference(base, frame).get()
                return _item(owner, name.upper())
            case tree.Member(base, variable):
                if is_located(variable):
                    return self._variable(variable, frame)
                return _item(self.reference(base, frame).get(), variable)
            case tree.Element():
                return self._element(node, frame)
            case tree.CharacterAccess():
                return self._character(node, frame)
            case tree.PartialAccess():
                return self._part(node, frame)
            case tree.AddressAccess(address, iec_type):
                return self._image(address, underlying(iec_type))
        raise AssertionError(node)

    def _variable(self, variable: Variable, frame: Frame) -> Reference:
        if is_located(variable):
            assert variable.address is not None
            return self._image(variable.address, underlying(variable.type))
        if variable in frame.bound:
            return frame.bound[variable]
        for values in (frame.seen, frame.values, self.globals):
            if variable in values:
                return _item(values, variable)
        raise AssertionError(f"{variable.name} has no value")

    def _element(self, node: tree.Element, frame: Frame) -> Reference:
        array = node.base.type
        assert isinstance(array, ArrayType)
        owner = self.reference(node.base, frame).get()
        indices = [self.evaluate(index, frame) for index in node.indices]
        position = 0
        for index, (low, high) in zip(indices, array.bounds, strict=True):
            if not low <= index <= high:
                raise FaultError("INDEX_OUT_OF_BOUNDS", node.span, (index, low, high))
            position = position * (high - low + 1) + index - low
        return _item(owner, position)

    def _character(self, node: tree.CharacterAccess, frame: Frame) -> Reference:
        text = self.reference(node.base, frame)
        index = self.evaluate(node.index, frame)
        length = node.base.type.length  # type: ignore[union-attr]
        if not 1 <= index <= length:
            raise FaultError("INDEX_OUT_OF_BOUNDS", node.span, (index, 1, length))

        def put(character: str) -> None:
            units = list(text.get().ljust(length, "\0"))
            units[index - 1] = character
            text.set("".join(units).split("\0")[0])

        return Reference(lambda: (text.get() + "\0" * index)[index - 1], put)

    def _part(self, node: tree.PartialAccess, frame: Frame) -> Reference:
        whole = self.reference(node.base, frame)
        base, part = underlying(node.base.type), underlying(node.type)
        assert isinstance(base, Elementary)
        assert isinstance(part, Elementary)
        shift, mask = node.index * part.bits, (1 << part.bits) - 1

        def get() -> Any:
            value = (whole.get() >> shift) & mask
            return bool(value) if part is Elementary.BOOL else value

        def put(value: Any) -> None:
            unsigned = whole.get() & ((1 << base.bits) - 1)
            whole.set(functions.wrap(unsigned & ~(mask << shift) | int(value) << shift, base))

        return Reference(get, put)

    def _image(self, address: Address, iec_type: Any) -> Reference:
        return Reference(
            lambda: self._read_image(address, iec_type), lambda value: self._write_image(address, iec_type, value)
        )

    def _read_image(self, address: Address, iec_type: Any) -> Any:
        image = self.images[address.area]
        if address.bit is not None:
            return bool(image[address.byte_offset] >> address.bit & 1)
        size = max(1, iec_type.bits // 8)
        raw = bytes(image[address.byte_offset : address.byte_offset + size])
        return functions.unpack(raw, iec_type)

    def _write_image(self, address: Address, iec_type: Any, value: Any) -> None:
        image = self.images[address.area]
        if address.bit is not None:
            cleared = image[address.byte_offset] & ~(1 << address.bit)
            image[address.byte_offset] = cleared | bool(value) << address.bit
            return
        raw = functions.pack(value, iec_type)
        image[address.byte_offset : address.byte_offset + len(raw)] = raw

    # --- expressions -----------------------------------------------------------------------------------------------

    def evaluate(self, node: tree.Expression, frame: Frame) -> Any:
        match node:
            case tree.Literal(value):
                return value
            case tree.Unary():
                return self._unary(node, frame)
            case tree.Binary():
                return self._binary(node, frame)
            case tree.Convert(operand):
                value = self.evaluate(operand, frame)
                source, target = underlying(operand.type), underlying(node.type)  # type: ignore[arg-type]
                if isinstance(target, StringType):
                    return value.rstrip("\0") if source in (Elementary.CHAR, Elementary.WCHAR) else value
                return functions.convert(value, source, target, node.span)
            case tree.RangeCheck(operand):
                value = self.evaluate(operand, frame)
                assert isinstance(node.type, SubrangeType)
                functions.check_range(value, node.type, node.span)
                return value
            case tree.FunctionCall():
                return self._call_function(node, frame)
            case tree.StandardCall():
                return self._standard(node, frame)
        return self.reference(node, frame).get()

    def _unary(self, node: tree.Unary, frame: Frame) -> Any:
        value = self.evaluate(node.operand, frame)
        base = underlying(node.type)
        assert isinstance(base, Elementary)
        if node.operator is tree.UnaryOperator.NOT:
            return not value if base is Elementary.BOOL else ~value & base.high
        return -value if base.is_real else functions.wrap(-value, base)

    def _binary(self, node: tree.Binary, frame: Frame) -> Any:
        left = self.evaluate(node.left, frame)
        if node.operator is OPERATORS.AND_THEN:
            return left and self.evaluate(node.right, frame)
        if node.operator is OPERATORS.OR_ELSE:
            return left or self.evaluate(node.right, frame)
        right = self.evaluate(node.right, frame)
        types = underlying(node.left.type), underlying(node.right.type)  # type: ignore[arg-type]
        return functions.binary(node.operator.value, left, right, types, node.span)

    def _standard(self, call: tree.StandardCall, frame: Frame) -> Any:
        if call.enable is not None and not self.evaluate(call.enable, frame):
            self._set(call.enable_output, False, frame)
            return functions.default(call.type)
        if call.function.operation == "SYSTEM_TIME":
            return self.now_ns
        values = [self.evaluate(node, frame) for node in call.inputs]
        types = [underlying(node.type) for node in call.inputs]  # type: ignore[arg-type]
        if call.type is None:
            parts = functions.split(call.function.operation, values[0])
            for name, place in call.outputs:
                self.reference(place, frame).set(parts[name])
            result = None
        else:
            result = functions.standard(call.function.operation, values, types, underlying(call.type), call.span)
        self._set(call.enable_output, True, frame)
        return result

    # --- names for tests -------------------------------------------------------------------------------------------

    def read(self, path: str) -> Any:
        """Return an elementary variable by the path of the catalogue."""
        first, *rest = path.replace("[", ".[").split(".")
        frame = Frame({})
        if first.upper() in self.programs:
            value: Any = self.programs[first.upper()]
            iec_type: Any = None
        else:
            variable = next(v for v in self.globals_and_located() if v.name.upper() == first.upper())
            value, iec_type = self._variable(variable, frame).get(), variable.type
        for step in rest:
            value, iec_type = self._step(value, iec_type, step)
        return value

    def globals_and_located(self) -> tuple[Variable, ...]:
        return self.project.globals

    def _step(self, value: Any, iec_type: Any, step: str) -> tuple[Any, Any]:
        if step.startswith("["):
            position = 0
            for index, (low, high) in zip(step[1:-1].split(","), iec_type.bounds, strict=True):
                position = position * (high - low + 1) + int(index) - low
            return value[position], iec_type.element
        if isinstance(iec_type, StructureType):
            member = iec_type.field(step)
            assert member is not None
            return value[step.upper()], member.type
        for variable in (key for key in value if isinstance(key, Variable)):
            if variable.name.upper() == step.upper():
                return value[variable], variable.type
        for program in self.project.pous.values():  # a located variable of a program
            for variable in program.variables:
                if variable.name.upper() == step.upper() and is_located(variable):
                    return self._variable(variable, Frame({})).get(), variable.type
        raise KeyError(step)


def _item(owner: Any, key: Any) -> Reference:
    def put(value: Any) -> None:
        owner[key] = value

    return Reference(lambda: owner[key], put)
