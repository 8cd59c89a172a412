"""Type specifications to types."""

from __future__ import annotations

from emulators.errors import did_you_mean
from emulators.iec61131.environment import ELEMENTARY_NAMES, TypeUse
from emulators.iec61131.initial_analysis import MAX_ELEMENTS, InitialAnalyser
from emulators.iec61131.syntax import (
    ArraySpecification,
    EnumerationSpecification,
    ExpressionNode,
    NamedSpecification,
    NameNode,
    RangeNode,
    Specification,
    StringSpecification,
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
    Initial,
    StringType,
    StructureField,
    StructureType,
    SubrangeType,
    underlying,
)

__all__ = ["TypeAnalyser"]

_INDEX_LIMIT = 1 << 31


class TypeAnalyser(InitialAnalyser):
    """Resolves specifications and initial values in one scope."""

    def declared_type(self, node: TypeNode) -> TypeUse | None:
        """Return the type of one declaration in TYPE … END_TYPE."""
        use = self.specification(node.specification, name=node.name)
        if use is None or node.initial is None:
            return use
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
        if _total_elements(array) > MAX_ELEMENTS:
            self.scope.report("ST3029", node, f"the array has more than {MAX_ELEMENTS} elements")
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


def _total_elements(array: ArrayType) -> int:
    total, element = array.length, underlying(array.element)
    while isinstance(element, ArrayType):
        total *= element.length
        element = element.element
    return total
