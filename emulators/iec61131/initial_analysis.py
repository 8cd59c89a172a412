"""Initial values as they are written to complete ones, checked against the type of what they initialise."""

from __future__ import annotations

from emulators.errors import did_you_mean
from emulators.iec61131 import tree
from emulators.iec61131.environment import TypeUse
from emulators.iec61131.expression_analysis import ExpressionAnalyser
from emulators.iec61131.scope import Scope
from emulators.iec61131.syntax import (
    ArrayInitialNode,
    ExpressionNode,
    InitialNode,
    StructureInitialNode,
)
from emulators.iec61131.types import (
    ArrayInitial,
    ArrayType,
    FunctionBlockType,
    IecType,
    Initial,
    Section,
    StructureInitial,
    StructureType,
    type_name,
)

__all__ = ["MAX_ELEMENTS", "InitialAnalyser"]

MAX_ELEMENTS = 1 << 22
"""Elements that an array may have over all its dimensions."""


class InitialAnalyser:
    """Resolves initial values in one scope."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.environment = scope.environment
        self.expressions = ExpressionAnalyser(scope)

    def initial(self, node: InitialNode, target: IecType, what: str) -> Initial | None:
        """Return the complete initial value of ``target``, or report what does not fit."""
        match node, target:
            case ArrayInitialNode(), ArrayType():
                return self._array_initial(node, target, what)
            case StructureInitialNode(), StructureType():
                return self._structure_initial(node, target)
            case StructureInitialNode(), FunctionBlockType():
                return self._block_initial(node, target)
            case ArrayInitialNode() | StructureInitialNode(), _:
                kind = "an array" if isinstance(node, ArrayInitialNode) else "a structure"
                self.scope.report("ST3030", node, f"the value is {kind}, but {what} is {type_name(target)}")
                return None
            case _, ArrayType():
                self.scope.report("ST3030", node, f"{what} is an array", "write its elements as [1, 2, 3(0)]")
                return None
            case _, FunctionBlockType():
                self.scope.report("ST3030", node, f"{what} is an instance", "give its inputs as (PT := T#1s)")
                return None
        assert not isinstance(node, ArrayInitialNode | StructureInitialNode)
        if isinstance(target, StructureType):
            return self._copied_structure(node, target, what)
        literal = self.expressions.constant(node, target, f"initialise {what} of {type_name(target)} with {{}}")
        return None if literal is None else literal.value

    def _copied_structure(self, node: ExpressionNode, target: StructureType, what: str) -> Initial | None:
        operand = self.expressions.expression(node)
        if isinstance(operand, tree.Name) and operand.variable.is_constant and operand.type == target:
            return operand.variable.initial
        if operand is not None:
            hint = "write its fields as (name := value)"
            self.scope.report("ST3030", node, f"{what} is of structure {target.name}", hint)
        return None

    def _array_initial(self, node: ArrayInitialNode, target: ArrayType, what: str) -> Initial | None:
        default = self._element_default(target)
        parts: list[tuple[int, Initial]] = []
        is_right = True
        nested = len(target.bounds) > 1
        element: IecType = target.element
        for count_node, value_nodes in node.items:
            count = 1
            if count_node is not None:
                counted = self.expressions.whole_number(count_node, "a repetition")
                if counted is None or counted < 0:
                    is_right = False
                    continue
                count = counted
            values: list[tuple[int, Initial]] = []
            for value_node in value_nodes:
                if nested and isinstance(value_node, ArrayInitialNode):
                    row = ArrayType(element, target.bounds[1:])
                    value = self._array_initial(value_node, row, what)
                    if isinstance(value, ArrayInitial):
                        values += value.parts
                        continue
                else:
                    value = self.initial(value_node, element, f"an element of {what}")
                if value is None:
                    is_right = False
                else:
                    values.append((1, value))
            if not value_nodes:
                values.append((1, default))
            if len(values) == 1:
                parts.append((count * values[0][0], values[0][1]))
            elif count * len(values) <= MAX_ELEMENTS:
                parts += values * count
        if not is_right:
            return None
        given = sum(count for count, _ in parts)
        if given > target.length:
            self.scope.report("ST3030", node, f"{given} values for {target.length} elements of {what}")
            return None
        if given < target.length:
            parts.append((target.length - given, default))
        return ArrayInitial(tuple(part for part in parts if part[0]))

    def _element_default(self, target: ArrayType) -> Initial:
        return TypeUse.plain(target.element).initial

    def _structure_initial(self, node: StructureInitialNode, target: StructureType) -> Initial | None:
        given: dict[str, Initial] = {}
        is_right = True
        for name, start, value_node in node.values:
            field = target.field(name)
            if field is None:
                hint = did_you_mean(name, [each.name for each in target.fields])
                self.scope.report_at("ST3010", start, len(name), f"{target.name} has no field '{name}'", hint)
                is_right = False
                continue
            if field.name in given:
                self.scope.report_at("ST3018", start, len(name), f"field '{name}' is given twice")
            value = self.initial(value_node, field.type, f"'{field.name}'")
            if value is None:
                is_right = False
            else:
                given[field.name] = value
        if not is_right:
            return None
        return StructureInitial(tuple((each.name, given.get(each.name, each.initial)) for each in target.fields))

    def _block_initial(self, node: StructureInitialNode, target: FunctionBlockType) -> Initial | None:
        given: dict[str, Initial] = {}
        is_right = True
        for name, start, value_node in node.values:
            variable = target.variable(name)
            settable = (Section.INPUT, Section.OUTPUT, Section.VAR)
            if variable is None or variable.section not in settable or variable.is_constant:
                names = [each.name for each in target.variables if each.section is Section.INPUT]
                hint = did_you_mean(name, names)
                self.scope.report_at("ST3010", start, len(name), f"{target.name} has no variable '{name}' to set", hint)
                is_right = False
                continue
            if variable.name in given:
                self.scope.report_at("ST3018", start, len(name), f"'{name}' is given twice")
            value = self.initial(value_node, variable.type, f"'{variable.name}'")
            if value is None:
                is_right = False
            else:
                given[variable.name] = value
        return StructureInitial(tuple(given.items())) if is_right else None
