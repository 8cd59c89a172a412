"""Type specifications to types, initial values to complete initials."""

from __future__ import annotations

from emulators.errors import did_you_mean
from emulators.iec61131 import tree
from emulators.iec61131.environment import ELEMENTARY_NAMES, TypeUse
from emulators.iec61131.expression_analysis import ExpressionAnalyser
from emulators.iec61131.scope import Scope
from emulators.iec61131.syntax import (
    ArrayInitialNode,
    ArraySpecification,
    EnumerationSpecification,
    ExpressionNode,
    InitialNode,
    NamedSpecification,
    NameNode,
    RangeNode,
    Specification,
    StringSpecification,
    StructureInitialNode,
    StructureSpecification,
    SubrangeSpecification,
    TypeNode,
    VariableNode,
    WrongNode,
)
from emulators.iec61131.types import (
    DEFAULT_STRING_LENGTH,
    MAX_STRING_LENGTH,
    ArrayInitial,
    ArrayType,
    Elementary,
    EnumerationType,
    Enumerator,
    FunctionBlockType,
    IecType,
    Initial,
    Section,
    StringType,
    StructureField,
    StructureInitial,
    StructureType,
    SubrangeType,
    type_name,
    underlying,
)

__all__ = ["TypeAnalyser"]

_MAX_ELEMENTS = 1 << 22
_INDEX_LIMIT = 1 << 31


