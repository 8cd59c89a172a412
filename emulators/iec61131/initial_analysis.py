"""Initial values as they are written to complete ones, checked against the type of what they initialise."""

from __future__ import annotations

from collections.abc import Callable, Sequence

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
    StructureField,
    StructureInitial,
    StructureType,
    Variable,
    type_name,
)

__all__ = ["MAX_ELEMENTS", "InitialAnalyser"]

_SETTABLE = (Section.INPUT, Section.OUTPUT, Section.VAR)

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
        names = [each.name for each in target.fields]
        given = self._members(node, target.field, f"{target.name} has no field '{{}}'", names)
        if given is None:
            return None
        return StructureInitial(tuple((each.name, given.get(each.name, each.initial)) for each in target.fields))

    def _block_initial(self, node: StructureInitialNode, target: FunctionBlockType) -> Initial | None:
        def settable(name: str) -> Variable | None:
            variable = target.variable(name)
            is_settable = variable is not None and variable.section in _SETTABLE and not variable.is_constant
            return variable if is_settable else None

        names = [each.name for each in target.variables if each.section is Section.INPUT]
        given = self._members(node, settable, f"{target.name} has no variable '{{}}' to set", names)
        return None if given is None else StructureInitial(tuple(given.items()))

    def _members(
        self,
        node: StructureInitialNode,
        find: Callable[[str], StructureField | Variable | None],
        missing: str,
        names: Sequence[str],
    ) -> dict[str, Initial] | None:
        """Return the values of the members that are named; None after a report. ``names`` are those to suggest."""
        given: dict[str, Initial] = {}
        is_right = True
        for name, start, value_node in node.values:
            member = find(name)
            if member is None:
                self.scope.report_at("ST3010", start, len(name), missing.format(name), did_you_mean(name, names))
                is_right = False
                continue
            if member.name in given:
                self.scope.report_at("ST3018", start, len(name), f"'{name}' is given twice")
            value = self.initial(value_node, member.type, f"'{member.name}'")
            if value is None:
                is_right = False
            else:
                given[member.name] = value
        return given if is_right else None