class TypeAnalyser:
    """Resolves specifications and initial values in one scope."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.environment = scope.environment
        self.expressions = ExpressionAnalyser(scope)

    def declared_type(self, node: TypeNode) -> TypeUse | None:
        """Return the type of one declaration in TYPE … END_TYPE."""
        use = self.specification(node.specification, name=node.name)
        if use is None or node.initial is None:
            return use
        if isinstance(use.type, EnumerationType) and isinstance(node.specification, EnumerationSpecification):
            return self._enumeration_with_initial(use.type, node.initial)
        initial = self.initial(node.initial, use.type, f"'{node.name}'")
        return None if initial is None else TypeUse(use.type, initial)

    def specification(self, node: Specification, *, name: str = "") -> TypeUse | None:
        """Return the type that is written; ``name`` is what a new structure or enumeration is called."""
        match node:
            case NamedSpecification():
                return self.environment.type_use(node.name, self.scope, node.start)
            case StringSpecification():
                return self._string(node)
            case ArraySpecification():
                return self._array(node)
            case StructureSpecification():
                return self._structure(node, name)
            case EnumerationSpecification():
                return self._enumeration(node, name)
            case SubrangeSpecification():
                return self._subrange(node, name)
            case WrongNode():
                return None

    # --- types -----------------------------------------------------------------------------------------------------

    def _string(self, node: StringSpecification) -> TypeUse | None:
        if node.length is None:
            return TypeUse.plain(StringType(DEFAULT_STRING_LENGTH, node.is_wide))
        length = self.expressions.whole_number(node.length, "the length of a string")
        if length is None:
            return None
        if not 1 <= length <= MAX_STRING_LENGTH:
            message = f"a string has 1 to {MAX_STRING_LENGTH} characters, not {length}"
            self.scope.report("ST3029", node.length, message)
            return None
        return TypeUse.plain(StringType(length, node.is_wide))

    def _array(self, node: ArraySpecification) -> TypeUse | None:
        bounds = [self._bound(bound) for bound in node.bounds]
        element = self.specification(node.element)
        if element is None:
            return None
        found = tuple(bound for bound in bounds if bound is not None)
        if len(found) != len(bounds):
            return None
        array = ArrayType(element.type, found)
        if _total_elements(array) > _MAX_ELEMENTS:
            self.scope.report("ST3029", node, f"the array has more than {_MAX_ELEMENTS} elements")
            return None
        return TypeUse(array, ArrayInitial(((array.length, element.initial),)))

    def _bound(self, node: RangeNode) -> tuple[int, int] | None:
        if node.high is None:
            self.scope.report("ST3029", node, "bounds are written low..high", "for example 1..10")
            return None
        low = self.expressions.whole_number(node.low, "a bound")
        high = self.expressions.whole_number(node.high, "a bound")
        if low is None or high is None:
            return None
        if low > high:
            self.scope.report("ST3029", node, f"bounds {low}..{high} are reversed", f"write {high}..{low}")
            return None
        if not -_INDEX_LIMIT <= low <= high < _INDEX_LIMIT:
            self.scope.report("ST3029", node, f"bounds {low}..{high} leave the range of DINT")
            return None
        return low, high

    def _structure(self, node: StructureSpecification, name: str) -> TypeUse | None:
        fields: list[StructureField] = []
        seen: dict[str, VariableNode] = {}
        is_right = True
        for field_node in node.fields:
            folded = field_node.name.upper()
            if folded in seen:
                line = self.scope.tokens.line_of(seen[folded].start)
                self.scope.report("ST3003", field_node, f"field '{field_node.name}' is declared already in line {line}")
                continue
            seen[folded] = field_node
            field = self._field(field_node)
            if field is None:
                is_right = False
            else:
                fields.append(field)
        if not node.fields:
            self.scope.report("ST3029", node, "a structure has at least one field")
            return None
        if not is_right:
            return None
        structure = StructureType(name, tuple(fields), self.scope.span(node))
        return TypeUse.plain(structure)

    def _field(self, node: VariableNode) -> StructureField | None:
        use = self.specification(node.specification, name="")
        if node.address is not None:
            self.scope.report("ST3035", node.address, "a field of a structure has no address")
        if use is None:
            return None
        initial: Initial | None = use.initial
        if node.initial is not None:
            initial = self.initial(node.initial, use.type, f"'{node.name}'")
        if initial is None:
            return None
        description = self.scope.tokens.description(node.start)
        return StructureField(node.name, use.type, initial, self.scope.span(node), description)

    def _subrange(self, node: SubrangeSpecification, name: str) -> TypeUse | None:
        base = ELEMENTARY_NAMES.get(node.base.upper())
        low = self.expressions.whole_number(node.low, "a limit")
        high = self.expressions.whole_number(node.high, "a limit")
        if base is None or not base.is_integer:
            hint = did_you_mean(node.base, ["SINT", "INT", "DINT", "LINT", "USINT", "UINT", "UDINT", "ULINT"])
            message = f"a subrange is of an integer type, not '{node.base}'"
            self.scope.report_at("ST3002", node.start, len(node.base), message, hint)
            return None
        if low is None or high is None:
            return None
        if low > high:
            self.scope.report("ST3029", node, f"limits {low}..{high} are reversed", f"write {high}..{low}")
            return None
        for limit, limit_node in ((low, node.low), (high, node.high)):
            if not base.low <= limit <= base.high:
                message = f"{limit} does not fit {base.label} ({base.low}..{base.high})"
                self.scope.report("ST3005", limit_node, message)
                return None
        return TypeUse.plain(SubrangeType(name, base, low, high))

    def _enumeration(self, node: EnumerationSpecification, name: str) -> TypeUse | None:
        base = ELEMENTARY_NAMES.get(node.base.upper()) if node.base else Elementary.INT
        if base is None or not base.is_integer:
            start = node.start if self._text_at(node.start, node.base) else node.end - len(node.base)
            message = f"an enumeration is stored as an integer type, not '{node.base}'"
            self.scope.report_at("ST3002", start, len(node.base), message)
            return None
        values: list[Enumerator] = []
        seen: set[str] = set()
        following = 0
        for value_node in node.values:
            value = following
            if value_node.value is not None:
                written = self._enumerator_value(value_node.value, values)
                if written is None:
                    return None
                value = written
            if not base.low <= value <= base.high:
                message = f"{value} does not fit {base.label} ({base.low}..{base.high})"
                self.scope.report("ST3005", value_node.value or value_node, message)
                return None
            if value_node.name.upper() in seen:
                self.scope.report("ST3003", value_node, f"value '{value_node.name}' is declared already")
                continue
            seen.add(value_node.name.upper())
            values.append(Enumerator(value_node.name, value, self.scope.span(value_node)))
            following = value + 1
        span = self.scope.span(node)
        enumeration = EnumerationType(name, base, tuple(values), values[0].value, span)
        self.environment.add_enumerators(enumeration)
        return TypeUse.plain(enumeration)

    def _enumerator_value(self, node: ExpressionNode, before: list[Enumerator]) -> int | None:
        if isinstance(node, NameNode):
            for enumerator in before:
                if enumerator.name.upper() == node.name.upper():
                    return enumerator.value
        return self.expressions.whole_number(node, "the value of an enumerator")

    def _text_at(self, start: int, word: str) -> bool:
        return self.scope.tokens.source.text[start : start + len(word)] == word

    def _enumeration_with_initial(self, enumeration: EnumerationType, node: InitialNode) -> TypeUse | None:
        initial = self.initial(node, enumeration, f"'{enumeration.name}'")
        return None if initial is None else TypeUse(enumeration, initial)

    # --- initial values --------------------------------------------------------------------------------------------

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
            elif count * len(values) <= _MAX_ELEMENTS:
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
        values: list[tuple[str, Initial]] = []
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
            value = self.initial(value_node, variable.type, f"'{variable.name}'")
            if value is None:
                is_right = False
            else:
                values.append((variable.name, value))
        return StructureInitial(tuple(values)) if is_right else None


def _total_elements(array: ArrayType) -> int:
    total, element = array.length, underlying(array.element)
    while isinstance(element, ArrayType):
        total *= element.length
        element = element.element
    return total
